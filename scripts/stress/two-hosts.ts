import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { labDown } from '../../src/lab/down.ts';
import { nodePaths } from '../../src/lab/names.ts';
import type { Suite } from '../../src/lab/suites.ts';
import { labUp } from '../../src/lab/up.ts';

const LAB = 't-stress';
const SUBNET = '192.168.76.0/24';
const LAUNCHER = fileURLToPath(new URL('../../bin/pets-console.cjs', import.meta.url));
/** No verb waits that long for anything: one that is still there hangs. */
const HANGS_MS = 240_000;

export interface Ended {
  /** Null where it was ended because it hung. */
  readonly status: number | null;
  readonly said: string;
}

/** Two real engines, the built console pointed at them, and the docker command line to see beside it what is there. */
export interface TwoHosts {
  readonly names: readonly string[];
  addressOf(host: string): string;
  console(...args: readonly string[]): Promise<Ended>;
  start(...args: readonly string[]): ChildProcess;
  /** @throws with what docker said */
  docker(host: string, ...args: readonly string[]): Promise<string>;
  /** What the engine of a host has logged since it was started. */
  logOf(host: string): string;
  /** New engines of the same names at the same addresses, with nothing in them: an engine that fell ill takes its illness along. */
  renew(): Promise<void>;
  down(): Promise<void>;
}

/** Without a suite engines of this machine's own. */
export async function raiseTwoHosts(suite: Suite | undefined, say: (text: string) => void): Promise<TwoHosts> {
  const raise = () => labUp({ name: LAB, engines: 2, subnet: SUBNET, suite, onProgress: say, signal: new AbortController().signal });
  const lab = await raise();
  const state = mkdtempSync(join(tmpdir(), 'pets-stress-'));
  const env = { ...process.env, XDG_STATE_HOME: state, XDG_CONFIG_HOME: join(state, 'config'), NO_COLOR: '1' };
  const argsFor = (args: readonly string[]) => [LAUNCHER, ...args, '--hosts', `/run/pets-console/${LAB}/hosts.json`];
  const known = (name: string) => lab.hosts.find((host) => host.name === name);
  return {
    names: lab.hosts.map(({ name }) => name),
    addressOf: (host) => known(host)?.address ?? '',
    console: (...args) => run(process.execPath, argsFor(args), env),
    start: (...args) => spawn(process.execPath, argsFor(args), { env, stdio: 'ignore' }),
    docker: async (host, ...args) => {
      const { status, said } = await run('docker', ['-H', known(host)?.endpoint ?? '', ...args], env);
      if (status !== 0) throw new Error(`${host}: docker ${args.join(' ')}: ${said}`);
      return said.trim();
    },
    logOf: (host) => readFileSync(nodePaths(LAB, host).log, 'utf8'),
    renew: async () => {
      await labDown(LAB, say);
      await raise();
    },
    down: async () => {
      await labDown(LAB, say);
      rmSync(state, { recursive: true, force: true });
    },
  };
}

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { env, encoding: 'utf8', maxBuffer: 1 << 26, timeout: HANGS_MS } as const;
    const child = execFile(command, args, options, (_error, stdout, stderr) => {
      resolve({ status: child.exitCode, said: `${stdout}${stderr}` });
    });
  });
}

export function linesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '');
}
