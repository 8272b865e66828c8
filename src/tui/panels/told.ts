import { fold, type Line, span, type Tone } from '../line.ts';
import { GUTTER, gutter, type PanelRow } from '../panel.ts';

/** What is to be read behind its symbol, whole: over several rows where it is long, each marked in the gutter. */
export function told(symbol: string, tone: Tone, text: string, width: number): readonly PanelRow[] {
  const rows = text.split('\n').flatMap((part) => fold(part, width - GUTTER - 3));
  return rows.map((row, index) => ({
    line: [...gutter({ mark: tone }), span(index === 0 ? `${symbol} ` : '  ', tone), span(row)],
  }));
}

/** The way out, below what stands in the way. */
export function hintRows(hint: string | undefined, width: number): readonly PanelRow[] {
  if (hint === undefined) return [];
  return fold(hint, width - GUTTER - 5).map((row, index): { line: Line } => ({
    line: [...gutter(), span(index === 0 ? '  → ' : '    ', 'accent'), span(row)],
  }));
}
