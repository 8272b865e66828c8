import { type Cidr, cidrsOverlap, parseCidr } from '../domain/addresses.ts';
import { ownershipOf } from '../domain/labels.ts';
import type { LiveEngine, LiveNetwork } from '../domain/live.ts';
import type { Obstacle } from '../domain/plan.ts';
import type { NetworkWish } from '../domain/scenario.ts';
import { quoteWord } from './docker-command.ts';
import { containersOn, isActive, serviceIdOf } from './holdings.ts';
import { describeContainer, describeNetwork, hintToFree } from './owners.ts';
import { resourceOf } from './wishes.ts';

/** IDs of what the plan removes, and therefore no obstacle. */
export type Leaving = ReadonlySet<string>;

/** Before this version an engine refused a second macvlan network on a parent (measured on 20.10 and 28.5). */
const SHARES_PARENTS = 28;

/** What keeps a network from being made: its name, its subnet or its parent interface belongs to somebody else. */
export function networkObstacles(wish: NetworkWish, engine: LiveEngine, leaving: Leaving): readonly Obstacle[] {
  const others = engine.networks.filter(({ id }) => !leaving.has(id));
  const obstacle = (message: string, holder: LiveNetwork, otherwise: string): Obstacle => ({
    host: wish.host,
    resource: resourceOf(wish),
    message,
    owner: describeNetwork(holder),
    hint: `if nothing needs it: ${hintToFree(holder.labels, `docker network rm ${quoteWord(holder.name)}`)}; else ${otherwise}`,
  });
  const obstacles: Obstacle[] = [];
  const namesake = others.find(({ name }) => name === wish.name);
  if (namesake !== undefined) {
    const message = `the network name ${wish.name} is taken, and not by this project`;
    obstacles.push(obstacle(message, namesake, "give the scenario's network another name"));
  }
  for (const { subnet: written } of wish.ipam) {
    const subnet = parseCidr(written);
    // Overlays have an address space of their own: an engine accepts both.
    const holder = others.find(
      (other) => other !== namesake && other.scope === 'local' && other.pools.some((pool) => overlap(subnet, parseCidr(pool.subnet))),
    );
    if (holder === undefined) continue;
    const message = `subnet ${written} overlaps ${holder.pools.map((pool) => pool.subnet).join(', ')} of network ${holder.name}`;
    obstacles.push(obstacle(message, holder, 'choose another subnet'));
  }
  const rival = rivalForParent(wish, others, engine.version);
  if (rival !== undefined && rival !== namesake) {
    const message = `parent ${wish.options.parent} already belongs to ${rival.driver} network ${rival.name}: ${reasonOfRivalry(rival, engine.version)}`;
    obstacles.push(obstacle(message, rival, 'bind this one to another interface, such as a sub-interface of the same'));
  }
  return obstacles;
}

function rivalForParent(wish: NetworkWish, others: readonly LiveNetwork[], version: string): LiveNetwork | undefined {
  const { parent } = wish.options;
  if (wish.driver !== 'macvlan' || parent === undefined) return undefined;
  return others.find(
    ({ driver, options }) =>
      options.parent === parent && (driver === 'ipvlan' || (driver === 'macvlan' && !(Number.parseInt(version, 10) >= SHARES_PARENTS))),
  );
}

function reasonOfRivalry({ driver }: LiveNetwork, version: string): string {
  return driver === 'ipvlan'
    ? 'one interface cannot be the parent of both drivers'
    : `Docker ${version} allows one macvlan network for each`;
}

/** Foreign containers on a network that has to go: theirs is never touched, so it is theirs to leave. */
export function strangersOn(network: LiveNetwork, engine: LiveEngine, project: string): readonly Obstacle[] {
  return (
    containersOn(engine, network)
      .filter((container) => isActive(container) && ownershipOf(container.labels)?.project !== project)
      // Disconnected by hand, a task is run again on it: who stands in the way there is its service (`servicesOn`).
      .filter((container) => network.scope !== 'swarm' || serviceIdOf(container) === undefined)
      .map((container) => ({
        host: engine.host,
        resource: `network/${network.name}`,
        message: `network ${network.name} has to go, but container ${container.name}, which is not of this project, is on it`,
        owner: describeContainer(container),
        hint: `docker network disconnect ${quoteWord(network.name)} ${quoteWord(container.name)}`,
      }))
  );
}

function overlap(left: Cidr | undefined, right: Cidr | undefined): boolean {
  return left !== undefined && right !== undefined && cidrsOverlap(left, right);
}
