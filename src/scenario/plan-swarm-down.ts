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
    steps: downs.flatMap(({ steps }, index) => (index === 0 ? steps : toldApart(steps))),
    obstacles: [...downs.flatMap(({ obstacles }) => obstacles), ...forsakenNodes(project, live)],
    warnings: downs.flatMap(({ warnings }) => warnings),
  };
}

/** Another swarm may hold namesakes: its steps are named by who is asked, too. */
function toldApart(steps: readonly Step[]): readonly Step[] {
  const names = new Map(steps.flatMap(({ id, via }) => (via === undefined ? [] : [[id, `${id}@${via}`] as const])));
  const nameOfStep = (id: string): string => names.get(id) ?? id;
  return steps.map((step) => ({ ...step, id: nameOfStep(step.id), needs: step.needs.map(nameOfStep) }));
}

/** Hosts that came into a swarm for the project, as their bridge tells, and that no manager here answers for: it ended without them. */
function forsakenNodes(project: string, live: readonly LiveEngine[]): readonly Obstacle[] {
  const forsaken = live.filter((engine) => {
    const { state = 'inactive', nodeId } = engine.swarm?.swarm ?? {};
    const isManaged = live.some(({ swarm }) => swarm?.nodes.some(({ id }) => id === nodeId));
    return state !== 'inactive' && !isManaged && bridgeOf(engine)?.labels[LABEL.project] === project;
  });
  return forsaken.map(({ host, swarm }) => ({
    host,
    resource: 'swarm',
    message: `it is still ${swarm?.swarm.state === 'pending' ? 'trying to join' : 'in'} a swarm that it was to be in for project ${project}, and no manager that answered knows it`,
    hint: `name its manager's host too: pets-console down ${project} --hosts FILE; or where that swarm is no more, on ${host}: docker swarm leave --force`,
  }));
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
  const removed = [...services, ...removals].map(({ id }) => id);
  const leaving = leavesOf({ engine, picture, hosts, live, gone, removed });
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

/** Who may leave once all that is `gone` has gone. */
interface Departure extends Manager {
  readonly hosts: readonly BoundHost[];
  readonly live: readonly LiveEngine[];
  readonly gone: ReadonlySet<string>;
  /** IDs of the steps that remove the rest. */
  readonly removed: readonly string[];
}

/** Of a swarm of somebody else only workers that we joined to it leave; from ours all do, the manager last. */
function leavesOf(departure: Departure): Omit<SwarmTakeDown, 'obstacles'> {
  const { nodes, swarm } = departure.picture;
  const workers = nodes.filter(({ id }) => id !== swarm.nodeId);
  return isOurs(swarm.cluster?.labels) ? endOfSwarm(workers, departure) : leavesOfJoined(workers, departure);
}

function leavesOfJoined(workers: readonly SwarmNode[], departure: Departure): Omit<SwarmTakeDown, 'obstacles'> {
  const { hosts, live } = departure;
  const joined = workers.filter((node) => isJoinedByUs(node, live)).map((node) => ({ node, why: whyNodeStays(node, departure) }));
  return {
    steps: joined.flatMap(({ node, why }) => {
      const host = hostOfNode(node.id, live) ?? hostThatLeft(node, hosts, live);
      return why !== '' || host === undefined ? [] : leaveStep(host.host, node.id, departure);
    }),
    warnings: joined.flatMap(({ node, why }) =>
      why === '' ? [] : `node ${nameOf(node)}, which was joined to the swarm for a scenario, stays in it: ${why}`,
    ),
  };
}

function endOfSwarm(workers: readonly SwarmNode[], departure: Departure): Omit<SwarmTakeDown, 'obstacles'> {
  const { engine, picture, hosts, live, gone, removed } = departure;
  const unseen = workers.filter(({ id }) => hostOfNode(id, live) === undefined);
  const [left, lost] = [unseen.filter((node) => hasLeft(node, hosts, live)), unseen.filter((node) => !hasLeft(node, hosts, live))];
  const ours = workers.flatMap((node) => hostOfNode(node.id, live) ?? []);
  const promoted = workers.filter(({ id, managerStatus }) => managerStatus !== undefined && hostOfNode(id, live) !== undefined);
  const why = [
    ...residentsOf(engine, picture, gone),
    ...lost.map((node) => `node ${nameOf(node)}, which is none of the hosts that answered`),
    ...promoted.map((node) => `node ${nameOf(node)}: ${promotion(node)}`),
  ];
  if (why.length > 0)
    return { steps: [], warnings: [`the swarm that was made for a scenario stays, since it holds more: ${why.join(', ')}`] };
  const leaves = ours.map(({ host, swarm }) => leaveStep(host, swarm?.swarm.nodeId ?? '', departure));
  const last = { nodeId: picture.swarm.nodeId, gone: [...gone, ...left.map(({ id }) => id)] };
  const end = makeStep(engine.host, { kind: 'swarm.leave', ...last }, [...removed, ...leaves.map(({ id }) => id)]);
  return { steps: [...leaves, end], warnings: [] };
}

function leaveStep(host: string, nodeId: string, { engine, gone, removed }: Departure): Step {
  return makeStep(host, { kind: 'swarm.leave', nodeId, manager: engine.host, gone: [...gone] }, removed);
}

function nameOf({ hostname, id }: SwarmNode): string {
  return `${hostname} (${id})`;
}

/** We join workers only; a manager cannot leave, and without it the others may be too few. */
function promotion({ id }: SwarmNode): string {
  return `it was made a manager since (docker node demote ${id})`;
}

/** What keeps a node that we joined in a swarm of somebody else; empty where nothing does. */
function whyNodeStays(node: SwarmNode, { picture: { tasks, services }, gone }: Departure): string {
  if (node.managerStatus !== undefined) return promotion(node);
  const busy = services.filter(({ id, mode, labels }) => {
    // What runs on every node loses nothing by one that goes; what is ours and does so has the node for it.
    if (gone.has(id) || (mode === 'global' && !isOurs(labels))) return false;
    return tasks.some(({ nodeId, serviceId, desiredState }) => nodeId === node.id && serviceId === id && desiredState === 'running');
  });
  return busy.length === 0 ? '' : `${busy.map(({ name }) => `service ${name}`).join(', ')} has tasks there`;
}

/**
 * What lives in a swarm besides what goes; secrets and configs that people keep there would be lost with it. Docker's own network for
 * published ports is none of its residents.
 */
export function residentsOf(
  manager: Pick<LiveEngine, 'networks' | 'stored'>,
  { services }: Pick<SwarmPicture, 'services'>,
  gone: ReadonlySet<string>,
): readonly string[] {
  const networks = manager.networks.filter(({ id, name, scope }) => scope === 'swarm' && name !== 'ingress' && !gone.has(id));
  return [
    ...services.filter(({ id }) => !gone.has(id)).map(({ name }) => `service ${name}`),
    ...networks.map(({ name }) => `network ${name}`),
    ...(manager.stored ?? []),
  ];
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
 * node. That engine knows it before the manager calls the node down.
 */
function hasLeft(node: SwarmNode, hosts: readonly BoundHost[], live: readonly LiveEngine[]): boolean {
  const swarm = engineAt(node, hosts, live)?.swarm?.swarm;
  return swarm !== undefined && swarm.nodeId !== node.id;
}

/** It is still to be taken off the manager's list. */
function hostThatLeft(node: SwarmNode, hosts: readonly BoundHost[], live: readonly LiveEngine[]): LiveEngine | undefined {
  const engine = engineAt(node, hosts, live);
  return engine?.swarm?.swarm.state === 'inactive' ? engine : undefined;
}

function engineAt({ address }: SwarmNode, hosts: readonly BoundHost[], live: readonly LiveEngine[]): LiveEngine | undefined {
  const names = hosts.filter((host) => host.address === address).map(({ name }) => name);
  return live.find(({ host }) => names.includes(host));
}
