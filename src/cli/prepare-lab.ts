import { createInterface } from 'node:readline/promises';
import { PetsError } from '../domain/errors.ts';
import { labObstacles } from '../lab/obstacles.ts';
import { installPackages, type LabPackage, measureInstall } from '../lab/packages.ts';
import type { LabStatus } from '../lab/status.ts';
import { labUp } from '../lab/up.ts';
import type { VerbContext } from './verb.ts';

export interface LabWish {
  readonly name: string;
  readonly engines: number;
  readonly subnet?: string | undefined;
  /** `agreed`: what is missing is named and installed. `ask`: a person at a terminal decides. `refuse`: the next command is named. */
  readonly install: 'agreed' | 'ask' | 'refuse';
}

/** Brings a lab up, after saying what has to be installed for it, how large that is, and why. */
export async function prepareLab(wish: LabWish, context: VerbContext): Promise<LabStatus> {
  const say = (text: string) => context.stderr.write(`  ${text}\n`);
  const missing = (await labObstacles()).flatMap((obstacle) => obstacle.packages ?? []);
  if (missing.length > 0) await installAgreed(missing, wish, context, say);
  return labUp({ name: wish.name, engines: wish.engines, subnet: wish.subnet, onProgress: say, signal: context.signal });
}

async function installAgreed(
  missing: readonly LabPackage[],
  wish: LabWish,
  context: VerbContext,
  say: (text: string) => void,
): Promise<void> {
  const size = await measureInstall(missing, say);
  context.stderr.write(`A lab needs ${missing.length} package${missing.length === 1 ? '' : 's'} of Debian's that this machine lacks:\n`);
  for (const { name, why } of missing) say(`${name.padEnd(14)} ${why}`);
  say(`${size.downloadText} to fetch, ${size.diskText} on disk, with what they need; no system service is enabled or started`);
  const agreed = wish.install === 'agreed' || (wish.install === 'ask' && (await askYes('Install them?', context)));
  if (!agreed) {
    throw new PetsError('LAB_UNSUPPORTED', {
      message: `a lab needs ${missing.map(({ name }) => name).join(', ')}, which this machine lacks`,
      hint: 'install them: pets-console lab up --yes, or use an engine that you have: pets-console --host ENDPOINT',
    });
  }
  await installPackages(missing, say, context.signal);
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
