import type { StepRow } from '../../domain/select-run.ts';
import { type Span, span } from '../line.ts';

/** Lengths of the time axis, in seconds. It grows in these leaps only, so that bars do not creep while a run goes on. */
const SCALES = [1, 2, 4, 10, 20, 40, 60, 120, 240, 600, 1200, 3600, 7200, 86_400];

/** How many milliseconds the lane shows. */
export function laneScale(elapsedMs: number): number {
  return (SCALES.find((seconds) => seconds * 1000 >= elapsedMs) ?? 86_400) * 1000;
}

/** `0        0.5 s       1 s`: labels where their moment is. */
export function axis(scaleMs: number, width: number): string {
  const parts = width >= 48 ? 4 : width >= 18 ? 2 : 1;
  let text = '';
  for (let part = 0; part <= parts; part += 1) {
    const label = moment((scaleMs / parts) * part);
    const at = part === parts ? width - label.length : Math.round((width / parts) * part);
    if (at > text.length || part === 0) text = text.padEnd(at) + label;
  }
  return text.padEnd(width).slice(0, width);
}

function moment(ms: number): string {
  if (ms >= 120_000) return `${ms / 60_000} min`;
  return `${ms / 1000} s`;
}

const BAR_TONE = { waiting: 'dim', running: 'accent', done: 'dim', failed: 'failing', skipped: 'dim', stopped: 'dim' } as const;

/** The step's time on its lane, in exactly `width` columns. Even the shortest step shows. */
export function laneBar(step: StepRow, scaleMs: number, width: number): readonly Span[] {
  if (step.startMs === undefined || step.durationMs === undefined) return [span(' '.repeat(width))];
  const from = Math.min(width - 1, Math.floor((step.startMs / scaleMs) * width));
  const to = Math.min(width, Math.max(from + 1, Math.round(((step.startMs + step.durationMs) / scaleMs) * width)));
  return [span(' '.repeat(from)), span('▇'.repeat(to - from), BAR_TONE[step.status]), span(' '.repeat(width - to))];
}
