import { describe, expect, it } from 'vitest';
import type { EngineLab } from '../../support/engine-lab.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { hostsFile, wireTo } from './two-hosts.ts';

const NOWHERE = 'unix:///nowhere/docker.sock';

interface Shown {
  readonly source: string;
  readonly tried: readonly { readonly source: string }[];
  readonly hosts: readonly Record<string, unknown>[];
}

export function describeShowHosts(lab: EngineLab): void {
  describe('show hosts', () => {
    it('tells of each host that is reached what it is, of the others why not, and which sources were tried', async () => {
      const file = hostsFile(lab, [{ name: 'host-A' }, { name: 'host-B', readOnly: true }, { name: 'host-X', endpoint: NOWHERE }]);
      const { status, stdout } = await lab.console('show', 'hosts', '--json', '--hosts', file);
      expect(status).toBe(4);
      const shown = JSON.parse(stdout) as Shown;
      expect(shown).toMatchObject({ v: 1, source: `--hosts ${file}`, tried: [{ source: '--host, --context' }] });
      const version = await lab.docker('version', '--format', '{{.Server.Version}} {{.Server.APIVersion}}');
      const [engineVersion = '', apiVersion = ''] = version.split(' ');
      const [a, b, x] = shown.hosts;
      expect(a).toMatchObject({
        name: 'host-A',
        reached: true,
        readOnly: false,
        engineVersion,
        apiVersion,
        swarm: 'inactive',
        clockSkewMs: 0,
      });
      expect(a).toMatchObject({ platform: 'linux/amd64', kernelVersion: await lab.docker('info', '--format', '{{.KernelVersion}}') });
      expect(b).toMatchObject({ name: 'host-B', reached: true, readOnly: true });
      expect(x).toMatchObject({ name: 'host-X', reached: false, failure: { code: 'ENGINE_UNREACHABLE' } });
      const table = await lab.console('show', 'hosts');
      expect(table.status).toBe(0);
      expect(table.stdout).toMatch(/● host-A {2}192\.168\.86\.11 {2}\S+ +1\.\d+ {2}inactive {2}in step +\d+ ms\n/);
    });

    it('says how far a clock is off, beyond what the answer’s own time explains', async () => {
      // The engine's own answer, an hour late: the lab's hosts share our clock.
      const anHourOn = (text: string) =>
        text.replace(
          /("SystemTime":"\d{4}-\d\d-\d\dT)(\d\d)/,
          (_, day, hour) => `${day}${String((Number(hour) + 1) % 24).padStart(2, '0')}`,
        );
      const { wire, file } = await wireTo(lab, 'host-B', anHourOn);
      try {
        const { stdout } = await lab.console('show', 'hosts', '--json', '--hosts', file);
        const [, b] = (JSON.parse(stdout) as Shown).hosts.toSorted((one, other) => String(one.name).localeCompare(String(other.name)));
        const skewMs = Number(b?.clockSkewMs);
        // An hour on, or, around midnight, 23 hours back.
        expect(
          [3_600_000, -82_800_000].some((hours) => Math.abs(skewMs - hours) < 5_000),
          String(skewMs),
        ).toBe(true);
      } finally {
        await wire.close();
      }
    });

    it('tells what a host is also where it manages a swarm that tells nothing of its nodes', async () => {
      // As of an engine whose swarm has lost its leader.
      const toManager = (text: string) =>
        text.replace('"LocalNodeState":"inactive","ControlAvailable":false', '"LocalNodeState":"active","ControlAvailable":true   ');
      const { wire, file } = await wireTo(lab, 'host-B', toManager);
      try {
        const { stdout } = await lab.console('show', 'hosts', '--json', '--hosts', file);
        const b = (JSON.parse(stdout) as Shown).hosts.find(({ name }) => name === 'host-B');
        expect(b).toMatchObject({ reached: true, swarm: 'manager', platform: 'linux/amd64' });
      } finally {
        await wire.close();
      }
    });

    it('goes on with --watch: tells, an event a line, of a host that is lost and of one that joins', async () => {
      const daemon = await lab.daemonOf('host-B');
      process.kill(daemon, 'SIGSTOP');
      const child = lab.start('show', 'hosts', '--watch', '--json');
      let told = '';
      child.stdout?.on('data', (chunk) => {
        told += chunk;
      });
      const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
      try {
        // One that hangs keeps the other from nothing.
        await waitUntil(
          'host-A',
          () => told,
          (text) => /"host.described".*"host-A"/.test(text),
        );
        expect(told).not.toMatch(/"host.(connected|lost)".*"host-B"/);
        process.kill(daemon, 'SIGCONT');
        await waitUntil(
          'host-B to join',
          () => told,
          (text) => /"host.connected".*"host-B"/.test(text),
        );
        process.kill(daemon, 'SIGSTOP');
        await waitUntil(
          'host-B to be lost',
          () => told,
          (text) => /"host.lost".*"host-B"/.test(text),
        );
      } finally {
        process.kill(daemon, 'SIGCONT');
        child.kill('SIGINT');
      }
      expect(await ended).toBe(130);
      expect(
        told
          .trim()
          .split('\n')
          .map((line) => String(JSON.parse(line).type))
          .filter((type) => !/^hosts?\./.test(type)),
      ).toEqual([]);
    });
  });
}
