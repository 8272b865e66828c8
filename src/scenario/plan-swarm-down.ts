import { LABEL } from '../domain/labels.ts';
import type { LiveEngine, LiveNetwork } from '../domain/live.ts';
import type { SwarmNode, SwarmPicture } from '../domain/live-swarm.ts';
import type { Obstacle, Step } from '../domain/plan.ts';
import type { BoundHost } from '../domain/scenario.ts';
import { GATEWAY_BRIDGE, type SwarmHoldings, swarmHoldingsOf } from './holdings.ts';
import { strangersOn } from './obstacles.ts';
import { servicesOn } from './plan-swarm.ts';
import { makeStep, makeSwarmStep } from './steps.ts';
import { isOurs } from './swarm-membership.ts';

export interface SwarmTakeDown {
  readonly steps: readonly Step[];
  readonly obstacles: readonly Obstacle[];
  readonly warnings: readonly string[];
}

/**
 * The steps that take a project out of every swarm that a host manages. A swarm that we made is left with it, on every node, once nothing
 * else lives there; one that was there before stays, and only nodes that we joined to it leave. Pure.
 */
export function planSwarmDown(project: string, hosts: readonly BoundHost[], live: readonly LiveEngine[]): SwarmTakeDown {
  const downs = managersOf(live).map((manager) => takeOut(project, manager, hosts, live));
  return {
    steps: downs.flatMap(({ steps }) => steps),
    obstacles: downs.flatMap(({ obstacles }) => obstacles),
    warnings: downs.flatMap(({ warnings }) => warnings),
  };
}

interface Manager {
  readonly engine: LiveEngine;
  readonly picture: SwarmPicture;
}

/** One of each swarm. */
function managersOf(live: readonly LiveEngine[]): readonly Manager[] {
  const managing = live.flatMap((engine) => (engine.swarm?.swarm.cluster === undefined ? [] : [{ engine, picture: engine.swarm }]));
  const idOf = ({ picture }: Manager): string | undefined => picture.swarm.cluster?.id;
  return managing.filter((manager, index) => managing.findIndex((other) => idOf(other) === idOf(manager)) === index);
}

function takeOut(project: string, { engine, picture }: Manager, hosts: readonly BoundHost[], live: readonly LiveEngine[]): SwarmTakeDown {
  const holdings = swarmHoldingsOf(engine, project);
  const concerns = holdings.services.length + holdings.networks.length > 0;
  const bridges = picture.nodes.map(({ id }) => bridgeOf(hostOfNode(id, live)));
  const joined = [picture.swarm.cluster, ...picture.nodes, ...bridges];
  const mayLeave = concerns || joined.some((each) => each?.labels[LABEL.project] === project);
  if (!mayLeave) return { steps: [], obstacles: [], warnings: [] };
  const locked = readOnlyNodes(project, picture, hosts, live, holdings);
  if (locked.length > 0) return { steps: [], obstacles: locked, warnings: [] };
  const going = new Set(holdings.services.map((owned) => owned.live.id));
  const services = holdings.services.map(({ live: { id, name } }) => makeSwarmStep(engine.host, { kind: 'service.remove', id, name }));
  const networks = holdings.networks.map((owned) => ({
    network: owned.live,
    holders: holdersOf(owned.live, engine, live, going, project),
  }));
  const free = networks.filter(({ holders }) => holders.length === 0).map(({ network }) => network);
  const removals = free.map(({ id, name }) =>
    makeSwarmStep(
      engine.host,
      { kind: 'network.remove', id, name },
      services.map((step) => step.id),
    ),
  );
  const gone = new Set([...going, ...free.map(({ id }) => id)]);
  const leaving = leavesOf({ engine, picture }, hosts, live, gone, [...services, ...removals]);
  return {
    steps: [...services, ...removals, ...leaving.steps],
    obstacles: networks.flatMap(({ holders }) => holders),
    warnings: leaving.warnings,
  };
}

function holdersOf(
  network: LiveNetwork,
  manager: LiveEngine,
  live: readonly LiveEngine[],
  going: ReadonlySet<string>,
  project: string,
): readonly Obstacle[] {
  return [...servicesOn(network, manager, going), ...live.flatMap((engine) => strangersOn(network, engine, project))];
}

/** What a swarm holds goes on all of its nodes at once: where one of them may not be changed, all of it stays. */
function readOnlyNodes(
  project: string,
  { nodes }: SwarmPicture,
  hosts: readonly BoundHost[],
  live: readonly LiveEngine[],
  { services, networks }: SwarmHoldings,
): readonly Obstacle[] {
  const isNode = ({ name }: BoundHost): boolean => nodes.some(({ id }) => hostOfNode(id, live)?.host === name);
  const things = [...services, ...networks].map(({ owner }) => owner.resource);
  const held = things.length === 0 ? 'the swarm that was made for it' : things.join(', ');
  return hosts
    .filter((host) => host.readOnly === true && isNode(host))
    .map(({ name }) => ({
      host: name,
      resource: `host/${name}`,
      message: `it is read-only and a node of the swarm, so what project ${project} has in that swarm stays: ${held}`,
      hint: `leave out --read-only, or readOnly in the hosts file, then: pets-console down ${project}`,
    }));
}

