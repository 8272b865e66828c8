/** The one source of time: events are stamped from it, tests and the player put a virtual one in its place. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };
