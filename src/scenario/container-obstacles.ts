import type { LiveContainer, LiveEngine } from '../domain/live.ts';
import type { Obstacle } from '../domain/plan.ts';
import type { ContainerWish, NetworkWish } from '../domain/scenario.ts';
import { portText, quoteWord } from './docker-command.ts';
import { isActive } from './holdings.ts';
import type { Leaving } from './obstacles.ts';
import { describeContainer, describeService, hintToFree } from './owners.ts';
import { hostIpsMeet } from './published-port.ts';
import { resourceOf } from './wishes.ts';

/** Networks whose containers stand on the wire of their host, beside those of every other host. */
const ON_THE_WIRE: readonly string[] = ['macvlan', 'ipvlan'];

/** Something that a container is to have and that another one has. */
interface Claim {
  readonly isName: boolean;
  readonly fact: string;
  readonly holder: LiveContainer;
  /** The host of the holder. */
  readonly on: string;
  /** How the scenario would do without. */
  readonly otherwise: string;
}

/**
 * What keeps a container from being run or started: its name, a port that it publishes or its address belongs to somebody else. All that
 * one container holds is one obstacle. `networks` are those wished on its host, `leaving` is what the plan removes on all hosts.
 */
export function containerObstacles(
  wish: ContainerWish,
  networks: readonly NetworkWish[],
  live: readonly LiveEngine[],
  leaving: Leaving,
): readonly Obstacle[] {
  const staying = live.map((engine) => ({ ...engine, containers: engine.containers.filter(({ id }) => !leaving.has(id)) }));
  const here = staying.filter(({ host }) => host === wish.host);
  const claims = [
    ...here.flatMap((engine) => [...nameClaims(wish, engine), ...portClaims(wish, engine)]),
    ...addressClaims(wish, networks, staying),
  ];
  const holders = [...new Set(claims.map(({ holder }) => holder))];
  const ofContainers = holders.map((holder) =>
    obstacleOf(
      wish,
      holder,
      claims.filter((claim) => claim.holder === holder),
    ),
  );
  return [...ofContainers, ...here.flatMap((engine) => serviceObstacles(wish, engine))];
}

/** A port that the routing mesh has, it has on every node and on every address of it. Ports in host mode are those of containers. */
function serviceObstacles(wish: ContainerWish, { services }: LiveEngine): readonly Obstacle[] {
  return wish.ports.flatMap((port) => {
    const holder = services.find(({ ports }) =>
      ports.some(
        ({ mode, publishedPort, protocol }) => mode === 'ingress' && publishedPort === port.publishedPort && protocol === port.protocol,
      ),
    );
    if (holder === undefined) return [];
    return {
      host: wish.host,
      resource: resourceOf(wish),
      message: `port ${port.publishedPort}/${port.protocol} (${portText(port)}) is published by service ${holder.name}, on every node of its swarm`,
      owner: describeService(holder),
      hint: `free it: ${hintToFree(holder.labels, `docker service rm ${quoteWord(holder.name)}`)}; or publish another port`,
    };
  });
}

function obstacleOf(wish: ContainerWish, holder: LiveContainer, claims: readonly Claim[]): Obstacle {
  const { labels } = holder;
  const [name, oldName] = [quoteWord(holder.name), quoteWord(`${holder.name}-old`)];
  const place = claims.flatMap(({ on }) => (on === wish.host ? [] : ` on ${on}`))[0] ?? '';
  const remedy = claims.some(({ isName }) => isName)
    ? hintToFree(
        labels,
        // A stopped container holds neither port nor address.
        claims.length > 1
          ? `stop and rename it: docker stop ${name} && docker rename ${name} ${oldName}`
          : `rename it: docker rename ${name} ${oldName}`,
      )
    : `free it${place}: ${hintToFree(labels, `docker stop ${name}`)}`;
  return {
    host: wish.host,
    resource: resourceOf(wish),
    message: claims.map(({ fact }) => fact).join('; '),
    owner: describeContainer(holder),
    hint: `${remedy}; or ${claims.map(({ otherwise }) => otherwise).join(', ')}`,
  };
}

function nameClaims(wish: ContainerWish, { host: on, containers }: LiveEngine): readonly Claim[] {
  const holder = containers.find(({ name }) => name === wish.name);
  if (holder === undefined) return [];
  const fact = `the container name ${wish.name} is taken, and not by this project`;
  return [{ isName: true, fact, holder, on, otherwise: "give the scenario's service another name" }];
}

function portClaims(wish: ContainerWish, { host: on, containers }: LiveEngine): readonly Claim[] {
  return wish.ports.flatMap((port) => {
    const holder = containers.find(
      (other) =>
        isActive(other) &&
        other.ports.some(
          (held) => held.publishedPort === port.publishedPort && held.protocol === port.protocol && hostIpsMeet(held.hostIp, port.hostIp),
        ),
    );
    if (holder === undefined) return [];
    const fact = `port ${port.publishedPort}/${port.protocol} (${portText(port)}) is taken by container ${holder.name}`;
    return [{ isName: false, fact, holder, on, otherwise: 'publish another port' }];
  });
}

/** On any host where the network is a macvlan one, since no engine knows of another's; else on that very network of the same engine. */
function addressClaims(wish: ContainerWish, networks: readonly NetworkWish[], live: readonly LiveEngine[]): readonly Claim[] {
  return wish.networks.flatMap(({ network: name, ipv4Address: address }) => {
    const network = networks.find((each) => each.name === name);
    if (network === undefined || address === undefined) return [];
    const onWire = ON_THE_WIRE.includes(network.driver);
    const found = live
      .filter(({ host }) => onWire || host === wish.host)
      .flatMap((engine) => engine.containers.map((holder) => ({ engine, holder })))
      .find(({ engine, holder }) => holds(holder, address, engine, onWire ? undefined : name));
    if (found === undefined) return [];
    const on = found.engine.host;
    const fact = `address ${address} on network ${name} is held by container ${found.holder.name} on ${on}`;
    return [{ isName: false, fact, holder: found.holder, on, otherwise: `give ${wish.name} another ipv4_address` }];
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
