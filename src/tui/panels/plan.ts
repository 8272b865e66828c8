import type { PlanOutline } from '../../domain/plan.ts';
import type { ScenarioOutline } from '../../domain/scenario.ts';
import type { Preflight } from '../../domain/state.ts';
import { plural } from '../format.ts';
import { cutMiddle, fold, type Line, span } from '../line.ts';
import { EMPTY_PANEL, GUTTER, gutter, type PanelContent, type PanelRow, textRow } from '../panel.ts';
import { isBusy, type Scene } from '../scene.ts';
import { chosenVariant, mayChooseVariant, nextVariant, OWN_WAY, variantSpans } from '../variants.ts';
import { obstacleRows, uncheckedRows, warningRows } from './obstacles.ts';
import { stepRows, unchangedRows } from './plan-steps.ts';
import { hintRows, told } from './told.ts';

/** What a scenario teaches, until its plan is asked for; then the plan. */
export function planPanel(scene: Scene, width: number): PanelContent {
  const { scenario } = scene;
  const { planning } = scene.state;
  if (scenario === undefined) {
    // Before the list was read there is nothing to say: the list says so itself.
    const said = scene.state.scenarios === undefined ? '' : 'A scenario file in ./scenarios shows here: what it teaches, then its plan.';
    return { ...EMPTY_PANEL, title: 'Plan', rows: [textRow(said, 'dim')] };
  }
  if (planning === undefined || planning.scenario !== scenario.name) return aboutScenario(scene, scenario, width);
  if (planning.failure !== undefined) {
    const { message, hint } = planning.failure;
    return {
      ...EMPTY_PANEL,
      title: 'Plan',
      about: [span(scenario.name), ...variantSpans(planning.variant)],
      rows: [{ line: [] }, ...problem(message, hint, width)],
    };
  }
  if (planning.plan === undefined) {
    return {
      ...EMPTY_PANEL,
      title: 'Plan',
      about: [span(scenario.name), ...variantSpans(planning.variant)],
      rows: [{ line: [] }, { line: [...gutter(), span('◐ ', 'busy'), span('asking the hosts what they hold')] }],
    };
  }
  const shown = { plan: planning.plan, variant: variantSpans(planning.variant), ways: otherWayRows(scene, scenario, width) };
  return planning.outdated === true ? outdated(shown, width, isBusy(scene)) : planOf(shown, planning.preflight, width);
}

/** What the key for another variant would plan, and for whom that is. */
function otherWayRows(scene: Scene, scenario: ScenarioOutline, width: number): readonly PanelRow[] {
  if (!mayChooseVariant(scene)) return [];
  const next = nextVariant(scene);
  const said =
    next === OWN_WAY
      ? `plans ${scenario.name} in its own way again`
      : `plans the variant ${next}. ${scenario.variants?.[next]?.summary ?? ''}`;
  return fold(said, Math.min(width - GUTTER - 4, 92)).map((text, index) => ({
    line: [...gutter(), span(index === 0 ? 'o ' : '  ', 'accent'), span(text, 'dim')],
  }));
}

function aboutScenario(scene: Scene, scenario: ScenarioOutline, width: number): PanelContent {
  const text = Math.min(width - GUTTER - 2, 84);
  const rows: PanelRow[] = [textRow(''), ...fold(scenario.summary, text).map((row) => textRow(row)), textRow('')];
  rows.push(...listing('Good for', scenario.benefits, text), ...listing('Limits', scenario.limits, text));
  const variant = chosenVariant(scene);
  rows.push(
    {
      line: [
        ...gutter(),
        span('enter', 'accent'),
        span(' shows the plan', 'dim'),
        ...(variant === OWN_WAY ? [] : [span(' of the variant ', 'dim'), span(variant, 'accent')]),
        span(', beside the docker commands that do the same', 'dim'),
      ],
    },
    ...otherWayRows(scene, scenario, width),
  );
  return { ...EMPTY_PANEL, title: scenario.title, about: [span(`${scenario.model} · project ${scenario.project}`, 'dim')], rows };
}

function listing(heading: string, texts: readonly string[], width: number): readonly PanelRow[] {
  if (texts.length === 0) return [];
  const bullets = texts.flatMap((text) => fold(text, width - 2).map((row, index) => textRow(`${index === 0 ? '· ' : '  '}${row}`)));
  return [textRow(heading, 'strong'), ...bullets, textRow('')];
}

interface Shown {
  readonly plan: PlanOutline;
  readonly variant: Line;
  /** What another variant would be. */
  readonly ways: readonly PanelRow[];
}

