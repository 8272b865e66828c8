import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { closeEngine, pingEngine } from '../../src/engine/engine.ts';
import { watchEvents } from '../../src/engine/events.ts';
import { failureOfCall } from '../engine-functions/lab-engine.ts';
import { startSilentServer } from '../support/free-port.ts';
import { makeKey } from '../support/sshd.ts';
import { waitUntil } from '../support/wait-until.ts';
import { prepareSsh } from './ssh-ground.ts';
import { expectGoodWay, expectRedisThroughAgent } from './way-lab.ts';

/** ssh, through a real server on loopback: how it carries, asks, is lost and made anew, and what it leaves. */
export function describeSsh(engineSocket: () => string): void {
  describe('over ssh', () => {
    const ground = prepareSsh(engineSocket);
    const { engines, host, sshd } = ground;
    const file = (name: string) => join(ground.folder(), name);
    const script = (name: string, text: string) => {
      writeFileSync(file(name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
      return file(name);
    };

    it('through one login: 20 calls at once, streams, an agent with Redis in its tunnel', async () => {
      const before = sshd().logins();
      const engine = await engines.open(host());
      expect(engine).toMatchObject({ apiVersion: '1.41', version: expect.stringMatching(/^20\.10\./) });
      await expectGoodWay(engine);
      await expectRedisThroughAgent(engine);
      expect(sshd().logins() - before).toBe(1);
      closeEngine(engine);
      await ground.untilNothingIsLeft();
    });

    it("through docker's own way where the server forwards no sockets, eight calls at a time on the one login", async () => {
      const closed = await ground.serve('AllowStreamLocalForwarding no');
      const engine = await engines.open(host(closed));
      await expectGoodWay(engine);
      await expectRedisThroughAgent(engine);
      expect(closed.logins()).toBe(1);
      expect(closed.log()).not.toContain('no more sessions');
    });

    it('as the ssh configuration says: names, keys, and forwards that others hold already', async () => {
      const { port, server: holder } = await startSilentServer();
      const { key, knownHosts, port: sshPort } = sshd();
      const lines = ['HostName 127.0.0.1', `Port ${sshPort}`, 'User root', `IdentityFile ${key}`, `UserKnownHostsFile ${knownHosts}`];
      const others = [`LocalForward ${port} localhost:80`, 'RemoteCommand top', 'RequestTTY yes', 'ControlMaster auto', 'ControlPath none'];
      writeFileSync(file('ssh-config'), `Host engine-room\n  ${[...lines, ...others].join('\n  ')}\n`);
      await expectGoodWay(await engines.open({ name: 'host-A', endpoint: `ssh://engine-room${engineSocket()}` }));
      await new Promise((resolve) => holder.close(resolve));
    });

    it('with a key that an agent holds', async () => {
      const key = makeKey(file('agent-key'), 'open sesame');
      sshd().allow(`${key}.pub`);
      const socket = file('agent.sock');
      const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
      try {
        const env = { ...process.env, SSH_AUTH_SOCK: socket, SSH_ASKPASS: script('ask', 'echo open sesame'), SSH_ASKPASS_REQUIRE: 'force' };
        await waitUntil(
          'the agent to take the key',
          () => {
            try {
              execFileSync('ssh-add', [key], { env, stdio: 'ignore' });
              return 'taken';
            } catch (error) {
              return String(error);
            }
          },
          (state) => state === 'taken',
        );
        vi.stubEnv('SSH_AUTH_SOCK', socket);
        const engine = await engines.open(host(sshd(), { ssh: { identityFile: key, knownHostsFile: sshd().knownHosts } }));
        expect(await pingEngine(engine)).toBeGreaterThan(0);
      } finally {
        agent.kill();
      }
    });

    it('with a passphrase that SSH_ASKPASS tells once; what is lost later is not asked for again', async () => {
      const key = makeKey(file('locked-key'), 'open sesame');
      sshd().allow(`${key}.pub`);
      const locked = host(sshd(), { ssh: { identityFile: key, knownHostsFile: sshd().knownHosts } });
      const asked = file('asked');
      vi.stubEnv('SSH_ASKPASS', script('ask-once', `echo "$1" >> ${asked}\necho open sesame`));
      vi.stubEnv('SSH_ASKPASS_REQUIRE', 'force');
      const words = {
        code: 'ENGINE_DENIED',
        message: expect.stringContaining(`the key ${key} is locked with a passphrase, and no agent holds it`),
      };
      expect(await failureOfCall(engines.open(locked, { mayAsk: false }))).toMatchObject({
        ...words,
        hint: `give it to the agent: ssh-add ${key}`,
      });
      const engine = await engines.open(locked);
      expect(await pingEngine(engine)).toBeGreaterThan(0);
      await sshd().drop();
      await waitUntil('the loss', ground.connections, (left) => left.length === 0);
      expect(await failureOfCall(pingEngine(engine))).toMatchObject(words);
      expect(readFileSync(asked, 'utf8').match(/passphrase/g)).toHaveLength(1);
    });

    it('anew after the connection was lost: calls under way fail, the next one logs in again', async () => {
      const engine = await engines.open(host());
      const before = sshd().logins();
      const watch = watchEvents(engine, new AbortController().signal);
      await watch.opened;
      const next = failureOfCall(watch[Symbol.asyncIterator]().next());
      await sshd().drop();
      expect(await next).toMatchObject({ code: 'ENGINE_UNREACHABLE' });
      // At once, while the old connection may still be about to end: none of the calls may hang, and soon all of them pass.
      const three = () => Promise.allSettled([pingEngine(engine), pingEngine(engine), pingEngine(engine)]);
      const failures = async () => (await three()).filter(({ status }) => status === 'rejected').length;
      await waitUntil('all calls to pass', failures, (count) => count === 0);
      await waitUntil('one connection to be left', ground.connections, (left) => left.length === 1);
      expect(await failures()).toBe(0);
      expect(sshd().logins() - before).toBe(1);
    });

    it('anew, but not with every call: a host that refuses is left alone for a while', async () => {
      const server = await ground.serve();
      const engine = await engines.open(host(server));
      writeFileSync(server.authorizedKeys, '');
      await server.drop();
      await waitUntil('the loss', ground.connections, (left) => left.length === 0);
      const attempts = () => server.log().match(/Connection from/g)?.length ?? 0;
      const before = attempts();
      for (let call = 0; call < 5; call += 1) expect(await failureOfCall(pingEngine(engine))).toMatchObject({ code: 'ENGINE_DENIED' });
      expect(attempts() - before).toBe(1);
    });

    it.each([
      ['killed', 1],
      ['killed with its whole group', -1],
    ])('and leaves nothing when the console is %s, with a stream open', async (_how, sign) => {
      const victim = ['test/hosts/ssh-victim.ts', JSON.stringify(host())];
      const child = spawn(process.execPath, victim, { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
      let said = '';
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
        said += chunk;
      });
      await waitUntil(
        'the victim to watch events',
        () => said,
        (words) => words.includes('watching'),
      );
      expect(ground.connections()).toHaveLength(1);
      process.kill(sign * (child.pid ?? 0), 'SIGKILL');
      await ground.untilNothingIsLeft();
      await waitUntil('the server to see the end', sshd().sessions, (sessions) => sessions.length === 0);
    });
  });
}
