import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { PetsError } from '../domain/errors.ts';
import { cleanEnvironment } from './command.ts';
import { PROCESS_MARK } from './names.ts';

/** A process of the lab as seen while it starts: `exited` resolves if it ends. */
export interface StartedProcess {
  readonly exited: Promise<number | null>;
}

/**
 * Starts a process that outlives us, marked as the lab's own.
 * In a session of its own, so that neither the terminal's ^C nor its hangup reaches it.
 */
export function startDetached(owner: { lab: string; node: string; log: string }, command: string, args: readonly string[]): StartedProcess {
  const log = openSync(owner.log, 'a', 0o640);
  try {
    const child = spawn(command, args, {
      detached: true,
      cwd: '/',
      stdio: ['ignore', log, log],
      env: cleanEnvironment({ [PROCESS_MARK]: `${owner.lab}/${owner.node}` }),
    });
    child.unref();
    return {
      exited: new Promise((resolve) => {
        child.on('error', () => resolve(null));
        child.on('exit', (status) => resolve(status));
      }),
    };
  } finally {
    closeSync(log);
  }
}

/** The living processes that bear a mark (`NAME=lab/node`), or any mark of a lab when it ends in `/`. */
export async function findMarked(mark: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry)).map(Number);
  const bears = await Promise.all(pids.map((pid) => bearsMark(pid, mark)));
  return pids.filter((pid, index) => bears[index] === true && pid !== process.pid);
}

/**
 * Ends every process that bears the mark and waits until they are gone.
 * SIGKILL, since nothing of theirs is to be kept. Containers bear no mark: they live in the PID namespace whose first process
 * does, and the kernel ends them with it.
 * @throws LAB_FAILED when one is still there after 10 s
 */
export async function killMarked(mark: string): Promise<number> {
  const killed = new Set<number>();
  const deadline = Date.now() + 10_000;
  for (;;) {
    const living = await findMarked(mark);
    if (living.length === 0) return killed.size;
    if (Date.now() > deadline) {
      throw new PetsError('LAB_FAILED', {
        message: `processes ${living.join(', ')} of the lab did not end within 10 s of SIGKILL`,
        hint: `they hang in the kernel: see /proc/${living[0]}/stack, then pets-console lab down again`,
      });
    }
    for (const pid of living) {
      killed.add(pid);
      endProcess(pid);
    }
    await delay(10);
  }
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** A zombie has no environment any more: it is not living. */
async function bearsMark(pid: number, mark: string): Promise<boolean> {
  const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
  return mark.endsWith('/') ? `\0${environment}`.includes(`\0${mark}`) : `\0${environment}`.includes(`\0${mark}\0`);
}
