import { describe, expect, it } from 'vitest';
import type { EngineLab } from '../../support/engine-lab.ts';
import { answerFromHost, changesOf, hitOn, hitsIn, holdings, NOTHING, say, verify } from './model.ts';

export function describeBridgeBind(lab: EngineLab): void {
  const page = () => `http://${lab.host.address}:8000/`;

  describe('bridge-bind', () => {
    it('is planned with -p IP:host_port:container_port, and nothing is touched', async () => {
      const { stdout } = await say(lab, 0, 'plan', 'bridge-bind');
      expect(stdout).toContain(
        `$ docker run -d --net catnet --name cat-web -p ${lab.host.address}:8000:5000 -e DB=cat-db -e ROLE=cat pets-console/web\n`,
      );
      expect(await holdings(lab)).toEqual({ 'host-A': NOTHING, 'host-B': NOTHING });
    });

    it('answers on the one address, and on no other of its host', async () => {
      await say(lab, 0, 'up', 'bridge-bind');
      expect(await lab.docker('port', 'cat-web')).toBe(`5000/tcp -> ${lab.host.address}:8000`);
      const gateway = await lab.docker('network', 'inspect', '-f', '{{(index .IPAM.Config 0).Gateway}}', 'catnet');
      const answers = ['127.0.0.1', '127.0.0.2', gateway, lab.host.address].map((address) => answerFromHost(lab, 'host-A', address, 8000));
      expect(await Promise.all(answers)).toEqual(['ECONNREFUSED', 'ECONNREFUSED', 'ECONNREFUSED', 'answered']);
      expect(await answerFromHost(lab, 'host-B', lab.host.address, 8000)).toBe('answered');
      for (let hits = 1; hits <= 3; hits += 1) expect(await hitOn(page())).toBe(hits);
      expect(await hitsIn(lab, 'host-A', 'cat-db', 'cat')).toBe(3);
    });

    it('verifies, changes nothing the second time, mends what was undone by hand, and goes without a trace', async () => {
      await say(lab, 0, 'up', 'bridge-bind');
      expect(await verify(lab, 'bridge-bind')).toEqual({ passed: 3, failed: 0, uncertain: 0 });
      expect(changesOf(await say(lab, 0, 'up', 'bridge-bind', '--json'))).toEqual([]);
      await lab.docker('rm', '-f', 'cat-web');
      await lab.docker('run', '-d', '--name', 'elsewhere', '-p', '127.0.0.1:8000:5000', 'pets-console/web');
      // The port is free on its own address, whoever has it on another one.
      expect(changesOf(await say(lab, 0, 'up', 'bridge-bind', '--json'))).toEqual(['host-A: run cat-web']);
      await lab.docker('rm', '-f', 'elsewhere');
      await say(lab, 0, 'down', 'bridge-bind');
      expect(await holdings(lab)).toEqual({ 'host-A': NOTHING, 'host-B': NOTHING });
    });

    it('is refused where the same address and port are taken, by name of the holder', async () => {
      await lab.docker('run', '-d', '--name', 'grafana', '-p', `${lab.host.address}:8000:1`, 'redis');
      const { stdout } = await say(lab, 3, 'plan', 'bridge-bind');
      expect(stdout).toContain(`port 8000/tcp (${lab.host.address}:8000:5000) is taken by container grafana`);
    });
  });
}
