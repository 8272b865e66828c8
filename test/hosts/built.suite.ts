import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ensureBuilt } from '../support/built-product.ts';
import { makeAuthority } from '../support/certificates.ts';
import { makeKey } from '../support/sshd.ts';
import { openTerminal, type Terminal } from '../support/terminal.ts';
import { waitUntil } from '../support/wait-until.ts';
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
      folder = mkdtempSync(join(tmpdir(), 'pets-built-'));
      ensureBuilt();
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

    describe('in a terminal', () => {
      let terminal: Terminal;
      let locked: string;
      beforeAll(() => {
        locked = makeKey(join(folder, 'locked'), 'open sesame');
        sshd().allow(`${locked}.pub`);
        const files = `{ identityFile: ${locked}, knownHostsFile: ${join(folder, 'known')} }`;
        const lines = ['host-A', 'host-B'].map((name) => `  - { name: ${name}, endpoint: "${host().endpoint}", ssh: ${files} }\n`);
        writeFileSync(join(folder, 'asking.yaml'), `hosts:\n${lines.join('')}`);
      });
      beforeEach(async () => {
        const env = { ...process.env, XDG_STATE_HOME: folder, XDG_CONFIG_HOME: folder, NO_COLOR: '1' };
        const command = [process.execPath, LAUNCHER, 'show', 'hosts', '--hosts', join(folder, 'asking.yaml')];
        terminal = await openTerminal({ columns: 160, rows: 40, command, env });
      });
      afterEach(() => terminal.close());

      it('where ssh asks one question at a time: about a key, and for passphrases', async () => {
        const asked = async (question: RegExp, times: number) => {
          const count = (screen: string) => screen.match(question)?.length ?? 0;
          await waitUntil(`${question}, ${times} times`, terminal.screen, (screen) => count(screen) === times);
        };
        await asked(/Are you sure you want to continue connecting/g, 1);
        await terminal.press('yes', 'Enter');
        await asked(/Enter passphrase for key/g, 1);
        await terminal.press('open sesame', 'Enter');
        await asked(/Enter passphrase for key/g, 2);
        await terminal.press('open sesame', 'Enter');
        await terminal.see('2 reached');
        expect(await terminal.ended()).toBe(0);
        expect(await terminal.screen()).not.toContain('open sesame');
      });

      it('where Ctrl-C at a question ends it all, and the line is as it was', async () => {
        await terminal.see('Enter passphrase for key');
        await terminal.press('C-c');
        expect(await terminal.ended()).toBe(130);
        expect((await terminal.modes()).line).toContain('echo');
      });
    });
  });
}
