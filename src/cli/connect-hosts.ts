import type { Emit } from '../core/stream.ts';
import { roundMs } from '../domain/duration.ts';
import { type Failure, failureOf, PetsError } from '../domain/errors.ts';
import { closeEngine, type Engine, openEngine } from '../engine/engine.ts';
import type { HostEntry } from '../hosts/inventory.ts';
import { pause } from '../observe/pause.ts';

/** The connections to a number of hosts: both maps change while hosts answer, so read them at the moment of use. */
export interface Connections {
  readonly engines: ReadonlyMap<string, Engine>;
  /** Why the others did not answer. */
  readonly lost: ReadonlyMap<string, Failure>;
  /** Resolves once every host has answered or failed. @throws INTERRUPTED */
  readonly settled: Promise<unknown>;
  /** Resolves as soon as one has answered, or none did; a host that may ask the person at the terminal for something is waited for. */
  readonly opened: Promise<unknown>;
  /** Tries hosts that fail again and again, until closed or aborted. */
  keepTrying(onBug: (error: unknown) => void): void;
  close(): void;
}

export interface ConnectOptions {
  /** Where the hosts were found. */
  readonly source: string;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

const DEADLINE_MS = 10_000;
/** The wait between two attempts doubles from the first to the second. */
const SHORTEST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 8_000;

/** Connects to all hosts at once, and tells of each whether it answered. */
export function connectHosts(hosts: readonly HostEntry[], { source, emit, signal: outer }: ConnectOptions): Connections {
  const engines = new Map<string, Engine>();
  const lost = new Map<string, Failure>();
  const closing = new AbortController();
  const signal = AbortSignal.any([outer, closing.signal]);
  const anyone = Promise.withResolvers<void>();
  const attempt = async (host: HostEntry, mayAsk: boolean) => {
    try {
      const engine = await openInTime(host, mayAsk, signal);
      if (closing.signal.aborted) return closeEngine(engine);
      engines.set(host.name, engine);
      lost.delete(host.name);
      emit(connected(engine, host, source));
      anyone.resolve();
    } catch (error) {
      if (closing.signal.aborted) return;
      const failure = lossOf(host, error, outer);
      // A loss is told once, and again if its reason changes.
      if (lost.get(host.name)?.message !== failure.message) emit({ type: 'host.lost', host: host.name, failure });
      lost.set(host.name, failure);
    }
  };
  const first = hosts.map((host) => attempt(host, true));
  const retry = async (host: HostEntry, before: Promise<void>) => {
    await before;
    for (let waitMs = SHORTEST_RETRY_MS; !engines.has(host.name); waitMs = Math.min(waitMs * 2, LONGEST_RETRY_MS)) {
      await pause(waitMs, signal);
      if (signal.aborted) return;
      // By then a screen may be drawn where ssh would ask.
      await attempt(host, false);
    }
  };
  const settled = Promise.all(first);
  const asking = first.filter((_, index) => hosts[index]?.endpoint.startsWith('ssh://'));
  const opened = Promise.race([settled, Promise.all([anyone.promise, ...asking])]);
  // Who asks learns of a failure; nobody has to.
  for (const each of [settled, opened]) each.catch(() => undefined);
  return {
    engines,
    lost,
    settled,
    opened,
    keepTrying: (onBug) => {
      const onError = (error: unknown) => {
        if (!signal.aborted) onBug(error);
      };
      hosts.forEach((host, index) => void retry(host, first[index] ?? Promise.resolve()).catch(onError));
    },
    close: () => {
      closing.abort();
      for (const engine of engines.values()) closeEngine(engine);
    },
  };
}

/** A failure like that of one host where there is one; else all of them, told at once. */
export function noneAnswered(hosts: readonly HostEntry[], lost: ReadonlyMap<string, Failure>): PetsError {
  const failures = hosts.flatMap(({ name }) => lost.get(name) ?? []);
  const [first] = failures;
  const code = first === undefined || first.code === 'BUG' ? 'ENGINE_UNREACHABLE' : first.code;
  const told = failures.map(({ message }) => message);
  const message = told.length === 1 ? (told[0] ?? '') : [`none of ${hosts.length} hosts answers`, ...told].join('\n  ');
  return new PetsError(code, { message, hint: first?.hint });
}

function connected({ version, apiVersion, latencyMs }: Engine, { name, endpoint, address }: HostEntry, source: string) {
  return {
    type: 'host.connected',
    host: name,
    endpoint,
    address,
    source,
    engineVersion: version,
    apiVersion,
    latencyMs: roundMs(latencyMs),
  } as const;
}

/** @throws ENGINE_TIMEOUT for a host that takes the connection and says nothing */
async function openInTime(host: HostEntry, mayAsk: boolean, signal: AbortSignal): Promise<Engine> {
  // ssh keeps times of its own, and whoever it asks takes theirs.
  if (host.endpoint.startsWith('ssh://')) return openEngine(host, signal, { mayAsk });
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(late(host, `within ${DEADLINE_MS / 1000} s`)), DEADLINE_MS);
  try {
    return await openEngine(host, AbortSignal.any([signal, deadline.signal]));
  } finally {
    clearTimeout(timer);
  }
}

function late({ name, endpoint }: HostEntry, time: string): PetsError {
  return new PetsError('ENGINE_TIMEOUT', {
    message: `${name}: the engine at ${endpoint} did not answer ${time}`,
    hint: 'is it stopped or overloaded? docker version',
  });
}

/** Why a host did not answer. @throws what is no fault of the host's: an interruption, a bug */
function lossOf(host: HostEntry, error: unknown, { aborted, reason }: AbortSignal): Failure {
  if (!aborted && error instanceof PetsError) return failureOf(error);
  const isLate = reason instanceof DOMException && reason.name === 'TimeoutError';
  if (isLate) return failureOf(late(host, 'in the time that --timeout gave'));
  throw error;
}
