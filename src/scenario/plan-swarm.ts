import type { Labels } from '../domain/labels.ts';
import type { LiveEngine, LiveNetwork } from '../domain/live.ts';
import type { LiveSwarm, SwarmService } from '../domain/live-swarm.ts';
import { OWN_IMAGE } from '../domain/own-images.ts';
import type { Obstacle, Step } from '../domain/plan.ts';
import { type BoundHost, type ServiceWish, SWARM, type Wish } from '../domain/scenario.ts';
import { compareNetwork } from './compare.ts';
import { compareService, type ServiceDrift } from './compare-service.ts';
import { quoteWord } from './docker-command.ts';
import { findOwned, type Owned, swarmHoldingsOf } from './holdings.ts';
import { ensureSteps } from './host-steps.ts';
import { bracketed } from './interpolate.ts';
import type { NetworkVerdict } from './judge.ts';
import { strangersOn } from './obstacles.ts';
import { describeService, hintToFree } from './owners.ts';
import { makeStep, makeSwarmStep } from './steps.ts';
import { type Membership, membershipOf } from './swarm-membership.ts';
import { overlayObstacles, serviceObstacles } from './swarm-obstacles.ts';
import { readinessOf, resourceOf, type SwarmWishes } from './wishes.ts';

/** All that the plan of a swarm depends on. */
export interface SwarmSituation {
  readonly scenario: string;
  readonly project: string;
  readonly hosts: readonly BoundHost[];
  /** Every engine of the plan that answered, each with what it tells of its swarm. */
  readonly live: readonly LiveEngine[];
  readonly wishes: SwarmWishes;
  readonly labelsOf: (wish: Wish) => Labels;
  /** Of the swarm itself and of its nodes. */
  readonly labelsOfSwarm: Labels;
}

export interface SwarmPlan {
  /** What has to go, the swarm itself and its networks. */
  readonly groundwork: readonly Step[];
  readonly steps: readonly Step[];
  readonly unchanged: readonly string[];
  readonly obstacles: readonly Obstacle[];
  readonly warnings: readonly string[];
}

interface ServiceVerdict {
  readonly wish: ServiceWish;
  readonly live: SwarmService | undefined;
  readonly drift: ServiceDrift;
}

interface Verdicts {
  readonly networks: readonly NetworkVerdict[];
  readonly services: readonly ServiceVerdict[];
  /** Ours, and no longer wished by the scenario that made them. */
  readonly surplusNetworks: readonly LiveNetwork[];
  readonly surplusServices: readonly SwarmService[];
}

/** The fewest steps that make hosts nodes of one swarm, and what it holds equal to what is wished. Pure. */
export function planSwarm(situation: SwarmSituation): SwarmPlan {
  const { hosts, live, project } = situation;
  const membership = membershipOf(hosts, live);
  const manager = live.find(({ host }) => host === membership.manager);
  if (manager === undefined) return { groundwork: [], steps: [], unchanged: [], obstacles: membership.obstacles, warnings: [] };
  const verdicts = judge(situation, manager, membership);
  const membershipSteps = joinSteps(situation, membership);
  const removals = serviceRemovals(manager.host, verdicts);
  const networks = networkSteps(manager.host, situation, verdicts, removals, membershipSteps);
  const images = imageSteps(situation);
  const before = [...membershipSteps, ...removals, ...networks, ...images];
  const services = verdicts.services.flatMap((verdict) => serviceSteps(manager.host, situation, verdict, before));
  const changes = [...membershipSteps, ...removals, ...networks, ...services.filter(({ action }) => action.kind !== 'service.converge')];
  return {
    groundwork: [...removals, ...membershipSteps, ...networks],
    steps: [...(changes.length === 0 ? images.filter(({ host }) => !isReadOnly(host, hosts)) : images), ...services],
    unchanged: [
      ...membership.members.map(({ name }) => `${name}/swarm`),
      ...verdicts.networks
        .filter((each) => each.live !== undefined && each.renewal === undefined)
        .map(({ wish }) => `${SWARM}/${resourceOf(wish)}`),
      ...verdicts.services
        .filter((each) => each.live !== undefined && each.drift.kind === 'none')
        .map(({ wish }) => `${SWARM}/${resourceOf(wish)}`),
    ],
    obstacles: [
      ...membership.obstacles,
      ...readOnlyHosts(hosts, changes.length),
      ...(changes.length === 0 ? [] : obstaclesOf(verdicts, manager, live, project)),
    ],
    warnings: membership.warnings,
  };
}

