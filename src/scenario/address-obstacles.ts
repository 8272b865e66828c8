import type { LiveContainer, LiveEngine } from '../domain/live.ts';
import type { Obstacle } from '../domain/plan.ts';
import type { ContainerWish, NetworkWish } from '../domain/scenario.ts';
import { quoteWord } from './docker-command.ts';
import { isActive } from './holdings.ts';
import type { Leaving } from './obstacles.ts';
import { describeContainer, hintToFree } from './owners.ts';
import { resourceOf } from './wishes.ts';

/** Networks whose containers stand on the wire of their host, beside those of every other host. */
const ON_THE_WIRE: readonly string[] = ['macvlan', 'ipvlan'];

/**
 * Static addresses that a container holds already: on any host where the network is a macvlan one, since no engine knows of another's;
 * else on that very network of the same engine. `leaving` holds what the plan removes on all hosts.
 */
export function addressObstacles(
  wish: ContainerWish,
  networks: readonly NetworkWish[],
  live: readonly LiveEngine[],
  leaving: Leaving,
): readonly Obstacle[] {
  return wish.networks.flatMap(({ network: name, ipv4Address: address }) => {
    const network = networks.find((each) => each.name === name);
    if (network === undefined || address === undefined) return [];
    const onWire = ON_THE_WIRE.includes(network.driver);
    const holder = live
      .filter(({ host }) => onWire || host === wish.host)
      .flatMap((engine) => engine.containers.map((container) => ({ engine, container })))
      .find(({ engine, container }) => !leaving.has(container.id) && holds(container, address, engine, onWire ? undefined : name));
    if (holder === undefined) return [];
    const { container, engine } = holder;
    return [
      {
        host: wish.host,
        resource: resourceOf(wish),
        message: `address ${address} on network ${name} is held by container ${container.name} on ${engine.host}`,
        owner: describeContainer(container),
        hint: `free it: ${hintToFree(container.labels, `docker stop ${quoteWord(container.name)}`)}; or give ${wish.name} another ipv4_address`,
      },
    ];
  });
}

/** A stopped container holds no address. `network` undefined: on any that is on the wire. */
function holds(container: LiveContainer, address: string, { networks }: LiveEngine, network: string | undefined): boolean {
  return (
    isActive(container) &&
    Object.entries(container.networks).some(([name, attachment]) => {
      if (attachment.ipv4Address !== address) return false;
      if (network !== undefined) return name === network;
      return networks.some(({ id, driver }) => id === attachment.networkId && ON_THE_WIRE.includes(driver));
    })
  );
}
