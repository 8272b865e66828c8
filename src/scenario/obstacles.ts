import { type Cidr, cidrsOverlap, parseCidr } from '../domain/addresses.ts';
import { ownershipOf } from '../domain/labels.ts';
import type { LiveContainer, LiveEngine, LiveNetwork } from '../domain/live.ts';
import type { Obstacle } from '../domain/plan.ts';
import type { ContainerWish, NetworkWish } from '../domain/scenario.ts';
import { portText, quoteWord } from './docker-command.ts';
import { containersOn, isActive } from './holdings.ts';
import { hostIpsMeet } from './published-port.ts';
import { resourceOf } from './wishes.ts';

/** IDs of what the plan removes, and therefore no obstacle. */
export type Leaving = ReadonlySet<string>;

/** What keeps a network from being made: its name or its subnet belongs to somebody else. */
export function networkObstacles(wish: NetworkWish, engine: LiveEngine, leaving: Leaving): readonly Obstacle[] {
  const others = engine.networks.filter(({ id }) => !leaving.has(id));
  const namesake = others.find(({ name }) => name === wish.name);
  const obstacles: Obstacle[] = [];
  if (namesake !== undefined) {
    obstacles.push({
      host: wish.host,
      resource: resourceOf(wish),
      message: `the network name ${wish.name} is taken, and not by this project`,
      owner: describeNetwork(namesake),
      hint: `if nothing needs it: docker network rm ${quoteWord(namesake.name)}; else give the scenario's network another name`,
    });
  }
  for (const { subnet: written } of wish.ipam) {
    const subnet = parseCidr(written);
    // Overlays have an address space of their own: an engine accepts both.
    const holder = others.find(
      (other) => other !== namesake && other.scope === 'local' && other.pools.some((pool) => overlap(subnet, parseCidr(pool.subnet))),
    );
    if (holder === undefined) continue;
    obstacles.push({
      host: wish.host,
      resource: resourceOf(wish),
      message: `subnet ${written} overlaps ${holder.pools.map((pool) => pool.subnet).join(', ')} of network ${holder.name}`,
      owner: describeNetwork(holder),
      hint: `choose another subnet, or if nothing needs it: docker network rm ${quoteWord(holder.name)}`,
    });
  }
  return obstacles;
}

/** What keeps a container from being run or started: its name or a port it publishes belongs to somebody else. */
export function containerObstacles(wish: ContainerWish, engine: LiveEngine, leaving: Leaving): readonly Obstacle[] {
  const others = engine.containers.filter(({ id }) => !leaving.has(id));
  const obstacles: Obstacle[] = [];
  const namesake = others.find(({ name }) => name === wish.name);
  if (namesake !== undefined) {
    obstacles.push({
      host: wish.host,
      resource: resourceOf(wish),
      message: `the container name ${wish.name} is taken, and not by this project`,
      owner: describeContainer(namesake),
      hint: `rename it: docker rename ${quoteWord(namesake.name)} ${quoteWord(`${namesake.name}-old`)}; or give the scenario's service another name`,
    });
  }
  for (const port of wish.ports) {
    const holder = others.find(
      (other) =>
        isActive(other) &&
        other.ports.some(
          (held) => held.publishedPort === port.publishedPort && held.protocol === port.protocol && hostIpsMeet(held.hostIp, port.hostIp),
        ),
    );
    if (holder === undefined) continue;
    obstacles.push({
      host: wish.host,
      resource: resourceOf(wish),
      message: `port ${port.publishedPort}/${port.protocol} (${portText(port)}) is taken by container ${holder.name}`,
      owner: describeContainer(holder),
      hint: `free it: docker stop ${quoteWord(holder.name)}; or publish another port`,
    });
  }
  return obstacles;
}

/** Foreign containers on a network that has to go: theirs is never touched, so it is theirs to leave. */
export function strangersOn(network: LiveNetwork, engine: LiveEngine, project: string): readonly Obstacle[] {
  return containersOn(engine, network)
    .filter((container) => isActive(container) && ownershipOf(container.labels)?.project !== project)
    .map((container) => ({
      host: engine.host,
      resource: `network/${network.name}`,
      message: `network ${network.name} has to go, but container ${container.name}, which is not of this project, is on it`,
      owner: describeContainer(container),
      hint: `docker network disconnect ${quoteWord(network.name)} ${quoteWord(container.name)}`,
    }));
}

/** `container grafana (4f5e6d7c8b9a, grafana/grafana, running)` */
function describeContainer({ id, name, image, state, labels }: LiveContainer): string {
  return `container ${name} (${[id.slice(0, 12), image, state, ...describeProject(labels)].join(', ')})`;
}

function describeNetwork({ id, name, driver, labels }: LiveNetwork): string {
  return `network ${name} (${[id.slice(0, 12), driver, ...describeProject(labels)].join(', ')})`;
}

function describeProject(labels: LiveContainer['labels']): readonly string[] {
  const owner = ownershipOf(labels);
  return owner === undefined ? [] : [`project ${owner.project}`];
}

function overlap(left: Cidr | undefined, right: Cidr | undefined): boolean {
  return left !== undefined && right !== undefined && cidrsOverlap(left, right);
}