function judge({ scenario, project, live, wishes }: SwarmSituation, manager: LiveEngine, { joining }: Membership): Verdicts {
  const holdings = swarmHoldingsOf(manager, project);
  const networks = wishes.networks.map((wish): NetworkVerdict => {
    const standing = findOwned(holdings.networks, wish);
    const reasons = standing === undefined ? [] : compareNetwork(wish, standing);
    return { wish, live: standing, renewal: reasons.length === 0 ? undefined : reasons.join('; ') };
  });
  const ids = new Map(
    networks.flatMap(({ wish, live: standing, renewal }) =>
      standing === undefined || renewal !== undefined ? [] : [[wish.name, standing.id] as const],
    ),
  );
  const services = wishes.services.map((wish): ServiceVerdict => {
    const standing = findOwned(holdings.services, wish);
    if (standing === undefined) return { wish, live: undefined, drift: { kind: 'none' } };
    const drift = compareService(wish, standing, manager, live, ids);
    const spreads = drift.kind === 'none' && wish.replicas === 'global' && joining.length > 0;
    return { wish, live: standing, drift: spreads ? { kind: 'wait', reason: 'a node joins, and gets a task' } : drift };
  });
  const kept = new Set([...networks, ...services].flatMap((each) => each.live?.id ?? []));
  const wished = new Set([...wishes.networks, ...wishes.services].map(resourceOf));
  // A resource of another scenario of the project is that scenario's, unless it is a second copy of what this one wishes.
  const isSurplus = <T extends { readonly id: string }>(owned: Owned<T>): boolean =>
    !kept.has(owned.live.id) && (owned.owner.scenario === scenario || wished.has(owned.owner.resource));
  return {
    networks,
    services,
    surplusNetworks: holdings.networks.filter(isSurplus).map((owned) => owned.live),
    surplusServices: holdings.services.filter(isSurplus).map((owned) => owned.live),
  };
}

/** Workers join: whoever needs more managers than one has a swarm already. */
function joinSteps({ labelsOfSwarm: labels }: SwarmSituation, { manager, maker, joining, picture }: Membership): readonly Step[] {
  const made = maker === undefined ? [] : [makeStep(maker.name, { kind: 'swarm.init', advertiseAddress: maker.address, labels })];
  const managerAddress = picture === undefined ? `${bracketed(maker?.address ?? '')}:2377` : addressOfManager(picture.swarm);
  const joined = joining.map((host) =>
    makeStep(
      host.name,
      { kind: 'swarm.join', manager: manager ?? '', managerAddress, advertiseAddress: host.address, labels },
      made.map(({ id }) => id),
    ),
  );
  return [...made, ...joined];
}

/** Of several managers the one that answered: another may be out of reach. */
function addressOfManager({ address, managerAddresses }: LiveSwarm): string {
  return managerAddresses.find((each) => each.replace(/:\d+$/, '') === bracketed(address)) ?? managerAddresses[0] ?? '';
}

function serviceRemovals(via: string, { services, surplusServices }: Verdicts): readonly Step[] {
  const replaced = services.flatMap(({ live, drift }) =>
    live !== undefined && drift.kind === 'replace' ? [{ live, reason: drift.reason }] : [],
  );
  const surplus = surplusServices.map((live) => ({ live, reason: 'the scenario no longer has it' }));
  return [...replaced, ...surplus].map(({ live, reason }) =>
    makeSwarmStep(via, { kind: 'service.remove', id: live.id, name: live.name }, [], reason),
  );
}

function networkSteps(
  via: string,
  { labelsOf }: SwarmSituation,
  { networks, surplusNetworks }: Verdicts,
  clearing: readonly Step[],
  joins: readonly Step[],
): readonly Step[] {
  const cleared = clearing.map(({ id }) => id);
  const remove = (live: LiveNetwork, reason: string): Step =>
    makeSwarmStep(via, { kind: 'network.remove', id: live.id, name: live.name }, cleared, reason);
  const removals = [
    ...networks.flatMap(({ live, renewal }) => (live === undefined || renewal === undefined ? [] : [remove(live, renewal)])),
    ...surplusNetworks.map((live) => remove(live, 'the scenario no longer has it')),
  ];
  const made = joins.filter(({ action }) => action.kind === 'swarm.init');
  const needs = [...made, ...removals].map(({ id }) => id);
  const creations = networks
    .filter(({ live, renewal }) => live === undefined || renewal !== undefined)
    .map(({ wish, renewal }) => makeSwarmStep(via, { kind: 'network.create', wish, labels: labelsOf(wish) }, needs, renewal));
  return [...removals, ...creations];
}

/** On every host: a swarm pins an image by what each node has, and an agent may be needed beside a task wherever it runs. */
function imageSteps({ live, wishes }: SwarmSituation): readonly Step[] {
  if (wishes.services.length === 0) return [];
  const images = [...new Set([...wishes.services.map(({ image }) => image), OWN_IMAGE])];
  const isService = (image: string): boolean => wishes.services.some((wish) => wish.image === image);
  return live.flatMap((engine) =>
    images.flatMap((image) => ensureSteps({ engine, live }, image, isService(image) ? undefined : 'for the agent beside what runs there')),
  );
}

