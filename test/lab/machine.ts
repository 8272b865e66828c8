import { execFile, spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
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

/** Looks at the machine itself, never at what the lab believes of itself. */
export async function observeMachine(): Promise<MachineState> {
  return {
    processes: await labProcesses(),
    namespaces: await lines('lsns', ['--noheadings', '--raw', '--type', 'net', '--output', 'NS']),
    links: (await lines('ip', ['-brief', 'link'])).map((line) => line.split(/\s+/)[0] ?? ''),
    addresses: (await lines('ip', ['-brief', '-4', 'address'])).map((line) => line.replace(/\s+/g, ' ')),
    mounts: (await readFile('/proc/self/mountinfo', 'utf8'))
      .trim()
      .split('\n')
      .map((line) => line.split(' ')[4] ?? ''),
    rules: (await lines('iptables-save', [])).filter((line) => !line.startsWith('#')).map((line) => line.replace(/\[\d+:\d+\]/, '')),
    files: [...(await listFolders()), ...(await controlGroups())],
    settings: [await readFile('/proc/sys/net/ipv4/ip_forward', 'utf8'), await readFile('/etc/resolv.conf', 'utf8')],
  };
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

async function labProcesses(): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
      const [, name = '', state = ''] = /^\d+ \((.*)\) (\S)/.exec(stat) ?? [];
      return LAB_PROGRAMS.includes(name) && state !== 'Z' ? [`${name} ${pid}`] : [];
    }),
  );
  return found.flat().sort();
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
