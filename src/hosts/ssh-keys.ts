import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';

/** Keys that ssh would offer, as files. */
export interface OfferedKeys {
  readonly files: readonly string[];
  /** Those of them that ask for a passphrase. */
  readonly locked: readonly string[];
}

const LOOK_MS = 2000;

/** Which key files ssh's configuration names for a target and this machine has. Those of an agent are not listed. */
export async function offeredKeys(targetArguments: readonly string[]): Promise<OfferedKeys> {
  const configuration = await output('ssh', ['-G', ...targetArguments]);
  const named = [...configuration.matchAll(/^identityfile (.+)$/gm)].map(([, path = '']) => path.replace(/^~(?=\/)/, homedir()));
  const files = named.filter((path) => existsSync(path));
  const isLocked = await Promise.all(
    files.map(async (path) => /passphrase/.test(await output('ssh-keygen', ['-y', '-P', '', '-f', path]))),
  );
  return { files, locked: files.filter((_, index) => isLocked[index] === true) };
}

function output(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: LOOK_MS }, (_error, stdout, stderr) => resolve(`${stdout}\n${stderr}`));
  });
}
