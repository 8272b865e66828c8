import { readFile } from 'node:fs/promises';
import { sha256Of } from '../domain/canonical.ts';
import type { Scenario } from '../domain/scenario.ts';
import { readBounded } from './files.ts';

/** Scenarios that were checked when the product was built, by the sha256 of their file. */
export type CheckedScenarios = Readonly<Record<string, Omit<Scenario, 'path'>>>;

/**
 * Reads a scenario file. One that was checked when the product was built is known by its digest, and neither YAML nor the schema is
 * loaded for it (60 ms of CPU, more than all else that a bare verb loads); every other file is parsed and checked now.
 * @throws BAD_FILE with every issue as `path:line:column`, NOT_FOUND
 */
export async function readScenario(path: string, checkedFile: string): Promise<Scenario> {
  const [bytes, checked] = await Promise.all([readBounded(path), readChecked(checkedFile)]);
  const digest = sha256Of(bytes);
  const known = Object.hasOwn(checked, digest) ? checked[digest] : undefined;
  if (known !== undefined) return { ...known, path };
  const { parseScenarioFile } = await import('./load.ts');
  return parseScenarioFile(path, bytes);
}

/** Without it (in a checkout that was not built) everything is parsed. */
async function readChecked(file: string): Promise<CheckedScenarios> {
  const text = await readFile(file, 'utf8').catch(() => '{}');
  return JSON.parse(text) as CheckedScenarios;
}
