import { readdir, rm, rmdir } from 'node:fs/promises';
import { removeCgroups } from './cgroups.ts';
import { unmountBelow } from './mounts.ts';
import { DATA_ROOT, labPaths, PROCESS_MARK, RUN_ROOT } from './names.ts';
import { killMarked } from './processes.ts';
import { removeConsoleLink } from './wire.ts';

/**
 * Removes everything that a lab can have made, whole or half: processes first, since they hold the rest.
 * The state's own file and folder stay, so that a removal killed half-way is known as one. Returns what was there.
 */
export async function reapLab(lab: string, owned: { readonly link: boolean } = { link: true }): Promise<string[]> {
  const { run, data } = labPaths(lab);
  const removed: string[] = [];
  const note = (count: number, one: string, many: string) => {
    if (count > 0) removed.push(`${count} ${count === 1 ? one : many}`);
  };
  note(await killMarked(`${PROCESS_MARK}=${lab}/`), 'process', 'processes');
  if (owned.link && (await removeConsoleLink(lab))) removed.push('the link to the wire');
  note((await unmountBelow(run)) + (await unmountBelow(data)), 'namespace', 'namespaces');
  note(await removeCgroups(lab), 'control group', 'control groups');
  const nodes = (await readdir(run, { withFileTypes: true }).catch(() => [])).filter((entry) => entry.isDirectory());
  for (const { name } of nodes) await rm(`${run}/${name}`, { recursive: true, force: true });
  await rm(data, { recursive: true, force: true });
  if (nodes.length > 0) removed.push(`files of ${nodes.map(({ name }) => name).join(', ')}`);
  return removed;
}

/** The last act of `down`: the state goes, and the shared folders when no other lab needs them. */
export async function forgetLab(lab: string): Promise<void> {
  await rm(labPaths(lab).run, { recursive: true, force: true });
  for (const folder of [RUN_ROOT, DATA_ROOT]) await rmdir(folder).catch(() => {}); // other labs live there, or it never was
}
