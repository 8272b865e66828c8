import { inspect } from 'node:util';
import { PetsError } from '../domain/errors.ts';
import type { Labels } from '../domain/labels.ts';
import type { LiveSwarm, SwarmCluster } from '../domain/live-swarm.ts';
import { cleanRecord, cleanText } from '../domain/text.ts';
import type { Engine } from './engine.ts';
import { withoutRpc } from './errors.ts';
import { callEngine } from './request.ts';

interface SwarmAnswer {
  readonly NodeID?: string;
  readonly NodeAddr?: string;
  readonly LocalNodeState?: string;
  readonly ControlAvailable?: boolean;
  readonly Error?: string;
  readonly RemoteManagers?: readonly { readonly Addr?: string }[] | null;
  readonly Cluster?: ClusterAnswer | null;
}

interface ClusterAnswer {
  readonly ID?: string;
  readonly Spec?: { readonly Labels?: Readonly<Record<string, string>> | null };
  readonly DefaultAddrPool?: readonly string[] | null;
  readonly DataPathPort?: number;
}

/** The port that managers listen on, TCP. */
export const SWARM_PORT = 2377;
/** A manager that loses its leader at this moment asks for one for 20 s before it answers (measured on 20.10). */
const INSPECT_MS = 25_000;
/** An unreachable manager and a wrong token take 10 s each, and Docker goes on for 20. */
const JOIN_MS = 30_000;
/** A second or two, and a minute where host and engine are busy. */
const INIT_MS = 60_000;
/** Leaving takes 7 s: the engine stops the tasks of its node first. */
const LEAVE_MS = 60_000;

/** Whether the engine is in a swarm, and what it knows of it; no secrets are asked for. @throws as `callEngine` */
export async function inspectSwarm(engine: Engine, signal?: AbortSignal): Promise<LiveSwarm> {
  const request = { what: 'ask for its swarm', method: 'GET', path: '/info', deadlineMs: INSPECT_MS } as const;
  const { Swarm = {} } = await callEngine<{ readonly Swarm?: SwarmAnswer }>(engine, request, signal);
  return {
    state: readState(Swarm.LocalNodeState),
    error: cleanText(withoutRpc(Swarm.Error ?? '')),
    nodeId: Swarm.NodeID ?? '',
    address: cleanText(Swarm.NodeAddr ?? ''),
    isManager: Swarm.ControlAvailable === true,
    managerAddresses: (Swarm.RemoteManagers ?? []).map(({ Addr = '' }) => cleanText(Addr)).filter((address) => address !== ''),
    cluster: readCluster(Swarm.Cluster),
  };
}

function readState(state: string | undefined): LiveSwarm['state'] {
  switch (state) {
    case 'pending':
    case 'active':
    case 'locked':
    case 'error':
      return state;
    default:
      return 'inactive';
  }
}

function readCluster(cluster: ClusterAnswer | null | undefined): SwarmCluster | undefined {
  // A manager without a leader answers with an empty one.
  if (cluster?.ID === undefined || cluster.ID === '') return undefined;
  return {
    id: cluster.ID,
    labels: cleanRecord(cluster.Spec?.Labels),
    addressPools: (cluster.DefaultAddrPool ?? []).map((pool) => cleanText(pool)),
    dataPathPort: cluster.DataPathPort ?? 0,
  };
}

/**
 * Makes the engine the first manager of a new swarm, whose spec bears the labels, and returns the ID of its node. The advertise address is
 * always given: on a host with several, Docker refuses to guess. It takes one that is not the host's, too, and then nobody can join
 * (measured on 20.10).
 * @throws ENGINE_ERROR where it is in a swarm already
 */
export async function initSwarm(engine: Engine, advertiseAddress: string, labels: Labels, signal?: AbortSignal): Promise<string> {
  const body = { ListenAddr: listenAddress(advertiseAddress), AdvertiseAddr: advertiseAddress, Spec: { Labels: labels } };
  const what = `make a swarm, advertised at ${advertiseAddress}`;
  return callEngine<string>(engine, { what, method: 'POST', path: '/swarm/init', body, deadlineMs: INIT_MS }, signal);
}

