import { spawn } from 'node:child_process';

/** A whole process, timed from its start to its end. */
export interface Contender {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a process to its end and gives its milliseconds. @throws when it fails, with what it said */
export async function time({ name, command, args, env }: Contender): Promise<number> {
  const start = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said = (said + chunk).slice(-4000)));
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  const elapsedMs = performance.now() - start;
  if (status !== 0) throw new Error(`${name} ended with ${status}:\n${said}`);
  return elapsedMs;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = Number.NaN] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return (low + high) / 2;
}

/** A table of medians, the first row being what the others are held against, and ratios within the same run. */
export function table(title: string, rows: readonly { readonly name: string; readonly times: readonly number[] }[]): string {
  const base = median(rows[0]?.times ?? []);
  const last = median(rows.at(-1)?.times ?? []);
  const lines = rows.map(({ name, times }) => {
    const own = median(times);
    const range = `${Math.min(...times).toFixed(0)}–${Math.max(...times).toFixed(0)}`;
    return `| ${name} | ${own.toFixed(0)} | ${range} | ${(own / base).toFixed(2)} | ${(own / last).toFixed(2)} |`;
  });
  const head = [
    `${title}, n = ${rows[0]?.times.length}`,
    '',
    `| | median ms | min–max ms | ÷ ${rows[0]?.name} | ÷ ${rows.at(-1)?.name} |`,
    '|---|---|---|---|---|',
  ];
  return [...head, ...lines, ''].join('\n');
}
