import type { EventOf } from '../domain/events.ts';
import { type Layout, marked } from './report-layout.ts';

type Door = EventOf<'door.probed'>;

/** Ways beside the scenario's networks: those that are open each by itself, of the others how many there are. */
export function doorLines(doors: readonly Door[], layout: Layout): readonly string[] {
  if (doors.length === 0) return [];
  const { paint } = layout;
  const untried = doors.at(-1)?.untried ?? 0;
  const { open = [], closed = [] } = Object.groupBy(doors, (door) => (door.open ? 'open' : 'closed'));
  return [
    '  beside the networks of the scenario, no check:',
    ...open.flatMap(({ text }) => marked(paint('yellow', '○'), text.replace(/, beside the networks of the scenario/, ''), layout)),
    ...[...Map.groupBy(closed, ({ network }) => network)].flatMap(([network, { length }]) =>
      marked(
        paint('dim', '·'),
        paint('dim', `no answer from ${length} ${length === 1 ? 'way' : 'ways'} through ${nameOf(network)}`),
        layout,
      ),
    ),
    ...(untried === 0
      ? []
      : marked(paint('dim', '·'), paint('dim', `${untried} more ${untried === 1 ? 'way was' : 'ways were'} not tried`), layout)),
  ];
}

function nameOf(network: string): string {
  return network === 'published' ? 'published ports' : network;
}
