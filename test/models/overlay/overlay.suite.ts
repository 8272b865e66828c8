import { describe, expect, it } from 'vitest';
import type { EngineLab } from '../../support/engine-lab.ts';
import { changesOf, eventsOf, hitOn, say, verify } from '../guide/model.ts';
import { DNSRR, expectUntouched, tasksOf, up } from './swarms.ts';

export function describeOverlay(lab: EngineLab): void {
  const addressOf = (host: string) => lab.hosts.find(({ name }) => name === host)?.address ?? '';
  const pageOn = (host: string, port: number) => `http://${addressOf(host)}:${port}/`;

  describe('overlay', () => {
    it('is planned with the guide’s own commands: who makes the swarm, who joins, with which address; and nothing is touched', async () => {
      const { stdout } = await say(lab, 0, 'plan', 'overlay', ...DNSRR);
      expect(stdout).toContain(`$ docker swarm init --advertise-addr ${addressOf('host-A')}\n`);
      expect(stdout).toContain(
        `$ docker swarm join --advertise-addr ${addressOf('host-B')} --token "$JOIN_TOKEN" ${addressOf('host-A')}:2377\n`,
      );
      expect(stdout).toContain('$ docker network create -d overlay --subnet 10.1.0.0/24 --gateway 10.1.0.1 dognet\n');
      expect(stdout).toContain('$ docker service create --network dognet --endpoint-mode dnsrr --name dog-db redis\n');
      await expectUntouched(lab);
    });

    it('needs the routing mesh where no variant is chosen, and its commands are the guide’s', async () => {
      const { stdout } = await lab.console('plan', 'overlay');
      expect(stdout).toContain(
        '$ docker service create --network dognet -p 8000:5000 -e DB=dog-db -e ROLE=dog --name dog-web pets-console/web\n',
      );
    });

    it('comes up on both hosts, counts every hit in one database, passes its checks, and goes without a trace', async () => {
      const first = await up(lab, 'overlay');
      expect(eventsOf(first).at(-1)).toMatchObject({ type: 'run.finished', ok: true, changed: 5 });
      expect(Object.keys(await tasksOf(lab, 'dog-web'))).toEqual(['host-A', 'host-B']);
      for (let hits = 1; hits <= 6; hits += 1) expect(await hitOn(pageOn(hits % 2 === 0 ? 'host-A' : 'host-B', 8000))).toBe(hits);
      // Which variant stands, its labels say.
      expect(await verify(lab, 'overlay')).toMatchObject({ failed: 0, uncertain: 0 });
      expect(changesOf(await up(lab, 'overlay'))).toEqual([]);
      await say(lab, 0, 'down', 'overlay');
      await expectUntouched(lab);
    });

    it('comes up again at once after a down', async () => {
      await up(lab, 'overlay');
      await say(lab, 0, 'down', 'overlay');
      await up(lab, 'overlay');
      expect(await hitOn(pageOn('host-B', 8000))).toBe(1);
      await say(lab, 0, 'down', 'overlay');
      await expectUntouched(lab);
    });
  });

  describe('overlay-tenants', () => {
    it('adds the second tenant and the admin to what stands: the tasks of the first survive', async () => {
      await up(lab, 'overlay');
      await hitOn(pageOn('host-A', 8000));
      const before = await tasksOf(lab, 'dog-web');
      const added = await up(lab, 'overlay-tenants');
      expect(changesOf(added).filter((change) => change.startsWith('swarm:'))).toEqual([
        'swarm: create network catnet',
        'swarm: create service admin',
        'swarm: create service cat-db',
        'swarm: create service cat-web',
      ]);
      expect(await tasksOf(lab, 'dog-web')).toEqual(before);
      expect(await hitOn(pageOn('host-B', 8000))).toBe(2);
      expect(await hitOn(pageOn('host-B', 9000))).toBe(1);
      const admin = (await (await fetch(`${pageOn('host-A', 7000)}api/hits`)).json()) as { readonly tenants: readonly unknown[] };
      expect(admin.tenants).toMatchObject([
        { tenant: 'dog', total: 2, state: 'live' },
        { tenant: 'cat', total: 1, state: 'live' },
      ]);
      await say(lab, 0, 'down', 'overlay-tenants');
      await expectUntouched(lab);
    });

    it('holds the guide’s three statements', async () => {
      await up(lab, 'overlay-tenants');
      expect(await verify(lab, 'overlay-tenants')).toMatchObject({ failed: 0, uncertain: 0 });
      await say(lab, 0, 'down', 'overlay-tenants');
      await expectUntouched(lab);
    });

    it('is known by its labels alone', async () => {
      await up(lab, 'overlay-tenants');
      await say(lab, 0, 'down', 'pets');
      await expectUntouched(lab);
    });
  });

  describe('--scale', () => {
    it('spreads hits over the tasks, makes nothing anew, and warns of a database whose count would split', async () => {
      // In host mode a port is the node's, so three tasks need three nodes: scaled to two of them.
      await up(lab, 'overlay');
      const { stdout } = await say(lab, 0, 'plan', 'overlay', ...DNSRR, '--scale', 'dog-db=2');
      expect(stdout).toMatch(/dog-db.*split/);
      const db = await tasksOf(lab, 'dog-db');
      expect(changesOf(await up(lab, 'overlay', '--scale', 'dog-db=2'))).toEqual(['swarm: scale service dog-db to 2']);
      const scaled = await tasksOf(lab, 'dog-db');
      expect(Object.values(scaled).flat()).toHaveLength(2);
      expect(Object.values(scaled).flat()).toEqual(expect.arrayContaining(Object.values(db).flat()));
      expect(changesOf(await up(lab, 'overlay'))).toEqual(['swarm: scale service dog-db to 1']);
      await say(lab, 2, 'plan', 'overlay', ...DNSRR, '--scale', 'dog-web=3');
      await say(lab, 0, 'down', 'overlay');
    });
  });
}
