import stringWidth from 'string-width';

/** What a piece of text means; the theme turns it into colour and weight. */
export type Tone =
  | 'plain'
  | 'dim'
  | 'strong'
  | 'accent'
  | 'here'
  | 'ok'
  | 'busy'
  | 'warning'
  | 'failing'
  | 'tenant-0'
  | 'tenant-1'
  | 'tenant-2';

export interface Span {
  readonly text: string;
  readonly tone: Tone;
}

/** One row of a screen. Rows are made without Ink, and cut to their width before they reach it: nothing ever wraps. */
export type Line = readonly Span[];

export const BLANK: Line = [];

export function span(text: string, tone: Tone = 'plain'): Span {
  return { text, tone };
}

/** A row from texts (plain) and spans. */
export function line(...parts: readonly (string | Span)[]): Line {
  return parts.map((part) => (typeof part === 'string' ? span(part) : part));
}

const graphemes = new Intl.Segmenter();

/** Flags and keycaps: terminals disagree on how wide they are, so a box of one column stands for them. */
const UNRELIABLE = /\p{Regional_Indicator}|\u20e3/u;

/** Columns that a text takes in a terminal. */
export function widthOf(text: string): number {
  return isPlain(text) ? text.length : stringWidth(text);
}

/** Cuts to at most `width` columns, never through a wide character; `…` stands for what is left out. */
export function cut(text: string, width: number): string {
  if (isPlain(text)) return text.length <= width ? text : width < 1 ? '' : `${text.slice(0, width - 1)}…`;
  const clusters = [...graphemes.segment(text)].map(({ segment }) => (UNRELIABLE.test(segment) ? '□' : segment));
  const whole = clusters.join('');
  if (stringWidth(whole) <= width) return whole;
  let kept = '';
  let columns = 0;
  for (const cluster of clusters) {
    const next = stringWidth(cluster);
    if (columns + next > width - 1) break;
    kept += cluster;
    columns += next;
  }
  return width < 1 ? '' : `${kept}…`;
}

/** A cell of a table: exactly `width` columns. */
export function cell(text: string, width: number, tone: Tone = 'plain'): Span {
  const kept = cut(text, width);
  return span(kept + ' '.repeat(Math.max(0, width - widthOf(kept))), tone);
}

/** Names of one fleet begin alike and differ at their end: one that is too long loses its middle. At most `width` columns. */
export function cutMiddle(text: string, width: number): string {
  const whole = cut(text, widthOf(text));
  if (widthOf(whole) <= width || width < 7) return cut(whole, width);
  const clusters = [...graphemes.segment(whole)].map(({ segment }) => segment);
  const end = Math.floor((width - 1) / 2);
  let tail = '';
  for (const cluster of clusters.toReversed()) {
    if (widthOf(cluster + tail) > end) break;
    tail = cluster + tail;
  }
  return `${cut(whole, width - widthOf(tail))}${tail}`;
}

/** A cell of a name that is told apart by its end: exactly `width` columns, at least one of them a space. */
export function nameCell(name: string, width: number, tone: Tone = 'plain'): Span {
  return cell(cutMiddle(name, width - 1), width, tone);
}

/** How wide a column of names must be, a space and more behind the longest, between `least` and `most`. */
export function nameColumn(names: readonly string[], least: number, most: number): number {
  return Math.min(most, Math.max(least, ...names.map((name) => widthOf(name) + 2)));
}

/** A cell whose text stands at its right edge: numbers. */
export function cellRight(text: string, width: number, tone: Tone = 'plain'): Span {
  const kept = cut(text, width);
  return span(' '.repeat(Math.max(0, width - widthOf(kept))) + kept, tone);
}

/** Whether two rows are the same, part by part. */
export function sameLine(one: Line, other: Line): boolean {
  return one.length === other.length && one.every((part, index) => part.text === other[index]?.text && part.tone === other[index]?.tone);
}

/** The row with neighbours of one tone joined, and without empty parts: fewer pieces to lay out. */
export function joinTones(row: Line): Line {
  const joined: Span[] = [];
  for (const part of row) {
    const last = joined.at(-1);
    if (part.text === '') continue;
    if (last?.tone === part.tone) joined[joined.length - 1] = span(last.text + part.text, part.tone);
    else joined.push(part);
  }
  return joined;
}

export function widthOfLine(row: Line): number {
  return row.reduce((columns, part) => columns + widthOf(part.text), 0);
}

/** The row in exactly `width` columns: cut at its end, or filled with spaces. */
export function fitLine(row: Line, width: number): Line {
  const fitted: Span[] = [];
  let left = width;
  for (const part of row) {
    if (left <= 0) break;
    const text = cut(part.text, left);
    fitted.push({ text, tone: part.tone });
    left -= widthOf(text);
    if (text !== part.text && text.endsWith('…')) break;
  }
  return left > 0 ? [...fitted, span(' '.repeat(left))] : fitted;
}

/** One row with something at either edge; the right side stays, the left is cut. */
export function spread(left: Line, right: Line, width: number): Line {
  const rightWidth = widthOfLine(right);
  if (rightWidth === 0 || rightWidth + 8 > width) return fitLine(left, width);
  return [...fitLine(left, width - rightWidth - 1), span(' '), ...right];
}

/** Breaks a text between words into rows of at most `width` columns; a word that is longer goes on in the next row. */
export function fold(text: string, width: number): readonly string[] {
  const words = text.split(/\s+/).filter((word) => word !== '');
  return foldParts(
    words.flatMap((word) => pieces(word, width)),
    width,
  );
}

function pieces(word: string, width: number): readonly string[] {
  if (widthOf(word) <= width || width < 2) return [word];
  const parts: string[] = [];
  let part = '';
  for (const { segment } of graphemes.segment(word)) {
    if (widthOf(part + segment) > width) {
      // A path breaks behind a slash where it can.
      const end = part.lastIndexOf('/') + 1;
      const kept = end > part.length / 2 ? part.slice(0, end) : part;
      parts.push(kept);
      part = part.slice(kept.length);
    }
    part += segment;
  }
  return [...parts, part];
}

function foldParts(words: readonly string[], width: number): readonly string[] {
  const rows: string[] = [];
  let row = '';
  for (const word of words) {
    const joined = row === '' ? word : `${row} ${word}`;
    if (row !== '' && widthOf(joined) > width) {
      rows.push(row);
      row = word;
    } else row = joined;
  }
  if (row !== '') rows.push(row);
  return rows.map((each) => cut(each, width));
}

/** A flag with its value, or a word; quotes hold together what is in them. */
const COMMAND_PART = /-(?:\\.|'[^']*'|"[^"]*"|\S)+(?: (?!-)(?:\\.|'[^']*'|"[^"]*"|\S)+)?|(?:\\.|'[^']*'|"[^"]*"|\S)+/g;

/** A command over several rows as a shell takes it: each row but the last ends in a backslash, no flag is torn from its value. */
export function foldCommand(command: string, width: number): readonly string[] {
  if (widthOf(command) <= width) return command === '' ? [] : [command];
  const rows = foldParts(command.match(COMMAND_PART) ?? [], width - 4);
  return rows.map((row, index) => `${index === 0 ? '' : '  '}${row}${index === rows.length - 1 ? '' : ' \\'}`);
}

/** Letters and the marks that screens are made of, each one column wide: nearly every text, told without cutting it into clusters. */
function isPlain(text: string): boolean {
  return /^[\x20-\x7e·–’…→↑↓≥×─-▟●◐○▸›✓✕✗]*$/.test(text);
}
