import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** What no room may import, each pair planted as a file of its own. */
const REFUSED: readonly (readonly [file: string, module: string])[] = [
  ['src/domain/a.ts', '../engine/networks.ts'],
  ['src/domain/b.ts', '../core/store.ts'],
  ['src/scenario/a.ts', '../run/execute.ts'],
  ['src/hosts/a.ts', '../engine/engine.ts'],
  ['src/engine/a.ts', '../agent/open-agent.ts'],
  ['src/agent/a.ts', '../run/execute.ts'],
  ['src/run/a.ts', '../observe/watch-engine.ts'],
  ['src/run/b.ts', 'dockerode'],
  ['src/observe/a.ts', '../scenario/load.ts'],
  ['src/journal/a.ts', '../core/stream.ts'],
  ['src/lab/a.ts', '../scenario/load.ts'],
  ['src/core/a.ts', '../run/run-verb.ts'],
  ['src/tui/a.tsx', '../engine/networks.ts'],
  ['src/tui/b.tsx', 'node:fs'],
  ['src/cli/a.ts', 'ink'],
  ['app-image/src/a.ts', '../../src/domain/errors.ts'],
];
const ALLOWED: readonly (readonly [file: string, module: string])[] = [
  ['src/run/allowed.ts', '../engine/networks.ts'],
  ['src/engine/allowed.ts', 'dockerode'],
  ['src/tui/allowed.tsx', '../domain/state.ts'],
  ['src/cli/allowed.ts', '../run/run-verb.ts'],
  ['app-image/src/allowed.ts', '../../src/agent/protocol.ts'],
];
/** Every room but the composition root, which may import all of them. */
const ROOMS = readdirSync('src').filter((folder) => folder !== 'cli');

describe('the layers', () => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'pets-layers-')));
  let complaints: ReadonlySet<string>;

  beforeAll(() => {
    cpSync('biome.json', join(root, 'biome.json'));
    for (const [file, module] of [...REFUSED, ...ALLOWED]) plant(file, `import { planted } from '${module}';\n\nplanted();\n`);
    for (const room of ROOMS) plant(`src/${room}/upward.ts`, `import { planted } from '../cli/main.ts';\n\nplanted();\n`);
    plant('src/domain/circle-a.ts', `import type { B } from './circle-b.ts';\n\nexport type A = B | 1;\n`);
    plant('src/domain/circle-b.ts', `import type { A } from './circle-a.ts';\n\nexport type B = A | 2;\n`);
    complaints = lint();
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  function plant(file: string, text: string): void {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }

  /** `rule file` of every complaint that the linter has about what was planted. */
  function lint(): ReadonlySet<string> {
    const args = ['lint', '--vcs-enabled=false', '--max-diagnostics=none', '--reporter=github', '.'];
    const { stdout } = spawnSync(join(process.cwd(), 'node_modules/.bin/biome'), args, { cwd: root, encoding: 'utf8' });
    const found = stdout.matchAll(/title=lint\/\w+\/(\w+),file=([^,]+),/g);
    return new Set([...found].map(([, rule, file]) => `${rule} ${relative(root, file ?? '')}`));
  }

  it.each(REFUSED)('refuse that %s imports %s', (file) => {
    expect(complaints).toContain(`noRestrictedImports ${file}`);
  });

  it.each(ALLOWED)('allow that %s imports %s', (file) => {
    expect(complaints).not.toContain(`noRestrictedImports ${file}`);
  });

  it.each(ROOMS)('let nothing of src/%s reach up to the verbs', (room) => {
    expect(complaints).toContain(`noRestrictedImports src/${room}/upward.ts`);
  });

  it('refuse a circle, also one of types only', () => {
    expect(complaints).toContain('noImportCycles src/domain/circle-a.ts');
  });
});
