import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sha256Of } from '../../src/domain/canonical.ts';
import { readScenario } from '../../src/scenario/checked.ts';
import { checkScenarioFile, loadScenario } from '../../src/scenario/load.ts';

const SHIPPED = 'scenarios/bridge.yaml';

describe('a scenario that was checked when the product was built', () => {
  let folder: string;
  let checkedFile: string;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pets-checked-'));
    checkedFile = join(folder, 'scenarios.json');
    const bytes = readFileSync(SHIPPED);
    // A title that no file has tells which of the two was taken.
    writeFileSync(checkedFile, JSON.stringify({ [sha256Of(bytes)]: { ...checkScenarioFile(SHIPPED, bytes), title: 'checked at build' } }));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('is known by its digest, with the path that was asked for', async () => {
    expect(await readScenario(SHIPPED, checkedFile)).toMatchObject({ title: 'checked at build', path: SHIPPED, name: 'bridge' });
  });

  test('is parsed anew after any edit', async () => {
    const edited = join(folder, 'bridge.yaml');
    writeFileSync(edited, `${readFileSync(SHIPPED, 'utf8')}\n# edited\n`);
    expect(await readScenario(edited, checkedFile)).toEqual(await loadScenario(edited));
  });

  test('is parsed where nothing was built', async () => {
    expect(await readScenario(SHIPPED, join(folder, 'missing.json'))).toEqual(await loadScenario(SHIPPED));
  });

  test('survives being written and read: nothing of it is lost in JSON', async () => {
    const scenario = await loadScenario(SHIPPED);
    expect(JSON.parse(JSON.stringify(scenario))).toEqual(scenario);
  });
});
