import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PetsError } from '../../src/domain/errors.ts';
import { tryCommand } from '../../src/lab/command.ts';
import type { MeshCommand, MeshTrial } from './trial.ts';

/** What became of one command of a trial. */
export interface MeshResult {
  readonly trial: string;
  readonly command: string;
  /** Undefined where it never ran to its end. */
  readonly durationMs: number | undefined;
  readonly stdout: string;
  /** Why it failed; nothing when it passed. */
  readonly faults: readonly string[];
}

/** As `timeout` ends. */
const TIMED_OUT = [124, 137];

/**
 * Unpacks what a machine handed over into a folder, journals included.
 * @throws LAB_FAILED when it is nothing
 */
export async function unpackResults(disk: string, folder: string): Promise<void> {
  const { status, stderr } = await tryCommand('tar', ['--extract', `--file=${disk}`, `--directory=${folder}`, '--no-same-owner']);
  if (status === 0) return;
  throw new PetsError('LAB_FAILED', { message: `the machine handed over nothing that can be read: ${stderr.trim()}` });
}

/** Judges every command of every trial by what it left, those that never ran included. */
export async function judgeTrials(trials: readonly MeshTrial[], folder: string): Promise<readonly MeshResult[]> {
  const all = trials.flatMap((trial) => trial.commands.map((command) => judgeCommand(trial.name, command, folder)));
  return Promise.all(all);
}

async function judgeCommand(trial: string, command: MeshCommand, folder: string): Promise<MeshResult> {
  const read = (name: string) => readFile(join(folder, trial, command.name, name), 'utf8').catch(() => '');
  const [status, duration, stdout, stderr] = await Promise.all(['status', 'duration-ms', 'stdout', 'stderr'].map(read));
  const durationMs = duration ? Number(duration) : undefined;
  const faults = faultsOf(command, (status ?? '').trim(), stdout ?? '', stderr ?? '');
  return { trial, command: command.name, durationMs, stdout: stdout ?? '', faults };
}

function faultsOf({ withinS, says = [] }: MeshCommand, status: string, stdout: string, stderr: string): readonly string[] {
  if (status === '') return ['did not run to its end'];
  const last = [...stdout.trim().split('\n').slice(-3), ...stderr.trim().split('\n').slice(-6)].filter((line) => line !== '').join('\n');
  if (TIMED_OUT.includes(Number(status))) return [`was ended after ${withinS} s: ${last}`];
  if (status !== '0') return [`ended with ${status}: ${last}`];
  return says.filter((pattern) => !pattern.test(stdout)).map((pattern) => `did not say ${pattern}: ${last}`);
}
