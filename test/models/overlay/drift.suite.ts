import { describe, expect, it } from 'vitest';
import type { EngineLab } from '../../support/engine-lab.ts';
import { changesOf, say, verify } from '../guide/model.ts';
import { expectUntouched, tasksOf, up } from './swarms.ts';

export function describeDrift(lab: EngineLab): void {
  describe('what was changed by hand in a swarm', () => {
    it('is mended, and then rests', async () => {
      await up(lab, 'overlay');
      const anew = ['swarm: create service dog-web', 'swarm: remove service dog-web'];
      for (const [command, changes] of [
        [['service', 'rm', 'dog-web'], ['swarm: create service dog-web']],
        [['service', 'scale', '--detach', 'dog-db=2'], ['swarm: scale service dog-db to 1']],
        [['service', 'update', '--detach', '--env-add', 'DB=elsewhere', 'dog-web'], anew],
        [['service', 'update', '--detach', '--publish-rm', 'mode=host,target=5000', 'dog-web'], anew],
      ] as const) {
        await lab.docker(...command);
        expect(changesOf(await up(lab, 'overlay')), command.join(' ')).toEqual(changes);
      }
      expect(changesOf(await up(lab, 'overlay'))).toEqual([]);
      expect(await verify(lab, 'overlay')).toMatchObject({ failed: 0, uncertain: 0 });
      await say(lab, 0, 'down', 'overlay');
      await expectUntouched(lab);
    });

    it('is made whole where a network went with its services', async () => {
      await up(lab, 'overlay-tenants');
      const dogs = await tasksOf(lab, 'dog-web');
      await lab.docker('service', 'rm', 'cat-web', 'cat-db', 'admin');
      await expect.poll(() => lab.docker('network', 'rm', 'catnet').catch(() => 'in use'), { timeout: 30_000 }).toBe('catnet');
      // An engine goes on listing its copy for some seconds.
      await expect.poll(() => lab.docker('network', 'ls', '-q', '--filter', 'name=catnet'), { timeout: 30_000 }).toBe('');
      expect(changesOf(await up(lab, 'overlay-tenants'))).toEqual([
        'swarm: create network catnet',
        'swarm: create service admin',
        'swarm: create service cat-db',
        'swarm: create service cat-web',
      ]);
      expect(await tasksOf(lab, 'dog-web')).toEqual(dogs);
      await say(lab, 0, 'down', 'overlay-tenants');
      await expectUntouched(lab);
    });

    it('is made anew on another subnet, its services with it', async () => {
      await up(lab, 'overlay');
      const changes = changesOf(await up(lab, 'overlay', '--set', 'dognet.subnet=10.1.0.0/25'));
      expect(changes).toContain('swarm: remove network dognet');
      expect(changes).toContain('swarm: create network dognet');
      const [network] = JSON.parse(await lab.docker('network', 'inspect', 'dognet'));
      expect(network.IPAM.Config[0].Subnet).toBe('10.1.0.0/25');
      await say(lab, 0, 'down', 'overlay');
      await expectUntouched(lab);
    });
  });
}