/** Every address of the family that the others come by. */
function listenAddress(advertiseAddress: string): string {
  return `${advertiseAddress.includes(':') ? '[::]' : '0.0.0.0'}:${SWARM_PORT}`;
}

/** What lets an engine join: whoever has one is in. It prints as `…`, so that none gets into a log, a journal or a message. */
export class JoinToken {
  readonly #token: string;

  constructor(token: string) {
    this.#token = token;
  }

  /** The token itself, for the one call that needs it. */
  reveal(): string {
    return this.#token;
  }

  toString(): string {
    return '…';
  }

  toJSON(): string {
    return '…';
  }

  [inspect.custom](): string {
    return 'JoinToken(…)';
  }
}

export interface JoinTokens {
  readonly worker: JoinToken;
  readonly manager: JoinToken;
}

/** The tokens of the swarm that the engine manages. @throws SWARM_REQUIRED */
export async function readJoinTokens(engine: Engine, signal?: AbortSignal): Promise<JoinTokens> {
  const request = { what: 'read the join tokens', method: 'GET', path: '/swarm' } as const;
  const { JoinTokens } = await callEngine<{ readonly JoinTokens: { readonly Worker: string; readonly Manager: string } }>(
    engine,
    request,
    signal,
  );
  return { worker: new JoinToken(JoinTokens.Worker), manager: new JoinToken(JoinTokens.Manager) };
}

export interface SwarmJoin {
  readonly token: JoinToken;
  /** With or without the port: `192.168.0.11:2377`. */
  readonly managerAddresses: readonly string[];
  readonly advertiseAddress: string;
}

/**
 * Makes the engine a node of a swarm, worker or manager by the token. Its manager lists it as ready a moment later: `waitUntilNodesReady`.
 * An attempt that failed is ended: Docker would go on with it, and refuse every other meanwhile.
 * @throws ENGINE_DENIED for a wrong token (10 s), ENGINE_UNREACHABLE where no manager answers (10 to 20 s), ENGINE_ERROR where it is in a
 * swarm already
 */
export async function joinSwarm(engine: Engine, join: SwarmJoin, signal?: AbortSignal): Promise<void> {
  const { token, managerAddresses, advertiseAddress } = join;
  const remote = managerAddresses.map((address) => (/:\d+$/.test(address) ? address : `${address}:${SWARM_PORT}`));
  const body = {
    ListenAddr: listenAddress(advertiseAddress),
    AdvertiseAddr: advertiseAddress,
    RemoteAddrs: remote,
    JoinToken: token.reveal(),
  };
  const what = `join the swarm of ${remote.join(', ')}, advertised at ${advertiseAddress}`;
  // One that was under way before is somebody else's.
  const before = await inspectSwarm(engine, signal);
  try {
    await callEngine(engine, { what, method: 'POST', path: '/swarm/join', body, deadlineMs: JOIN_MS }, signal);
  } catch (error) {
    if (before.state === 'inactive') await endPendingJoin(engine);
    throw error;
  }
}

/** Without the caller's signal: an attempt that was interrupted is to end as well. What fails here is told by the join's own error. */
async function endPendingJoin(engine: Engine): Promise<void> {
  try {
    if ((await inspectSwarm(engine)).state === 'pending') await leaveSwarm(engine, { force: true });
  } catch {
    // The next attempt is told that the engine is in a swarm already.
  }
}

/**
 * Takes the engine out of its swarm; one that is in none is as good. With `force` a manager leaves too, and the last one takes the swarm
 * along with all its services and networks.
 * @throws ENGINE_ERROR for a manager without `force`
 */
export async function leaveSwarm(engine: Engine, { force }: { readonly force: boolean }, signal?: AbortSignal): Promise<void> {
  if ((await inspectSwarm(engine, signal)).state === 'inactive') return;
  const request = { what: 'leave its swarm', method: 'POST', path: '/swarm/leave', query: { force }, deadlineMs: LEAVE_MS } as const;
  try {
    await callEngine(engine, request, signal);
  } catch (error) {
    // Somebody else had it leave meanwhile.
    if (!(error instanceof PetsError && error.message.endsWith('not part of a swarm'))) throw error;
  }
}
