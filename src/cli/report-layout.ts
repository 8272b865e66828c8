import { styleText } from 'node:util';
import type { Obstacle } from '../domain/plan.ts';

type Style = 'green' | 'red' | 'yellow' | 'dim' | 'bold' | 'cyan';
export type Paint = (style: Style, text: string) => string;

export function painter(colour: boolean): Paint {
  return (style, text) => (colour ? styleText(style, text, { validateStream: false }) : text);
}

/** What text is laid out for: its colours, and the columns of the terminal; undefined where there is none, and nothing is folded. */
export interface Layout {
  readonly paint: Paint;
  readonly columns: number | undefined;
}

/** The text in lines of at most `room` characters, broken between words; a longer word stays whole, to be copied. */
export function fold(text: string, room: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** Lines that stand `indent` columns in, folded where there is a terminal; line breaks of the text stay. */
export function indented(text: string, indent: number, { columns }: Layout): readonly string[] {
  const room = columns === undefined ? Number.POSITIVE_INFINITY : Math.max(20, columns - indent);
  return text
    .split('\n')
    .flatMap((line) => fold(line, room))
    .map((line) => `${' '.repeat(indent)}${line}`);
}

/** A mark, then text whose further lines stand below its first word. */
export function marked(mark: string, text: string, layout: Layout): readonly string[] {
  const [first = '', ...rest] = indented(text, 4, layout);
  return [`  ${mark} ${first.trimStart()}`, ...rest];
}

/** The hint below something: dim, one step further in. */
export function hintLines(hint: string | undefined, layout: Layout): readonly string[] {
  if (hint === undefined || hint === '') return [];
  return indented(hint, 6, layout).map((line) => layout.paint('dim', line));
}

export function obstacleLines({ host, message, owner, hint }: Obstacle, layout: Layout): readonly string[] {
  const held = owner === undefined ? '' : `, held by ${owner}`;
  return [...marked(layout.paint('red', '✕'), `${host}: ${message}${held}`, layout), ...hintLines(hint, layout)];
}

export function warningLines(warning: string, layout: Layout): readonly string[] {
  return marked(layout.paint('yellow', '!'), warning, layout);
}
