import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { EngineLab } from '../../support/engine-lab.ts';
import { enginesUnderTest } from '../../support/engines-under-test.ts';
import { answerFromHost, answerFromWeb, changesOf, clientsOf, hitOn, hitsIn, holdings, NOTHING, say, verify } from './model.ts';

export function describeMacvlan(lab: EngineLab, subnet: string): void {
  const nth = (index: number) => subnet.replace(/0\/24$/, String(index));
  const up = () => say(lab, 0, 'up', 'macvlan', '--json');
  const networkOn = async (host: string) => JSON.parse(await lab.dockerOn(host, 'network', 'inspect', 'macvlan'))[0];

  describe('macvlan', () => {
    it('is planned with the guide’s own commands on the lab’s underlay, and nothing is touched', async () => {
      const { stdout } = await say(lab, 0, 'plan', 'macvlan');
      const create = `$ docker network create -d macvlan --subnet ${subnet} --gateway ${nth(1)} -o parent=eth0 macvlan\n`;
      expect(stdout.split(create)).toHaveLength(3);
      expect(stdout).toContain(
        `$ docker run -d --net macvlan --ip ${nth(4)} --name dog-web -e DB=dog-db -e ROLE=dog --add-host dog-db:${nth(5)} pets-console/web\n`,
      );
      expect(stdout).toContain(`$ docker run -d --net macvlan --ip ${nth(5)} --name dog-db redis\n`);
      expect(await holdings(lab)).toEqual({ 'host-A': NOTHING, 'host-B': NOTHING });
    });

    it('takes what --set says before what the inventory knows, and refuses an input that there is not', async () => {
      const { stdout } = await say(lab, 0, 'plan', 'macvlan', '--set', 'underlay.subnet=10.7.0.0/24');
      expect(stdout).toContain('--subnet 10.7.0.0/24 --gateway 10.7.0.1 -o parent=eth0');
      expect(stdout).toContain('--ip 10.7.0.4');
      const { stderr } = await say(lab, 2, 'plan', 'macvlan', '--set', 'underlay.subnt=10.7.0.0/24');
      expect(stderr).toContain('has no input "underlay.subnt"; inputs: underlay.subnet, underlay.gateway. Did you mean underlay.subnet?');
      const wrong = await say(lab, 2, 'plan', 'macvlan', '--set', 'underlay.subnet=10.7.0.0/30');
      expect(wrong.stderr).toMatch(/macvlan\.yaml:\d+:\d+: .*10\.7\.0\.0\/30", from --set/);
    });

    it('gives each container its address of the underlay, where it is reached with nothing published', async () => {
      await up();
      for (const [host, members] of [
        ['host-A', { 'dog-web': nth(4), 'fox-web': nth(6), 'fox-db': nth(7) }],
        ['host-B', { 'dog-db': nth(5) }],
      ] as const) {
        const { Driver, Options, Containers } = await networkOn(host);
        const held = Object.values(Containers as Record<string, { Name: string; IPv4Address: string }>);
        expect([Driver, Options.parent]).toEqual(['macvlan', 'eth0']);
        expect(Object.fromEntries(held.map(({ Name, IPv4Address }) => [Name, IPv4Address.split('/')[0]]))).toEqual(members);
      }
      expect(await lab.docker('port', 'dog-web')).toBe('');
      for (let hits = 1; hits <= 4; hits += 1) expect(await hitOn(`http://${nth(4)}:5000/`)).toBe(hits);
      expect(await hitOn(`http://${nth(6)}:5000/`)).toBe(1);
      expect([await hitsIn(lab, 'host-B', 'dog-db', 'dog'), await hitsIn(lab, 'host-A', 'fox-db', 'fox')]).toEqual([4, 1]);
    });

    it('translates no address, resolves names of its own engine only, and keeps a host from its own containers', async () => {
      await up();
      await hitOn(`http://${nth(4)}:5000/`);
      expect(await clientsOf(lab, 'host-B', 'dog-db')).toEqual([nth(4)]);
      expect(await answerFromWeb(lab, 'host-A', 'dog-web', 'fox-db', 6379)).toBe('answered');
      expect(await answerFromWeb(lab, 'host-A', 'dog-web', 'dog-db', 6379)).toBe('answered');
      // Without the entry that dog-web has, the name of a container of the other engine is unknown.
      expect(await answerFromWeb(lab, 'host-A', 'fox-web', 'dog-db', 6379)).toMatch(/^(ENOTFOUND|EAI_AGAIN)$/);
      expect(await answerFromHost(lab, 'host-A', nth(4), 5000)).toMatch(/^(silence|EHOSTUNREACH)$/);
      expect(await answerFromHost(lab, 'host-B', nth(4), 5000)).toBe('answered');
      expect(await verify(lab, 'macvlan')).toEqual({ passed: 6, failed: 0, uncertain: 0 });
    });

    it.each([
      ['the database stopped', 'host-B', [['stop', '-t', '0', 'dog-db']], ['host-B: start dog-db']],
      ['a web server removed', 'host-A', [['rm', '-f', 'dog-web']], ['host-A: run dog-web']],
      [
        'joined again with another address',
        'host-A',
        [
          ['network', 'disconnect', 'macvlan', 'dog-web'],
          ['network', 'connect', '--ip', nth(9), 'macvlan', 'dog-web'],
        ],
        ['host-A: connect dog-web to macvlan', 'host-A: disconnect dog-web from macvlan'],
      ],
      [
        'the network of one host removed with what was on it',
        'host-B',
        [
          ['rm', '-f', 'dog-db'],
          ['network', 'rm', 'macvlan'],
        ],
        ['host-B: create network macvlan', 'host-B: run dog-db'],
      ],
    ])('mends on its own host what was undone there, and then rests: %s', async (_, host, commands, changes) => {
      await up();
      for (const command of commands) await lab.dockerOn(host, ...command);
      expect(changesOf(await up())).toEqual(changes);
      expect(changesOf(await up())).toEqual([]);
      expect(await verify(lab, 'macvlan')).toEqual({ passed: 6, failed: 0, uncertain: 0 });
    });

    it('goes from both hosts without a trace', async () => {
      await up();
      await say(lab, 0, 'down', 'macvlan');
      expect(await holdings(lab)).toEqual({ 'host-A': NOTHING, 'host-B': NOTHING });
    });

    it('names a parent that another network has where the engine refuses that, and changes nothing on any host', async () => {
      await lab.dockerOn('host-B', 'network', 'create', '-d', 'macvlan', '--subnet', '10.99.0.0/24', '-o', 'parent=eth0', 'printers');
      if (enginesUnderTest().suite === 'sid') {
        await up(); // two macvlan networks share a parent from 28 on
        expect(await verify(lab, 'macvlan')).toEqual({ passed: 6, failed: 0, uncertain: 0 });
        return;
      }
      const { stdout } = await say(lab, 3, 'plan', 'macvlan');
      expect(stdout).toContain('parent eth0 already belongs to macvlan network printers: Docker 20.10');
      await say(lab, 3, 'up', 'macvlan');
      expect(await holdings(lab)).toEqual({ 'host-A': NOTHING, 'host-B': { containers: [], networks: ['printers'] } });
    });

    it('names who holds an address of the wire on another host', async () => {
      await up();
      await lab.dockerOn('host-A', 'rm', '-f', 'dog-web');
      await lab.dockerOn('host-B', 'run', '-d', '--name', 'printer', '--net', 'macvlan', '--ip', nth(4), 'redis');
      const { stdout } = await say(lab, 3, 'plan', 'macvlan');
      expect(stdout).toContain(`address ${nth(4)} on network macvlan is held by container printer on host-B`);
    });

    it('is planned on a VLAN of one’s choice', async () => {
      const { stdout } = await say(lab, 0, 'plan', 'macvlan-vlan', '--set', 'vlan.id=20');
      expect(stdout).toContain('--subnet 10.10.10.0/24 --gateway 10.10.10.1 -o parent=eth0.20 macvlan\n');
    });

    it.skipIf(existsSync('/sys/module/8021q'))('is refused on a VLAN where the kernel knows none, before anything is made', async () => {
      const { stderr } = await say(lab, 3, 'up', 'macvlan-vlan');
      for (const host of ['host-A', 'host-B']) expect(stderr).toMatch(new RegExp(`${host}: .*8021q.*eth0\\.10`));
      expect(await holdings(lab)).toEqual({ 'host-A': NOTHING, 'host-B': NOTHING });
    });
  });
}
