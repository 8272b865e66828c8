import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine } from './engine.ts';
import { interrupted } from './request.ts';

/** Waits between two looks at a swarm: no event tells of nodes and tasks. @throws INTERRUPTED when `signal` aborts */
export async function pauseBetweenLooks(engine: Engine, what: string, pauseMs: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(pauseMs, undefined, { signal });
  } catch (error) {
    if (signal?.aborted !== true) throw error;
    throw interrupted(engine, { what }, signal);
  }
}
