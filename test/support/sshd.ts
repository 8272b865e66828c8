import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { waitUntil } from './wait-until.ts';

/** A real ssh server on loopback, with keys, users' keys and a configuration of its own. */
export interface Sshd {
  readonly port: number;
  /** A key without passphrase that it takes. */
  readonly key: string;
  /** Knows its host's key. */
  readonly knownHosts: string;
  /** Public keys that root may log in with. */
  readonly authorizedKeys: string;
  log(): string;
  /** Processes that serve connections now. */
  sessions(): readonly number[];
  /** Connections on which somebody logged in so far. */
  logins(): number;
  /** Takes another key for root too. */
  allow(publicKeyFile: string): void;
  /** Ends every connection that stands, as a lost network does for a client; it takes new ones. */
  drop(): Promise<void>;
  close(): Promise<void>;
}

const SSHD = '/usr/sbin/sshd';

/** Starts an sshd in `folder`. `settings` are lines of its configuration, before ours: the first word on a matter holds. */
export async function startSshd(folder: string, settings: readonly string[] = [], port?: number): Promise<Sshd> {
  mkdirSync('/run/sshd', { recursive: true });
  mkdirSync(folder, { recursive: true });
  const file = (name: string) => join(folder, name);
  const chosen = port ?? (await freePort());
  makeKey(file('host-key'));
  makeKey(file('user-key'));
  writeFileSync(file('authorized'), readFileSync(file('user-key.pub')));
  const [type, key] = readFileSync(file('host-key.pub'), 'utf8').split(' ');
  writeFileSync(file('known-hosts'), `[127.0.0.1]:${chosen} ${type} ${key}\n`);
  const configuration = [
    ...settings,
    `Port ${chosen}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${file('host-key')}`,
    `PidFile ${file('pid')}`,
    `AuthorizedKeysFile ${file('authorized')}`,
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'StrictModes no',
    'UsePAM no',
    'LogLevel VERBOSE',
  ];
  writeFileSync(file('config'), `${configuration.join('\n')}\n`);
  let log = '';
  const start = (): ChildProcess => {
    const child = spawn(SSHD, ['-D', '-e', '-f', file('config')], { stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      log += chunk;
    });
    return child;
  };
  const child = start();
  const up = () => log.includes('Server listening') || child.exitCode !== null;
  await waitUntil(
    'sshd to listen',
    () => (up() ? 'listening' : log),
    (state) => state === 'listening',
  );
  if (child.exitCode !== null) throw new Error(`sshd ended: ${log}`);
  const sessions = () => readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  const drop = async () => {
    for (const session of sessions()) for (const pid of [session, ...childrenOf(session)]) endProcess(pid);
    await waitUntil('sessions to end', sessions, (left) => left.length === 0);
  };
  return {
    port: chosen,
    key: file('user-key'),
    knownHosts: file('known-hosts'),
    authorizedKeys: file('authorized'),
    log: () => log,
    sessions,
    logins: () => log.match(/Accepted publickey/g)?.length ?? 0,
    allow: (publicKeyFile) => writeFileSync(file('authorized'), readFileSync(publicKeyFile), { flag: 'a' }),
    drop,
    close: async () => {
      await drop();
      const ended = new Promise((resolve) => child.once('close', resolve));
      child.kill();
      await ended;
    },
  };
}

/** An ed25519 key, and its public half beside it. */
export function makeKey(path: string, passphrase = ''): string {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-C', 'a test of pets-console', '-f', path]);
  return path;
}

/** Processes of this test's own server only: sshd starts each session by itself. */
function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // gone already
  }
}
