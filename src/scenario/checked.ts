import { readFile } from 'node:fs/promises';
import { sha256Of } from '../domain/canonical.ts';
import type { Scenario } from '../domain/scenario.ts';
import { checkReferences } from './check-references.ts';
import { readBounded } from './files.ts';
import { type GivenInputs, NOTHING_GIVEN, resolveInputs } from './inputs.ts';
import { normalizeScenario } from './normalize.ts';
import type { ScenarioFile } from './schema.ts';

/** What scenario files hold that were checked when the product was built, by the sha256 of the file. */
export type CheckedScenarios = Readonly<Record<string, ScenarioFile>>;

/**
 * Reads a scenario file. One that was checked when the product was built is known by its digest, and neither YAML nor the schema is
 * loaded for it (60 ms of CPU, more than all else that a bare verb loads); every other file is parsed and checked now.
 * @throws BAD_FILE with every issue as `path:line:column`, BAD_USAGE, NOT_FOUND
 */
export async function readScenario(path: string, checkedFile: string, given: GivenInputs = NOTHING_GIVEN): Promise<Scenario> {
  const [bytes, checked] = await Promise.all([readBounded(path), readChecked(checkedFile)]);
  const digest = sha256Of(bytes);
  const known = Object.hasOwn(checked, digest) ? fromChecked(checked[digest], path, given) : undefined;
  if (known !== undefined) return known;
  const { parseScenarioFile } = await import('./load.ts');
  return parseScenarioFile(path, bytes, given);
}

/** An underlay is addresses, which need no schema to be checked; any other value may be anything, and somebody has to say where it is wrong. */
function fromChecked(file: ScenarioFile | undefined, path: string, given: GivenInputs): Scenario | undefined {
  if (file === undefined || Object.keys({ ...given.set, ...given.inForce }).length > 0) return undefined;
  const { value, inputs, issues } = resolveInputs(file, given);
  const resolved = value as ScenarioFile;
  if (given.underlay !== undefined && [...issues, ...checkReferences(resolved, resolved)].length > 0) return undefined;
  return normalizeScenario(resolved, path, inputs, given);
}

/** Without it (in a checkout that was not built) everything is parsed. */
async function readChecked(file: string): Promise<CheckedScenarios> {
  const text = await readFile(file, 'utf8').catch(() => '{}');
  return JSON.parse(text) as CheckedScenarios;
}
