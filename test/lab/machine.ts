import { execFile, spawn } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What a lab could leave behind, as lists of lines that can be compared. */
export interface MachineState {
  readonly processes: readonly string[];
  readonly namespaces: readonly string[];
  readonly links: readonly string[];
  readonly addresses: readonly string[];
  readonly mounts: readonly string[];
  readonly rules: readonly string[];
  readonly files: readonly string[];
  readonly settings: readonly string[];
}

const LAB_PROGRAMS = ['dockerd', 'containerd', 'containerd-shim', 'dnsmasq', 'docker-proxy', 'redis-server', 'nsenter', 'unshare'];
/** Where engines write, by default and by ours; `up` must not add an entry that `down` leaves. */
const FOLDERS = [
  '/run',
  '/run/docker',
  '/run/containerd',
  '/run/netns',
  '/var/lib',
  '/etc/docker',
  '/opt',
  '/etc',
  '/run/pets-console',
  '/var/lib/pets-console',
];

/**
 * Looks at the machine itself, never at what the lab believes of itself. What belongs to another lab of this machine is left out:
 * its owner may be at work in it meanwhile.
 */
export async function observeMachine(lab: string): Promise<MachineState> {
  const others = (await readdir('/run/pets-console').catch(() => [])).filter((name) => name !== lab);
  const isForeign = (line: string) => others.some((other) => line.includes(`pets-console/${other}`) || line.includes(`pets-${other}@`));
  const own = (found: readonly string[]) => found.filter((line) => !isForeign(line));
  const processes = await listProcesses(lab);
  return {
    processes: processes.filter(({ name }) => LAB_PROGRAMS.includes(name)).map(({ name, pid }) => `${name} ${pid}`),
    namespaces: [...new Set(processes.map(({ netns }) => netns))],
    links: own((await lines('ip', ['-brief', 'link'])).map((line) => line.split(/\s+/)[0] ?? '')),
    addresses: own((await lines('ip', ['-brief', '-4', 'address'])).map((line) => line.replace(/\s+/g, ' '))),
    mounts: own(
      (await readFile('/proc/self/mountinfo', 'utf8'))
        .trim()
        .split('\n')
        .map((line) => line.split(' ')[4] ?? ''),
    ),
    rules: (await lines('iptables-save', [])).filter((line) => !line.startsWith('#')).map((line) => line.replace(/\[\d+:\d+\]/, '')),
    files: own([...(await listFolders()), ...(await controlGroups())]),
    settings: [await readFile('/proc/sys/net/ipv4/ip_forward', 'utf8'), await readFile('/etc/resolv.conf', 'utf8')],
  };
}

/** What is there now and was not before, by kind; empty when nothing was left behind. */
export function leftBehind(before: MachineState, after: MachineState): Readonly<Record<string, readonly string[]>> {
  const kinds = Object.keys(before) as (keyof MachineState)[];
  const added = kinds.map((kind) => [kind, after[kind].filter((line) => !before[kind].includes(line))] as const);
  return Object.fromEntries(added.filter(([, found]) => found.length > 0));
}

export async function lines(command: string, args: readonly string[]): Promise<string[]> {
  const { stdout } = await run(command, args);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .sort();
}

/** Runs a command in a namespace of the lab and returns its status and output. */
export async function inNamespace(netns: string, command: string, ...args: string[]): Promise<{ ok: boolean; output: string }> {
  return run('nsenter', [`--net=${netns}`, command, ...args]).then(
    ({ stdout }) => ({ ok: true, output: stdout }),
    (error: Error & { stderr?: string }) => ({ ok: false, output: error.stderr ?? error.message }),
  );
}

/** Resolves when a condition holds; fails after the bound with what was there instead. */
export async function waitUntil(what: string, holds: () => Promise<boolean>, boundMs = 20_000): Promise<void> {
  const deadline = Date.now() + boundMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not within ${boundMs} ms: ${what}`);
    await delay(2);
  }
}

/** Runs a function of the lab in a process of its own and kills it with SIGKILL in the moment a condition holds. */
export async function killWhen(script: string, what: string, holds: (said: readonly string[]) => Promise<boolean>): Promise<void> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: new URL('../..', import.meta.url),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => said.push(line));
  const exited = new Promise<string>((resolve) => child.on('exit', (status, signal) => resolve(signal ?? `status ${status}`)));
  await waitUntil(what, () => holds(said));
  child.kill('SIGKILL');
  const end = await exited;
  if (end !== 'SIGKILL') throw new Error(`the process had already ended (${end}) when it was to be killed: ${what}`);
}

interface SeenProcess {
  readonly pid: string;
  readonly name: string;
  readonly netns: string;
}

/** Living processes, without those that bear another lab's mark or live in its control groups. */
async function listProcesses(lab: string): Promise<SeenProcess[]> {
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const read = (file: string) => readFile(`/proc/${pid}/${file}`, 'latin1').catch(() => '');
      const [stat, environment, groups, netns] = await Promise.all([
        read('stat'),
        read('environ'),
        read('cgroup'),
        readlink(`/proc/${pid}/ns/net`).catch(() => undefined),
      ]);
      const [, name = '', state = 'Z'] = /^\d+ \((.*)\) (\S)/.exec(stat) ?? [];
      const owner = /PETS_CONSOLE_LAB_PROCESS=([^/]+)\//.exec(environment)?.[1] ?? /\/pets-console\/([^/]+)\//.exec(groups)?.[1];
      return state === 'Z' || netns === undefined || (owner !== undefined && owner !== lab) ? [] : [{ pid, name, netns }];
    }),
  );
  return found.flat();
}

async function listFolders(): Promise<string[]> {
  const found = await Promise.all(
    FOLDERS.map(async (folder) => (await readdir(folder).catch(() => [])).map((name) => `${folder}/${name}`)),
  );
  return found.flat().sort();
}

async function controlGroups(): Promise<string[]> {
  return lines('sh', ['-c', "find /sys/fs/cgroup -type d -path '*pets-console*'"]);
}
