import type { EventOf } from './events.ts';
import type { LiveNetwork } from './live.ts';
import { own } from './own.ts';
import { CHANGE_MS, type ConsoleState, type HostState, type NetworkState } from './state.ts';

/** What the inventory names is shown from the start, whether or not it ever answers. */
export function reduceFound(state: ConsoleState, { source, hosts }: EventOf<'hosts.found'>): ConsoleState {
  return hosts.reduce((before, { name, endpoint, address, readOnly }) => {
    const known = own(before.hosts, name) ?? UNKNOWN_HOST;
    return withHost(before, { ...known, name, endpoint, address, source, readOnly: readOnly === true });
  }, state);
}

type HostEvent = EventOf<'host.connected' | 'host.described' | 'host.answered' | 'host.lost'>;

export function reduceHost(state: ConsoleState, event: HostEvent): ConsoleState {
  const known = own(state.hosts, event.host);
  if (event.type === 'host.connected') {
    const { type: _type, at, host, ...facts } = event;
    return withHost(state, { ...(known ?? UNKNOWN_HOST), ...facts, name: host, connected: true, lastSeenAt: at, failure: undefined });
  }
  if (event.type === 'host.described') {
    return known === undefined ? state : withHost(state, { ...known, description: event.description, lastSeenAt: event.at });
  }
  if (known === undefined) {
    if (event.type === 'host.answered') return state;
    return withHost(state, { ...UNKNOWN_HOST, name: event.host, failure: event.failure });
  }
  if (event.type === 'host.lost') return withHost(state, { ...known, connected: false, failure: event.failure });
  const latencyMs = steadyLatency(known.latencyMs, event.latencyMs);
  return withHost(state, { ...known, connected: true, failure: undefined, latencyMs, lastSeenAt: event.at });
}

/** Pings scatter by a few milliseconds. A number that flickers tells nothing: it follows only what differs by more, and by half. */
const SCATTER_MS = 3;

function steadyLatency(known: number, latest: number): number {
  return Math.abs(latest - known) <= Math.max(SCATTER_MS, known / 2) ? known : latest;
}

const UNKNOWN_HOST: HostState = {
  name: '',
  endpoint: '',
  address: '',
  source: '',
  readOnly: false,
  description: undefined,
  engineVersion: '',
  apiVersion: '',
  latencyMs: 0,
  connected: false,
  lastSeenAt: 0,
  failure: undefined,
  networks: {},
  containers: {},
  swarm: undefined,
};

type EngineObjectEvent = EventOf<'network.inspected' | 'network.removed' | 'container.inspected' | 'container.removed' | 'swarm.inspected'>;

export function reduceEngineObject(state: ConsoleState, event: EngineObjectEvent): ConsoleState {
  const host = own(state.hosts, event.host) ?? { ...UNKNOWN_HOST, name: event.host };
  const seen = { ...host, lastSeenAt: event.at };
  switch (event.type) {
    case 'network.inspected': {
      const previous = beforeTheChange(own(host.networks, event.network.id), event.at);
      const entry: NetworkState = { live: event.network, inspectedAt: event.at, previous };
      return withHost(state, { ...seen, networks: { ...host.networks, [event.network.id]: entry } });
    }
    case 'container.inspected':
      return withHost(state, { ...seen, containers: { ...host.containers, [event.container.id]: event.container } });
    case 'swarm.inspected':
      return withHost(state, { ...seen, swarm: { picture: event.picture, inspectedAt: event.at } });
    case 'network.removed':
      return withHost(state, { ...seen, networks: without(host.networks, event.id) });
    case 'container.removed':
      return withHost(state, { ...seen, containers: without(host.containers, event.id) });
    default:
      return event satisfies never;
  }
}

function beforeTheChange(known: NetworkState | undefined, at: number): LiveNetwork | undefined {
  if (known === undefined) return undefined;
  return at - known.inspectedAt < CHANGE_MS ? (known.previous ?? known.live) : known.live;
}

function withHost(state: ConsoleState, host: HostState): ConsoleState {
  return { ...state, hosts: { ...state.hosts, [host.name]: host } };
}

function without<T>(record: Readonly<Record<string, T>>, key: string): Readonly<Record<string, T>> {
  const { [key]: _removed, ...rest } = record;
  return rest;
}
