import type { HostRow } from '../../domain/select.ts';
import { age } from '../format.ts';
import type { Span, Tone } from '../line.ts';

const SYMBOL: Readonly<Record<HostRow['freshness'], string>> = { live: '●', connecting: '◐', stale: '○', down: '✕' };
const TONE: Readonly<Record<HostRow['freshness'], Tone>> = { live: 'ok', connecting: 'busy', stale: 'warning', down: 'failing' };

/** The symbol of a host's state, in its colour. */
export function hostMark({ freshness }: Pick<HostRow, 'freshness'>): Span {
  return { text: SYMBOL[freshness], tone: TONE[freshness] };
}

/** The same in a few words, with the age of what a silent host said last: `live`, `silent 14 s`, `down 22 s`, `no answer`. */
export function hostWords({ freshness, ageMs }: Pick<HostRow, 'freshness' | 'ageMs'>): string {
  switch (freshness) {
    case 'live':
    case 'connecting':
      return freshness;
    case 'stale':
      return ageMs === undefined ? 'silent' : `silent ${age(ageMs)}`;
    case 'down':
      return ageMs === undefined ? 'no answer' : `down ${age(ageMs)}`;
    default:
      return freshness satisfies never;
  }
}

/** The colour of those words: what is well stays quiet. */
export function hostTone({ freshness }: Pick<HostRow, 'freshness'>): Tone {
  return freshness === 'live' || freshness === 'connecting' ? 'dim' : TONE[freshness];
}

/** The hosts in trouble first. */
export const WORST_FIRST: readonly HostRow['freshness'][] = ['down', 'stale', 'connecting', 'live'];
