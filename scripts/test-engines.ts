import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { failureOf } from '../src/domain/errors.ts';
import { installPackages, missingPackages } from '../src/lab/packages.ts';
import { ensureSuiteRoot } from '../src/lab/suite-roots.ts';
import { DEBOOTSTRAP } from '../src/lab/suites.ts';

/** Engines to test with, and the test files that tell something about them. */
interface Generation {
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  readonly files: readonly string[];
}

const ONE_ENGINE = ['test/engine-functions/', 'test/models/bridge.test.ts'];
/** Those whose labs have two hosts: what engines do for each other, and the other models of the guide, from plan to down. */
const TWO_ENGINES = [
  'test/engine-functions/two-engines.test.ts',
  'test/engine-functions/swarm.test.ts',
  'test/models/guide.test.ts',
  'test/models/overlay.test.ts',
  'test/models/overlay-verify.test.ts',
];
const SUITE = 'sid';

const GENERATIONS: readonly Generation[] = [
  { name: 'own', env: {}, files: [...ONE_ENGINE, ...TWO_ENGINES] },
  { name: SUITE, env: { PETS_TEST_SUITE: SUITE }, files: [...ONE_ENGINE, ...TWO_ENGINES, 'test/lab/suite-lab.test.ts'] },
  { name: 'mixed', env: { PETS_TEST_SUITE: SUITE, PETS_TEST_MIXED: 'yes' }, files: [...TWO_ENGINES, 'test/lab/suite-lab.test.ts'] },
];

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const say = (text: string) => process.stderr.write(`${text}\n`);
const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort());

const { positionals } = parseArgs({ allowPositionals: true });
const unknown = positionals.filter((word) => !GENERATIONS.some(({ name }) => name === word));
if (unknown.length > 0) {
  say(`${unknown.join(', ')}: not known; generations: ${GENERATIONS.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}

try {
  await installPackages(await missingPackages([DEBOOTSTRAP]), say);
  await ensureSuiteRoot(SUITE, say, interrupted.signal);
  const results: (readonly [string, Counts])[] = [];
  for (const generation of GENERATIONS) {
    if (positionals.length > 0 && !positionals.includes(generation.name)) continue;
    if (!interrupted.signal.aborted) results.push([generation.name, await testWith(generation)]);
  }
  for (const [name, counts] of results) process.stdout.write(`${name.padEnd(6)} ${describe(counts)}\n`);
  const sum = (count: keyof Counts) => results.reduce((total, [, counts]) => total + counts[count], 0);
  process.stdout.write(`${sum('passed')} passed, ${sum('failed')} failed\n`);
  process.exitCode = sum('failed') === 0 ? 0 : 1;
} catch (error) {
  const { message, hint } = failureOf(error);
  say(`${message}${hint === undefined ? '' : `\n  ${hint}`}`);
  process.exitCode = 4;
}

async function testWith({ name, env, files }: Generation): Promise<Counts> {
  say(`\n── ${name}: ${files.join(' ')}`);
  const folder = mkdtempSync(join(tmpdir(), 'pets-engines-'));
  const report = join(folder, 'report.json');
  try {
    const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...files];
    const ok = await runVitest(args, env);
    return readCounts(report, ok);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function runVitest(args: readonly string[], env: Readonly<Record<string, string>>): Promise<boolean> {
  return new Promise((resolve, reject) => {
    // A skipped test would pass for a tested engine: with CI set, a lab that cannot be made is a failure.
    const child = spawn(process.execPath, [join(ROOT, 'node_modules/vitest/vitest.mjs'), ...args], {
      cwd: ROOT,
      env: { ...process.env, CI: 'true', ...env },
      stdio: ['ignore', 2, 2],
    });
    child.on('error', reject);
    child.on('exit', (status) => resolve(status === 0));
  });
}

interface Report {
  readonly numPassedTests: number;
  readonly numPendingTests: number;
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly { readonly status: string }[] }[];
}

/** A file that could not be loaded, or whose lab did not come up, has no failed test of its own: it counts as one. */
function readCounts(path: string, ok: boolean): Counts {
  const report = JSON.parse(readFileSync(path, 'utf8')) as Report;
  const failed = report.testResults.reduce((total, { status, assertionResults }) => {
    const tests = assertionResults.filter((test) => test.status === 'failed').length;
    return total + (status === 'failed' ? Math.max(tests, 1) : tests);
  }, 0);
  return { passed: report.numPassedTests, failed: !ok && failed === 0 ? 1 : failed, skipped: report.numPendingTests };
}

function describe({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`;
}
