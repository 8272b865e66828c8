import { readdir, rmdir, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { PetsError } from '../domain/errors.ts';
import { listMounts } from './mounts.ts';

const PARENT = 'pets-console';

/** Where an engine puts its containers' groups, in each hierarchy: a place of its own, so that nothing of another engine is near. */
export function cgroupParent(lab: string, node: string): string {
  return `/${PARENT}/${lab}/${node}`;
}

/** Removes the groups that a lab's engines made, in every hierarchy of version 1 and in version 2. Its processes must have been killed. */
export async function removeCgroups(lab: string): Promise<number> {
  const roots = (await listMounts()).filter(({ type }) => type === 'cgroup' || type === 'cgroup2').map(({ path }) => path);
  let removed = 0;
  for (const root of new Set(roots)) await thawTree(`${root}/${PARENT}/${lab}`);
  for (const root of new Set(roots)) {
    removed += await removeTree(`${root}/${PARENT}/${lab}`);
    await rmdir(`${root}/${PARENT}`).catch(() => {}); // another lab still has groups there, or it never existed
  }
  return removed;
}

/** What was paused ends only now: in version 1 a frozen process does not hear of its end. */
async function thawTree(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  // Only the hierarchy of the freezer has it.
  if (entries.some(({ name }) => name === 'freezer.state')) await writeFile(`${folder}/freezer.state`, 'THAWED').catch(() => undefined);
  for (const entry of entries) if (entry.isDirectory()) await thawTree(`${folder}/${entry.name}`);
}

async function removeTree(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => undefined);
  if (entries === undefined) return 0;
  let removed = 1;
  for (const entry of entries) if (entry.isDirectory()) removed += await removeTree(`${folder}/${entry.name}`);
  await removeGroup(folder);
  return removed;
}

/** The kernel keeps a group busy for a moment after its last process ended. */
async function removeGroup(folder: string): Promise<void> {
  const deadline = Date.now() + 5_000;
  for (;;) {
    const failure = await rmdir(folder).then(
      () => undefined,
      (error: NodeJS.ErrnoException) => error,
    );
    if (failure === undefined || failure.code === 'ENOENT') return;
    if (failure.code !== 'EBUSY' || Date.now() > deadline) {
      throw new PetsError('LAB_FAILED', { message: `control group ${folder} could not be removed: ${failure.message}`, cause: failure });
    }
    await delay(20);
  }
}
