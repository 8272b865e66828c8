import { decodeDocument, parseDocument } from '../domain/document.ts';
import { type Failure, failureOf, PetsError } from '../domain/errors.ts';
import type { Scenario } from '../domain/scenario.ts';
import { readYaml } from '../domain/yaml-source.ts';
import { checkReferences } from './check-references.ts';
import { readBounded, scenarioPaths } from './files.ts';
import { type GivenInputs, NOTHING_GIVEN, type ResolvedDocument, resolveInputs } from './inputs.ts';
import { normalizeScenario } from './normalize.ts';
import { type ScenarioFile, scenarioFileSchema, scenarioPartsSchema } from './schema.ts';

/** Reads and checks one scenario file. @throws BAD_FILE with every issue as `path:line:column`, BAD_USAGE, NOT_FOUND */
export async function loadScenario(path: string, given?: GivenInputs): Promise<Scenario> {
  return parseScenarioFile(path, await readBounded(path), given);
}

/** What a scenario file holds, checked with the inputs' own values but not yet filled in: what the build keeps for later. @throws BAD_FILE */
export function checkScenarioFile(path: string, bytes: Uint8Array): ScenarioFile {
  const text = decodeDocument(path, bytes);
  parseScenario(path, text);
  return readYaml(text).source.value as ScenarioFile;
}

/** The bytes of a scenario file as a scenario. @throws BAD_FILE, BAD_USAGE */
export function parseScenarioFile(path: string, bytes: Uint8Array, given?: GivenInputs): Scenario {
  return parseScenario(path, decodeDocument(path, bytes), given);
}

/** The text of a scenario file as a scenario. @throws BAD_FILE, and BAD_USAGE for an input that is set and that it does not have */
export function parseScenario(path: string, text: string, given: GivenInputs = NOTHING_GIVEN): Scenario {
  let inputs: ResolvedDocument['inputs'] = {};
  const file = parseDocument(path, text, scenarioFileSchema, {
    prepare: (raw) => {
      const resolved = resolveInputs(raw, given);
      inputs = resolved.inputs;
      return resolved;
    },
    references: { schema: scenarioPartsSchema, check: checkReferences },
    hint: hintFor(path, given),
  });
  return normalizeScenario(file, path, inputs, given);
}

function hintFor(path: string, { set }: GivenInputs): string {
  const chosen = Object.keys(set).map((name) => ` --set ${name}=VALUE`);
  return `correct the file${chosen.length === 0 ? '' : ', or choose other values'}, then: pets-console plan ${path}${chosen.join('')}`;
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
