import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { failureOf } from '../src/domain/errors.ts';
import { exists } from '../src/lab/files.ts';
import { takeLock } from '../src/lab/lock.ts';
import { FINISHED } from './mesh/guest-init.ts';
import { newestKernel } from './mesh/kernel.ts';
import { runMachine } from './mesh/machine.ts';
import { debianOfHost, ensureMachinePackages } from './mesh/machine-packages.ts';
import { makePayload } from './mesh/payload.ts';
import { describeRun, recordRun } from './mesh/record.ts';
import { judgeTrials, type MeshResult, unpackResults } from './mesh/results.ts';
import { ensureMachineFiles, HALF } from './mesh/root-disk.ts';
import type { MeshTrial } from './mesh/trial.ts';
import { LAB_DOWN, LAB_UP, TRIALS } from './mesh/trials.ts';

/** Boot and the machine's end; each command has its own bound. */
const BOOT_WITHIN_S = 180;
const CACHE = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'pets-console', 'mesh');
/** What the last run handed over: output and exit status of every command, journals, the machine's console. */
const LAST = join(CACHE, 'last');

const say = (text: string) => process.stderr.write(`${text}\n`);
const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => interruption.abort());

/** Makes the machine where it is not there yet, runs the trials in it, and judges what it hands over. */
async function testMesh(): Promise<void> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { record: { type: 'boolean', default: false } } });
  const chosen = chooseTrials(positionals);
  if (chosen === undefined) return;
  const trials = [LAB_UP, ...chosen, LAB_DOWN];
  await ensureMachinePackages(say);
  const lock = await takeLock('pets-console/mesh', 'the machine', (holder) => say(`waiting for ${holder}`), interruption.signal);
  try {
    const begunAt = performance.now();
    await runTrials(trials);
    const results = await judgeTrials(trials, LAST);
    report(results);
    const section = await describeRun(trials, results, performance.now() - begunAt);
    await writeFile(join(LAST, 'result.md'), section);
    if (values.record) await recordRun(section);
    say(`everything that it said is in ${LAST}`);
  } finally {
    await lock.release();
  }
}

/** Those named, all where none is. */
function chooseTrials(names: readonly string[]): readonly MeshTrial[] | undefined {
  const unknown = names.find((name) => !TRIALS.some((trial) => trial.name === name));
  if (unknown === undefined) return TRIALS.filter(({ name }) => names.length === 0 || names.includes(name));
  say(`trial '${unknown}' is not known; trials: ${TRIALS.map(({ name }) => name).join(', ')}\n  npm run test:mesh -- ${TRIALS[0]?.name}`);
  process.exitCode = 2;
  return undefined;
}

async function runTrials(trials: readonly MeshTrial[]): Promise<void> {
  const files = await ensureMachineFiles(CACHE, await debianOfHost(), await newestKernel(), { say, signal: interruption.signal });
  await rm(LAST, { recursive: true, force: true });
  await mkdir(LAST, { recursive: true });
  const work = await mkdtemp(join(CACHE, HALF));
  try {
    const disks = { payload: join(work, 'payload.ext4'), results: join(work, 'results.tar') };
    await makePayload(disks.payload, work, trials);
    await writeFile(disks.results, '');
    await truncate(disks.results, 256 * 1024 * 1024);
    const withinS = trials.flatMap(({ commands }) => commands).reduce((sum, command) => sum + command.withinS + 10, BOOT_WITHIN_S);
    say(`booting; at most ${Math.ceil(withinS / 60)} minutes`);
    const options = { consoleLog: join(LAST, 'console.log'), withinMs: withinS * 1000, signal: interruption.signal, onProgress: say };
    // What came before a hang is judged too.
    const said = await runMachine(files, disks, options).catch((error: unknown) => {
      if (interruption.signal.aborted) throw error;
      return failureOf(error).message;
    });
    await unpackResults(disks.results, LAST);
    if (!(await exists(join(LAST, FINISHED)))) say(`the machine ended before its trials did:\n${said}`);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function report(results: readonly MeshResult[]): void {
  const width = Math.max(...results.map(({ trial, command }) => trial.length + command.length + 1));
  for (const { trial, command, durationMs, faults } of results) {
    const took = durationMs === undefined ? '' : `${(durationMs / 1000).toFixed(1)} s`;
    process.stdout.write(`${faults.length === 0 ? '✓' : '!'} ${`${trial} ${command}`.padEnd(width)}  ${took.padStart(7)}\n`);
    for (const fault of faults) process.stdout.write(`    ${fault.replaceAll('\n', '\n    ')}\n`);
  }
  const failed = results.filter(({ faults }) => faults.length > 0).length;
  process.stdout.write(`${results.length - failed} passed, ${failed} failed\n`);
  process.exitCode = failed === 0 ? 0 : 1;
}

try {
  await testMesh();
} catch (error) {
  const { message, hint } = failureOf(error);
  say(`${message}${hint === undefined ? '' : `\n  ${hint}`}`);
  process.exitCode = interruption.signal.aborted ? 130 : 4;
}
