import type { RunView } from '../../domain/select-run.ts';
import { plural } from '../format.ts';
import { fold, type Line, span } from '../line.ts';
import { GUTTER, gutter, type PanelRow, textRow } from '../panel.ts';

/**
 * What a verify found open beside the networks of the scenario, each way by itself, and how many ways are closed: no check, but good to
 * know.
 */
export function doorRows({ doors }: RunView, width: number): readonly PanelRow[] {
  if (doors.length === 0) return [];
  const { open = [], closed = [] } = Object.groupBy(doors, (door) => (door.open ? 'open' : 'closed'));
  const rows = open.flatMap(({ text }) =>
    fold(text.replace(', beside the networks of the scenario', ''), width - GUTTER - 3).map(
      (row, index): Line => [...gutter(), span(index === 0 ? '→ ' : '  ', 'warning'), span(row)],
    ),
  );
  const shut = [...Map.groupBy(closed, ({ network }) => network)].map(
    ([network, ways]): Line => [
      ...gutter(),
      span(`· no answer from ${plural(ways.length, 'way')} through ${network === 'published' ? 'published ports' : network}`, 'dim'),
    ],
  );
  return [textRow(''), textRow('Beside the networks of the scenario', 'strong'), ...[...rows, ...shut].map((line) => ({ line }))];
}
