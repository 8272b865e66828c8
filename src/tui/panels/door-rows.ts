import { selectDoors } from '../../domain/select-doors.ts';
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
  const { open, closed, untried } = selectDoors(doors);
  const rows = open.flatMap((text) =>
    fold(text, width - GUTTER - 3).map((row, index): Line => [...gutter(), span(index === 0 ? '→ ' : '  ', 'warning'), span(row)]),
  );
  const quiet = [
    ...closed.map(({ through, ways }) => `· no answer from ${plural(ways, 'way')} through ${through}`),
    ...(untried === 0 ? [] : [`· ${plural(untried, 'more way')} not tried`]),
  ];
  return [
    textRow(''),
    textRow('Beside the networks of the scenario', 'strong'),
    ...rows.map((line) => ({ line })),
    ...quiet.map((text) => textRow(text, 'dim')),
  ];
}
