import { cidrsOverlap, parseCidr } from '../domain/addresses.ts';
import { ownershipOf } from '../domain/labels.ts';
import type { LiveEngine, LiveNetwork } from '../domain/live.ts';
import type { SwarmService } from '../domain/live-swarm.ts';
import type { Obstacle } from '../domain/plan.ts';
import { type NetworkWish, type ServiceWish, SWARM } from '../domain/scenario.ts';
import { quoteWord } from './docker-command.ts';
import { isActive, serviceIdOf } from './holdings.ts';
import type { Leaving } from './obstacles.ts';
import { describeContainer, describeNetwork, describeService, hintToFree } from './owners.ts';
import { resourceOf } from './wishes.ts';

/** What keeps an overlay from being made: its name is somebody else's, or its subnet, which Docker itself would give away twice. */
export function overlayObstacles(wish: NetworkWish, manager: LiveEngine, leaving: Leaving): readonly Obstacle[] {
  const isManager = manager.swarm?.swarm.cluster !== undefined;
  const others = manager.networks.filter(({ id, scope }) => !leaving.has(id) && (isManager || scope !== 'swarm'));
  const obstacle = (message: string, holder: LiveNetwork, otherwise: string): Obstacle => ({
    host: SWARM,
    resource: resourceOf(wish),
    message,
    owner: describeNetwork(holder),
    hint: `if nothing needs it: ${hintToFree(holder.labels, `docker network rm ${quoteWord(holder.name)}`)}; else ${otherwise}`,
  });
  const namesake = others.find(({ name }) => name === wish.name);
  const taken =
    namesake === undefined
      ? []
      : [
          obstacle(
            `the network name ${wish.name} is taken on ${manager.host}, and not by this project`,
            namesake,
            "give the scenario's network another name",
          ),
        ];
  const overlaps = wish.ipam.flatMap(({ subnet: written }) => {
    const subnet = parseCidr(written);
    const holder = others.find(
      (other) =>
        other !== namesake &&
        other.scope === 'swarm' &&
        other.pools.some((pool) => {
          const held = parseCidr(pool.subnet);
          return subnet !== undefined && held !== undefined && cidrsOverlap(subnet, held);
        }),
    );
    if (holder === undefined) return [];
    const pools = holder.pools.map((pool) => pool.subnet).join(', ');
    const message = `subnet ${written} overlaps ${pools} of overlay ${holder.name}: Docker accepts that, and then rejects tasks`;
    return [obstacle(message, holder, 'choose another subnet')];
  });
  return [...taken, ...overlaps];
}

/** What keeps a service from being made: its name or a port is somebody else's. `nodes` are the hosts that may take its tasks. */
export function serviceObstacles(
  wish: ServiceWish,
  manager: LiveEngine,
  nodes: readonly LiveEngine[],
  leaving: Leaving,
): readonly Obstacle[] {
  const others = (manager.swarm?.services ?? []).filter(({ id }) => !leaving.has(id));
  const namesake = others.find(({ name }) => name === wish.name);
  const named: readonly Obstacle[] =
    namesake === undefined
      ? []
      : [
          {
            host: SWARM,
            resource: resourceOf(wish),
            message: `the service name ${wish.name} is taken, and not by this project`,
            owner: describeService(namesake),
            hint: `if nothing needs it: ${hintToFree(namesake.labels, `docker service rm ${quoteWord(namesake.name)}`)}; else give the scenario's service another name`,
          },
        ];
  return [
    ...named,
    ...wish.ports.flatMap((port) => [
      ...heldByService(
        wish,
        port,
        others.filter((other) => other !== namesake),
      ),
      ...nodes.flatMap((engine) => heldByContainer(wish, port, engine, leaving)),
    ]),
    ...crowded(wish, nodes.length),
  ];
}

type Port = ServiceWish['ports'][number];

function heldByService(wish: ServiceWish, port: Port, others: readonly SwarmService[]): readonly Obstacle[] {
  const holder = others.find(({ ports }) =>
    ports.some((held) => held.publishedPort === port.publishedPort && held.protocol === port.protocol),
  );
  if (holder === undefined) return [];
  return [
    {
      host: SWARM,
      resource: resourceOf(wish),
      message: `port ${port.publishedPort}/${port.protocol} is published by service ${holder.name}`,
      owner: describeService(holder),
      hint: `free it: ${hintToFree(holder.labels, `docker service rm ${quoteWord(holder.name)}`)}; or publish another port`,
    },
  ];
}

/** The routing mesh takes a port on every node: one node where it is held answers with somebody else's page. */
function heldByContainer(wish: ServiceWish, port: Port, { host, containers }: LiveEngine, leaving: Leaving): readonly Obstacle[] {
  const holder = containers.find(
    (other) =>
      isActive(other) &&
      !leaving.has(other.id) &&
      !leaving.has(serviceIdOf(other) ?? '') &&
      // Two tasks of services are told of as services.
      serviceIdOf(other) === undefined &&
      other.ports.some((held) => held.publishedPort === port.publishedPort && held.protocol === port.protocol),
  );
  if (holder === undefined) return [];
  const project = ownershipOf(holder.labels)?.project;
  return [
    {
      host,
      resource: resourceOf(wish),
      message: `port ${port.publishedPort}/${port.protocol} is taken by container ${holder.name}, and ${port.mode === 'ingress' ? 'the routing mesh needs it on every node' : 'a task here is to publish it'}`,
      owner: describeContainer(holder),
      hint: `free it: ${project === undefined ? `docker stop ${quoteWord(holder.name)}` : `pets-console down ${quoteWord(project)}`}; or publish another port`,
    },
  ];
}

/** In host mode a port is the node's: a second task there finds it taken. */
function crowded(wish: ServiceWish, nodes: number): readonly Obstacle[] {
  const published = wish.ports.find(({ mode }) => mode === 'host');
  if (published === undefined || wish.replicas === 'global' || wish.replicas <= nodes) return [];
  return [
    {
      host: SWARM,
      resource: resourceOf(wish),
      message: `${wish.replicas} tasks are to publish port ${published.publishedPort} in host mode, and there ${nodes === 1 ? 'is 1 node' : `are ${nodes} nodes`}: one task a node can`,
      hint: `scale it to ${nodes} at most: --scale ${wish.name}=${nodes}`,
    },
  ];
}
