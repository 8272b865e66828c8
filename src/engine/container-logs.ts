import type { IncomingMessage } from 'node:http';
import { pipeline, type Transform } from 'node:stream';
import { PetsError } from '../domain/errors.ts';
import type { LiveContainer } from '../domain/live.ts';
import { cleanLines } from '../domain/text.ts';
import { inspectContainer } from './containers.ts';
import { demultiplex } from './demultiplex.ts';
import type { Engine } from './engine.ts';
import { openEngineStream } from './request.ts';
import { shownName } from './shown-name.ts';

/** How much of a log a failure quotes. */
const QUOTED_LINES = 5;
/** A container that says nothing of readiness for this long will not. */
const READY_DEADLINE_MS = 60_000;
/** Of a line that never ends, only this much is kept: enough to hold what is looked for. */
const LINE_TAIL_CHARACTERS = 8192;

/**
 * Follows a container's log, since its last start, until it holds `line`.
 * @throws CONTAINER_EXITED with the last lines when it ends first, NOT_READY after a minute without the line, OBJECT_MISSING
 */
export async function waitForLogLine(engine: Engine, id: string, line: string, signal: AbortSignal): Promise<void> {
  const container = await inspectContainer(engine, id, signal);
  if (container === undefined) throw missingContainer(engine, id);
  const deadline = AbortSignal.timeout(READY_DEADLINE_MS);
  const bounded = AbortSignal.any([signal, deadline]);
  try {
    // What an earlier run of the same container said does not count. The start of this one is no bound: a quick server has said
    // its line before the engine notes the time (1 start of redis in 25, measured on 20.10).
    const stream = await openLog(engine, id, { follow: true, since: unixTime(container.finishedAt) }, bounded);
    if (await holds(stream, line)) return;
  } catch (error) {
    if (signal.aborted) throw signal.reason instanceof PetsError ? signal.reason : interrupted(engine, container, signal.reason);
    if (!deadline.aborted) throw error;
    throw await notReady(engine, container, line);
  }
  throw await exited(engine, container, signal);
}

/** The last lines of a container's log, both outputs, cleaned. */
export async function readLogTail(engine: Engine, id: string, lines: number, signal?: AbortSignal): Promise<string> {
  const stream = await openLog(engine, id, { tail: String(lines) }, signal ?? new AbortController().signal);
  let text = '';
  for await (const chunk of splitLog(stream)) text += String(chunk);
  return cleanLines(text.trimEnd());
}

function openLog(engine: Engine, id: string, options: Record<string, string | boolean>, signal: AbortSignal): Promise<IncomingMessage> {
  const query = { stdout: true, stderr: true, ...options };
  const path = `/containers/${encodeURIComponent(id)}/logs`;
  return openEngineStream(engine, { what: `read the log of ${shownName(id)}`, method: 'GET', path, query }, signal);
}

/** Both outputs as one text stream, in the order in which the engine sends them. */
function splitLog(stream: IncomingMessage): Transform {
  const text = demultiplex((chunk) => text.push(chunk));
  // An error of the engine's stream reaches the reader as one of this stream.
  pipeline(stream, text, () => undefined);
  return text.setEncoding('utf8');
}

async function holds(stream: IncomingMessage, line: string): Promise<boolean> {
  let tail = '';
  for await (const chunk of splitLog(stream)) {
    tail += String(chunk);
    if (tail.includes(line)) return true;
    tail = tail.slice(tail.lastIndexOf('\n') + 1).slice(-LINE_TAIL_CHARACTERS);
  }
  return false;
}

/** The Engine API takes seconds with a fraction; Date would lose the nanoseconds, and so let an earlier line in. */
function unixTime(timestamp: string): string {
  const fraction = /\.(\d+)/.exec(timestamp)?.[1] ?? '0';
  const seconds = Math.floor(Date.parse(timestamp) / 1000);
  return `${Math.max(0, seconds)}.${fraction.padEnd(9, '0')}`;
}

async function exited(engine: Engine, { id, name }: LiveContainer, signal: AbortSignal): Promise<PetsError> {
  const [container, tail] = await Promise.all([inspectContainer(engine, id, signal), quoteLog(engine, id)]);
  const fact = container === undefined ? 'was removed' : `ended with status ${container.exitCode}`;
  const message = `${engine.name}: container ${name} ${fact} before it was ready${tail}`;
  return new PetsError('CONTAINER_EXITED', { message, hint: `docker logs ${name}` });
}

async function notReady(engine: Engine, { id, name }: LiveContainer, line: string): Promise<PetsError> {
  const waited = `${READY_DEADLINE_MS / 1000} s`;
  const message = `${engine.name}: container ${name} did not say '${line}' within ${waited}${await quoteLog(engine, id)}`;
  return new PetsError('NOT_READY', { message, hint: `docker logs ${name}` });
}

async function quoteLog(engine: Engine, id: string): Promise<string> {
  const tail = await readLogTail(engine, id, QUOTED_LINES).catch(() => '');
  return tail === '' ? '; it said nothing' : `; it said last:\n${tail}`;
}

function missingContainer(engine: Engine, id: string): PetsError {
  return new PetsError('OBJECT_MISSING', { message: `${engine.name}: there is no container ${shownName(id)}`, hint: 'docker ps -a' });
}

function interrupted(engine: Engine, { name }: LiveContainer, cause: unknown): PetsError {
  return new PetsError('INTERRUPTED', { message: `${engine.name}: interrupted while waiting for container ${name}`, cause });
}