function serviceSteps(
  via: string,
  { hosts, labelsOf }: SwarmSituation,
  { wish, live, drift }: ServiceVerdict,
  before: readonly Step[],
): readonly Step[] {
  const converge = (needs: readonly string[], reason?: string): Step =>
    makeSwarmStep(via, { kind: 'service.converge', name: wish.name, ready: readinessOf(wish.image) }, needs, reason);
  if (live !== undefined && drift.kind === 'none') return [];
  if (live !== undefined && drift.kind === 'wait') return [converge(joinsIn(before), drift.reason)];
  if (live !== undefined && drift.kind === 'scale') {
    const replicas = wish.replicas === 'global' ? 0 : wish.replicas;
    const scale = makeSwarmStep(via, { kind: 'service.scale', id: live.id, name: live.name, replicas }, joinsIn(before), drift.reason);
    return [scale, converge([scale.id])];
  }
  const reason = drift.kind === 'replace' ? drift.reason : undefined;
  const nodes = hosts.map(({ name }) => name);
  const create = makeSwarmStep(via, { kind: 'service.create', wish, labels: labelsOf(wish), nodes }, neededBy(wish, before), reason);
  return [create, converge([create.id])];
}

function joinsIn(steps: readonly Step[]): readonly string[] {
  return steps.filter(({ action }) => action.kind === 'swarm.join').map(({ id }) => id);
}

/** Its networks, every node and its image there; and what goes, since that may hold its name or port. */
function neededBy({ image, networks }: ServiceWish, before: readonly Step[]): readonly string[] {
  const isNeeded = ({ action }: Step): boolean => {
    switch (action.kind) {
      case 'network.create':
        return networks.some(({ network }) => network === action.wish.name);
      case 'image.ensure':
        return action.image === image;
      default:
        return action.kind === 'swarm.init' || action.kind === 'swarm.join' || action.kind === 'service.remove';
    }
  };
  return before.filter(isNeeded).map(({ id }) => id);
}

function obstaclesOf(
  { networks, services, surplusNetworks, surplusServices }: Verdicts,
  manager: LiveEngine,
  live: readonly LiveEngine[],
  project: string,
): readonly Obstacle[] {
  const going = [...networks.flatMap((each) => (each.renewal === undefined ? [] : (each.live ?? []))), ...surplusNetworks];
  const replaced = services.flatMap((each) => (each.drift.kind === 'replace' ? (each.live ?? []) : []));
  const leaving = new Set([...going, ...replaced, ...surplusServices].map(({ id }) => id));
  return [
    ...networks
      .filter((each) => each.live === undefined || each.renewal !== undefined)
      .flatMap(({ wish }) => overlayObstacles(wish, manager, leaving)),
    ...going.flatMap((network) => [
      ...servicesOn(network, manager, leaving),
      ...live.flatMap((engine) => strangersOn(network, engine, project)),
    ]),
    ...services
      .filter((each) => each.live === undefined || each.drift.kind === 'replace')
      .flatMap(({ wish }) => serviceObstacles(wish, manager, live, leaving)),
  ];
}

/** Services on a network that has to go, and that do not go themselves: they would lose it. */
export function servicesOn(network: LiveNetwork, manager: LiveEngine, leaving: ReadonlySet<string>): readonly Obstacle[] {
  const staying = (manager.swarm?.services ?? []).filter(({ id, networkIds }) => networkIds.includes(network.id) && !leaving.has(id));
  return staying.map((service) => ({
    host: SWARM,
    resource: `network/${network.name}`,
    message: `network ${network.name} has to go, but service ${service.name} is on it`,
    owner: describeService(service),
    hint: hintToFree(service.labels, `docker service update --network-rm ${quoteWord(network.name)} ${quoteWord(service.name)}`),
  }));
}

/** Tasks come to any node, so nothing may come to the swarm while one of its hosts may not be changed. */
function readOnlyHosts(hosts: readonly BoundHost[], changes: number): readonly Obstacle[] {
  if (changes === 0) return [];
  return hosts
    .filter(({ name }) => isReadOnly(name, hosts))
    .map(({ name }) => ({
      host: name,
      resource: `host/${name}`,
      message: 'it is read-only, and as a node of the swarm it would get tasks',
      owner: 'readOnly in the hosts file, or --read-only',
      hint: `bind its role to another host, --bind ROLE=HOST, or allow changes on ${name}`,
    }));
}

function isReadOnly(host: string, hosts: readonly BoundHost[]): boolean {
  return hosts.some(({ name, readOnly }) => name === host && readOnly === true);
}
