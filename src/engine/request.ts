import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type Dockerode from 'dockerode';
import { PetsError } from '../domain/errors.ts';
import { engineError, statusOf } from './errors.ts';

/** What a request needs to know of an engine. */
export interface Connection {
  readonly name: string;
  readonly docker: Dockerode;
}

/** One call of the Engine API. */
export interface EngineRequest {
  /** What is tried, for messages: `create network catnet`. */
  readonly what: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Without version and query: `/networks/create`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;
  /** A plain value is sent as JSON; a stream is sent as it is (a tar). */
  readonly body?: object;
  readonly upload?: NodeJS.ReadableStream;
  readonly deadlineMs?: number;
}

/** Long enough for an engine that is busy, short enough for a person. */
const CALL_DEADLINE_MS = 10_000;

type Shape = 'json' | 'stream' | 'hijack';

/**
 * One call, with the JSON answer. Every call dials the modem: dockerode's own methods put whole bodies into the URL, and
 * `network.inspect` ignores its `abortSignal`.
 * @throws ENGINE_TIMEOUT after `deadlineMs`, INTERRUPTED when `signal` aborts, else what `engineError` makes of it.
 */
export function callEngine<Answer>(connection: Connection, request: EngineRequest, signal: AbortSignal | undefined): Promise<Answer> {
  return dial<Answer>(connection, request, 'json', signal ?? new AbortController().signal);
}

/** As `callEngine`, but undefined where the engine says that there is no such thing. */
export async function findOnEngine<Answer>(
  connection: Connection,
  request: EngineRequest,
  signal: AbortSignal | undefined,
): Promise<Answer | undefined> {
  try {
    return await callEngine<Answer>(connection, request, signal);
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

/** A call whose answer streams. The deadline holds until the answer begins; `signal` ends the stream at any time. */
export function openEngineStream(connection: Connection, request: EngineRequest, signal: AbortSignal): Promise<IncomingMessage> {
  return dial<IncomingMessage>(connection, request, 'stream', signal);
}

/** A call that takes the connection over, for attach: the raw socket, both ways. The caller owns it, `signal` only opens it. */
export function hijackConnection(connection: Connection, request: EngineRequest, signal: AbortSignal): Promise<Duplex> {
  return dial<Duplex>(connection, request, 'hijack', signal);
}

async function dial<Answer>(connection: Connection, request: EngineRequest, shape: Shape, signal: AbortSignal): Promise<Answer> {
  if (signal.aborted) throw interrupted(connection, request, signal);
  const deadlineMs = request.deadlineMs ?? CALL_DEADLINE_MS;
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), deadlineMs);
  try {
    return await dialModem<Answer>(connection.docker, request, shape, AbortSignal.any([signal, deadline.signal]));
  } catch (error) {
    if (signal.aborted) throw interrupted(connection, request, signal);
    if (deadline.signal.aborted) throw timedOut(connection, request, deadlineMs, error);
    throw engineError(connection.name, request.what, error);
  } finally {
    clearTimeout(timer);
  }
}

function dialModem<Answer>(docker: Dockerode, request: EngineRequest, shape: Shape, abortSignal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    // The modem's own handling of an abort misses the moment between headers and body of an answer.
    const onAbort = () => reject(abortSignal.reason);
    abortSignal.addEventListener('abort', onAbort, { once: true });
    const dialOptions = {
      path: `${request.path}?`,
      method: request.method,
      abortSignal,
      // The modem itself would wait for ever for the rest of an answer whose connection was closed amid it.
      isStream: true,
      hijack: shape === 'hijack',
      openStdin: shape === 'hijack',
      // Node sends no header of a request that stays open until something is written: a body of `{}`, which the engine drops.
      allowEmpty: shape === 'hijack',
      file: request.upload,
      // An empty body keeps the modem from sending the query as the body of a POST.
      options: { _query: definedOnly(request.query ?? {}), _body: request.body ?? {} },
      statusCodes: { 200: true, 201: true, 204: true, 304: true },
    };
    docker.modem.dial(dialOptions, async (error, answer) => {
      try {
        if (error !== null) throw error;
        resolve((shape === 'json' ? await readJson(answer as IncomingMessage) : answer) as Answer);
      } catch (failure) {
        reject(failure);
      } finally {
        // A composite signal with a listener lives as long as its sources: a watch of hours would keep one for each call.
        abortSignal.removeEventListener('abort', onAbort);
      }
    });
  });
}

/** The whole of an answer; the few that are not JSON (a ping's) as text. @throws when it ends before its end */
async function readJson(answer: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function definedOnly(query: object): object {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));
}

/** Why a call ended that its caller no longer waits for. */
export function interrupted(connection: Pick<Connection, 'name'>, request: Pick<EngineRequest, 'what'>, signal: AbortSignal): PetsError {
  if (signal.reason instanceof PetsError) return signal.reason;
  return new PetsError('INTERRUPTED', {
    message: `${connection.name}: interrupted while trying to ${request.what}`,
    cause: signal.reason,
  });
}

function timedOut(connection: Connection, request: EngineRequest, deadlineMs: number, cause: unknown): PetsError {
  const answer = `${connection.name}: cannot ${request.what}: the engine did not answer within ${deadlineMs / 1000} s`;
  // An aborted create still happens when a hung daemon wakes (measured, 2 of 2).
  if (request.method === 'GET')
    return new PetsError('ENGINE_TIMEOUT', { message: answer, hint: 'is the engine stopped or overloaded? docker version', cause });
  return new PetsError('ENGINE_TIMEOUT', {
    message: `${answer}; it may still do so later`,
    hint: 'look at what is there before trying again: docker network ls, docker ps -a',
    cause,
  });
}
