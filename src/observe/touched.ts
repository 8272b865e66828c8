import { LABEL } from '../domain/labels.ts';
import type { EngineChange } from '../engine/events.ts';
import { pause } from './pause.ts';

/** IDs of what an engine said has changed. */
export interface Touched {
  readonly networks: ReadonlySet<string>;
  readonly containers: ReadonlySet<string>;
}

/** Collects changes until somebody looks. */
export interface TouchLog {
  note(change: EngineChange): void;
  /** What was touched since this was last asked, as soon as there is something; undefined after `timeoutMs` without, or when aborted. */
  next(timeoutMs: number, signal: AbortSignal): Promise<Touched | undefined>;
}

/** Changes come in flurries (one `docker run` makes seven): what they touched is looked at once, this much later. */
const DEBOUNCE_MS = 50;

/** Of a container's life these change nothing that is shown; a health check alone makes three every few seconds. */
const WITHOUT_EFFECT = /^(exec_|health_status|attach|detach|resize|top|export|commit|archive-path|extract-to-dir|copy)/;

/** Whether what happened to a container changes nothing that is shown. */
export function isWithoutEffect(action: string): boolean {
  return WITHOUT_EFFECT.test(action);
}

export function createTouchLog(): TouchLog {
  let networks = new Set<string>();
  let containers = new Set<string>();
  let rung = new AbortController();
  return {
    note: ({ type, action, id, attributes }) => {
      if (type === 'container') {
        if (isWithoutEffect(action) || attributes[LABEL.sidecar] !== undefined) return;
        containers.add(id);
      } else if (type === 'network') {
        networks.add(id);
        if (attributes.container !== undefined) containers.add(attributes.container);
      } else return;
      rung.abort();
    },
    next: async (timeoutMs, signal) => {
      if (!rung.signal.aborted) await pause(timeoutMs, AbortSignal.any([signal, rung.signal]));
      if (!rung.signal.aborted || signal.aborted) return undefined;
      await pause(DEBOUNCE_MS, signal);
      const touched = { networks, containers };
      [networks, containers, rung] = [new Set(), new Set(), new AbortController()];
      return touched;
    },
  };
}
