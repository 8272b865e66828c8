import type { ConsoleEvent } from '../domain/events.ts';
import { reduce } from '../domain/reduce.ts';
import { type ConsoleState, EMPTY_STATE } from '../domain/state.ts';
import type { Clock } from './clock.ts';

/** What a screen is drawn from: the facts, and the moment they are looked at (epoch milliseconds). */
export interface Snapshot {
  readonly state: ConsoleState;
  readonly now: number;
}

export interface Store {
  getSnapshot(): Snapshot;
  /** `listener` is called at most once a frame, after something changed or a second passed. */
  subscribe(listener: () => void): () => void;
}

export interface LiveStore extends Store {
  apply(event: ConsoleEvent): void;
  /** Stops the second hand, so that the process can end. */
  close(): void;
}

/** A frame at 30 a second: more cannot be seen in a terminal. */
const FRAME_MS = 33;

/** The store that knows no React: state is reduced at once, subscribers are told once per frame. */
export function createStore(clock: Clock, initial: ConsoleState = EMPTY_STATE): LiveStore {
  const listeners = new Set<() => void>();
  let state = initial;
  let snapshot: Snapshot = { state, now: clock.now() };
  let frame: NodeJS.Timeout | undefined;

  const publish = () => {
    frame = undefined;
    snapshot = { state, now: clock.now() };
    for (const listener of listeners) listener();
  };
  // Ages and rates move although nothing happens.
  const secondHand = setInterval(publish, 1000);
  secondHand.unref();

  return {
    getSnapshot: () => snapshot,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    apply: (event) => {
      state = reduce(state, event);
      frame ??= setTimeout(publish, FRAME_MS).unref();
    },
    close: () => {
      clearInterval(secondHand);
      clearTimeout(frame);
    },
  };
}
