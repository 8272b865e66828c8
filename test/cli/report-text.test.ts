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

it('tells what is open beside the networks after the checks, and of what gave no answer only how much there is', () => {
  const out = new PassThrough();
  const report = textReporter(out, painter(false));
  const door = (network: string, address: string, open: boolean, more: { readonly untried?: number } = {}) =>
    report({
      at: 0,
      type: 'door.probed',
      from: 'dog-web',
      to: 'cat-web:5000',
      network,
      address,
      open,
      text: `dog-web and ${address}`,
      ...more,
    });
  report({ at: 0, type: 'check.passed', check: 'dog-web does not reach cat-web:5000', text: 'no-such-name', durationMs: 1 });
  door('docker_gwbridge', '172.18.0.4:5000', false);
  door('published', '192.168.0.11:9000', true);
  door('docker_gwbridge', '172.18.0.5:5000', false);
  door('published', '192.168.0.12:9000', false, { untried: 3 });
  const checks = { passed: 1, failed: 0, uncertain: 0 };
  report({ at: 0, type: 'run.finished', run: 'r', verb: 'verify', ok: true, durationMs: 5, changed: 0, checks });
  const [check, ...lines] = String(out.read()).trimEnd().split('\n');
  expect(check).toContain('dog-web does not reach cat-web:5000');
  expect(lines).toEqual([
    '  beside the networks of the scenario, no check:',
    '  → dog-web and 192.168.0.11:9000',
    '  · no answer from 2 ways through docker_gwbridge',
    '  · no answer from 1 way through published ports',
    '  · 3 more ways were not tried',
    expect.stringContaining('verify in 5 ms'),
  ]);
});
