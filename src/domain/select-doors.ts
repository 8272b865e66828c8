import type { DoorState } from './state.ts';

/** Ways beside the scenario's networks, as people are told of them. */
export interface DoorsView {
  /** Each way that is open, in words. */
  readonly open: readonly string[];
  /** How many gave no answer, by what they lead through. */
  readonly closed: readonly { readonly through: string; readonly ways: number }[];
  /** How many more there are, which nobody tried. */
  readonly untried: number;
}

/** What the events say of doors; that they are beside the networks is left to the heading that they stand under. */
export function selectDoors(doors: readonly DoorState[]): DoorsView {
  const closed = Map.groupBy(
    doors.filter((door) => !door.open),
    ({ network }) => (network === 'published' ? 'published ports' : network),
  );
  return {
    open: doors.filter((door) => door.open).map(({ text }) => text.replace(', beside the networks of the scenario', '')),
    closed: Array.from(closed, ([through, { length }]) => ({ through, ways: length })),
    untried: doors.at(-1)?.untried ?? 0,
  };
}
