import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { PetsError } from '../domain/errors.ts';
import { runCommand, tryCommand } from './command.ts';
import { exists } from './files.ts';
import { type Lock, takeLock, tryLock } from './lock.ts';
import { DATA_ROOT, PROCESS_MARK } from './names.ts';
import { killMarked } from './processes.ts';
import { namesOfLabs, readState } from './state.ts';
import { SUITES, type Suite } from './suites.ts';

/** A lab's name begins with a letter or digit, so none can be named like this folder. */
const CACHE = `${DATA_ROOT}/.suites`;

/** What a root takes; measured for sid and trixie in November 2026. */
export const SUITE_SIZE = { downloadText: 'about 120 MB', diskText: '0.4 GB' };

/** A host needs the engine, its firewall and `ps` (for `docker top`); the command line is a package of its own from trixie on. */
const PACKAGES = ['docker.io', 'iptables', 'iproute2', 'procps', 'ca-certificates'];

/** The words with which debootstrap's lines begin, and what is told at the first of each. */
const PHASES: readonly (readonly [RegExp, string])[] = [
  [/^I: Retrieving \S+ \d/, 'fetching its packages'],
  [/^I: Unpacking/, 'unpacking them'],
  [/^I: Configuring/, 'setting them up'],
];

/** Where the root of a suite is kept, for every lab of this machine. */
export function suiteRoot(suite: Suite): string {
  return `${CACHE}/${suite}`;
}

export function hasSuiteRoot(suite: Suite): Promise<boolean> {
  return exists(suiteRoot(suite));
}

/**
 * Makes the root of a suite unless it is there. It is made beside its place and moved there whole, so that half of one is never used.
 * @throws LAB_FAILED with what debootstrap said · INTERRUPTED
 */
export async function ensureSuiteRoot(suite: Suite, onProgress: (text: string) => void, signal: AbortSignal): Promise<void> {
  const lock = await takeLock(
    lockName(suite),
    `making of Debian ${suite}`,
    (holder) => onProgress(`waiting for another ${holder}`),
    signal,
  );
  try {
    if (await hasSuiteRoot(suite)) return;
    await sweepHalf(suite);
    const begunAt = performance.now();
    onProgress(`making a root of Debian ${suite} in ${suiteRoot(suite)}: ${SUITE_SIZE.downloadText} to fetch`);
    await bootstrap(suite, onProgress, signal);
    await rename(halfOf(suite), suiteRoot(suite));
    onProgress(`Debian ${suite} made after ${((performance.now() - begunAt) / 1000).toFixed(0)} s; kept for later labs`);
  } finally {
    await sweepHalf(suite).finally(() => lock.release());
  }
}

/** Removes what a making that was killed left; one that is under way is left alone. */
export async function sweepHalves(): Promise<void> {
  for (const suite of SUITES) await whileFree(suite, () => sweepHalf(suite));
}

/** What a purge removed, and what it kept because a lab runs on it. */
export interface SuitePurge {
  readonly purged: readonly Suite[];
  readonly kept: readonly { readonly suite: Suite; readonly because: string }[];
}

/** Removes the kept roots that no lab of this machine uses. */
export async function purgeSuites(): Promise<SuitePurge> {
  const purged: Suite[] = [];
  const kept: { suite: Suite; because: string }[] = [];
  for (const suite of SUITES) {
    if (!(await hasSuiteRoot(suite))) continue;
    const isFree = await whileFree(suite, async () => {
      const user = await userOf(suite);
      if (user !== undefined) return void kept.push({ suite, because: `lab ${user} runs on it` });
      await rename(suiteRoot(suite), halfOf(suite)); // a removal that is killed leaves a half, not a root with holes
      await sweepHalf(suite);
      purged.push(suite);
    });
    if (!isFree) kept.push({ suite, because: 'somebody is at work on it' });
  }
  return { purged, kept };
}

function lockName(suite: Suite): string {
  return `pets-console/suite/${suite}`;
}

