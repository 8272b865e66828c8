import { chmod, copyFile, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { guestInit } from './guest-init.ts';
import { GUEST_TOOLS } from './guest-tools.ts';
import { makeDisk } from './root-disk.ts';
import type { MeshTrial } from './trial.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PACKAGE = z.object({ files: z.array(z.string()) });

/** Makes the disk that a machine is given to read: the built console as it is shipped, the Node that runs this, and the trials. */
export async function makePayload(disk: string, work: string, trials: readonly MeshTrial[]): Promise<void> {
  const folder = join(work, 'payload');
  const { files } = PACKAGE.parse(JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')));
  for (const file of ['package.json', ...files]) await cp(join(ROOT, file), join(folder, 'console', file), { recursive: true });
  await mkdir(join(folder, 'tools'), { recursive: true });
  await copyFile(process.execPath, join(folder, 'tools', 'node'));
  for (const [name, text] of Object.entries(GUEST_TOOLS)) {
    await writeFile(join(folder, 'tools', name), text);
    await chmod(join(folder, 'tools', name), 0o755);
  }
  await cp(join(ROOT, 'scripts/mesh/guest'), join(folder, 'guest'), { recursive: true });
  await writeFile(join(folder, 'guest', 'package.json'), '{ "type": "module" }\n');
  await writeFile(join(folder, 'init'), guestInit(trials));
  await makeDisk(disk, '512M', folder);
}
