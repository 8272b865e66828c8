import { failureOf, PetsError } from '../domain/errors.ts';
import type { Intent } from '../domain/events.ts';
import { sendHits } from '../observe/send-hits.ts';
import { makePlan, outlinePlan, runVerb } from '../run/run-verb.ts';
import type { ActingVerb } from '../run/verb-request.ts';
import { type BoundScenario, bind, openScenario } from './scenario-files.ts';
import type { Session } from './session.ts';
import type { VerbContext } from './verb.ts';
import type { TenantWatcher } from './watch-tenants.ts';

export interface IntentTools {
  readonly session: Session;
  readonly binds: Readonly<Record<string, string>>;
  readonly context: VerbContext;
  readonly tenants: TenantWatcher;
}

/** What the console does for each intent. The scenario file is read anew each time, so that an edit counts at once. */
export function createIntentHandler(tools: IntentTools): (intent: Intent, signal: AbortSignal) => Promise<void> {
  return async (intent, signal) => {
    switch (intent.kind) {
      case 'plan':
        return makePlanOf(intent.scenario, tools, signal);
      case 'run':
        return act('up', intent.scenario, tools, signal);
      case 'verify':
      case 'down':
        return act(intent.kind, intent.scenario, tools, signal);
      case 'hit':
        return hit(intent.tenant, intent.count, tools, signal);
      case 'cancel':
        return undefined;
      default:
        return intent satisfies never;
    }
  };
}

export async function readBound(name: string, { session, binds, context }: IntentTools): Promise<BoundScenario> {
  return bind(await openScenario(name, context.env), session.hosts, binds);
}

async function makePlanOf(name: string, tools: IntentTools, signal: AbortSignal): Promise<void> {
  const { session } = tools;
  try {
    const bound = await readBound(name, tools);
    const { engines, lost, run, stream } = session;
    const { plan } = await makePlan('up', { ...bound, project: bound.scenario.project, engines, lost, signal, run });
    stream.emit({ type: 'plan.made', plan: outlinePlan(plan) });
  } catch (error) {
    if (!(error instanceof PetsError)) throw error;
    session.stream.emit({ type: 'plan.failed', scenario: name, failure: failureOf(error) });
  }
}

async function act(verb: ActingVerb, name: string, tools: IntentTools, signal: AbortSignal): Promise<void> {
  const { session } = tools;
  const bound = await readBound(name, tools);
  if (verb === 'up') tools.tenants.watch(bound);
  const { agents, engines, lost, stream, run } = session;
  await runVerb({ verb, ...bound, project: bound.scenario.project, engines, lost, agents, emit: stream.emit, signal, run });
}

async function hit(name: string, count: number, { session, tenants }: IntentTools, signal: AbortSignal): Promise<void> {
  const tenant = tenants.outlineOf(name);
  if (tenant === undefined) {
    throw new PetsError('NOT_FOUND', { message: `tenant ${name} is not watched here`, hint: 'bring its scenario up first' });
  }
  await sendHits(tenant, count, session.stream.emit, signal);
}
