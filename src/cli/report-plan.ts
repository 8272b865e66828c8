import type { PlanOutline, StepOutline } from '../domain/plan.ts';
import { SWARM } from '../domain/scenario.ts';
import { type Layout, obstacleLines, type Paint, warningLines } from './report-layout.ts';

/** What is to be known of a plan besides its steps: what stands already, what is unwise, what is in the way. */
export function planNotes(plan: PlanOutline, layout: Layout): readonly string[] {
  return [
    ...plan.unchanged.map((resource) => `  ${layout.paint('dim', `= ${resource} is as wished`)}`),
    ...plan.warnings.flatMap((warning) => warningLines(warning, layout)),
    ...plan.obstacles.flatMap((obstacle) => obstacleLines(obstacle, layout)),
  ];
}

/** A plan as a person reads it before agreeing to it; of several hosts, each with its own steps. */
export function describePlan(plan: PlanOutline, paint: Paint, columns?: number): string {
  const layout = { paint, columns };
  const ofSwarm = plan.steps.filter(({ host }) => host === SWARM);
  const several = plan.hosts.length > 1 || ofSwarm.length > 0;
  const linesOf = (steps: readonly StepOutline[]) => steps.flatMap((step, index) => stepLines(step, index + 1, paint));
  const steps = plan.hosts.flatMap(({ name, endpoint, address }) => {
    const here = linesOf(plan.steps.filter(({ host }) => host === name));
    if (!several) return here;
    const head = `  ${paint('bold', name)} ${paint('dim', `${address}, ${endpoint}`)}`;
    return [head, ...(here.length > 0 ? here : [paint('dim', '     nothing to do')])];
  });
  // What belongs to all nodes is asked of one of them, a manager.
  const managers = [...new Set(ofSwarm.flatMap(({ via }) => via ?? []))];
  const swarm =
    ofSwarm.length === 0 ? [] : [`  ${paint('bold', SWARM)} ${paint('dim', `via ${managers.join(', ')}`)}`, ...linesOf(ofSwarm)];
  const nothing = plan.steps.length === 0 && plan.obstacles.length === 0 ? ['  nothing to do: everything is as wished'] : [];
  return [headOf(plan, paint), ...planNotes(plan, layout), ...(plan.steps.length > 0 ? [...steps, ...swarm] : nothing), ''].join('\n');
}

function headOf({ verb, scenario, variant, project, hosts }: PlanOutline, paint: Paint): string {
  const [only] = hosts;
  const places = hosts.length === 1 && only !== undefined ? `${only.name} (${only.endpoint})` : hosts.map(({ name }) => name).join(', ');
  return `${paint('bold', `${verb} ${scenario}${variantText(variant)}`)} ${paint('dim', `project ${project} on ${places}`)}`;
}

/** ` · dnsrr`, behind the name of the scenario. */
export function variantText(variant: string | undefined): string {
  return variant === undefined ? '' : ` · ${variant}`;
}

/** The command stands on a line of its own and whole, to be copied. */
function stepLines({ title, reason, command }: StepOutline, number: number, paint: Paint): readonly string[] {
  return [
    `${String(number).padStart(3)}  ${title}${reason === undefined ? '' : paint('dim', ` (${reason})`)}`,
    ...(command === '' ? [] : [`     ${paint('cyan', `$ ${command}`)}`]),
  ];
}
