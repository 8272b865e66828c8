import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { labDown } from '../../src/lab/down.ts';
import { labUp } from '../../src/lab/up.ts';
import { ensureBuilt } from './built-product.ts';

/** What a verb of the built console said and how it ended. */
export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A lab of one engine for the tests of one file, with the built console and the docker CLI pointed at it. */
export interface EngineLab {
  readonly host: { readonly name: string; readonly address: string; readonly endpoint: string };
  readonly env: NodeJS.ProcessEnv;
  /** The verb as users run it: the launcher, on the built product. */
  console(...args: readonly string[]): Promise<Ended>;
  start(...args: readonly string[]): ChildProcess;
  /** The command line of that, to be run in a terminal. */
  commandLine(...args: readonly string[]): readonly string[];
  /** The docker CLI. @throws when it fails */
  docker(...args: readonly string[]): Promise<string>;
  /** Names of containers and networks that Docker did not make on its own account. */
  everything(): Promise<{ readonly containers: readonly string[]; readonly networks: readonly string[] }>;
  /** The newest journal, a parsed line each. */
  journal(): readonly Record<string, unknown>[];
}

const LAUNCHER = join(process.cwd(), 'bin/pets-console.cjs');
const OF_DOCKER = new Set(['bridge', 'host', 'none', 'docker_gwbridge', 'ingress']);

export function startEngineLab(name: string, subnet: string): EngineLab {
  const state = mkdtempSync(join(tmpdir(), 'pets-state-'));
  let host: EngineLab['host'] | undefined;
  const known = () => {
    if (host === undefined) throw new Error(`lab ${name} is not up`);
    return host;
  };
  const env = (): NodeJS.ProcessEnv => ({
    ...process.env,
    XDG_STATE_HOME: state,
    XDG_CONFIG_HOME: join(state, 'config'),
    DOCKER_HOST: known().endpoint,
    NO_COLOR: '1',
  });
  const hostsFile = `/run/pets-console/${name}/hosts.json`;
  const argsFor = (args: readonly string[]) => [LAUNCHER, ...args, '--hosts', hostsFile];

  beforeAll(async () => {
    ensureBuilt();
    const lab = await labUp({ name, engines: 1, subnet, onProgress: () => {}, signal: new AbortController().signal });
    [host] = lab.hosts;
  });
  afterAll(async () => {
    await labDown(name, () => {});
    rmSync(state, { recursive: true, force: true });
  });

  const docker = async (...args: readonly string[]) => {
    const { status, stdout, stderr } = await run('docker', args, env());
    if (status !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr}`);
    return stdout.trim();
  };
  const lines = async (...args: readonly string[]) => (await docker(...args)).split('\n').filter((line) => line !== '');
  return {
    get host() {
      return known();
    },
    get env() {
      return env();
    },
    console: (...args) => run(process.execPath, argsFor(args), env()),
    start: (...args) => spawn(process.execPath, argsFor(args), { env: env(), stdio: ['ignore', 'pipe', 'pipe'] }),
    commandLine: (...args) => [process.execPath, ...argsFor(args)],
    docker,
    everything: async () => ({
      containers: (await lines('ps', '-a', '--format', '{{.Names}}')).sort(),
      networks: (await lines('network', 'ls', '--format', '{{.Name}}')).filter((network) => !OF_DOCKER.has(network)).sort(),
    }),
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
