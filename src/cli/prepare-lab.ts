import { createInterface } from 'node:readline/promises';
import { PetsError } from '../domain/errors.ts';
import { labObstacles } from '../lab/obstacles.ts';
import { installPackages, type LabPackage, measureInstall } from '../lab/packages.ts';
import type { LabStatus } from '../lab/status.ts';
import { hasSuiteRoot, SUITE_SIZE, suiteRoot } from '../lab/suite-roots.ts';
import { DEBOOTSTRAP, foreignSuite, type Suite, type SuiteWish } from '../lab/suites.ts';
import { labUp } from '../lab/up.ts';
import type { VerbContext } from './verb.ts';

export interface LabWish extends SuiteWish {
  readonly name: string;
  readonly engines: number;
  readonly subnet?: string | undefined;
  /** `agreed`: what is missing is named and installed. `ask`: a person at a terminal decides. `refuse`: the next command is named. */
  readonly install: 'agreed' | 'ask' | 'refuse';
}

/** Brings a lab up, after saying what has to be installed for it, how large that is, and why. */
export async function prepareLab(wish: LabWish, context: VerbContext): Promise<LabStatus> {
  const say = (text: string) => context.stderr.write(`  ${text}\n`);
  const { install, ...lab } = wish;
  const wished = await foreignSuite(wish, wish.engines);
  const suite = wished === undefined || (await hasSuiteRoot(wished)) ? undefined : wished;
  const obstacles = await labObstacles(suite === undefined ? [] : [DEBOOTSTRAP]);
  const missing = obstacles.flatMap((obstacle) => obstacle.packages ?? []);
  if (missing.length > 0) await tellPackages(missing, context, say);
  const canMake = obstacles.every(({ packages }) => packages !== undefined); // else labUp refuses, whatever is agreed to
  if (suite !== undefined && canMake) tellSuite(suite, context, say);
  if (missing.length > 0 || (suite !== undefined && canMake)) {
    await agree(install, [...missing.map(({ name }) => name), ...(suite === undefined ? [] : [`a root of Debian ${suite}`])], context);
  }
  await installPackages(missing, say, context.signal);
  return labUp({ ...lab, onProgress: say, signal: context.signal });
}

async function tellPackages(missing: readonly LabPackage[], context: VerbContext, say: (text: string) => void): Promise<void> {
  const size = await measureInstall(missing, say);
  context.stderr.write(`A lab needs ${missing.length} package${missing.length === 1 ? '' : 's'} of Debian's that this machine lacks:\n`);
  for (const { name, why } of missing) say(`${name.padEnd(14)} ${why}`);
  say(`${size.downloadText} to fetch, ${size.diskText} on disk, with what they need; no system service is enabled or started`);
}

function tellSuite(suite: Suite, context: VerbContext, say: (text: string) => void): void {
  context.stderr.write(`The engine of Debian ${suite} runs in a root of its own, which debootstrap makes:\n`);
  say(`${SUITE_SIZE.downloadText} to fetch, ${SUITE_SIZE.diskText} on disk in ${suiteRoot(suite)}`);
  say('it is kept for later labs; pets-console lab down --purge removes it');
}

/** @throws LAB_UNSUPPORTED when nobody agrees */
async function agree(install: LabWish['install'], needed: readonly string[], context: VerbContext): Promise<void> {
  const question = needed.length === 1 ? 'Install it?' : 'Install them?';
  if (install === 'agreed' || (install === 'ask' && (await askYes(question, context)))) return;
  throw new PetsError('LAB_UNSUPPORTED', {
    message: `a lab needs ${needed.join(', ')}, which this machine lacks`,
    hint: 'install them: the same command with --yes (pets-console lab up --yes), or use an engine that you have: pets-console --host ENDPOINT',
  });
}

/** A question to the person at the terminal; Enter is yes, ctrl-d is no. @throws INTERRUPTED on ctrl-c and when asked to end */
export async function askYes(question: string, { stdin, stderr, signal }: VerbContext): Promise<boolean> {
  const terminal = createInterface({ input: stdin, output: stderr });
  const interrupt = new AbortController();
  terminal.once('SIGINT', () => interrupt.abort());
  const until = AbortSignal.any([signal, interrupt.signal]);
  try {
    const answer = await terminal.question(`${question} [Y/n] `, { signal: until });
    return /^(y(es)?)?$/i.test(answer.trim());
  } catch (error) {
    stderr.write('\n');
    if (until.aborted) throw new PetsError('INTERRUPTED', { message: 'interrupted; nothing was made', cause: error });
    // What readline makes of ctrl-d.
    if (error instanceof Error && error.name === 'AbortError') return false;
    throw error;
  } finally {
    terminal.close();
  }
}
