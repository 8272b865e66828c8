import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Ownership } from '../../src/domain/labels.ts';
import { closeEngine, type Engine, openEngine } from '../../src/engine/engine.ts';
import type { EngineLab } from '../support/engine-lab.ts';

export const never = new AbortController().signal;

export const OWNERSHIP: Ownership = { project: 'tests', scenario: 'tests', resource: '', spec: '', run: 'tests', hosts: '' };

/** Connections to the engines of a lab, by the name of the host. */
export async function openEngines(lab: EngineLab): Promise<ReadonlyMap<string, Engine>> {
  const engines = await Promise.all(lab.hosts.map((host) => openEngine(host)));
  return new Map(engines.map((engine) => [engine.name, engine]));
}

export function closeEngines(engines: ReadonlyMap<string, Engine>): void {
  for (const engine of engines.values()) closeEngine(engine);
}

export interface HostProcess {
  readonly ended: Promise<void>;
  output(): string;
  end(): Promise<void>;
}

const NAMESPACES = ['--uts', '--ipc', '--net', '--pid'];

/**
 * A process on a host of the lab as if it had been started there: in all namespaces of its engine but that of files, so that programs of this
 * checkout run wherever it lies. It is ended by its own number.
 */
export function startOnHost(lab: EngineLab, host: string, command: string, ...args: readonly string[]): Promise<HostProcess> {
  return startIn(NAMESPACES, lab, host, [command, ...args]);
}

async function startIn(namespaces: readonly string[], lab: EngineLab, host: string, command: readonly string[]): Promise<HostProcess> {
  const inside = ['-t', String(await lab.daemonOf(host)), ...namespaces];
  const child = spawn('nsenter', [...inside, ...command], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return {
    ended,
    output: () => output,
    end: async () => {
      // nsenter forks to enter the namespace of processes: what it started is its child.
      for (const pid of childrenOf(child.pid ?? 0)) process.kill(pid, 'SIGKILL');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function childrenOf(pid: number): readonly number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  } catch {
    return []; // it ended by itself
  }
}

/** A command on a host of the lab, with the host's own files, waited for. @throws when it fails */
export async function runOnHost(lab: EngineLab, host: string, command: string, ...args: readonly string[]): Promise<string> {
  const script = ['sh', '-c', '"$@" && echo " done"', 'sh', command, ...args];
  const process = await startIn(['--mount', ...NAMESPACES], lab, host, script);
  await process.ended;
  if (!process.output().endsWith(' done\n')) throw new Error(`${host}: ${command} ${args.join(' ')}: ${process.output()}`);
  return process.output().replace(/ done\n$/, '');
}