function halfOf(suite: Suite): string {
  return `${CACHE}/${suite}.half`;
}

/** Under the lock, nobody but a making that was killed has processes or a half; its processes die with it, but in their own time. */
async function sweepHalf(suite: Suite): Promise<void> {
  await killMarked(`${PROCESS_MARK}=${markOf(suite)}`);
  await rm(halfOf(suite), { recursive: true, force: true });
  for (const folder of [CACHE, DATA_ROOT]) await rmdir(folder).catch(() => {}); // another root or a lab is there, or it never was
}

function markOf(suite: Suite): string {
  return `.suites/${suite}`;
}

async function whileFree(suite: Suite, act: () => Promise<void>): Promise<boolean> {
  const lock: Lock | undefined = await tryLock(lockName(suite), `removal of Debian ${suite}`);
  if (lock === undefined) return false;
  try {
    await act();
  } finally {
    await lock.release();
  }
  return true;
}

/** A lab writes down its hosts' suites before it takes the lock to make their roots. */
async function userOf(suite: Suite): Promise<string | undefined> {
  for (const lab of await namesOfLabs()) {
    if ((await readState(lab))?.hosts.some((host) => host.suite === suite)) return lab;
  }
  return undefined;
}

/**
 * In mount and PID namespaces of its own, and with a signal for the case that we die: whatever it mounts or starts there ends with it.
 * debootstrap checks the signatures of the archive, and fails where it has no keys to do so.
 */
async function bootstrap(suite: Suite, onProgress: (text: string) => void, signal: AbortSignal): Promise<void> {
  const half = halfOf(suite);
  await mkdir(half, { recursive: true, mode: 0o755 });
  const packages = suite === 'bookworm' ? PACKAGES : [...PACKAGES, 'docker-cli'];
  const isolated = ['--pdeathsig', 'KILL', 'unshare', '--mount', '--pid', '--fork', '--kill-child'];
  const wish = ['--variant=minbase', '--force-check-gpg', `--include=${packages.join(',')}`, suite, half, ...(await mirror())];
  await runCommand('setpriv', [...isolated, 'debootstrap', ...wish], {
    timeoutMs: 30 * 60_000,
    signal,
    env: { ...proxies(), [PROCESS_MARK]: markOf(suite) },
    onLine: phaseTeller(suite, onProgress),
  }).catch((error: unknown) => {
    if (!(error instanceof PetsError) || error.code !== 'LAB_FAILED') throw error;
    const hint = "see that this machine reaches Debian's archive (apt-get update), then run the command again";
    throw new PetsError('LAB_FAILED', { message: `Debian ${suite} could not be made: ${error.message}`, hint, cause: error });
  });
  for (const folder of ['var/lib/apt/lists', 'var/cache/apt/archives']) await emptyFolder(`${half}/${folder}`);
  await runCommand('sync', ['--file-system', half]); // the move must not reach the disk before what is moved
}

/** Where the machine's own packages of Debian come from; debootstrap knows one where they come from somewhere else. */
async function mirror(): Promise<readonly string[]> {
  const format = ['--format', '$(REPO_URI)', 'Created-By: Packages', 'Origin: Debian', 'Component: main'];
  const { stdout } = await tryCommand('apt-get', ['indextargets', ...format]);
  const found = stdout.split('\n').find((uri) => /^https?:\/\/\S+\/debian\/?$/.test(uri));
  return found === undefined ? [] : [found];
}

function proxies(): Record<string, string> {
  const names = ['http_proxy', 'https_proxy', 'no_proxy'];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
}

function phaseTeller(suite: Suite, onProgress: (text: string) => void): (line: string) => void {
  const told = new Set<string>();
  return (line) => {
    const phase = PHASES.find(([begin]) => begin.test(line))?.[1];
    if (phase === undefined || told.has(phase)) return;
    told.add(phase);
    onProgress(`Debian ${suite}: ${phase}`);
  };
}

async function emptyFolder(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  await Promise.all(names.map((name) => rm(`${folder}/${name}`, { recursive: true, force: true })));
}
