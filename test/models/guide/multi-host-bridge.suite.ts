import { describe, expect, it } from 'vitest';
import type { EngineLab } from '../../support/engine-lab.ts';
import { answerFromHost, answerFromWeb, changesOf, clientsOf, hitOn, hitsIn, holdings, NOTHING, say, verify } from './model.ts';

export function describeMultiHostBridge(lab: EngineLab): void {
  const [a, b] = [() => lab.hosts[0]?.address ?? '', () => lab.hosts[1]?.address ?? ''];
  const page = () => `http://${a()}:8000/`;
  const up = () => say(lab, 0, 'up', 'multi-host-bridge', '--json');

  describe('multi-host-bridge', () => {
    it('is planned with the guide’s own commands, each on its host, and warns of the open database', async () => {
      const { stdout } = await say(lab, 0, 'plan', 'multi-host-bridge');
      expect(stdout).toContain('$ docker run -d --name cat-web -p 8000:5000 -e DB=host-B:8001 -e ROLE=cat pets-console/web\n');
      expect(stdout).toContain('$ docker run -d --name cat-db -p 8001:6379 redis\n');
      expect(stdout).toContain('cat-db: port 8001 of host-B is open to everyone who reaches host-B, and the database has no password');
      expect(await holdings(lab)).toEqual({ 'host-A': NOTHING, 'host-B': NOTHING });
    });

    it('comes up on the default network of each host, and counts each page in the database of the other', async () => {
      expect(changesOf(await up())).toEqual(['host-A: run cat-web', 'host-B: run cat-db']);
      expect(await holdings(lab)).toEqual({
        'host-A': { containers: ['cat-web'], networks: [] },
        'host-B': { containers: ['cat-db'], networks: [] },
      });
      const attached = ['inspect', '-f', '{{range $name, $_ := .NetworkSettings.Networks}}{{$name}} {{end}}'];
      expect(await lab.dockerOn('host-A', ...attached, 'cat-web')).toBe('bridge');
      expect(await lab.dockerOn('host-A', 'exec', 'cat-web', '/usr/local/bin/node', '-p', 'process.env.DB')).toBe('host-B:8001');
      for (let hits = 1; hits <= 5; hits += 1) expect(await hitOn(page())).toBe(hits);
      expect(await hitsIn(lab, 'host-B', 'cat-db', 'cat')).toBe(5);
    });

    it('reaches what is published, and nothing else; the database sees the host and not the container', async () => {
      await up();
      await hitOn(page());
      expect(await clientsOf(lab, 'host-B', 'cat-db')).toEqual([a()]);
      expect(await answerFromWeb(lab, 'host-A', 'cat-web', 'host-B', 8001)).toBe('answered');
      expect(await answerFromWeb(lab, 'host-A', 'cat-web', 'cat-db', 6379)).toBe('ENOTFOUND');
      expect(await answerFromHost(lab, 'host-A', b(), 6379)).toBe('ECONNREFUSED');
      expect(await answerFromHost(lab, 'host-A', b(), 8000)).toBe('ECONNREFUSED');
      expect(await verify(lab, 'multi-host-bridge')).toEqual({ passed: 4, failed: 0, uncertain: 0 });
    });

    it('fails verification with status 1 when the database is away, and says so', async () => {
      await up();
      await lab.dockerOn('host-B', 'stop', '-t', '0', 'cat-db');
      const { stderr } = await say(lab, 1, 'verify', 'multi-host-bridge');
      expect(stderr).toContain('its hit was not counted: the database is away');
    });

    it.each([
      ['the database stopped', 'host-B', ['stop', '-t', '0', 'cat-db'], ['host-B: start cat-db']],
      ['the web server removed', 'host-A', ['rm', '-f', 'cat-web'], ['host-A: run cat-web']],
      ['off the default network', 'host-A', ['network', 'disconnect', 'bridge', 'cat-web'], ['host-A: connect cat-web to bridge']],
    ])('mends on its own host what was undone there, and then rests: %s', async (_, host, change, changes) => {
      await up();
      await lab.dockerOn(host, ...change);
      expect(changesOf(await up())).toEqual(changes);
      expect(changesOf(await up())).toEqual([]);
      expect(await verify(lab, 'multi-host-bridge')).toEqual({ passed: 4, failed: 0, uncertain: 0 });
    });

    it('goes from both hosts without a trace', async () => {
      await up();
      await say(lab, 0, 'down', 'multi-host-bridge');
      expect(await holdings(lab)).toEqual({ 'host-A': NOTHING, 'host-B': NOTHING });
    });

    it('needs every role bound to a host, by name', async () => {
      const { stderr } = await say(lab, 2, 'plan', 'multi-host-bridge', '--bind', 'host-B=host-C');
      expect(stderr).toContain('host host-C is not known; hosts: host-A, host-B.');
    });
  });
}
