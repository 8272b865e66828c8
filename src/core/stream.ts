import type { ConsoleEvent, Unstamped } from '../domain/events.ts';
import type { Clock } from './clock.ts';

/** Where sources hand in what happened; the stream stamps it with its time. */
export type Emit = (event: Unstamped) => void;

/** Where every event goes: the store, the journal, `--json`. A sink must not throw. */
export type Sink = (event: ConsoleEvent) => void;

export interface EventStream {
  readonly emit: Emit;
  /** Hands on an event that already has its time: the player is a source like any other. */
  readonly forward: Sink;
  /** Registers a sink; returns what takes it off again. */
  readonly subscribe: (sink: Sink) => () => void;
}

/** Merges all sources into one stream, in the order in which they speak. Times never go back. */
export function createEventStream(clock: Clock): EventStream {
  const sinks = new Set<Sink>();
  let last = 0;
  const forward: Sink = (event) => {
    for (const sink of sinks) sink(event);
  };
  return {
    forward,
    emit: (event) => {
      last = Math.max(last, clock.now());
      // Unstamped<E> plus its time is E again; the compiler cannot see through a distributed Omit.
      forward({ at: last, ...event } as ConsoleEvent);
    },
    subscribe: (sink) => {
      sinks.add(sink);
      return () => sinks.delete(sink);
    },
  };
}
