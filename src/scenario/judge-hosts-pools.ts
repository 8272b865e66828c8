import { type Cidr, cidrContains, formatAddress, formatCidr, parseAddress, parseCidr } from '../domain/addresses.ts';
import { assignableBlockOf, type Block } from '../domain/ipam.ts';
import type { LiveEngine, LiveNetwork } from '../domain/live.ts';
import type { Obstacle } from '../domain/plan.ts';
import type { IpamPool, NetworkWish } from '../domain/scenario.ts';
import { isActive } from './holdings.ts';
import { answererOf, hostWith } from './judge-hosts-addresses.ts';
import { type Coming, type HostsSituation, type WireAttachment, wireAttachments } from './judge-hosts-coming.ts';
import { resourceOf } from './wishes.ts';

/**
 * macvlan pools of several engines on one wire: each hands out addresses from the front of its own, unaware of hosts, routers and the
 * other engines. What would actually meet is an obstacle, what only may meet one day a warning.
 */
export function judgePools(
  all: readonly Coming[],
  situation: HostsSituation,
): { readonly obstacles: readonly Obstacle[]; readonly warnings: readonly string[] } {
  const offers = all.flatMap(offersOf);
  const obstacles = offers.flatMap((offer) => {
    const hits = offer.next.map((address) => ({ address, taker: takerOf(address, offer, offers, all, situation) }));
    const hit = hits.find(({ taker }) => taker !== undefined);
    return hit?.taker === undefined ? [] : [collision(offer, hit.address, hit.taker, offers, situation)];
  });
  return { obstacles, warnings: obstacles.length > 0 ? [] : latentCollisions(all, situation) };
}

/** The addresses that engines would hand out next on the wire of the hosts. */
export function nextAddresses(all: readonly Coming[]): readonly string[] {
  return all.flatMap(offersOf).flatMap(({ next }) => next);
}

/** A pool on one host, and what its engine would hand out next to containers that name no address. */
interface Offer {
  readonly coming: Coming;
  readonly wish: NetworkWish;
  readonly pool: IpamPool;
  readonly waiting: readonly WireAttachment[];
  readonly next: readonly string[];
}

function offersOf(coming: Coming): readonly Offer[] {
  const waiting = wireAttachments(coming).filter(({ address }) => address === undefined);
  return [...new Set(waiting.map(({ network }) => network))].flatMap((wish) => {
    // An engine hands out from a network's first pool of the family.
    const pool = wish.ipam.find(({ subnet }) => parseCidr(subnet)?.family === 4);
    if (pool === undefined) return [];
    const mine = waiting.filter(({ network }) => network === wish);
    return [{ coming, wish, pool, waiting: mine, next: nextOf(coming, wish, pool, mine.length) }];
  });
}

/** The lowest addresses that an engine knows to be free: Docker hands out from the front (measured on 20.10 and 28.5). */
function nextOf({ engine, leaving }: Coming, wish: NetworkWish, pool: IpamPool, count: number): readonly string[] {
  const block = assignableBlockOf(pool);
  if (block === undefined) return [];
  const live = engine?.networks.find(({ name, id }) => name === wish.name && !leaving.has(id));
  const known = new Set([
    pool.gateway ?? formatAddress({ family: block.family, value: block.first }),
    ...Object.values(pool.auxAddresses ?? {}),
    ...holdersOn(engine, live).flatMap(({ id, address: held }) => (leaving.has(id) ? [] : [held])),
  ]);
  const next: string[] = [];
  for (let value = block.first; value <= block.last && next.length < count; value += 1n) {
    const address = formatAddress({ family: block.family, value });
    if (!known.has(address)) next.push(address);
  }
  return next;
}

function takerOf(
  address: string,
  offer: Offer,
  offers: readonly Offer[],
  all: readonly Coming[],
  situation: HostsSituation,
): string | undefined {
  const host = hostWith(address, situation);
  if (host !== undefined) return host.owner;
  const router = [...situation.facts].find(([, { routes }]) => routes.some(({ gateway }) => gateway === address));
  if (router !== undefined) return `the router of ${router[0]}`;
  const fixed = all.flatMap((coming) => wireAttachments(coming)).find((each) => each.address === address);
  if (fixed !== undefined) return `container ${fixed.container.name} on ${fixed.container.host}, whose static address it is`;
  const other = offers.find((each) => each !== offer && each.coming.host.name !== offer.coming.host.name && each.next.includes(address));
  if (other !== undefined) return `the next container on network ${other.wish.name} of ${other.wish.host}, whose engine hands out the same`;
  return liveHolder(address, offer, all, situation) ?? answererOf(address, offer.coming, situation)?.owner;
}

/** A container on another engine's macvlan network: this engine does not know it. */
function liveHolder(address: string, { coming }: Offer, all: readonly Coming[], { live }: HostsSituation): string | undefined {
  for (const engine of live) {
    if (engine.host === coming.host.name) continue;
    const leaving = all.find(({ host }) => host.name === engine.host)?.leaving;
    const holder = engine.networks
      .filter(({ driver }) => driver === 'macvlan')
      .flatMap((network) => holdersOn(engine, network))
      .find((each) => each.address === address && leaving?.has(each.id) !== true);
    if (holder !== undefined) return `container ${holder.name} on ${engine.host}`;
  }
  return undefined;
}

