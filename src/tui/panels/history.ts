import { sparkline } from '../format.ts';
import { type Span, span, type Tone } from '../line.ts';

/** A sparkline in which only what happened has colour: seconds without a hit are a quiet base line. */
export function historySpans(numbers: readonly number[], tone: Tone): readonly Span[] {
  return [...sparkline(numbers)]
    .map((level, index) => span(level, numbers[index] === 0 ? 'dim' : tone))
    .reduce<readonly Span[]>(joinEqual, []);
}

function joinEqual(spans: readonly Span[], next: Span): readonly Span[] {
  const last = spans.at(-1);
  return last?.tone === next.tone ? [...spans.slice(0, -1), span(last.text + next.text, next.tone)] : [...spans, next];
}
