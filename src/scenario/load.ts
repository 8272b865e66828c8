import { decodeDocument, parseDocument } from '../domain/document.ts';
import { type Failure, failureOf, PetsError } from '../domain/errors.ts';
import type { Scenario } from '../domain/scenario.ts';
import { checkReferences } from './check-references.ts';
import { readBounded, scenarioPaths } from './files.ts';
import { normalizeScenario } from './normalize.ts';
import { scenarioFileSchema, scenarioPartsSchema } from './schema.ts';

/** Reads and checks one scenario file. @throws BAD_FILE with every issue as `path:line:column`, NOT_FOUND */
export async function loadScenario(path: string): Promise<Scenario> {
  return parseScenarioFile(path, await readBounded(path));
}

/** The bytes of a scenario file as a scenario. @throws BAD_FILE */
export function parseScenarioFile(path: string, bytes: Uint8Array): Scenario {
  return parseScenario(path, decodeDocument(path, bytes));
}

/** The text of a scenario file as a scenario. @throws BAD_FILE */
export function parseScenario(path: string, text: string): Scenario {
  const file = parseDocument(path, text, scenarioFileSchema, {
    references: { schema: scenarioPartsSchema, check: checkReferences },
    hint: `correct the file, then: pets-console plan ${path}`,
  });
  return normalizeScenario(file, path);
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
