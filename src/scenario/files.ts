import { open, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { LARGEST_DOCUMENT_BYTES } from '../domain/document-limits.ts';
import { PetsError } from '../domain/errors.ts';
import { didYouMean } from '../domain/suggest.ts';

const SUFFIX = '.yaml';

/**
 * The path of a scenario: of the name in the first of `dirs` that has it, or itself when it contains `/` or ends in `.yaml`.
 * @throws NOT_FOUND with the names that exist
 */
export async function findScenario(name: string, dirs: readonly string[]): Promise<string> {
  if (isScenarioPath(name)) return name;
  const paths = await scenarioPaths(dirs);
  const path = paths.get(name);
  if (path !== undefined) return path;
  const names = [...paths.keys()].sort();
  const known = names.length === 0 ? `no scenarios in ${dirs.join(', ')}` : `scenarios: ${names.join(', ')}`;
  throw new PetsError('NOT_FOUND', {
    message: `scenario ${JSON.stringify(name)} is not known; ${known}.${didYouMean(name, names)}`,
    hint: `pets-console plan ${names[0] ?? './my-scenario.yaml'}, or the path of a file that ends in ${SUFFIX}`,
  });
}

/** Whether what stands for a scenario is a file's path rather than a name. */
export function isScenarioPath(name: string): boolean {
  return name.includes('/') || name.endsWith(SUFFIX);
}

/** Paths of all scenarios by name; a name in an earlier folder hides the same name in a later one. */
export async function scenarioPaths(dirs: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const paths = new Map<string, string>();
  for (const dir of dirs) {
    for (const file of await filesIn(dir)) {
      const name = basename(file, SUFFIX);
      if (file.endsWith(SUFFIX) && !paths.has(name)) paths.set(name, join(dir, file));
    }
  }
  return paths;
}

/** A user who keeps no scenarios of their own has no such folder; one that cannot be read is an error. */
async function filesIn(dir: string): Promise<readonly string[]> {
  try {
    return await readdir(dir);
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return [];
    throw new PetsError('BAD_FILE', { message: `${dir}: ${describeFault(cause)}`, hint: `ls -ld ${dir}`, cause });
  }
}

/** At most one byte over the limit, so that /dev/zero and the like end too. */
export async function readBounded(path: string): Promise<Uint8Array> {
  try {
    await using file = await open(path, 'r');
    const buffer = new Uint8Array(LARGEST_DOCUMENT_BYTES + 1);
    let length = 0;
    for (;;) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length);
      length += bytesRead;
      if (bytesRead === 0 || length === buffer.length) return buffer.subarray(0, length);
    }
  } catch (cause) {
    const code = codeOf(cause) === 'ENOENT' ? 'NOT_FOUND' : 'BAD_FILE';
    throw new PetsError(code, { message: `${path}: ${describeFault(cause)}`, hint: `ls -l ${path}`, cause });
  }
}

function codeOf(cause: unknown): unknown {
  return cause instanceof Error && 'code' in cause ? cause.code : undefined;
}

function describeFault(cause: unknown): string {
  const texts: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file',
    EACCES: 'permission denied',
    EISDIR: 'it is a folder, not a file',
    ENOTDIR: 'it is not a folder',
  };
  return texts[String(codeOf(cause))] ?? (cause instanceof Error ? cause.message : String(cause));
}
