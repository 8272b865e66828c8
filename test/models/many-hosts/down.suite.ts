import { describe, expect, it } from 'vitest';
import type { EngineLab } from '../../support/engine-lab.ts';
import { both, endOf, hostsFile, NOTHING, ON_A, ON_B, succeed, TWO_HOSTS, wireTo } from './two-hosts.ts';

export function describeDown(lab: EngineLab): void {
  describe('down where not every host can be reached', () => {
    it('takes what it can, names the host that does not answer, and takes the rest when that is back', async () => {
      const { wire, file } = await wireTo(lab, 'host-B');
      await succeed(lab, 'up', TWO_HOSTS, '--hosts', file);
      await wire.close();
      const down = await lab.console('down', 'two-hosts', '--json', '--hosts', file);
      expect(down.status).toBe(4);
      expect(endOf(down)).toMatchObject({
        changed: 3,
        failure: { code: 'ENGINE_UNREACHABLE', hint: expect.stringContaining('pets-console down two-hosts') },
      });
      expect(down.stdout).toContain('host-B: not reached, so what project two-hosts has there stays');
      expect(await both(lab)).toEqual({ a: NOTHING, b: ON_B });
      await succeed(lab, 'down', 'two-hosts');
      expect(await both(lab)).toEqual({ a: NOTHING, b: NOTHING });
    });

    it('does not wait for ever for a host that hangs, says that it waits, and takes the other down', { timeout: 60_000 }, async () => {
      const { wire, file } = await wireTo(lab, 'host-B');
      try {
        await succeed(lab, 'up', TWO_HOSTS, '--hosts', file);
        wire.hang();
        const down = await lab.console('down', 'two-hosts', '--hosts', file);
        expect(down.status).toBe(4);
        expect(down.stderr).toContain('waiting for host-B: no answer yet');
        expect(down.stderr).toMatch(/✕ host-B: not reached, so what project two-hosts has there stays: .* did not answer within 10 s/);
        expect(await both(lab)).toEqual({ a: NOTHING, b: ON_B });
      } finally {
        await wire.close();
      }
    });

    // As of 20.10 when the other managers were gone for 20 s.
    it('works on an engine whose swarm has lost its leader', async () => {
      const { wire, file } = await wireTo(lab, 'host-B');
      const message = "rpc error: code = Unknown desc = The swarm does not have a leader. It's possible that too few managers are online.";
      wire.break({ kind: 'refuse', status: 500, message }, { path: /\/services/ });
      try {
        await succeed(lab, 'up', TWO_HOSTS, '--hosts', file);
        await succeed(lab, 'down', 'two-hosts', '--hosts', file);
        expect(await both(lab)).toEqual({ a: NOTHING, b: NOTHING });
      } finally {
        await wire.close();
      }
    });

    it('names a host that only the labels know, unless it is known by another name', async () => {
      await succeed(lab, 'up', TWO_HOSTS);
      const onlyA = hostsFile(lab, [{ name: 'host-A' }]);
      const [, b] = lab.hosts;
      const down = await lab.console('down', 'two-hosts', '--hosts', onlyA);
      expect(down.status).toBe(4);
      expect(down.stderr).toContain('host-B: project two-hosts runs there too, and it is not among the hosts known here');
      expect(await both(lab)).toEqual({ a: NOTHING, b: ON_B });
      await succeed(lab, 'up', TWO_HOSTS);
      const renamed = hostsFile(lab, [{ name: 'host-A' }, { ...b, name: 'other' }]);
      await succeed(lab, 'down', 'two-hosts', '--hosts', renamed);
      expect(await both(lab)).toEqual({ a: NOTHING, b: NOTHING });
    });

    it('touches nothing on a read-only host, and says what it holds', async () => {
      await succeed(lab, 'up', TWO_HOSTS);
      const file = hostsFile(lab, [{ name: 'host-A' }, { name: 'host-B', readOnly: true }]);
      const down = await lab.console('down', 'two-hosts', '--hosts', file);
      expect(down.status).toBe(3);
      expect(down.stderr).toMatch(/host-B: it is read-only, so .* stays: container\/owl-db, container\/owl-web, network\/owlnet/);
      expect(await both(lab)).toEqual({ a: NOTHING, b: ON_B });
    });

    it('starts nothing on a read-only host to verify or to count: both say so', async () => {
      await succeed(lab, 'up', TWO_HOSTS);
      const before = await lab.dockerOn('host-A', 'ps', '-aq', '--no-trunc');
      const since = (Date.now() / 1000).toFixed(3);
      const verify = await lab.console('verify', TWO_HOSTS, '--read-only');
      expect(verify.stderr).toMatch(/\? cat-web reaches cat-db:6379 .*read-only/s);
      expect(verify.stderr).toMatch(/✓ http:.*:8000 answers 200/);
      expect(verify.status).toBe(1);
      const until = (Date.now() / 1000).toFixed(3);
      const made = await lab.dockerOn('host-A', 'events', '--since', since, '--until', until, '--filter', 'event=create');
      expect(made).toBe('');
      expect(await lab.dockerOn('host-A', 'ps', '-aq', '--no-trunc')).toBe(before);
    });

    it('keeps a scenario under another project apart, knows it by its labels, and takes only that one down', async () => {
      await succeed(lab, 'up', 'bridge', '--as', 'kennel');
      const ofKennel = ['ps', '-q', '--filter', 'label=pets-console.project=kennel'];
      expect((await lab.docker(...ofKennel)).split('\n')).toHaveLength(2);
      const verify = await succeed(lab, 'verify', 'kennel', '--json');
      expect(endOf(verify)).toMatchObject({ ok: true, checks: { failed: 0, uncertain: 0 } });
      await succeed(lab, 'down', 'bridge');
      expect(await both(lab)).toEqual({ a: ON_A, b: NOTHING });
      await succeed(lab, 'down', 'bridge', '--as', 'kennel');
      expect(await both(lab)).toEqual({ a: NOTHING, b: NOTHING });
    });
  });
}
