import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import type { AgentStreams } from '../../src/agent/agent-connection.ts';

const AGENT = join(import.meta.dirname, '../../app-image/dist/agent.js');

export interface AgentProcess {
  readonly streams: AgentStreams;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly pid: number;
  /** Exit status, or the signal that ended it. */
  readonly exited: Promise<number | string>;
  errors(): string;
  kill(signal: NodeJS.Signals): void;
}

/** The bundled agent as a process of its own, over pipes as in a container. */
export function startAgentProcess(): AgentProcess {
  const child = spawn(process.execPath, [AGENT], { stdio: ['pipe', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString('utf8');
  });
  const exited = once(child, 'close').then(() => child.exitCode ?? child.signalCode ?? 'unknown');
  const ended = exited.then((status) => ({ reason: `exited with status ${status}` }));
  return {
    streams: { stdin: child.stdin, stdout: child.stdout, ended },
    stdin: child.stdin,
    stdout: child.stdout,
    pid: child.pid ?? 0,
    exited,
    errors: () => errors,
    kill: (signal) => child.kill(signal),
  };
}
