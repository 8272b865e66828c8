import type { ConsoleEvent, EventOf } from './events.ts';
import { own } from './own.ts';
import { reduceEngineObject, reduceFound, reduceHost } from './reduce-hosts.ts';
import { planningAfter } from './reduce-planning.ts';
import { preflightOf, reduceRun } from './reduce-run.ts';
import { reduceTenant, tenantsAfter, withTenant } from './reduce-tenants.ts';
import type { ConsoleState } from './state.ts';

/** The next state: pure, total over all events, reads no clock. */
export function reduce(state: ConsoleState, event: ConsoleEvent): ConsoleState {
  const next = reduceEvent(state, event);
  return next.at === event.at ? next : { ...next, at: event.at };
}

function reduceEvent(state: ConsoleState, event: ConsoleEvent): ConsoleState {
  switch (event.type) {
    case 'scenarios.listed':
      return { ...state, scenarios: event.scenarios, brokenScenarios: event.broken };
    case 'plan.made':
      return { ...state, planning: { scenario: event.plan.scenario, ...named(event.plan.variant), plan: event.plan } };
    case 'plan.failed':
      return { ...state, planning: { scenario: event.scenario, ...named(askedVariant(state, event.scenario)), failure: event.failure } };
    case 'intent.received':
      return reduceIntent({ ...state, refusal: undefined }, event);
    case 'intent.failed':
      return { ...state, refusal: { intent: event.intent, failure: event.failure } };
    case 'preflight.finished':
      return reducePreflight(state, event);
    case 'hosts.found':
      return reduceFound(state, event);
    case 'host.described':
    case 'host.connected':
    case 'host.answered':
    case 'host.lost':
      return reduceHost(state, event);
    case 'network.inspected':
    case 'network.removed':
    case 'container.inspected':
    case 'container.removed':
      return { ...reduceEngineObject(state, event), planning: planningAfter(state, event) };
    // Of tasks there are containers and networks too: those outdate a plan.
    case 'swarm.inspected':
      return reduceEngineObject(state, event);
    case 'run.finished':
      return {
        ...state,
        run: reduceRun(state.run, event),
        tenants: tenantsAfter(state, event),
        planning: planningAfter(state, event),
      };
    case 'run.started':
    case 'steps.added':
    case 'step.started':
    case 'step.progressed':
    case 'step.finished':
    case 'step.failed':
    case 'step.skipped':
    case 'check.passed':
    case 'check.failed':
    case 'check.uncertain':
    case 'door.probed':
      return { ...state, run: reduceRun(state.run, event) };
    case 'tenant.watched':
    case 'tenant.lost':
    case 'hits.read':
    case 'hit.counted':
    case 'hits.sent':
      return reduceTenant(state, event);
    case 'journal.opened':
    case 'agent.started':
    case 'agent.ended':
    case 'probe.answered':
      return state;
    default:
      event satisfies never;
      return state;
  }
}

/** No failure tells in which variant the plan would have been: it is the one that was asked for. */
function askedVariant({ planning }: ConsoleState, scenario: string): string | undefined {
  return planning?.scenario === scenario ? planning.variant : undefined;
}

function named(variant: string | undefined): { readonly variant?: string } {
  return variant === undefined ? {} : { variant };
}

/** A look at the hosts belongs to the run that is under way, else to the plan that it was made for. */
function reducePreflight(state: ConsoleState, event: EventOf<'preflight.finished'>): ConsoleState {
  const { run, planning } = state;
  if (run?.scenario === event.scenario && run.finishedAt === undefined) return { ...state, run: reduceRun(run, event) };
  if (planning?.scenario !== event.scenario) return state;
  return { ...state, planning: { ...planning, preflight: preflightOf(event) } };
}

function reduceIntent(state: ConsoleState, event: EventOf<'intent.received'>): ConsoleState {
  const { intent } = event;
  if (intent.kind === 'plan') {
    return { ...state, planning: { scenario: intent.scenario, ...named(intent.variant) } };
  }
  if (intent.kind !== 'hit') return state;
  const tenant = own(state.tenants, intent.tenant);
  return tenant === undefined ? state : withTenant(state, { ...tenant, sending: true });
}