/** Who leaves once all that is `gone` has gone: workers first, the manager takes what is left of the swarm along. */
function leavesOf(
  { engine, picture }: Manager,
  hosts: readonly BoundHost[],
  live: readonly LiveEngine[],
  gone: ReadonlySet<string>,
  before: readonly Step[],
): Omit<SwarmTakeDown, 'obstacles'> {
  const others = residentsOf(engine, picture, gone);
  const isMade = isOurs(picture.swarm.cluster?.labels);
  const workers = picture.nodes.filter(({ id }) => id !== picture.swarm.nodeId);
  const removed = before.map(({ id }) => id);
  const leaveAsWorker = (node: SwarmNode): readonly Step[] => {
    const host = (hostOfNode(node.id, live) ?? (isMade ? undefined : hostThatLeft(node, hosts, live)))?.host;
    if (host === undefined) return [];
    return [makeStep(host, { kind: 'swarm.leave', nodeId: node.id, manager: engine.host, gone: [...gone] }, removed)];
  };
  if (!isMade) {
    const joined = workers.filter((node) => isJoinedByUs(node, live) && !isBusy(node, picture, gone));
    return { steps: joined.flatMap(leaveAsWorker), warnings: [] };
  }
  const lost = workers.filter((node) => hostOfNode(node.id, live) === undefined && !hasLeft(node, hosts, live));
  if (others.length + lost.length > 0) {
    const why = [...others, ...lost.map(({ hostname, id }) => `node ${hostname} (${id}), which no host here is`)];
    return { steps: [], warnings: [`the swarm that was made for a scenario stays, since it holds more: ${why.join(', ')}`] };
  }
  const leaves = workers.flatMap(leaveAsWorker);
  const end = makeStep(engine.host, { kind: 'swarm.leave', nodeId: picture.swarm.nodeId, gone: [...gone] }, [
    ...removed,
    ...leaves.map(({ id }) => id),
  ]);
  return { steps: [...leaves, end], warnings: [] };
}

/** What lives in a swarm besides what goes. Docker's own network for published ports is none of its residents. */
export function residentsOf(
  manager: Pick<LiveEngine, 'networks'>,
  { services }: Pick<SwarmPicture, 'services'>,
  gone: ReadonlySet<string>,
): readonly string[] {
  const networks = manager.networks.filter(({ id, name, scope }) => scope === 'swarm' && name !== 'ingress' && !gone.has(id));
  return [
    ...services.filter(({ id }) => !gone.has(id)).map(({ name }) => `service ${name}`),
    ...networks.map(({ name }) => `network ${name}`),
  ];
}

function isBusy({ id }: SwarmNode, { tasks }: SwarmPicture, gone: ReadonlySet<string>): boolean {
  return tasks.some(({ nodeId, serviceId, desiredState }) => nodeId === id && !gone.has(serviceId) && desiredState === 'running');
}

function hostOfNode(nodeId: string, live: readonly LiveEngine[]): LiveEngine | undefined {
  return live.find(({ swarm }) => swarm?.swarm.nodeId === nodeId);
}

/** A `join` that was killed may have come to no labels: then the bridge tells, which was made before. */
function isJoinedByUs({ id, labels }: SwarmNode, live: readonly LiveEngine[]): boolean {
  return isOurs(labels) || isOurs(bridgeOf(hostOfNode(id, live))?.labels);
}

function bridgeOf(engine: LiveEngine | undefined): LiveNetwork | undefined {
  return engine?.networks.find(({ name }) => name === GATEWAY_BRIDGE);
}

/**
 * A `down` that was killed may have left a node on the manager's list whose engine is in no swarm any more, or has joined anew, as another
 * node.
 */
function hasLeft(node: SwarmNode, hosts: readonly BoundHost[], live: readonly LiveEngine[]): boolean {
  const engine = engineAt(node, hosts, live);
  return node.state === 'down' && engine?.swarm !== undefined && engine.swarm.swarm.nodeId !== node.id;
}

/** It is still to be taken off the manager's list. */
function hostThatLeft(node: SwarmNode, hosts: readonly BoundHost[], live: readonly LiveEngine[]): LiveEngine | undefined {
  const engine = engineAt(node, hosts, live);
  return node.state === 'down' && engine?.swarm?.swarm.state === 'inactive' ? engine : undefined;
}

function engineAt({ address }: SwarmNode, hosts: readonly BoundHost[], live: readonly LiveEngine[]): LiveEngine | undefined {
  const names = hosts.filter((host) => host.address === address).map(({ name }) => name);
  return live.find(({ host }) => names.includes(host));
}
