import type { HostFacts } from '../domain/host-facts.ts';
import type { LiveEngine } from '../domain/live.ts';
import type { Obstacle, Plan } from '../domain/plan.ts';
import { type BoundHost, type ContainerWish, type NetworkWish, type Scenario, type ServiceWish, SWARM } from '../domain/scenario.ts';
import { swarmWishesFor, wishesFor } from './wishes.ts';

/** A plan, and what is known of the hosts that it would change. */
export interface HostsSituation {
  readonly plan: Pick<Plan, 'project' | 'hosts' | 'steps'>;
  /** Bound to its hosts. */
  readonly scenario: Scenario;
  readonly live: readonly LiveEngine[];
  /** By the name of the host; a host that could not be looked at is absent. */
  readonly facts: ReadonlyMap<string, HostFacts>;
}

/** What some part of a look at hosts came to. */
export interface Verdict {
  readonly obstacles: readonly Obstacle[];
  readonly warnings: readonly string[];
}

/** What a plan would bring to a swarm, and so to each of its nodes. */
export interface SwarmComing {
  /** Hosts that become nodes, by name. */
  readonly newNodes: ReadonlyMap<string, NewNode>;
  /** Overlays that the plan makes. */
  readonly networks: readonly NetworkWish[];
  /** Services that it makes, and those that stand and get new nodes, with the names of the hosts that may get tasks then. */
  readonly services: readonly { readonly wish: ServiceWish; readonly nodes: readonly string[] }[];
}

export interface NewNode {
  readonly advertiseAddress: string;
  /** The host whose swarm it joins; absent where it makes one, and so is its manager. */
  readonly manager?: string;
}

/** What a plan would bring to one host, and take from it. */
export interface Coming {
  readonly host: BoundHost;
  readonly engine: LiveEngine | undefined;
  readonly facts: HostFacts | undefined;
  /** Every network that the scenario wishes here, those that stand already too. */
  readonly networks: readonly NetworkWish[];
  /** Those of them that the plan makes. */
  readonly newNetworks: readonly NetworkWish[];
  /** Containers that the plan makes, starts or attaches: they take ports and addresses. */
  readonly containers: readonly ContainerWish[];
  /** What comes to the swarm that the host is, or is to be, a node of. */
  readonly swarm: SwarmComing | undefined;
  /** IDs of what the plan removes. */
  readonly leaving: ReadonlySet<string>;
}

/** The hosts to which something comes: a plan that only removes asks nothing of them. */
export function comingTo({ plan, scenario, live, facts }: HostsSituation): readonly Coming[] {
  const swarm = comingToSwarm(plan, scenario);
  return plan.hosts
    .map((host): Coming => {
      const actions = plan.steps.filter((step) => step.host === host.name).map(({ action }) => action);
      const newNetworks = actions.flatMap((action) => (action.kind === 'network.create' ? [action.wish] : []));
      const made = new Set(newNetworks.map(({ name }) => name));
      const touched = new Set(
        actions.flatMap((action) => {
          if (action.kind === 'container.run') return [action.wish.name];
          if (action.kind === 'container.start') return [action.name];
          return action.kind === 'network.connect' ? [action.container] : [];
        }),
      );
      const wishes = wishesFor(scenario, host, plan.hosts);
      return {
        host,
        engine: live.find((engine) => engine.host === host.name),
        facts: facts.get(host.name),
        networks: [...newNetworks, ...wishes.networks.filter(({ name }) => !made.has(name))],
        newNetworks,
        containers: wishes.containers.filter(({ name }) => touched.has(name)),
        swarm,
        leaving: new Set(
          actions.flatMap((action) => (action.kind === 'container.remove' || action.kind === 'network.remove' ? [action.id] : [])),
        ),
      };
    })
    .filter(({ newNetworks, containers }) => newNetworks.length + containers.length > 0 || swarm !== undefined);
}

/** Where the others reach a host as a node of its swarm. */
export function nodeAddressOf({ host, engine, swarm }: Coming): string {
  const told = engine?.swarm?.swarm.address ?? '';
  return swarm?.newNodes.get(host.name)?.advertiseAddress ?? (told === '' ? host.address : told);
}

/** Tasks may come to any node, so each is looked at; a plan that only waits or scales brings nothing that was not there. */
function comingToSwarm({ steps }: Pick<Plan, 'steps'>, scenario: Scenario): SwarmComing | undefined {
  const newNodes = new Map(
    steps.flatMap(({ host, action }): readonly (readonly [string, NewNode])[] => {
      if (action.kind === 'swarm.init') return [[host, { advertiseAddress: action.advertiseAddress }]];
      return action.kind === 'swarm.join' ? [[host, { advertiseAddress: action.advertiseAddress, manager: action.manager }]] : [];
    }),
  );
  const networks = steps.flatMap(({ host, action }) => (host === SWARM && action.kind === 'network.create' ? [action.wish] : []));
  const made = steps.flatMap(({ action }) => (action.kind === 'service.create' ? [action] : []));
  const standing = swarmWishesFor(scenario).services.filter(
    ({ name }) => newNodes.size > 0 && !made.some(({ wish }) => wish.name === name),
  );
  const services = [...made, ...standing.map((wish) => ({ wish, nodes: [...newNodes.keys()] }))].map(({ wish, nodes }) => ({
    wish,
    nodes: nodes.filter((node) => wish.placement === undefined || wish.placement === node),
  }));
  return newNodes.size + networks.length + services.length === 0 ? undefined : { newNodes, networks, services };
}

/** An attachment of a coming container to a macvlan network, which puts it on the wire of the hosts. */
export interface WireAttachment {
  readonly container: ContainerWish;
  readonly network: NetworkWish;
  /** Absent: the engine chooses. */
  readonly address?: string;
}

export function wireAttachments({ containers, networks }: Pick<Coming, 'containers' | 'networks'>): readonly WireAttachment[] {
  return containers.flatMap((container) =>
    container.networks.flatMap(({ network: name, ipv4Address }) => {
      const network = networks.find((each) => each.name === name && each.driver === 'macvlan');
      if (network === undefined) return [];
      return [{ container, network, ...(ipv4Address === undefined ? {} : { address: ipv4Address }) }];
    }),
  );
}

/** The parent that a macvlan network binds to. */
export function parentOf({ options }: Pick<NetworkWish, 'options'>, host: BoundHost): string {
  return options.parent ?? host.parent ?? 'eth0';
}

/** `eth0.10` is VLAN 10 of eth0; Docker makes such a parent where it is missing. */
export function vlanOf(parent: string): { readonly base: string; readonly id: number } | undefined {
  const [, base, id] = /^(.+)\.(\d+)$/.exec(parent) ?? [];
  return base === undefined || id === undefined ? undefined : { base, id: Number(id) };
}
