import { setTimeout as sleep } from 'node:timers/promises';
import { ulid } from 'ulid';
import { type AgentPool, createAgentPool } from '../agent/agent-pool.ts';
import { systemClock } from '../core/clock.ts';
import { createEventStream, type EventStream, type Sink } from '../core/stream.ts';
import { roundMs } from '../domain/duration.ts';
import { type Failure, PetsError } from '../domain/errors.ts';
import type { BoundHost } from '../domain/scenario.ts';
import { closeEngine, type Engine, openEngine } from '../engine/engine.ts';
import { type HostEntry, resolveHosts } from '../hosts/inventory.ts';
import { journalFolder, openJournal } from '../journal/writer.ts';
import type { Flags, VerbContext } from './verb.ts';

/** One use of the console, from the first connection to the last: its hosts, its stream, its journal. */
export interface Session {
  readonly run: string;
  readonly stream: EventStream;
  /** Where the hosts were found: `--host`, `DOCKER_HOST`, `lab lab`. */
  readonly source: string;
  readonly hosts: readonly BoundHost[];
  readonly engines: ReadonlyMap<string, Engine>;
  /** Why the other hosts did not answer. */
  readonly lost: ReadonlyMap<string, Failure>;
  readonly agents: AgentPool;
  readonly signal: AbortSignal;
  /** Ends agents and connections. An agent that has not started yet is not removed by its engine, so its going is waited for. */
  readonly close: () => Promise<void>;
}

const CONNECT_DEADLINE_MS = 10_000;
const AGENTS_GONE_MS = 1_000;

/** Finds the hosts, connects to all of them at once, and opens the journal. */
export async function openSession(verb: string, flags: Flags, context: VerbContext, sinks: readonly Sink[] = []): Promise<Session> {
  const signal = withTimeout(flags.timeout, context.signal);
  const inventory = await resolveHosts({ flags: hostFlags(flags), env: context.env, cwd: context.cwd });
  const run = ulid();
  const stream = createEventStream(systemClock);
  const journal = openJournal(journalFolder(context.env), run, (cause) => {
    context.stderr.write(`the journal ends here, it cannot be written: ${cause instanceof Error ? cause.message : String(cause)}\n`);
  });
  for (const sink of [journal.write, ...sinks]) stream.subscribe(sink);
  stream.emit({ type: 'journal.opened', version: context.version, verb, run });
  const engines = await openEngines(inventory.hosts, inventory.source, stream, signal).catch((error: unknown) => {
    journal.close();
    throw error;
  });
  const agents = createAgentPool(stream.emit, signal);
  return {
    run,
    stream,
    source: inventory.source,
    hosts: inventory.hosts.map(({ name, endpoint, address }) => ({ name, endpoint, address })),
    engines,
    lost: new Map(),
    agents,
    signal,
    close: async () => {
      agents.close();
      await Promise.race([agents.gone(), sleep(AGENTS_GONE_MS)]);
      for (const engine of engines.values()) closeEngine(engine);
      journal.close();
    },
  };
}

async function openEngines(
  hosts: readonly HostEntry[],
  source: string,
  stream: EventStream,
  outer: AbortSignal,
): Promise<Map<string, Engine>> {
  const signal = AbortSignal.any([outer, AbortSignal.timeout(CONNECT_DEADLINE_MS)]);
  const opened = await Promise.all(
    hosts.map(async (host) => {
      const engine = await openEngine(host, signal);
      const { name, endpoint, address } = host;
      const { version, apiVersion, latencyMs } = engine;
      stream.emit({
        type: 'host.connected',
        host: name,
        endpoint,
        address,
        source,
        engineVersion: version,
        apiVersion,
        latencyMs: roundMs(latencyMs),
      });
      return engine;
    }),
  );
  return new Map(opened.map((engine) => [engine.name, engine]));
}

function withTimeout(seconds: string | undefined, signal: AbortSignal): AbortSignal {
  if (seconds === undefined) return signal;
  const number = Number(seconds);
  if (!(number > 0 && number <= 86_400)) {
    throw new PetsError('BAD_USAGE', {
      message: `--timeout ${seconds}: a number of seconds from 1 to 86400 is needed`,
      hint: '--timeout 60',
    });
  }
  return AbortSignal.any([signal, AbortSignal.timeout(number * 1000)]);
}

/** The flags that say where hosts come from. */
export function hostFlags({ host, context, hosts }: Flags) {
  return {
    ...(host === undefined ? {} : { host }),
    ...(context === undefined ? {} : { context }),
    ...(hosts === undefined ? {} : { hostsFile: hosts }),
  };
}

/** `--bind role=host` as a map. */
export function parseBinds(binds: readonly string[] = []): Readonly<Record<string, string>> {
  return Object.fromEntries(
    binds.map((bind) => {
      const [role, host, ...rest] = bind.split('=');
      if (!role || !host || rest.length > 0) {
        throw new PetsError('BAD_USAGE', { message: `--bind ${bind}: ROLE=HOST is needed`, hint: '--bind host-A=colima' });
      }
      return [role, host];
    }),
  );
}
