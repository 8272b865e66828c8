import { EXIT, PetsError } from '../../domain/errors.ts';
import { labDown } from '../../lab/down.ts';
import { prepareLab } from '../prepare-lab.ts';
import { findHosts } from '../session.ts';
import type { VerbAction, VerbContext } from '../verb.ts';
import { run } from './act.ts';
import { openConsole } from './console.ts';
import { DEFAULT_ENGINES, DEFAULT_LAB } from './lab.ts';

/**
 * What `npm start` runs. Where an engine is found it is used; where none is, a lab is brought up, after saying what
 * that installs. With a terminal the console opens; without one the scenario runs headless and tells what it did.
 */
export const start: VerbAction = async ([scenario], flags, context) => {
  const headless = !context.stdout.isTTY || !context.stdin.isTTY;
  const raised = await raiseLabIfNeeded(headless, flags, context);
  if (!headless) {
    const status = await openConsole(scenario === undefined ? [] : [scenario], flags, context);
    if (raised) context.stderr.write('the lab is still up; take it down: npx pets-console lab down\n');
    return status;
  }
  try {
    return await run([scenario ?? 'bridge'], flags, context);
  } finally {
    // Nobody is there to take it down later.
    if (raised) {
      await labDown(DEFAULT_LAB, (text) => context.stderr.write(`  ${text}\n`));
      context.stderr.write('the lab that was brought up for this is down again; nothing of it is left\n');
    }
  }
};

async function raiseLabIfNeeded(headless: boolean, flags: Parameters<VerbAction>[1], context: VerbContext): Promise<boolean> {
  try {
    await findHosts(flags, context);
    return false;
  } catch (error) {
    if (!(error instanceof PetsError) || error.exitStatus !== EXIT.engine) throw error;
    context.stderr.write(
      `${error.message}\nSo a lab is brought up: two real Docker engines of its own on this machine, with no way out.\n`,
    );
    await prepareLab({ name: DEFAULT_LAB, engines: DEFAULT_ENGINES, install: 'agreed' }, context).catch(async (failure: unknown) => {
      // Half a lab, from an interruption or a fault: nobody is there to take it down later.
      if (headless) await labDown(DEFAULT_LAB, (text) => context.stderr.write(`  ${text}\n`));
      throw failure;
    });
    return true;
  }
}
