import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { painter } from '../../src/cli/report-layout.ts';
import { textReporter } from '../../src/cli/report-text.ts';

it.each([
  [999.4, '999 ms'],
  [999.6, '1.0 s'],
  [59_960, '1 min 0 s'],
  [119_700, '2 min 0 s'],
])('tells %d ms as %s: no "1 min 60 s"', (durationMs, text) => {
  const out = new PassThrough();
  textReporter(out, painter(false))({ at: 0, type: 'step.finished', step: 'x', durationMs, summary: 'done' });
  expect(String(out.read())).toContain(` ${text}  done`);
});
