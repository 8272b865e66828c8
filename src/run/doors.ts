import type { ProbeResult } from '../agent/protocol.ts';
import type { EventOf } from '../domain/events.ts';
import { type Expectation, SWARM } from '../domain/scenario.ts';
import { inspectNetwork } from '../engine/networks.ts';
import { GATEWAY_BRIDGE } from '../scenario/holdings.ts';
import { askerAt } from './askers.ts';
import type { Asker, Place } from './places.ts';
import { askFor, probe } from './probe.ts';
import type { Scene } from './scene.ts';
import { type Aim, joinTarget, splitTarget } from './targets.ts';
import { unlessBug } from './tell-scene.ts';

/** What was found at a way beside the scenario's networks. */
export type Door = Omit<EventOf<'door.probed'>, 'at' | 'type'>;

/** A way from one service to another that share no network of the scenario. */
interface DoorWay {
  readonly from: string;
  readonly asker: Asker;
  readonly aim: Aim;
  readonly network: 'ingress' | typeof GATEWAY_BRIDGE | 'published';
  readonly address: string;
  readonly port: number;
}

const MOST_DOORS = 64;
const SILENCE_MS = 1_000;

/**
 * Tries what Docker puts beside the networks of a swarm's services: the network of the routing mesh, the bridge of each host, ports that
 * are published. Between services that the scenario keeps apart these are ways that none of its networks shows. What cannot be asked is not told.
 */
export async function probeDoors(scene: Scene): Promise<readonly Door[]> {
  const pairs = pairsApart(scene);
  if (pairs.length === 0) return [];
  const gateways = await readGateways(scene);
  const ways = pairs.flatMap(([from, to]) => waysBeside(from, to, gateways, scene));
  const probed = await Promise.all(ways.slice(0, MOST_DOORS).map((way) => tryDoor(way, scene)));
  const doors = probed.filter((door) => door !== undefined);
  const untried = ways.length - MOST_DOORS;
  const last = doors.at(-1);
  return untried > 0 && last !== undefined ? [...doors.slice(0, -1), { ...last, untried }] : doors;
}

/** Services of the swarm that the scenario expects not to reach each other: on no network together, and no expectation that one does. */
function pairsApart({ scenario }: Scene): readonly (readonly [string, string])[] {
  const onSwarm = Object.entries(scenario.services).filter(([, { on }]) => on === SWARM);
  return onSwarm.flatMap(([from, asking]) => {
    const networks = new Set(asking.networks.map(({ network }) => network));
    return onSwarm
      .filter(([to, { networks: theirs }]) => to !== from && !theirs.some(({ network }) => networks.has(network)))
      .filter(([to]) => !scenario.expect.some((each) => each.kind === 'reach' && each.from === from && splitTarget(each.to).host === to))
      .map(([to]) => [from, to] as const);
  });
}

/** The addresses of containers on the bridges of their hosts, by container. */
async function readGateways({ placed, engines, signal }: Scene): Promise<ReadonlyMap<string, string>> {
  const hosts = new Set([...placed.values()].flat().map(({ host }) => host));
  const bridges = await Promise.all(
    [...hosts].map(async (host) => {
      const engine = engines.get(host);
      return engine === undefined ? undefined : inspectNetwork(engine, GATEWAY_BRIDGE, signal).catch(unlessBug);
    }),
  );
  const endpoints = bridges.flatMap((bridge) => bridge?.endpoints ?? []);
  return new Map(
    endpoints.filter(({ ipv4Address }) => ipv4Address !== '').map(({ containerId, ipv4Address }) => [containerId, ipv4Address]),
  );
}

/** Each way from one service to another: from one task of it, but by the bridge of a host, from one on that host. */
function waysBeside(from: string, to: string, gateways: ReadonlyMap<string, string>, scene: Scene): readonly DoorWay[] {
  const asking = scene.placed.get(from) ?? [];
  const asked = scene.placed.get(to) ?? [];
  const way = (place: Place, network: DoorWay['network'], aimed: number, address: string, port = aimed): DoorWay => {
    return { from, asker: askerAt(place, scene), aim: { service: to, port: aimed }, network, address, port };
  };
  const [first] = asking;
  if (first === undefined) return [];
  const onMesh = asking.find(({ addresses }) => addresses.some(({ kind }) => kind === 'ingress'));
  const beside = portsOf(to, scene).flatMap((port) =>
    asked.flatMap(({ host, container, addresses }) => {
      const neighbour = asking.find((place) => place.host === host && gateways.has(place.container.id));
      const gateway = gateways.get(container.id);
      return [
        ...(onMesh === undefined
          ? []
          : addresses.filter(({ kind }) => kind === 'ingress').map(({ address }) => way(onMesh, 'ingress', port, address))),
        ...(neighbour === undefined || gateway === undefined ? [] : [way(neighbour, GATEWAY_BRIDGE, port, gateway)]),
      ];
    }),
  );
  const published = (scene.scenario.services[to]?.ports ?? []).filter(({ protocol }) => protocol === 'tcp');
  const holding = new Set(asked.map(({ host }) => host));
  return [
    ...beside,
    ...published.flatMap(({ targetPort, publishedPort, mode }) =>
      scene.hosts
        .filter(({ name }) => mode === 'ingress' || holding.has(name))
        .map(({ address }) => way(first, 'published', targetPort, address, publishedPort)),
    ),
  ];
}

/** The ports that a service is known to listen on: those that it publishes, and those that the scenario's expectations name. */
function portsOf(service: string, { scenario }: Scene): readonly number[] {
  const published =
    scenario.services[service]?.ports.filter(({ protocol }) => protocol === 'tcp').map(({ targetPort }) => targetPort) ?? [];
  const named = scenario.expect.flatMap(targetsOf).map(splitTarget);
  return [...new Set([...published, ...named.filter(({ host }) => host === service).map(({ port }) => port)])];
}

function targetsOf(expectation: Expectation): readonly string[] {
  switch (expectation.kind) {
    case 'reach':
      return [expectation.to];
    case 'deny':
    case 'fails':
      return [expectation.to, expectation.control];
    case 'seen':
      return [expectation.at];
    case 'http':
      return [];
    default:
      return expectation satisfies never;
  }
}

async function tryDoor(way: DoorWay, scene: Scene): Promise<Door | undefined> {
  const { from, aim, network, address, port } = way;
  const target = joinTarget(address, port);
  const result = await askAt(way, target, scene);
  if (result === undefined) return undefined;
  const open = result.outcome === 'answered';
  const to = joinTarget(aim.service, aim.port);
  const at = network === 'published' ? `${target}, a published port` : `${address} through ${network}`;
  const text = open
    ? `${from} reaches ${to} at ${at}, beside the networks of the scenario`
    : `${from} does not reach ${to} at ${at} (${result.outcome})`;
  return { from, to, network, address: target, open, text };
}

/** By the service's nonce: who else may live at that address is no door to it. An agent that is late on a busy machine is asked once more. */
async function askAt({ asker, aim }: DoorWay, target: string, scene: Scene): Promise<ProbeResult | undefined> {
  const options = { timeoutMs: SILENCE_MS, ask: askFor(aim, scene) };
  const first = await probe(asker, target, scene, options).catch(unlessBug);
  return first ?? probe(asker, target, scene, options).catch(unlessBug);
}
