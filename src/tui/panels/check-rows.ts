import type { RunView } from '../../domain/select-run.ts';
import type { CheckState } from '../../domain/state.ts';
import { duration } from '../format.ts';
import { cell, cellRight, fold, type Line, span, widthOf } from '../line.ts';
import { GUTTER, gutter, type PanelRow, textRow } from '../panel.ts';

const CHECK_SYMBOL = { passed: ['✓', 'ok'], failed: ['!', 'failing'], uncertain: ['?', 'warning'] } as const;

/** What a row of a check is called among the rows of the run. */
export function checkKey({ check }: CheckState): string {
  return `check ${check}`;
}

/** The checks as they came, each with what was found. */
export function checkRows(run: RunView, width: number, selected: string | undefined): readonly PanelRow[] {
  if (run.checks.length === 0) return [];
  const heading = run.total === 0 ? [] : [textRow(''), textRow('Checks', 'strong')];
  const room = width - GUTTER - 13;
  const longest = Math.max(...run.checks.map((check) => widthOf(check.check)));
  const name = longest <= room / 2 ? longest : room;
  return [...heading, ...run.checks.flatMap((check) => checkRow(check, { width, name, here: checkKey(check) === selected }))];
}

interface Drawing {
  readonly width: number;
  readonly name: number;
  readonly here: boolean;
}

/** What was expected, how long it took, and what was found: beside it where it passed and there is room, else below. */
function checkRow(check: CheckState, { width, name, here }: Drawing): readonly PanelRow[] {
  const [symbol, tone] = CHECK_SYMBOL[check.outcome];
  const passed = check.outcome === 'passed';
  const mark = passed ? undefined : tone;
  const rest = width - GUTTER - 13 - name;
  // What a check found is told whole where it is not as expected, and where one looks.
  const isCut = passed && here && widthOf(check.text) > rest - 2;
  const found = passed && !isCut ? [] : fold(check.text, width - GUTTER - 5);
  const row: Line = [
    ...gutter({ mark, here }),
    cell(symbol, 2, tone),
    cell(check.check, name, here ? 'here' : 'plain'),
    ...(rest > 0 ? [span('  '), cell(passed && !isCut ? check.text : '', rest - 2, 'dim')] : []),
    cellRight(duration(check.durationMs), 8, 'dim'),
  ];
  const hint = check.hint === undefined ? [] : fold(check.hint, width - GUTTER - 5);
  const below = [...found.map((text) => `  ${text}`), ...hint.map((text, index) => `  ${index === 0 ? '→ ' : '  '}${text}`)];
  return [
    { key: checkKey(check), line: row },
    ...below.map((text): PanelRow => ({ line: [...gutter({ mark }), span(text, passed ? 'dim' : 'plain')] })),
  ];
}
