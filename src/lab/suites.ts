import { readFile } from 'node:fs/promises';
import { PetsError } from '../domain/errors.ts';
import type { LabPackage } from './packages.ts';

/** The suites of Debian whose engine a host of the lab can run: 20.10, 26.1 and the newest. */
export const SUITES = ['bookworm', 'trixie', 'sid'] as const;
export type Suite = (typeof SUITES)[number];

/** Which engines a lab is to have. */
export interface SuiteWish {
  /** Left out, what the lab's hosts have, and in a new lab this machine's own engine. */
  readonly suite?: Suite | undefined;
  /** The first host keeps this machine's own engine; the others have the suite's. */
  readonly mixed?: boolean | undefined;
}

/** Makes the root of another suite's engine. */
export const DEBOOTSTRAP: LabPackage = {
  name: 'debootstrap',
  why: "fetches another suite of Debian's, for its engine",
  programs: ['debootstrap'],
};

/**
 * Checks what a user typed after `--suite`.
 * @throws BAD_USAGE
 */
export function parseSuite(text: string): Suite {
  const suite = SUITES.find((known) => known === text);
  if (suite !== undefined) return suite;
  throw new PetsError('BAD_USAGE', {
    message: `suite '${text}' is not known; suites: ${SUITES.join(', ')}`,
    hint: 'pets-console lab up --suite sid',
  });
}

/**
 * The suite whose root has to be made for a wish: undefined where this machine's own engine is the wished one.
 * @throws BAD_USAGE for a mixed lab that would not be one
 */
export async function foreignSuite({ suite, mixed }: SuiteWish, engines: number): Promise<Suite | undefined> {
  const foreign = suite === (await machineSuite()) ? undefined : suite;
  if (mixed !== true) return foreign;
  const refuse = (message: string): never => {
    throw new PetsError('BAD_USAGE', { message, hint: 'pets-console lab up --suite sid --mixed' });
  };
  if (suite === undefined)
    return refuse("--mixed needs a suite for the hosts after the first: which is to stand beside this machine's own?");
  if (foreign === undefined) return refuse(`--mixed needs another suite than ${suite}, which this machine has itself`);
  if (engines < 2) return refuse('--mixed needs two engines at least');
  return foreign;
}

async function machineSuite(): Promise<string | undefined> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  return /^VERSION_CODENAME="?(\w+)/m.exec(release)?.[1];
}
