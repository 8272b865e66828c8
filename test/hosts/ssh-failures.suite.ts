import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type EngineTarget, openEngine } from '../../src/engine/engine.ts';
import { failureOfCall } from '../engine-functions/lab-engine.ts';
import { freePort, startSilentServer } from '../support/free-port.ts';
import { makeKey } from '../support/sshd.ts';
import { prepareSsh } from './ssh-ground.ts';

/** Each way in which ssh can fail has its own words and its own next step. */
export function describeSshFailures(engineSocket: () => string): void {
  describe('over ssh, or it is told', () => {
    const { engines, folder, host, serve, sshd } = prepareSsh(engineSocket);
    const refusal = (target: EngineTarget) => failureOfCall(engines.open(target));
    const at = (endpoint: string): EngineTarget => host(sshd(), { endpoint });

    it("that the host's key is not known, with the command that shows it", async () => {
      const knownHostsFile = join(folder(), 'knows-nobody');
      expect(await refusal(host(sshd(), { ssh: { identityFile: sshd().key, knownHostsFile } }))).toEqual({
        code: 'ENGINE_DENIED',
        message: "host-A: no way over ssh to 127.0.0.1: the host's key is not known here yet (Host key verification failed.)",
        hint: expect.stringContaining(`ssh -o UserKnownHostsFile=${knownHostsFile} -i ${sshd().key} -p ${sshd().port} root@127.0.0.1`),
      });
    });

    it("that the host's key changed, with the file and the line that know another", async () => {
      const other = readFileSync(`${makeKey(join(folder(), 'other-host'))}.pub`, 'utf8').split(' ');
      const knownHostsFile = join(folder(), 'knows-another');
      writeFileSync(knownHostsFile, `# one\n[127.0.0.1]:${sshd().port} ${other[0]} ${other[1]}\n`);
      expect(await refusal(host(sshd(), { ssh: { identityFile: sshd().key, knownHostsFile } }))).toEqual({
        code: 'ENGINE_DENIED',
        message: expect.stringContaining(`the host's key is not the one in ${knownHostsFile}, line 2`),
        hint: expect.stringMatching(/^only if you know why it changed: ssh-keygen -f .*knows-another.* -R /),
      });
    });

    it('that it takes none of the keys, and which', async () => {
      const stranger = makeKey(join(folder(), 'stranger'));
      const ssh = { identityFile: stranger, knownHostsFile: sshd().knownHosts };
      expect(await refusal(host(sshd(), { ssh }))).toMatchObject({
        code: 'ENGINE_DENIED',
        message: expect.stringMatching(new RegExp(`it takes none of these keys: ${stranger}.*Permission denied \\(publickey\\)`)),
        hint: expect.stringContaining('ssh-copy-id'),
      });
    });

    it.each<[string, () => Promise<EngineTarget> | EngineTarget, string, string, RegExp]>([
      [
        'that no server listens',
        async () => at(`ssh://root@127.0.0.1:${await freePort()}`),
        'ENGINE_UNREACHABLE',
        'no ssh server listens there',
        /check host and port/,
      ],
      [
        'that the name is not known',
        () => at('ssh://root@no-such-host.invalid'),
        'ENGINE_UNREACHABLE',
        'the name of the host is not known here',
        /getent hosts no-such-host\.invalid/,
      ],
      [
        'that there is no socket',
        () => at(`ssh://root@127.0.0.1:${sshd().port}/run/nowhere.sock`),
        'ENGINE_UNREACHABLE',
        'there is no docker socket at /run/nowhere.sock over there',
        /PATH\/TO\/docker\.sock/,
      ],
      [
        'that nothing listens at the socket',
        async () => at(`ssh://root@127.0.0.1:${sshd().port}${await deadSocket(join(folder(), 'dead.sock'))}`),
        'ENGINE_UNREACHABLE',
        'dead.sock over there, though the socket is there',
        /systemctl start docker/,
      ],
      [
        'that the user there may not open the socket',
        async () => host(await serve('ForceCommand setpriv --reuid 65534 --regid 65534 --clear-groups sh -c "$SSH_ORIGINAL_COMMAND"')),
        'ENGINE_DENIED',
        'the user who logs in there may not open',
        /sudo usermod -aG docker root/,
      ],
      [
        'that it forwards nothing and has no docker',
        async () => host(await serve('DisableForwarding yes', `SetEnv PATH=${bareFolder(join(folder(), 'bare'))}`)),
        'ENGINE_UNREACHABLE',
        'the ssh server forwards nothing to ',
        /AllowStreamLocalForwarding yes/,
      ],
      [
        'that it lets in nobody but for something else',
        async () => host(await serve('ForceCommand echo this account is for backups only >&2; false')),
        'ENGINE_UNREACHABLE',
        'the connection ended before the other side answered (this account is for backups only)',
        /see what it says: ssh /,
      ],
    ])('%s', async (_case, target, code, words, hint) => {
      expect(await refusal(await target())).toEqual({ code, message: expect.stringContaining(words), hint: expect.stringMatching(hint) });
    });

    it('that it was interrupted, at once', async () => {
      const { port, server } = await startSilentServer();
      const controller = new AbortController();
      const opening = failureOfCall(openEngine(at(`ssh://root@127.0.0.1:${port}`), controller.signal));
      server.once('connection', () => controller.abort());
      expect(await opening).toMatchObject({ code: 'INTERRUPTED' });
      server.close();
    });
  });
}

/** A socket whose listener is gone without a word. */
async function deadSocket(path: string): Promise<string> {
  const listener = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  const child = spawn(process.execPath, ['-e', listener]);
  await new Promise((resolve) => child.once('close', resolve));
  return path;
}

/** What a login needs, and nothing else. */
function bareFolder(folder: string): string {
  mkdirSync(folder);
  for (const program of ['sh', 'bash', 'cat', 'id'])
    symlinkSync(program === 'id' ? '/usr/bin/id' : `/bin/${program}`, join(folder, program));
  return folder;
}
