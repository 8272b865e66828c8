import { failureOf, PetsError } from '../domain/errors.ts';
import type { Intent } from '../domain/events.ts';
import type { Ownership } from '../domain/labels.ts';
import { sendHits } from '../observe/send-hits.ts';
import { preflight } from '../run/preflight.ts';
import { makePlan, outlinePlan, runVerb } from '../run/run-verb.ts';
import { scalableServices } from '../scenario/deploy.ts';
import { bindsOfLabel } from '../scenario/hosts-of-plan.ts';
import { type BoundScenario, bind } from './scenario-files.ts';
import { readWished, type ScenarioWish } from './scenario-of-flags.ts';
import type { Session } from './session.ts';
import { ownerOfProject } from './standing-project.ts';
import type { VerbContext } from './verb.ts';
import type { TenantWatcher } from './watch-tenants.ts';

export interface IntentTools {
  readonly session: Session;
  readonly binds: Readonly<Record<string, string>>;
  /** How scenarios are read here: as which project, with which inputs, preferably in which variant. */
  readonly wish: ScenarioWish;
  readonly context: VerbContext;
  readonly tenants: TenantWatcher;
}

/** What it takes to read a scenario. */
type ReadingTools = Pick<IntentTools, 'binds' | 'wish'> & {
  readonly session: Pick<Session, 'hosts'>;
  readonly context: Pick<VerbContext, 'env'>;
};

/** What the console does for each intent. The scenario file is read anew each time, so that an edit counts at once. */
export function createIntentHandler(tools: IntentTools): (intent: Intent, signal: AbortSignal) => Promise<void> {
  return async (intent, signal) => {
    switch (intent.kind) {
      case 'plan':
        return tellPlan(intent.scenario, inVariant(tools, intent.variant), signal);
      case 'run':
        return act('up', intent.scenario, inVariant(tools, intent.variant), signal);
      case 'verify':
        return act('verify', intent.scenario, tools, signal);
      case 'down':
        return takeDown(intent.scenario, tools, signal);
      case 'hit':
        return hit(intent.tenant, intent.count, tools, signal);
      case 'cancel':
        return undefined;
      default:
        return intent satisfies never;
    }
  };
}

function inVariant(tools: IntentTools, variant: string | undefined): IntentTools {
  // The scenario's own way was chosen, whatever the console was opened with.
  if (variant === '') return { ...tools, wish: { ...tools.wish, variant: undefined, preferredVariant: undefined } };
  return { ...tools, wish: { ...tools.wish, variant } };
}

/**
 * A scenario as it is wished here, bound to the hosts of the session; one that stands as its labels say: on its hosts, with its inputs, in
 * its variant.
 */
export async function readBound(name: string, { session, binds, wish, context }: ReadingTools, owner?: Ownership): Promise<BoundScenario> {
  const { hosts: label = '', inputs: inForce = {} } = owner ?? {};
  const inVariantOf = owner === undefined ? {} : { variant: undefined, preferredVariant: owner.variant };
  const plain = { ...wish, ...inVariantOf, set: {}, scale: {} };
  const { inputs, services } = await readWished(name, context.env, plain);
  // Flags speak to whichever scenario has the input, the role, the variant, or the service that can be scaled.
  const chosen = Object.fromEntries(Object.entries(wish.set).filter(([input]) => Object.hasOwn(inputs, input)));
  const set = Object.keys(inForce).length > 0 ? {} : chosen;
  const scalable = scalableServices(services);
  const scale = Object.fromEntries(Object.entries(wish.scale ?? {}).filter(([service]) => scalable.includes(service)));
  const scenario = await readWished(name, context.env, { ...plain, set, scale, inForce });
  const roles = Object.fromEntries(Object.entries(binds).filter(([role]) => scenario.hosts.includes(role)));
  return bind(scenario, session.hosts, { ...roles, ...bindsOfLabel(label, scenario.hosts, session.hosts) });
}

async function tellPlan(name: string, tools: IntentTools, signal: AbortSignal): Promise<void> {
  const { engines, lost, run, stream } = tools.session;
  const agents = tools.session.agents.fork();
  try {
    const bound = await readBound(name, tools);
    const request = { ...bound, project: bound.scenario.project, engines, lost, agents, emit: stream.emit, signal, run };
    const planned = await makePlan('up', request);
    stream.emit({ type: 'plan.made', plan: outlinePlan(planned.plan) });
    if (planned.plan.steps.length > 0) await preflight(request, planned);
  } catch (error) {
    if (!(error instanceof PetsError)) throw error;
    stream.emit({ type: 'plan.failed', scenario: name, failure: failureOf(error) });
  } finally {
    agents.close();
  }
}

async function act(verb: 'up' | 'verify', name: string, tools: IntentTools, signal: AbortSignal): Promise<void> {
  const { agents, engines, lost, stream, run } = tools.session;
  const wished = await readBound(name, tools);
  const { project, name: scenario } = wished.scenario;
  const owner = verb === 'verify' ? await ownerOfProject(project, scenario, tools.session) : undefined;
  const bound = owner === undefined ? wished : await readBound(name, tools, owner);
  if (verb === 'up') tools.tenants.watch(bound);
  await runVerb({ verb, ...bound, project: bound.scenario.project, engines, lost, agents, emit: stream.emit, signal, run });
}

/** Goes by labels on every host, those that the scenario no longer names too; whatever has become of its file. */
async function takeDown(name: string, { session, wish, context, tenants }: IntentTools, signal: AbortSignal): Promise<void> {
  const { hosts, agents, engines, lost, stream, run } = session;
  const scenario = await readWished(name, context.env, { ...wish, set: {}, variant: undefined, scale: {} }).catch((error: unknown) => {
    if (error instanceof PetsError) return undefined;
    throw error;
  });
  const project = scenario?.project ?? wish.project ?? name;
  const watched = tenants.ofProject(project);
  const request = { verb: 'down', scenario, project, tenants: watched, hosts, engines, lost, agents } as const;
  await runVerb({ ...request, emit: stream.emit, signal, run });
}

async function hit(name: string, count: number, { session, tenants }: IntentTools, signal: AbortSignal): Promise<void> {
  await sendHits(tenants.find(name), count, session.stream.emit, signal);
}
