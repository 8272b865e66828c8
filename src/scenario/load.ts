import { open, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { decodeDocument, LARGEST_DOCUMENT_BYTES, parseDocument } from '../domain/document.ts';
import { type Failure, failureOf, PetsError } from '../domain/errors.ts';
import type { Scenario } from '../domain/scenario.ts';
import { didYouMean } from '../domain/suggest.ts';
import { checkReferences } from './check-references.ts';
import { normalizeScenario } from './normalize.ts';
import { scenarioFileSchema, scenarioPartsSchema } from './schema.ts';

const SUFFIX = '.yaml';

/** Reads and checks one scenario file. @throws BAD_FILE with every issue as `path:line:column`, NOT_FOUND */
export async function loadScenario(path: string): Promise<Scenario> {
  return parseScenario(path, decodeDocument(path, await readBounded(path)));
}

/** The text of a scenario file as a scenario. @throws BAD_FILE */
export function parseScenario(path: string, text: string): Scenario {
  const file = parseDocument(path, text, scenarioFileSchema, {
    references: { schema: scenarioPartsSchema, check: checkReferences },
    hint: `correct the file, then: pets-console plan ${path}`,
  });
  return normalizeScenario(file, path);
}

/**
 * The path of a scenario: of the name in the first of `dirs` that has it, or itself when it contains `/` or ends in `.yaml`.
 * @throws NOT_FOUND with the names that exist
 */
export async function findScenario(name: string, dirs: readonly string[]): Promise<string> {
  if (name.includes('/') || name.endsWith(SUFFIX)) return name;
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

export interface ScenarioList {
  readonly scenarios: readonly Scenario[];
  /** Files that could not be read, with why: never hidden. */
  readonly broken: readonly { readonly path: string; readonly failure: Failure }[];
}

/** Every scenario of `dirs` by name; a name in an earlier folder hides the same name in a later one. */
export async function listScenarios(dirs: readonly string[]): Promise<ScenarioList> {
  const paths = [...(await scenarioPaths(dirs))].sort(([left], [right]) => left.localeCompare(right)).map(([, path]) => path);
  const loaded = await Promise.all(
    paths.map((path) =>
      loadScenario(path).catch((error: unknown) => {
        if (error instanceof PetsError) return { path, failure: failureOf(error) };
        throw error;
      }),
    ),
  );
  return {
    scenarios: loaded.filter((each): each is Scenario => !('failure' in each)),
    broken: loaded.filter((each) => 'failure' in each),
  };
}

async function scenarioPaths(dirs: readonly string[]): Promise<ReadonlyMap<string, string>> {
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
async function readBounded(path: string): Promise<Uint8Array> {
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
