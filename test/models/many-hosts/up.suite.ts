import { describe, expect, it } from 'vitest';
import type { EngineLab } from '../../support/engine-lab.ts';
import { both, endOf, eventsOf, hostsFile, NOTHING, ON_A, ON_B, succeed, TWO_HOSTS, wireTo } from './two-hosts.ts';

const NOWHERE = 'unix:///nowhere/docker.sock';

export function describeUp(lab: EngineLab): void {
  describe('up over several hosts', () => {
    it('runs the steps of all hosts, proves them and takes them down; says the host of each', async () => {
      const { stderr } = await succeed(lab, 'up', TWO_HOSTS);
      expect(stderr).toMatch(/✓ host-A {2}run cat-web .*\n/);
      expect(stderr).toMatch(/✓ host-B {2}run owl-web .*\n/);
      expect(await both(lab)).toEqual({ a: ON_A, b: ON_B });
      await succeed(lab, 'verify', TWO_HOSTS);
      await succeed(lab, 'down', TWO_HOSTS);
      expect(await both(lab)).toEqual({ a: NOTHING, b: NOTHING });
    });

    it('does not mind a dead host that the scenario does not use, and never asks it', async () => {
      const file = hostsFile(lab, [{ name: 'host-A' }, { name: 'host-X', endpoint: NOWHERE }]);
      const ended = await succeed(lab, 'run', 'bridge', '--json', '--hosts', file);
      expect(eventsOf(ended).map(({ type }) => type)).not.toContain('host.lost');
      expect(await both(lab)).toEqual({ a: NOTHING, b: NOTHING });
    });

    it('refuses before the first step where a host of the scenario does not answer, and says which and why', async () => {
      const file = hostsFile(lab, [{ name: 'host-A' }, { name: 'host-B', endpoint: NOWHERE }]);
      const up = await lab.console('up', TWO_HOSTS, '--json', '--hosts', file);
      expect(up.status).toBe(4);
      const { failure, changed } = endOf(up) as unknown as { failure: { message: string }; changed: number };
      expect({ failure, changed }).toMatchObject({ failure: { code: 'ENGINE_UNREACHABLE' }, changed: 0 });
      expect(failure.message).toMatch(/^host-B: it does not answer, and two-hosts needs it: .*ENOENT/);
      expect(eventsOf(up).map(({ type }) => type)).not.toContain('step.started');
      expect(await both(lab)).toEqual({ a: NOTHING, b: NOTHING });
      const plan = await lab.console('plan', TWO_HOSTS, '--hosts', file);
      expect(plan.status).toBe(4);
      expect(plan.stdout).toContain('✕ host-B: it does not answer');
      expect(plan.stdout).toContain('docker network create -d bridge catnet');
    });

    it('verifies what it can where a host of the scenario does not answer, and ends as for an engine that failed', async () => {
      await succeed(lab, 'up', TWO_HOSTS);
      const file = hostsFile(lab, [{ name: 'host-A' }, { name: 'host-B', endpoint: NOWHERE }]);
      const verify = await lab.console('verify', TWO_HOSTS, '--json', '--hosts', file);
      expect(verify.status).toBe(4);
      const end = endOf(verify) as unknown as { checks: { passed: number; failed: number; uncertain: number } };
      expect(end).toMatchObject({ ok: false, failure: { code: 'ENGINE_UNREACHABLE', message: expect.stringContaining('host-B') } });
      expect(end.checks.failed).toBe(0);
      expect(end.checks.passed).toBeGreaterThan(0);
    });

    it('changes nothing where a host of the scenario is read-only', async () => {
      const file = hostsFile(lab, [{ name: 'host-A' }, { name: 'host-B', readOnly: true }]);
      expect((await lab.console('up', TWO_HOSTS, '--hosts', file)).status).toBe(3);
      expect((await lab.console('up', TWO_HOSTS, '--read-only')).status).toBe(3);
      expect(await both(lab)).toEqual({ a: NOTHING, b: NOTHING });
    });

    it('leaves the other host alone when the wire to one is cut amid the run, and up completes the rest', async () => {
      const { wire, file } = await wireTo(lab, 'host-B');
      try {
        wire.break({ kind: 'cut', at: 'answer' }, { method: 'POST', path: /^\/networks\/create/ });
        const up = await lab.console('up', TWO_HOSTS, '--json', '--hosts', file);
        expect(up.status).toBe(4);
        expect(endOf(up)).toMatchObject({ ok: false, failure: { code: 'ENGINE_UNREACHABLE', message: expect.stringContaining('host-B') } });
        expect((await both(lab)).a).toEqual(ON_A);
        wire.mend();
        await succeed(lab, 'up', TWO_HOSTS, '--hosts', file);
        expect(await both(lab)).toEqual({ a: ON_A, b: ON_B });
        await succeed(lab, 'verify', TWO_HOSTS);
      } finally {
        await wire.close();
      }
    });

    // An engine is given 20 s to make a network.
    it('ends the steps of a host that hangs amid the run within their deadline', { timeout: 90_000 }, async () => {
      const { wire, file } = await wireTo(lab, 'host-B');
      try {
        wire.break({ kind: 'hang', at: 'answer' }, { method: 'POST', path: /^\/networks\/create/ });
        const up = await lab.console('up', TWO_HOSTS, '--json', '--hosts', file);
        expect(endOf(up)).toMatchObject({ failure: { code: 'ENGINE_TIMEOUT', message: expect.stringContaining('host-B') } });
        expect(up.status).toBe(4);
        // The steps of the other host did not wait for it.
        const last = eventsOf(up).findLast(({ type, step }) => type === 'step.finished' && String(step).startsWith('host-A/'));
        const failed = eventsOf(up).find(({ type }) => type === 'step.failed');
        expect(Number(failed?.at) - Number(last?.at)).toBeGreaterThan(3_000);
        expect((await both(lab)).a).toEqual(ON_A);
        wire.mend();
        await succeed(lab, 'up', TWO_HOSTS, '--hosts', file);
        await succeed(lab, 'verify', TWO_HOSTS);
      } finally {
        await wire.close();
      }
    });
  });
}
