import type { EventOf } from './events.ts';
import { type Labels, ownershipOf } from './labels.ts';
import { own } from './own.ts';
import type { ConsoleState, PlanningState } from './state.ts';

type EngineObjectEvent = EventOf<'network.inspected' | 'network.removed' | 'container.inspected' | 'container.removed'>;

/**
 * The plan after an event that may contradict it: one that was run, or whose project changed on an engine, is no longer what a
 * run would do. `before` is the state before the event: what was removed is named there.
 */
export function planningAfter(before: ConsoleState, event: EngineObjectEvent | EventOf<'run.finished'>): PlanningState | undefined {
  const { planning, run } = before;
  if (planning?.plan === undefined || planning.outdated === true) return planning;
  const { project } = planning.plan;
  const contradicts =
    event.type === 'run.finished'
      ? run?.project === project && event.verb !== 'verify'
      : ownershipOf(labelsOf(before, event))?.project === project;
  return contradicts ? { ...planning, outdated: true } : planning;
}

function labelsOf({ hosts }: ConsoleState, event: EngineObjectEvent): Labels | undefined {
  switch (event.type) {
    case 'network.inspected':
      return event.network.labels;
    case 'container.inspected':
      return event.container.labels;
    case 'network.removed':
      return own(own(hosts, event.host)?.networks ?? {}, event.id)?.live.labels;
    case 'container.removed':
      return own(own(hosts, event.host)?.containers ?? {}, event.id)?.labels;
    default:
      return event satisfies never;
  }
}
