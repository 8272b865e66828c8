import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pingEngine } from '../../src/engine/engine.ts';
import { resolveHosts } from '../../src/hosts/inventory.ts';
import { makeAuthority } from '../support/certificates.ts';
import { startSilentServer } from '../support/free-port.ts';
import { layWire, type Wire } from '../support/wire.ts';
import { prepareSsh } from './ssh-ground.ts';

/** Contexts as the docker command writes them, found by us and opened. */
export function describeContexts(engineSocket: () => string): void {
  describe('by a context that the docker command wrote', () => {
    const { engines, folder: sshFolder, serve } = prepareSsh(engineSocket);
    let folder: string;
    let wire: Wire;

    const docker = (...args: readonly string[]) =>
      promisify(execFile)('docker', args, { env: { ...process.env, DOCKER_CONFIG: join(folder, 'docker'), DOCKER_HOST: undefined } });
    const find = (flags: { context?: string; hostsFile?: string; host?: readonly string[] }) =>
      resolveHosts({ flags, env: { DOCKER_CONFIG: join(folder, 'docker') }, cwd: folder, home: folder, labsFolder: join(folder, 'none') });
    const openFound = async (flags: Parameters<typeof find>[0]) => {
      const { hosts, source } = await find(flags);
      const [found] = hosts;
      if (found === undefined) throw new Error('no host was found');
      return { found, source, engine: await engines.open(found) };
    };

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'pets-contexts-'));
      mkdirSync(join(folder, 'certs'));
      const authority = makeAuthority(join(folder, 'certs'), 'authority');
      const front = authority.sign('front', { names: ['IP:127.0.0.1'] });
      const { certFile, keyFile } = authority.sign('console');
      const demands = { ca: authority.cert, requestCert: true, rejectUnauthorized: true };
      wire = await layWire(engineSocket(), { port: 0 }, { tls: { cert: front.cert, key: front.key, ...demands } });
      const files = `ca=${authority.certFile},cert=${certFile},key=${keyFile}`;
      await docker('context', 'create', 'with-tls', '--docker', `host=${wire.endpoint},${files}`);
      await docker('context', 'create', 'unverified', '--docker', `host=${wire.endpoint},${files},skip-tls-verify=true`);
      await docker('context', 'create', 'local', '--docker', `host=unix://${engineSocket()}`);
    });
    afterAll(async () => {
      await wire?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    it('with TLS files, verified and not', async () => {
      const verified = await openFound({ context: 'with-tls' });
      expect(verified.found).toMatchObject({ name: 'with-tls', endpoint: wire.endpoint, address: '127.0.0.1', tls: { verify: true } });
      expect(await pingEngine(verified.engine)).toBeGreaterThan(0);
      expect((await openFound({ context: 'unverified' })).found.tls?.verify).toBe(false);
    });

    it('to a socket, by --host', async () => {
      const { found } = await openFound({ host: ['host-B=context:local'] });
      expect(found).toEqual({ name: 'host-B', endpoint: `unix://${engineSocket()}`, address: '127.0.0.1' });
    });

    // Older docker commands take no path in an ssh endpoint: the login over there knows where its engine is.
    const serveEngine = () => serve(`SetEnv DOCKER_HOST=unix://${engineSocket()}`);

    it('over ssh, named in a hosts file with the key to offer', async () => {
      const { port, key, knownHosts } = await serveEngine();
      const endpoint = `ssh://root@127.0.0.1:${port}`;
      await docker('context', 'create', 'over-ssh', '--docker', `host=${endpoint}`);
      const path = join(folder, 'hosts.yaml');
      const files = `{ identityFile: ${key}, knownHostsFile: ${knownHosts} }`;
      writeFileSync(path, `hosts:\n  - { name: host-A, endpoint: "context:over-ssh", address: 192.168.85.11, ssh: ${files} }\n`);
      const { found, engine } = await openFound({ hostsFile: path });
      expect(found).toMatchObject({ name: 'host-A', endpoint, address: '192.168.85.11' });
      expect(await pingEngine(engine)).toBeGreaterThan(0);
      rmSync(path);
    });

    it('over ssh, as the current one, unless it hangs: the start does not wait for long', async () => {
      const { port, server } = await startSilentServer();
      await docker('context', 'create', 'silent', '--docker', `host=ssh://root@127.0.0.1:${port}`);
      await docker('context', 'use', 'silent');
      const begun = performance.now();
      await expect(find({})).rejects.toMatchObject({
        code: 'NO_ENGINE',
        message: expect.stringContaining(`nothing answers at ssh://root@127.0.0.1:${port} within 5 s`),
      });
      expect(performance.now() - begun).toBeLessThan(8_000);
      server.close();
    });

    it('over ssh, as the current one, if it answers unasked; its address is the one behind the name of ssh', async () => {
      const { port, key, knownHosts } = await serveEngine();
      await docker('context', 'create', 'by-ssh-name', '--docker', 'host=ssh://engine-room');
      await docker('context', 'use', 'by-ssh-name');
      const config = (...lines: readonly string[]) =>
        writeFileSync(
          join(sshFolder(), 'ssh-config'),
          `Host engine-room\n  HostName 127.0.0.1\n  Port ${port}\n  User root\n${lines.join('\n')}\n`,
        );
      config('  IdentityFile /nowhere');
      await expect(find({})).rejects.toMatchObject({
        code: 'NO_ENGINE',
        message: expect.stringMatching(
          /context by-ssh-name +by-ssh-name: no way over ssh to engine-room: the host's key is not known here yet/,
        ),
      });
      config(`  IdentityFile ${key}`, `  UserKnownHostsFile ${knownHosts}`);
      const { found, source, engine } = await openFound({});
      expect([source, found.name, found.address]).toEqual(['context by-ssh-name', 'by-ssh-name', '127.0.0.1']);
      expect(await pingEngine(engine)).toBeGreaterThan(0);
    });
  });
}
