import { fitLine, type Line, type Span, span, spread } from './line.ts';
import type { Subject } from './navigation.ts';

/** A row of a panel; in a list, rows that can be selected have a key. */
export interface PanelRow {
  readonly line: Line;
  /** Instead of `line` where the row is the first that is seen: with what the rows above it would have said. */
  readonly lineAtTop?: Line;
  readonly key?: string;
}

/** What a panel says, whatever its height: which rows are seen is the window's business. */
export interface PanelContent {
  readonly title: string;
  /** After the title, quieter. */
  readonly about: Line;
  /** At the right edge of the title row. */
  readonly aside: Line;
  /** Rows that stay while the others scroll: headings above, the selected object's detail below. */
  readonly head: readonly Line[];
  readonly rows: readonly PanelRow[];
  readonly foot: readonly Line[];
  /** In a list: what its rows are, and the key of the one selected. */
  readonly list?: { readonly subject: Subject; readonly selected: string | undefined };
  /** First visible row while nobody scrolled. */
  readonly anchor?: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export const EMPTY_PANEL: PanelContent = { title: '', about: [], aside: [], head: [], rows: [], foot: [] };

/** Mark, cursor and a space stand before the text of every row. */
export const GUTTER = 3;

/** The gutter: `▌` where something changed or fails, `▸` where you are. */
export function gutter(options: { readonly mark?: Span['tone'] | undefined; readonly here?: boolean | undefined } = {}): Span[] {
  return [span(options.mark === undefined ? ' ' : '▌', options.mark ?? 'plain'), span(options.here === true ? '▸ ' : '  ', 'here')];
}

/** A row of plain words, in the gutter's line. */
export function textRow(text: string, tone: Span['tone'] = 'plain'): PanelRow {
  return { line: [...gutter(), span(text, tone)] };
}

/** How many rows of content are seen at once. */
export function windowHeight(content: PanelContent, height: number): number {
  return Math.max(0, height - 1 - content.head.length - content.foot.length);
}

/** The first visible row: around the selection in a list, as far as scrolled elsewhere. */
export function firstVisible(content: PanelContent, height: number, scrolled: number | undefined): number {
  const visible = windowHeight(content, height);
  const last = Math.max(0, content.rows.length - visible);
  if (content.list !== undefined) {
    const selected = content.rows.findIndex((row) => row.key !== undefined && row.key === content.list?.selected);
    return Math.min(last, Math.max(0, selected - Math.floor(visible / 2)));
  }
  // An anchor may leave room below it: so its row keeps its place while what follows grows.
  return scrolled === undefined ? (content.rows.length <= visible ? 0 : (content.anchor ?? 0)) : Math.min(last, Math.max(0, scrolled));
}

/** The panel in exactly `width` × `height`. */
export function panelLines(
  content: PanelContent,
  size: Size,
  view: { readonly focused: boolean; readonly scrolled: number | undefined },
): readonly Line[] {
  const { width, height } = size;
  const visible = windowHeight(content, height);
  const first = firstVisible(content, height, view.scrolled);
  const body = content.rows.slice(first, first + visible).map((row, index) => (index === 0 ? (row.lineAtTop ?? row.line) : row.line));
  const hidden = content.rows.length > visible && content.list === undefined;
  const position = hidden
    ? [...content.aside, span(`  ${first + 1}–${Math.min(first + visible, content.rows.length)} of ${content.rows.length}`, 'dim')]
    : content.aside;
  const title: Line = [
    span(view.focused ? '›' : ' ', 'here'),
    span(content.title, view.focused ? 'here' : 'strong'),
    span('  '),
    ...content.about,
  ];
  const filler = new Array<Line>(Math.max(0, visible - body.length)).fill([]);
  return [spread(title, position, width), ...content.head, ...body, ...filler, ...content.foot]
    .slice(0, height)
    .map((row) => fitLine(row, width));
}
