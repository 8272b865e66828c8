import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sha256Of } from '../../src/domain/canonical.ts';
import { readScenario } from '../../src/scenario/checked.ts';
import { checkScenarioFile, loadScenario } from '../../src/scenario/load.ts';

const SHIPPED = 'scenarios/bridge.yaml';
const OVERLAY = 'scenarios/overlay.yaml';

describe('a scenario that was checked when the product was built', () => {
  let folder: string;
  let checkedFile: string;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pets-checked-'));
    checkedFile = join(folder, 'scenarios.json');
    const entries = [SHIPPED, OVERLAY].map((path) => {
      const bytes = readFileSync(path);
      // A title that no file has tells which of the two was taken.
      return [sha256Of(bytes), { ...checkScenarioFile(path, bytes), title: 'checked at build' }];
    });
    writeFileSync(checkedFile, JSON.stringify(Object.fromEntries(entries)));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('is known by its digest, with the path that was asked for', async () => {
    expect(await readScenario(SHIPPED, checkedFile)).toMatchObject({ title: 'checked at build', path: SHIPPED, name: 'bridge' });
  });

  test('is in the variant and as many as asked for, as a parsed one is', async () => {
    const given = { set: {}, variant: 'dnsrr', scale: { 'dog-db': 0 } };
    const checked = await readScenario(OVERLAY, checkedFile, given);
    expect(checked).toEqual({ ...(await loadScenario(OVERLAY, given)), title: 'checked at build' });
    expect(checked.services['dog-db']?.deploy).toEqual({ replicas: 0, endpointMode: 'dnsrr' });
    await expect(readScenario(OVERLAY, checkedFile, { set: {}, variant: 'none' })).rejects.toMatchObject({ code: 'BAD_USAGE' });
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
