import { sparkline } from '../format.ts';
import { type Span, span, type Tone } from '../line.ts';

/**
 * A sparkline in which only what happened has colour: seconds without a hit are a quiet base line, and the last `unknown` ones,
 * of which nobody knows what they brought, are empty.
 */
export function historySpans(numbers: readonly number[], tone: Tone, unknown = 0): readonly Span[] {
  const known = numbers.length - Math.min(unknown, numbers.length);
  return [...sparkline(numbers)].map((level, index) => (index < known ? span(level, numbers[index] === 0 ? 'dim' : tone) : span(' ')));
}
