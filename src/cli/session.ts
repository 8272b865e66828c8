import { setTimeout as sleep } from 'node:timers/promises';
import { ulid } from 'ulid';
import { type AgentPool, createAgentPool } from '../agent/agent-pool.ts';
import { systemClock } from '../core/clock.ts';
import { createEventStream, type EventStream, type Sink } from '../core/stream.ts';
import type { Failure } from '../domain/errors.ts';
import type { BoundHost, Underlay } from '../domain/scenario.ts';
import type { Engine } from '../engine/engine.ts';
import { type HostEntry, type Inventory, resolveHosts } from '../hosts/inventory.ts';
import { journalFolder, openJournal } from '../journal/writer.ts';
import { connectHosts, noneAnswered } from './connect-hosts.ts';
import { hostFlags, withTimeout } from './flag-values.ts';
import type { Flags, VerbContext } from './verb.ts';

/** One use of the console, from the first connection to the last: its hosts, its stream, its journal. */
export interface Session {
  readonly run: string;
  readonly stream: EventStream;
  /** All that the inventory names, whether or not they answer. */
  readonly hosts: readonly BoundHost[];
  readonly underlay: Underlay | undefined;
  /** Of the hosts that answered; others may join, so read it at the moment of use. */
  readonly engines: ReadonlyMap<string, Engine>;
  /** Why the other hosts did not answer. */
  readonly lost: ReadonlyMap<string, Failure>;
  readonly agents: AgentPool;
  readonly signal: AbortSignal;
  /** Resolves once every host has answered or failed. @throws INTERRUPTED */
  readonly settled: Promise<unknown>;
  /** Resolves as soon as one has answered, or none did, and nothing more is asked at the terminal. @throws INTERRUPTED */
  readonly opened: Promise<unknown>;
  /** From now on hosts that do not answer are tried again, until the session closes; each that joins is told as connected. */
  readonly keepTrying: (onBug: (error: unknown) => void) => void;
  /** Ends agents and connections. An agent that has not started yet is not removed by its engine, so its going is waited for. */
  readonly close: () => Promise<void>;
}

export interface SessionOptions {
  readonly sinks?: readonly Sink[];
  /** Read already, since the scenario needed it. */
  readonly inventory?: Inventory;
  /** The hosts that the verb needs: no other is asked for anything. All of them where it is left out. */
  readonly needed?: readonly BoundHost[];
  /** Begin once each host has answered or failed, with the first answer, or at once. Only the last does where none answers. */
  readonly waitFor?: 'all' | 'any' | 'none';
}

const AGENTS_GONE_MS = 1_000;
/** Silence for so long is told of: a hung host takes ten seconds to be given up. */
const PATIENCE_MS = 1_500;

/** Where hosts come from, by the flags and the surroundings. @throws NO_ENGINE, BAD_USAGE, BAD_FILE, NOT_FOUND */
export function findHosts(flags: Flags, { env, cwd }: VerbContext): Promise<Inventory> {
  return resolveHosts({ flags: hostFlags(flags), env, cwd });
}

/**
 * Finds the hosts, connects to all of them at once, and opens the journal. A host that does not answer is told, and takes no
 * other along.
 * @throws what finding hosts can throw; the failure of the first host, told with all of them, where none answers
 */
export async function openSession(
  verb: string,
  flags: Flags,
  context: VerbContext,
  { sinks = [], inventory: found, needed, waitFor = 'all' }: SessionOptions = {},
): Promise<Session> {
  const signal = withTimeout(flags.timeout, context.signal);
  const inventory = found ?? (await findHosts(flags, context));
  const { source, tried } = inventory;
  const hosts = boundHosts(inventory, flags);
  const run = ulid();
  const stream = createEventStream(systemClock);
  const journal = startJournal(run, context);
  for (const sink of [journal.write, ...sinks]) stream.subscribe(sink);
  stream.emit({ type: 'journal.opened', version: context.version, verb, run });
  stream.emit({ type: 'hosts.found', source, hosts, tried });
  const entries = inventory.hosts.filter(({ name }) => needed === undefined || needed.some((host) => host.name === name));
  const connections = connectHosts(entries, { source, emit: stream.emit, signal });
  try {
    if (waitFor === 'any') await connections.opened;
    if (waitFor === 'all') await untilSettled(connections, entries, context);
    if (waitFor !== 'none' && connections.engines.size === 0) throw noneAnswered(entries, connections.lost);
  } catch (error) {
    connections.close();
    journal.close();
    throw error;
  }
  const agents = createAgentPool(stream.emit, signal);
  const { engines, lost, settled, opened, keepTrying } = connections;
  return {
    run,
    stream,
    hosts,
    underlay: inventory.underlay,
    engines,
    lost,
    agents,
    signal,
    settled,
    opened,
    keepTrying,
    close: async () => {
      agents.close();
      await Promise.race([agents.gone(), sleep(AGENTS_GONE_MS)]);
      connections.close();
      journal.close();
    },
  };
}

function startJournal(run: string, { env, stderr }: VerbContext) {
  return openJournal(journalFolder(env), run, (cause) => {
    stderr.write(`the journal ends here, it cannot be written: ${cause instanceof Error ? cause.message : String(cause)}\n`);
  });
}

/** Waits for every host, and says after a while for which. @throws INTERRUPTED */
export async function untilSettled(
  { engines, lost, settled }: Pick<Session, 'engines' | 'lost' | 'settled'>,
  hosts: readonly Pick<BoundHost, 'name' | 'endpoint'>[],
  { stderr }: VerbContext,
): Promise<void> {
  const timer = setTimeout(() => {
    // ssh may be asking for a passphrase at this very moment.
    const silent = hosts.filter(({ name, endpoint }) => !engines.has(name) && !lost.has(name) && !endpoint.startsWith('ssh://'));
    if (silent.length > 0) stderr.write(`waiting for ${silent.map(({ name }) => name).join(', ')}: no answer yet\n`);
  }, PATIENCE_MS);
  await settled.finally(() => clearTimeout(timer));
}

/** The hosts of an inventory as scenarios are bound to them. */
export function boundHosts(inventory: Inventory, flags: Flags): readonly BoundHost[] {
  return inventory.hosts.map(({ name, endpoint, address, parent, readOnly }: HostEntry) => ({
    name,
    endpoint,
    address,
    ...(parent === undefined ? {} : { parent }),
    ...(readOnly === true || flags.readOnly === true ? { readOnly: true as const } : {}),
  }));
}
