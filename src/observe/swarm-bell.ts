import type { EngineChange } from '../engine/events.ts';
import { pause } from './pause.ts';
import { isWithoutEffect } from './touched.ts';

/** What may have changed: who is in the swarm, what it is to run, or the tasks of it. */
export type SwarmNews = 'membership' | 'services' | 'tasks';

/**
 * Rings for all engines of a session: a worker's container is told by the worker's engine, and its task by a manager's; of a node
 * that leaves only a manager says something.
 */
export interface SwarmBell {
  ring(news: SwarmNews): void;
  /** Collects what is rung from now on. */
  listen(): SwarmEar;
}

export interface SwarmEar {
  /** What was rung since this was last asked, as soon as there is something that `matters`; nothing after `timeoutMs` without, or when aborted. */
  next(matters: (news: SwarmNews) => boolean, timeoutMs: number, signal: AbortSignal): Promise<ReadonlySet<SwarmNews>>;
  close(): void;
}

/** Changes come in flurries: a service that is made brings five. */
const DEBOUNCE_MS = 50;

export function createSwarmBell(): SwarmBell {
  const ears = new Set<(news: SwarmNews) => void>();
  return {
    ring: (news) => {
      for (const hear of ears) hear(news);
    },
    listen: () => {
      let heard = new Set<SwarmNews>();
      let onNews = (_news: SwarmNews) => {};
      const hear = (news: SwarmNews) => {
        heard.add(news);
        onNews(news);
      };
      ears.add(hear);
      return {
        next: async (matters, timeoutMs, signal) => {
          const rung = new AbortController();
          onNews = (news) => {
            if (matters(news)) rung.abort();
          };
          for (const news of heard) onNews(news);
          await pause(timeoutMs, AbortSignal.any([signal, rung.signal]));
          if (rung.signal.aborted) await pause(DEBOUNCE_MS, signal);
          const all = heard;
          heard = new Set();
          return rung.signal.aborted ? all : new Set();
        },
        close: () => void ears.delete(hear),
      };
    },
  };
}

/** What an engine's event says of its swarm. Joining makes the network `ingress` on every engine; leaving is told by no event of its own. */
export function swarmNewsOf({ type, action, name, attributes }: EngineChange): SwarmNews | undefined {
  if (type === 'node' || (type === 'network' && name === 'ingress')) return 'membership';
  if (type === 'service') return 'services';
  const isOfTask = type === 'container' && attributes['com.docker.swarm.task.id'] !== undefined;
  return isOfTask && !isWithoutEffect(action) ? 'tasks' : undefined;
}
