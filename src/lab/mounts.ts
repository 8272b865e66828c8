import { readFile } from 'node:fs/promises';
import { runCommand } from './command.ts';

export interface Mount {
  readonly path: string;
  readonly type: string;
}

/** The mounts of our own mount namespace, in the order in which they were made. */
export async function listMounts(): Promise<Mount[]> {
  const table = await readFile('/proc/self/mountinfo', 'utf8');
  return table
    .trimEnd()
    .split('\n')
    .map((line) => {
      const fields = line.split(' ');
      return { path: decode(fields[4] ?? ''), type: fields[fields.indexOf('-') + 1] ?? '' };
    });
}

/** Unmounts everything at and below a folder, the last made first, so that removing the folder removes only itself. */
export async function unmountBelow(folder: string): Promise<number> {
  const ours = (await listMounts()).filter(({ path }) => path === folder || path.startsWith(`${folder}/`)).reverse();
  for (const { path } of ours) await runCommand('umount', ['-l', path]);
  return ours.length;
}

function decode(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
