import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { tryCommand } from '../../src/lab/command.ts';
import type { MeshResult } from './results.ts';
import type { MeshTrial } from './trial.ts';

const MEASUREMENTS = fileURLToPath(new URL('../../docs/measurements.md', import.meta.url));
const TITLE = '## In a machine with a stock kernel';

/** The last result as a section of docs/measurements.md: date, versions, and each trial with what it showed. */
export async function describeRun(trials: readonly MeshTrial[], results: readonly MeshResult[], tookMs: number): Promise<string> {
  const said = (command: string) => results.find((result) => result.command === command)?.stdout.trim() || 'unknown';
  const qemu = /version ([\d.]+)/.exec((await tryCommand('qemu-system-x86_64', ['--version'])).stdout)?.[1] ?? 'unknown';
  const day = new Date().toISOString().slice(0, 10);
  const processor = `${cpus().length} cores (${cpus()[0]?.model.trim()})`;
  const versions = `Linux ${said('kernel')} in QEMU ${qemu} (emulated) on ${processor} · Docker ${said('docker')} · Node ${said('node')}`;
  const rows = trials.map((trial) => rowOf(trial, results));
  return [
    TITLE,
    '',
    `${day} · ${versions} · \`npm run test:mesh\`, ${Math.round(tookMs / 1000)} s in all`,
    '',
    ...tableOf([['trial', 'passed', 'failed', 'up', 'verify', 'down', 'shows'], ...rows]),
    '',
  ].join('\n');
}

function rowOf({ name, shows }: MeshTrial, results: readonly MeshResult[]): readonly string[] {
  const own = results.filter(({ trial }) => trial === name);
  const failed = own.filter(({ faults }) => faults.length > 0).length;
  const time = (command: string) => {
    const durationMs = own.find((result) => result.command === command)?.durationMs;
    return durationMs === undefined ? '' : `${(durationMs / 1000).toFixed(1)} s`;
  };
  return [name, String(own.length - failed), String(failed), time('up'), time('verify'), time('down'), shows];
}

/** Aligned, as the formatter of the other tables has it. */
function tableOf(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`);
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [...lines.slice(0, 1), rule, ...lines.slice(1)];
}

/** Puts the section into docs/measurements.md in place of the one before it, or at its end. */
export async function recordRun(section: string): Promise<void> {
  const text = await readFile(MEASUREMENTS, 'utf8');
  const start = text.indexOf(TITLE);
  const next = start === -1 ? -1 : text.indexOf('\n## ', start);
  const before = start === -1 ? `${text.trimEnd()}\n\n` : text.slice(0, start);
  const after = next === -1 ? '' : text.slice(next);
  await writeFile(MEASUREMENTS, `${before}${section}${after}`);
}
