import { describe, expect, it } from 'vitest';
import type { Ended, EngineLab } from '../../support/engine-lab.ts';
import { both, endOf, eventsOf, ON_A, ON_B, succeed, TWO_HOSTS } from './two-hosts.ts';

/** An engine is given 20 s to make a network. */
const SLOW = { timeout: 90_000 };

/** `up`, told as it goes; `at` is called once, when the first step of host-B that changes something begins. */
async function upWith(lab: EngineLab, at: () => Promise<unknown>): Promise<Ended> {
  const child = lab.start('up', TWO_HOSTS, '--json');
  let [stdout, stderr] = ['', ''];
  let struck: Promise<unknown> | undefined;
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  child.stdout?.on('data', (chunk) => {
    stdout += chunk;
    if (/"step.started","step":"host-B\/network/.test(stdout)) struck ??= at();
  });
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  expect(struck, stdout + stderr).toBeDefined();
  await struck;
  return { status, signal: null, stdout, stderr };
}

export function describeOutages(lab: EngineLab): void {
  describe('an engine that goes away amid a run', () => {
    it('frozen: fails its own steps, the other host is done meanwhile, and up completes the rest once it is awake', SLOW, async () => {
      const daemon = await lab.daemonOf('host-B');
      try {
        const up = await upWith(lab, async () => process.kill(daemon, 'SIGSTOP'));
        expect(up.status, up.stdout).toBe(4);
        expect(endOf(up)).toMatchObject({ failure: { message: expect.stringContaining('host-B') } });
        expect(await lab.everything('host-A')).toEqual(ON_A);
        const failed = eventsOf(up).filter(({ type }) => type === 'step.failed');
        expect(failed.filter(({ step }) => !String(step).startsWith('host-B/'))).toEqual([]);
      } finally {
        process.kill(daemon, 'SIGCONT');
      }
      await succeed(lab, 'up', TWO_HOSTS);
      expect(await both(lab)).toEqual({ a: ON_A, b: ON_B });
      await succeed(lab, 'verify', TWO_HOSTS);
    });

    it('killed: the same, once it is started again', SLOW, async () => {
      try {
        const up = await upWith(lab, () => lab.kill('host-B'));
        expect(up.status, up.stdout).toBe(4);
        expect(endOf(up)).toMatchObject({ failure: { message: expect.stringContaining('host-B') } });
        expect(await lab.everything('host-A')).toEqual(ON_A);
      } finally {
        await lab.mend();
      }
      await succeed(lab, 'up', TWO_HOSTS);
      expect(await both(lab)).toEqual({ a: ON_A, b: ON_B });
      await succeed(lab, 'verify', TWO_HOSTS);
    });
  });
}
