import { mkdir, writeFile } from 'node:fs/promises';
import { runCommand } from './command.ts';
import type { NodePaths } from './names.ts';

/**
 * Makes a network namespace that lives as long as its file is mounted.
 * Under the lab's own folder instead of `ip netns add`: that would leave /run/netns mounted for ever on a machine that never had one.
 */
export async function makeNetns(paths: NodePaths): Promise<void> {
  await mkdir(paths.dir, { recursive: true, mode: 0o755 });
  await writeFile(paths.netns, '');
  await runCommand('unshare', [`--net=${paths.netns}`, 'true']);
}
