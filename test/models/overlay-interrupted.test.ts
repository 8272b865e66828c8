import { afterEach, describe, expect, it } from 'vitest';
import { startEngineLab } from '../support/engine-lab.ts';
import { skipWithoutLab } from '../support/lab-or-skip.ts';
import { say } from './guide/model.ts';
import { expectUntouched, leaveSwarms, leftOn, swarmStateOf, UNTOUCHED, up } from './overlay/swarms.ts';

// What a kill -9 leaves at its worst moments, made by hand: `npm run test:stress` kills for real, and hits them now and then.
describe.skipIf(skipWithoutLab)('a swarm whose up or down was killed', { timeout: 120_000 }, () => {
  const lab = startEngineLab('t-overlay-cut', '192.168.115.0/24', 2);
  afterEach(async () => {
    await leaveSwarms(lab);
    await lab.clear();
  });

  /** As far as `down` comes before anybody leaves; the containers of the tasks have ended then, and may still be there. */
  const emptySwarm = async () => {
    await lab.docker('service', 'rm', 'dog-web', 'dog-db');
    for (const { name } of lab.hosts) await expect.poll(() => lab.dockerOn(name, 'ps', '-q'), { timeout: 40_000 }).toBe('');
    await expect.poll(() => lab.docker('network', 'rm', 'dognet').catch(() => 'in use'), { timeout: 30_000 }).toBe('dognet');
  };
  const nodeStates = async () => (await lab.docker('node', 'ls', '--format', '{{.Hostname}} {{.Status}}')).split('\n').sort();

  it('leaves no docker_gwbridge, although the swarm that it was made for is no more', async () => {
    await up(lab, 'overlay');
    await emptySwarm();
    await lab.dockerOn('host-B', 'swarm', 'leave');
    await lab.docker('swarm', 'leave', '--force');
    expect(await leftOn(lab, 'host-A')).toMatchObject({ swarm: 'inactive', networks: ['bridge', 'docker_gwbridge', 'host', 'none'] });
    await say(lab, 0, 'down', 'overlay');
    await expectUntouched(lab);
  });

  it('takes up what is left of it, and the next down takes that away', async () => {
    await up(lab, 'overlay');
    await emptySwarm();
    await lab.dockerOn('host-B', 'swarm', 'leave');
    await lab.docker('swarm', 'leave', '--force');
    await up(lab, 'overlay');
    await say(lab, 0, 'down', 'overlay');
    await expectUntouched(lab);
  });

  it('is left although a node of it that left has joined anew, as another node', async () => {
    await up(lab, 'overlay');
    await emptySwarm();
    await lab.dockerOn('host-B', 'swarm', 'leave');
    await expect.poll(nodeStates, { timeout: 30_000 }).toEqual(['host-A Ready', 'host-B Down']);
    await up(lab, 'overlay');
    expect(await nodeStates()).toEqual(['host-A Ready', 'host-B Down', 'host-B Ready']);
    await say(lab, 0, 'down', 'overlay');
    await expectUntouched(lab);
  });

  it('is left while a node of it is still leaving, and its engines can be in the next one', async () => {
    await up(lab, 'overlay');
    await emptySwarm();
    const leaving = lab.dockerOn('host-B', 'swarm', 'leave');
    await expect.poll(() => swarmStateOf(lab, 'host-B'), { timeout: 30_000 }).toBe('inactive');
    await say(lab, 0, 'down', 'overlay');
    await leaving;
    await expectUntouched(lab);
    // An engine that left at the wrong moment would hold the port of gossip, which the look at the hosts finds.
    await up(lab, 'overlay');
    await say(lab, 0, 'down', 'overlay');
    await expectUntouched(lab);
  });

  describe('that somebody else made', () => {
    const joinByUs = async () => {
      await lab.docker('swarm', 'init', '--advertise-addr', lab.host.address);
      await up(lab, 'overlay');
      await emptySwarm();
    };
    const nodeOfB = () => lab.dockerOn('host-B', 'info', '--format', '{{.Swarm.NodeID}}');

    it('is left by a node that joined and got no labels', async () => {
      await joinByUs();
      const node = await nodeOfB();
      const labels = JSON.parse(await lab.docker('node', 'inspect', node, '--format', '{{json .Spec.Labels}}'));
      await lab.docker('node', 'update', ...Object.keys(labels).flatMap((key) => ['--label-rm', key]), node);
      await say(lab, 0, 'down', 'overlay');
      expect(await leftOn(lab, 'host-B')).toEqual(UNTOUCHED);
      expect(await nodeStates()).toEqual(['host-A Ready']);
    });

    it('does not keep on its list a node that has left', async () => {
      await joinByUs();
      await lab.dockerOn('host-B', 'swarm', 'leave');
      await expect.poll(nodeStates, { timeout: 30_000 }).toEqual(['host-A Ready', 'host-B Down']);
      await say(lab, 0, 'down', 'overlay');
      expect(await leftOn(lab, 'host-B')).toEqual(UNTOUCHED);
      expect(await nodeStates()).toEqual(['host-A Ready']);
      expect(await swarmStateOf(lab, 'host-A')).toBe('active');
    });
  });
});
