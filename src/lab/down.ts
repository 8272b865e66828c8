import { takeLock } from './lock.ts';
import { checkLabName, PROCESS_MARK } from './names.ts';
import { refuseUnprivileged } from './obstacles.ts';
import { findMarked } from './processes.ts';
import { readState, writeState } from './state.ts';
import { sweepHalves } from './suite-roots.ts';
import { forgetLab, reapLab } from './teardown.ts';
import { labLock } from './up.ts';

/** What `down` found and removed, in words; empty when there was nothing. */
export interface LabRemoval {
  readonly removed: readonly string[];
}

/**
 * Takes a lab down, whole or half-made: no process, namespace, link, mount, file, rule or control group of it stays.
 * Where its state was lost (a restart empties /run), its processes and folders are still known as its own, a link of its name is not.
 * @throws LAB_UNSUPPORTED without root · LAB_FAILED
 */
export async function labDown(name: string, onProgress: (text: string) => void): Promise<LabRemoval> {
  checkLabName(name);
  await refuseUnprivileged();
  const lock = await takeLock(labLock(name), `lab ${name}`, (holder) => onProgress(`waiting for another ${holder}`));
  try {
    const state = await readState(name);
    const owned = state !== undefined || (await findMarked(`${PROCESS_MARK}=${name}/`)).length > 0;
    if (state !== undefined) await writeState({ ...state, phase: 'removing' });
    const removed = await reapLab(name, { link: owned });
    await sweepHalves();
    await forgetLab(name);
    return { removed };
  } finally {
    await lock.release();
  }
}