/** Running containers with their address on a network; lists of networks tell none. */
function holdersOn(engine: LiveEngine | undefined, network: LiveNetwork | undefined) {
  return (engine?.containers ?? []).filter(isActive).flatMap(({ id, name, networks }) =>
    Object.values(networks)
      .filter(({ networkId, ipv4Address }) => networkId === network?.id && ipv4Address !== '')
      .map(({ ipv4Address: address }) => ({ id, name, address })),
  );
}

function collision(offer: Offer, address: string, taker: string, offers: readonly Offer[], situation: HostsSituation): Obstacle {
  const { wish, pool, waiting } = offer;
  const names = waiting.map(({ container }) => container.name).join(', ');
  const hosts = [...new Set(offers.filter((each) => meets(each.pool, pool)).map(({ wish: { host } }) => host))];
  return {
    host: wish.host,
    resource: resourceOf(wish),
    message: `network ${wish.name} would give ${address} to ${names}: its engine hands out from the front of ${pool.subnet} and knows nothing of who else is on the wire`,
    owner: taker,
    hint: `give ${names} an ipv4_address, or each host a range of its own: ${proposal(pool, hosts, situation)}`,
  };
}

function latentCollisions(all: readonly Coming[], situation: HostsSituation): readonly string[] {
  const pools = all.flatMap(({ networks }) =>
    networks.filter(({ driver }) => driver === 'macvlan').flatMap((wish) => wish.ipam.map((pool) => ({ wish, pool }))),
  );
  const strangers = situation.live.flatMap(({ host, networks }) =>
    networks
      .filter(({ driver, name }) => driver === 'macvlan' && !pools.some(({ wish }) => wish.host === host && wish.name === name))
      .flatMap(asPools(host)),
  );
  const everyone = [...pools, ...strangers];
  const warned = new Set<string>();
  return pools.flatMap(({ wish, pool }) => {
    const others = everyone.filter((other) => other.wish.host !== wish.host && meets(pool, other.pool));
    if (others.length === 0 || warned.has(pool.subnet)) return [];
    warned.add(pool.subnet);
    const hosts = [...new Set([wish.host, ...others.map((other) => other.wish.host)])];
    const unaware = `${hosts.join(' and ')} each hand out ${pool.subnet} from the front, unaware of each other`;
    if (!leavesChoice(wish.name, situation)) return [`${unaware}: what you add to network ${wish.name} by hand needs an --ip`];
    return [`${unaware}: give each container an ipv4_address, or each host a range: ${proposal(pool, hosts, situation)}`];
  });
}

/** Whether a container of the scenario on a network is to have an address that its engine chooses. */
function leavesChoice(network: string, { scenario }: HostsSituation): boolean {
  const attachments = Object.values(scenario.services).flatMap(({ networks }) => networks);
  return attachments.some((each) => each.network === network && each.ipv4Address === undefined);
}

function asPools(host: string) {
  return ({ name, pools }: LiveNetwork) => pools.map((pool) => ({ wish: { host, name }, pool }));
}

/** Whether two pools have an address that both may hand out. */
function meets(left: IpamPool, right: IpamPool): boolean {
  const [one, other] = [assignableBlockOf(left), assignableBlockOf(right)];
  return one !== undefined && other !== undefined && blocksMeet(one, other);
}

function blocksMeet(left: Block, right: Block): boolean {
  return left.family === right.family && left.first <= right.last && right.first <= left.last;
}

/** Each host gets one of the blocks in which nobody is known to be. */
function proposal(pool: IpamPool, hosts: readonly string[], situation: HostsSituation): string {
  const free = freeRanges(pool, situation);
  if (free.length < hosts.length) return `ip_range, parts of ${pool.subnet} that do not overlap`;
  return hosts.map((host, index) => `ip_range ${free[index]} on ${host}`).join(', ');
}

/** Eighths of the subnet, as small as a block of four, that hold neither a host, a router nor a static address. */
function freeRanges({ subnet, gateway }: IpamPool, { plan, scenario, facts }: HostsSituation): readonly string[] {
  const whole = parseCidr(subnet);
  if (whole === undefined || whole.family === 6 || whole.prefix > 27) return [];
  const seen = [...facts.values()];
  const taken = [
    ...plan.hosts.map(({ address }) => address),
    ...seen.flatMap(({ interfaces }) => interfaces.flatMap(({ addresses }) => addresses.map((address) => address.split('/')[0] ?? ''))),
    ...seen.flatMap(({ routes }) => routes.map((route) => route.gateway)),
    ...Object.values(scenario.services).flatMap(({ networks }) => networks.flatMap(({ ipv4Address }) => ipv4Address ?? [])),
    ...(gateway === undefined ? [] : [gateway]),
  ].flatMap((text) => parseAddress(text) ?? []);
  return eighthsOf(whole)
    .filter((part) => !taken.some((address) => cidrContains(part, address)))
    .map(formatCidr);
}

function eighthsOf({ family, prefix, first }: Cidr): readonly Cidr[] {
  const size = 1n << BigInt(32 - prefix - 3);
  return Array.from({ length: 8 }, (_, index) => {
    const start = first + BigInt(index) * size;
    return { family, prefix: prefix + 3, first: start, last: start + size - 1n };
  });
}