function planOf({ plan, variant, ways }: Shown, preflight: Preflight | undefined, width: number): PanelContent {
  const found = judged(plan, preflight);
  const rows: PanelRow[] = [
    ...lookRow(plan, found),
    ...obstacleRows(found.obstacles, width),
    // Where this way is closed, the other one is what one looks for.
    ...(found.obstacles.length > 0 && ways.length > 0 ? [textRow(''), ...ways] : []),
    ...uncheckedRows(found.unchecked, width),
    ...warningRows(found.warnings, width),
    ...stepRows(plan, width),
    ...unchangedRows(plan, width),
    textRow(''),
    { line: [...gutter(), ...nextStep(plan, found.obstacles.length)] },
    ...(found.obstacles.length > 0 ? [] : ways),
  ];
  return { ...EMPTY_PANEL, title: 'Plan', about: planFigures(plan, variant, found.obstacles.length), rows };
}

interface Judged extends Preflight {
  /** The hosts themselves are being looked at: the engines have told what they know. */
  readonly isLooking: boolean;
}

/** What stands against a plan: what the engines told, and what the hosts were found to hold. */
function judged(plan: PlanOutline, preflight: Preflight | undefined): Judged {
  return {
    obstacles: [...plan.obstacles, ...(preflight?.obstacles ?? [])],
    warnings: [...new Set([...plan.warnings, ...(preflight?.warnings ?? [])])],
    unchecked: preflight?.unchecked ?? [],
    isLooking: preflight === undefined && plan.steps.length > 0 && plan.obstacles.length === 0,
  };
}

/** One row that is there from the start, so that what is found moves the rest only where there is something to say. */
function lookRow(plan: PlanOutline, { obstacles, unchecked, isLooking }: Judged): readonly PanelRow[] {
  if (plan.steps.length === 0 && obstacles.length === 0) return [];
  return [textRow(''), { line: [...gutter(), ...lookWords(obstacles.length, unchecked.length, isLooking)] }];
}

function lookWords(obstacles: number, unchecked: number, isLooking: boolean): Line {
  if (obstacles > 0)
    return [
      span('✕ ', 'failing'),
      span(`cannot run while ${obstacles === 1 ? 'an obstacle stands' : `${obstacles} obstacles stand`} in the way`),
    ];
  if (isLooking) return [span('◐ ', 'busy'), span('looking at the hosts: ports, addresses, routes', 'dim')];
  if (unchecked > 0) return [span('? ', 'warning'), span('as far as could be seen, nothing is in the way', 'dim')];
  return [span('✓ ', 'ok'), span('the hosts were looked at: nothing in the way', 'dim')];
}

const NOTHING_FOUND: Preflight = { obstacles: [], warnings: [], unchecked: [] };

/** A plan that was run, or whose project changed since: dim, because it is no longer what a run would do. */
function outdated({ plan, variant, ways }: Shown, width: number, busy: boolean): PanelContent {
  const { rows, about, ...panel } = planOf({ plan, variant, ways: [] }, NOTHING_FOUND, width);
  const said: Line = busy
    ? [span('◐ ', 'busy'), span('a run is on: the plan changes with it')]
    : [span('○ ', 'warning'), span('out of date: the project changed since.  '), span('enter', 'accent'), span(' plans again')];
  const dimmed = rows
    .slice(plan.steps.length === 0 ? 0 : 2, -2)
    .map((row): PanelRow => ({ line: row.line.map((part) => span(part.text, 'dim')) }));
  return {
    ...panel,
    about: about.map((part) => span(part.text, 'dim')),
    rows: [textRow(''), { line: [...gutter(), ...said] }, ...ways, ...dimmed],
  };
}

function planFigures(plan: PlanOutline, variant: Line, obstacles: number): Line {
  const figures = [
    span(plan.scenario),
    ...variant,
    span(`  ${plan.steps.length === 0 ? 'nothing to do' : plural(plan.steps.length, 'step')}${onHosts(plan)}`, 'dim'),
  ];
  if (plan.unchanged.length > 0) figures.push(span(`  ${plan.unchanged.length} unchanged`, 'dim'));
  if (obstacles > 0) figures.push(span(`  ✕ ${plural(obstacles, 'obstacle')}`, 'failing'));
  return figures;
}

/** By name up to two: the steps stand under their hosts anyway. */
function onHosts({ hosts }: PlanOutline): string {
  if (hosts.length === 0) return '';
  return hosts.length > 2 ? ` on ${hosts.length} hosts` : ` on ${hosts.map((host) => cutMiddle(host.name, 24)).join(', ')}`;
}

function nextStep(plan: PlanOutline, obstacles: number): Line {
  if (obstacles > 0) return [span('enter', 'accent'), span(' plans again, once the way is free', 'dim')];
  if (plan.steps.length === 0)
    return [
      span('✓', 'ok'),
      span(' everything is as the scenario wishes; ', 'dim'),
      span('enter', 'accent'),
      span(' runs it, and changes nothing', 'dim'),
    ];
  return [span('enter', 'accent'), span(' runs it', 'dim')];
}

function problem(message: string, hint: string | undefined, width: number): readonly PanelRow[] {
  return [
    ...told('✕', 'failing', message, width),
    ...hintRows(hint, width),
    textRow(''),
    { line: [...gutter(), span('enter', 'accent'), span(' plans again', 'dim')] },
  ];
}
