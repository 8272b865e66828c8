import { describe, expect, it } from 'vitest';
import type { EngineLab } from '../../support/engine-lab.ts';
import { changesOf, eventsOf, say } from '../guide/model.ts';
import { DNSRR, expectUntouched, leftOn, swarmStateOf, up } from './swarms.ts';

export function describeStandingSwarm(lab: EngineLab): void {
  const addressOf = (host: string) => lab.hosts.find(({ name }) => name === host)?.address ?? '';
  const init = () => lab.docker('swarm', 'init', '--advertise-addr', addressOf('host-A'));
  const joinB = async () => {
    const token = await lab.docker('swarm', 'join-token', '-q', 'worker');
    await lab.dockerOn('host-B', 'swarm', 'join', '--advertise-addr', addressOf('host-B'), '--token', token, `${addressOf('host-A')}:2377`);
  };

  describe('a swarm that somebody else made', () => {
    it('is used, and never left', async () => {
      await init();
      await joinB();
      // Docker makes its own networks a moment after the swarm.
      for (const { name } of lab.hosts) {
        await expect
          .poll(() => leftOn(lab, name), { timeout: 20_000 })
          .toMatchObject({ networks: expect.arrayContaining(['docker_gwbridge', 'ingress']) });
      }
      const before = [await leftOn(lab, 'host-A'), await leftOn(lab, 'host-B')];
      expect(changesOf(await up(lab, 'overlay')).filter((change) => change.includes('swarm of'))).toEqual([]);
      await say(lab, 0, 'down', 'overlay');
      expect([await leftOn(lab, 'host-A'), await leftOn(lab, 'host-B')]).toEqual(before);
    });

    it('is joined by the host that is missing, which leaves it again', async () => {
      await init();
      const changes = changesOf(await up(lab, 'overlay'));
      expect(changes).toContain(`host-B: join the swarm of host-A, advertised at ${addressOf('host-B')}`);
      await say(lab, 0, 'down', 'overlay');
      expect(await leftOn(lab, 'host-B')).toEqual({ swarm: 'inactive', containers: [], networks: ['bridge', 'host', 'none'] });
      expect(await swarmStateOf(lab, 'host-A')).toBe('active');
      expect(await lab.docker('node', 'ls', '--format', '{{.Hostname}}')).toBe('host-A');
    });

    it('keeps what is not ours: a service, its port, a network with an overlapping subnet are named with their owners', async () => {
      await init();
      await lab.docker('network', 'create', '-d', 'overlay', '--subnet', '10.1.0.0/16', 'big');
      await lab.docker(
        'service',
        'create',
        '--detach',
        '--no-resolve-image',
        '--name',
        'grafana',
        '--publish',
        'mode=host,published=8000,target=80',
        '--network',
        'big',
        'redis',
      );
      const { stdout } = await say(lab, 3, 'plan', 'overlay', ...DNSRR);
      expect(stdout).toMatch(/subnet 10\.1\.0\.0\/24 overlaps 10\.1\.0\.0\/16 of overlay big: Docker accepts that/);
      expect(stdout).toMatch(/port 8000\/tcp is published by service grafana/);
      await say(lab, 3, 'up', 'overlay', ...DNSRR);
      expect(await lab.docker('service', 'ls', '--format', '{{.Name}}')).toBe('grafana');
    });
  });

  describe('a swarm that we made', () => {
    it('stays on every node while something else lives in it, and goes with the next down', async () => {
      await up(lab, 'overlay');
      await lab.docker('service', 'create', '--detach', '--no-resolve-image', '--name', 'guest', 'redis');
      const kept = await say(lab, 0, 'down', 'overlay', '--json');
      const plan = eventsOf(kept).find(({ type }) => type === 'plan.made')?.plan as { readonly warnings: readonly string[] };
      expect(plan.warnings.join()).toContain('stays, since it holds more: service guest');
      expect([await swarmStateOf(lab, 'host-A'), await swarmStateOf(lab, 'host-B')]).toEqual(['active', 'active']);
      expect(await lab.docker('service', 'ls', '--format', '{{.Name}}')).toBe('guest');
      await lab.docker('service', 'rm', 'guest');
      await say(lab, 0, 'down', 'overlay');
      await expect.poll(() => leftOn(lab, 'host-A'), { timeout: 20_000 }).toMatchObject({ swarm: 'inactive', containers: [] });
      expect(await swarmStateOf(lab, 'host-B')).toBe('inactive');
    });

    it('leaves docker_gwbridge where it was there before', async () => {
      await lab.docker(
        'network',
        'create',
        '--subnet',
        '172.30.0.0/24',
        '-o',
        'com.docker.network.bridge.name=docker_gwbridge',
        'docker_gwbridge',
      );
      await up(lab, 'overlay');
      await say(lab, 0, 'down', 'overlay');
      expect(await lab.docker('network', 'ls', '--filter', 'name=^docker_gwbridge$', '--format', '{{.Name}}')).toBe('docker_gwbridge');
      expect(await lab.dockerOn('host-B', 'network', 'ls', '--filter', 'name=^docker_gwbridge$', '--format', '{{.Name}}')).toBe('');
    });

    it('is not left while one of its nodes cannot be reached, and is once it is back', async () => {
      await up(lab, 'overlay');
      const daemon = await lab.daemonOf('host-B');
      process.kill(daemon, 'SIGSTOP');
      try {
        const { stderr } = await say(lab, 4, 'down', 'overlay');
        expect(stderr).toContain('host-B');
      } finally {
        process.kill(daemon, 'SIGCONT');
      }
      await expect.poll(async () => (await lab.console('down', 'overlay')).status, { timeout: 60_000, interval: 1_000 }).toBe(0);
      await expectUntouched(lab);
    });
  });
}
