import { selectDoors } from '../domain/select-doors.ts';
import type { DoorState } from '../domain/state.ts';
import { type Layout, marked } from './report-layout.ts';

/** Ways beside the scenario's networks: those that are open each by itself, of the others how many there are. */
export function doorLines(doors: readonly DoorState[], layout: Layout): readonly string[] {
  if (doors.length === 0) return [];
  const { paint } = layout;
  const { open, closed, untried } = selectDoors(doors);
  const quiet = [
    ...closed.map(({ through, ways }) => `no answer from ${ways} ${ways === 1 ? 'way' : 'ways'} through ${through}`),
    ...(untried === 0 ? [] : [`${untried} more ${untried === 1 ? 'way was' : 'ways were'} not tried`]),
  ];
  return [
    '  beside the networks of the scenario, no check:',
    ...open.flatMap((text) => marked(paint('yellow', '→'), text, layout)),
    ...quiet.flatMap((text) => marked(paint('dim', '·'), paint('dim', text), layout)),
  ];
}
