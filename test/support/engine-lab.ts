import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { labDown } from '../../src/lab/down.ts';
import { processMark } from '../../src/lab/names.ts';
import { findMarked, killMarked } from '../../src/lab/processes.ts';
import { labUp } from '../../src/lab/up.ts';
import { ensureBuilt } from './built-product.ts';
import { enginesUnderTest } from './engines-under-test.ts';

/** What a verb of the built console said and how it ended. */
export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface LabHost {
  readonly name: string;
  readonly address: string;
  readonly endpoint: string;
}

/** A lab for the tests of one file, with the built console pointed at it. */
export interface EngineLab {
  readonly name: string;
  readonly hosts: readonly LabHost[];
  /** The first host. */
  readonly host: LabHost;
  /** For `--hosts`. */
  readonly hostsFile: string;
  readonly env: NodeJS.ProcessEnv;
  /** The verb as users run it: the launcher, on the built product, with the lab's hosts unless other ones are named. */
  console(...args: readonly string[]): Promise<Ended>;
  start(...args: readonly string[]): ChildProcess;
  /** The command line of that, to be run in a terminal. */
  commandLine(...args: readonly string[]): readonly string[];
  /** The docker CLI on the first host. @throws when it fails */
  docker(...args: readonly string[]): Promise<string>;
  /** The docker CLI on the host of that name. @throws when it fails */
  dockerOn(host: string, ...args: readonly string[]): Promise<string>;
  /** Names of containers and networks that Docker did not make on its own account. */
  everything(host?: string): Promise<Everything>;
  /** Removes whatever `everything` names, on every host. */
  clear(): Promise<void>;
  /** The engine's own process. */
  daemonOf(host: string): Promise<number>;
  /** Ends the engine of a host as a crash does, with all that runs on it. */
  kill(host: string): Promise<void>;
  /** Starts what of the lab does not run. */
  mend(): Promise<void>;
  /** The newest journal, a parsed line each. */
  journal(): readonly Record<string, unknown>[];
}

export interface Everything {
  readonly containers: readonly string[];
  readonly networks: readonly string[];
}

const LAUNCHER = join(process.cwd(), 'bin/pets-console.cjs');
const OF_DOCKER = new Set(['bridge', 'host', 'none', 'docker_gwbridge', 'ingress']);

export function startEngineLab(name: string, subnet: string, engines = 1): EngineLab {
  const state = mkdtempSync(join(tmpdir(), 'pets-state-'));
  let hosts: readonly LabHost[] = [];
  const known = (wanted?: string) => {
    const host = wanted === undefined ? hosts[0] : hosts.find((each) => each.name === wanted);
    if (host === undefined) throw new Error(`lab ${name} has no host ${wanted ?? 'yet'}`);
    return host;
  };
  const raise = async () => {
    const lab = await labUp({ name, engines, subnet, onProgress: () => {}, signal: new AbortController().signal, ...enginesUnderTest() });
    hosts = lab.hosts;
  };
  const env = (): NodeJS.ProcessEnv => ({
    ...process.env,
    XDG_STATE_HOME: state,
    XDG_CONFIG_HOME: join(state, 'config'),
    DOCKER_HOST: known().endpoint,
    NO_COLOR: '1',
  });
  const hostsFile = `/run/pets-console/${name}/hosts.json`;
  const argsFor = (args: readonly string[]) => [LAUNCHER, ...args, ...(args.includes('--hosts') ? [] : ['--hosts', hostsFile])];

  beforeAll(async () => {
    ensureBuilt();
    await raise();
  });
  afterAll(async () => {
    await labDown(name, () => {});
    rmSync(state, { recursive: true, force: true });
  });

  const dockerOn = async (host: string | undefined, ...args: readonly string[]) => {
    const { status, stdout, stderr } = await run('docker', args, { ...env(), DOCKER_HOST: known(host).endpoint });
    if (status !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr}`);
    return stdout.trim();
  };
  const linesOf = async (host: string | undefined, ...args: readonly string[]) =>
    (await dockerOn(host, ...args)).split('\n').filter((line) => line !== '');
  const everything = async (host?: string): Promise<Everything> => ({
    containers: (await linesOf(host, 'ps', '-a', '--format', '{{.Names}}')).sort(),
    networks: (await linesOf(host, 'network', 'ls', '--format', '{{.Name}}')).filter((network) => !OF_DOCKER.has(network)).sort(),
  });
  return {
    name,
    hostsFile,
    get hosts() {
      return hosts;
    },
    get host() {
      return known();
    },
    get env() {
      return env();
    },
    console: (...args) => run(process.execPath, argsFor(args), env()),
    start: (...args) => spawn(process.execPath, argsFor(args), { env: env(), stdio: ['ignore', 'pipe', 'pipe'] }),
    commandLine: (...args) => [process.execPath, ...argsFor(args)],
    docker: (...args) => dockerOn(undefined, ...args),
    dockerOn,
    everything,
    clear: async () => {
      for (const host of hosts) {
        const { containers, networks } = await everything(host.name);
        if (containers.length > 0) await dockerOn(host.name, 'rm', '-f', ...containers);
        if (networks.length > 0) await dockerOn(host.name, 'network', 'rm', ...networks);
      }
    },
    daemonOf: async (host) => {
      const marked = await findMarked(processMark(name, host));
      const daemon = marked.find((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'dockerd');
      if (daemon === undefined) throw new Error(`no dockerd among processes ${marked.join(', ')}`);
      return daemon;
    },
    kill: async (host) => void (await killMarked(processMark(name, host))),
    mend: raise,
    journal: () => {
      const folder = join(state, 'pets-console');
      const newest = readdirSync(folder).sort().at(-1) ?? '';
      return readFileSync(join(folder, newest), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    },
  };
}

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(command, args, { env, encoding: 'utf8', maxBuffer: 1 << 26 }, (_error, stdout, stderr) => {
      resolve({ status: child.exitCode, signal: child.signalCode, stdout, stderr });
    });
  });
}
