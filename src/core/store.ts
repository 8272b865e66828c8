import type { ConsoleEvent } from '../domain/events.ts';
import { nextChange } from '../domain/next-change.ts';
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
  /** `listener` is called at most once a frame, after something changed, and where something ages, on the second. */
  subscribe(listener: () => void): () => void;
}

export interface LiveStore extends Store {
  apply(event: ConsoleEvent): void;
  /** Stops the second hand. */
  close(): void;
}

/** A frame at 30 a second: more cannot be seen in a terminal. */
const FRAME_MS = 33;
/** Ages of an hour and more move by the hour; a look in between costs nothing. */
const LONGEST_WAIT_MS = 600_000;

/**
 * The store that knows no React: state is reduced at once, subscribers are told once per frame. Its second hand runs only while
 * something ages: a console at which nothing happens sleeps.
 */
export function createStore(clock: Clock, initial: ConsoleState = EMPTY_STATE): LiveStore {
  const listeners = new Set<() => void>();
  let state = initial;
  let snapshot: Snapshot = { state, now: clock.now() };
  let frame: NodeJS.Timeout | undefined;

  let secondHand: NodeJS.Timeout | undefined;

  const publish = () => {
    clearTimeout(frame);
    frame = undefined;
    snapshot = { state, now: clock.now() };
    wind();
    for (const listener of listeners) listener();
  };
  const wind = () => {
    clearTimeout(secondHand);
    const next = nextChange(state, snapshot.now);
    if (next === undefined) return;
    // All that ages moves together, on the whole second: one frame a second, not one for each age.
    const waitMs = Math.ceil(next / 1000) * 1000 - clock.now();
    secondHand = setTimeout(publish, Math.min(Math.max(waitMs, FRAME_MS), LONGEST_WAIT_MS)).unref();
  };

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
      clearTimeout(secondHand);
      clearTimeout(frame);
    },
  };
}
