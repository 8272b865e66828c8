import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureBuilt } from '../support/built-product.ts';
import { makeAuthority } from '../support/certificates.ts';
import { layWire, type Wire } from '../support/wire.ts';
import { prepareSsh } from './ssh-ground.ts';

const LAUNCHER = join(process.cwd(), 'bin/pets-console.cjs');

/** The built console, as users run it: the bundle loads TLS and ssh on its own, which the sources do not show. */
export function describeBuilt(engineSocket: () => string): void {
  describe('by the built console', () => {
    const { host, sshd, untilNothingIsLeft } = prepareSsh(engineSocket);
    let folder: string;
    let wire: Wire;

    beforeAll(async () => {
      ensureBuilt();
      folder = mkdtempSync(join(tmpdir(), 'pets-built-'));
      const authority = makeAuthority(folder, 'authority');
      const { cert, key } = authority.sign('front', { names: ['IP:127.0.0.1'] });
      authority.sign('console');
      wire = await layWire(
        engineSocket(),
        { port: 0 },
        { tls: { cert, key, ca: authority.cert, requestCert: true, rejectUnauthorized: true } },
      );
    });
    afterAll(async () => {
      await wire?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    it('with every kind of host in one file', async () => {
      const lines = [
        `{ name: own-socket, endpoint: "unix://${engineSocket()}" }`,
        `{ name: with-tls, endpoint: "${wire.endpoint}", tls: { ca: authority.pem, cert: console.pem, key: console-key.pem } }`,
        `{ name: over-ssh, endpoint: "${host().endpoint}", ssh: { identityFile: ${sshd().key}, knownHostsFile: ${sshd().knownHosts} } }`,
      ];
      writeFileSync(join(folder, 'hosts.yaml'), `hosts:\n${lines.map((line) => `  - ${line}\n`).join('')}`);
      const env = { ...process.env, XDG_STATE_HOME: folder, XDG_CONFIG_HOME: folder };
      const args = [LAUNCHER, 'show', 'hosts', '--json', '--hosts', join(folder, 'hosts.yaml')];
      const { stdout } = await promisify(execFile)(process.execPath, args, { env });
      const shown: unknown = JSON.parse(stdout);
      const reached = { engineVersion: expect.stringMatching(/^20\.10/), apiVersion: '1.41' };
      expect(shown).toMatchObject({
        hosts: [
          { name: 'own-socket', ...reached },
          { name: 'with-tls', ...reached },
          { name: 'over-ssh', ...reached },
        ],
      });
      await untilNothingIsLeft();
    });
  });
}
