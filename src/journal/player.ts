import { readFile } from 'node:fs/promises';
import { PetsError } from '../domain/errors.ts';
import type { ConsoleEvent } from '../domain/events.ts';
import { decodeEvent } from './encoding.ts';

/** What a journal holds up to its first damage, and where that is. */
export interface Journal {
  readonly events: readonly ConsoleEvent[];
  readonly damage: PetsError | undefined;
}

/** Reads a journal. A damaged file gives what stands before the damage: a kill -9 cuts the last line. */
export async function readJournal(path: string): Promise<Journal> {
  const lines = (await readFile(path, 'utf8')).split('\n');
  const events: ConsoleEvent[] = [];
  for (const [index, line] of lines.entries()) {
    if (line === '') continue;
    try {
      events.push(decodeEvent(line, `${path}:${index + 1}`));
    } catch (error) {
      if (error instanceof PetsError) return { events, damage: error };
      throw error;
    }
  }
  return { events, damage: undefined };
}

/** Time that passes only when told to. */
export interface VirtualClock {
  now(): number;
  advanceTo(at: number): void;
}

export function createVirtualClock(start = 0): VirtualClock {
  let present = start;
  return {
    now: () => present,
    advanceTo: (at) => {
      present = Math.max(present, at);
    },
  };
}

/** Plays events in order, the clock standing at each event's own time when it is handed on. */
export function playJournal(events: readonly ConsoleEvent[], clock: VirtualClock, forward: (event: ConsoleEvent) => void): void {
  for (const event of events) {
    clock.advanceTo(event.at);
    forward(event);
  }
}
