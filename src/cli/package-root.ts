import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PetsError } from '../domain/errors.ts';

let root: string | undefined;

/** A file of this package, wherever the running module lies in it: `src/cli/` in development, `dist/` once bundled. */
export function packageFile(...path: string[]): string {
  root ??= findRoot(dirname(fileURLToPath(import.meta.url)));
  return join(root, ...path);
}

function findRoot(folder: string): string {
  if (existsSync(join(folder, 'package.json')) && existsSync(join(folder, 'scenarios'))) return folder;
  const parent = dirname(folder);
  if (parent !== folder) return findRoot(parent);
  throw new PetsError('NOT_FOUND', { message: 'the files of pets-console are not where its program is', hint: 'install it again' });
}
