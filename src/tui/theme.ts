import type { Tone } from './line.ts';

/** What Ink needs to draw a tone; the sixteen colours of the terminal's own palette, so that the user's theme stays theirs. */
export interface Style {
  readonly color?: string;
  readonly dimColor?: boolean;
  readonly bold?: boolean;
}

export type Theme = Readonly<Record<Tone, Style>>;

const COLOURED: Theme = {
  plain: {},
  dim: { dimColor: true },
  strong: { bold: true },
  accent: { color: 'cyan' },
  here: { color: 'cyan', bold: true },
  ok: { color: 'green' },
  busy: { color: 'cyan' },
  warning: { color: 'yellow' },
  failing: { color: 'red' },
  'tenant-0': { color: 'magenta' },
  'tenant-1': { color: 'blue' },
  'tenant-2': { color: 'white' },
};

/** `NO_COLOR` asks for no colour, not for no weight: where you are stays bold, context stays dim, and every state has its symbol. */
const PLAIN: Theme = {
  ...COLOURED,
  accent: {},
  here: { bold: true },
  ok: {},
  busy: {},
  warning: { bold: true },
  failing: { bold: true },
  'tenant-0': {},
  'tenant-1': {},
  'tenant-2': {},
};

export function themeFor(noColor: boolean): Theme {
  return noColor ? PLAIN : COLOURED;
}

/** One hue per tenant, by its place in the list; the name always stands beside it. */
export function tenantTone(index: number): Tone {
  return (['tenant-0', 'tenant-1', 'tenant-2'] as const)[index % 3] ?? 'tenant-0';
}
