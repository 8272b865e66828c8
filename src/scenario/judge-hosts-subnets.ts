import { type Cidr, cidrsOverlap, parseCidr } from '../domain/addresses.ts';
import type { HostFacts } from '../domain/host-facts.ts';
import { ownershipOf } from '../domain/labels.ts';
import type { LiveEngine, LiveNetwork } from '../domain/live.ts';
import type { Obstacle } from '../domain/plan.ts';
import type { NetworkWish } from '../domain/scenario.ts';
import { type Coming, type HostsSituation, parentOf } from './judge-hosts-coming.ts';
import { resourceOf } from './wishes.ts';

export interface SubnetVerdict {
  readonly obstacles: readonly Obstacle[];
  readonly warnings: readonly string[];
}

/**
 * The subnets of networks to be made against what every looked-at host routes: what the network's own host routes elsewhere it would
 * lose, what another host routes is told. An engine itself takes a subnet that its host already routes (moby#46615).
 */
export function judgeSubnets(coming: Coming, { plan, live, facts }: HostsSituation): SubnetVerdict {
  const obstacles: Obstacle[] = [];
  const warnings: string[] = [];
  for (const wish of coming.newNetworks) {
    for (const { subnet: written } of wish.ipam) {
      const subnet = parseCidr(written);
      if (subnet === undefined) continue;
      for (const [host, seen] of facts) {
        const engine = live.find((each) => each.host === host);
        const ways = waysInto(subnet, seen).filter((way) => !isUnderlay(way, subnet, wish, coming, host, seen));
        if (host !== coming.host.name) warnings.push(...ways.flatMap((way) => warningOf(wish, written, way, host, engine, plan.project)));
        // What a network of the same engine holds was named from what the engine tells.
        else
          obstacles.push(
            ...ways.filter(({ device }) => networkOf(device, engine) === undefined).map((way) => obstacleOf(wish, written, way)),
          );
      }
    }
  }
  return { obstacles, warnings: [...new Set(warnings)] };
}

/** What a host routes or is itself in, once for each device. */
export interface Way {
  readonly device: string;
  readonly block: Cidr;
  readonly words: string;
}

export function waysInto(subnet: Cidr, { routes, interfaces }: HostFacts): readonly Way[] {
  const routed = routes.map(({ destination, device, gateway }) => ({
    device,
    block: parseCidr(destination),
    words: `route ${destination} ${gateway === '' ? '' : `via ${gateway} `}dev ${device}`,
  }));
  const held = interfaces.flatMap(({ name, addresses }) =>
    addresses.map((address) => ({ device: name, block: parseCidr(address), words: `interface ${name} (${address})` })),
  );
  const meeting = [...routed, ...held].filter(
    (way): way is Way => way.block !== undefined && way.device !== NOWHERE && !isDefault(way.block) && cidrsOverlap(subnet, way.block),
  );
  return [...new Map(meeting.toReversed().map((way) => [way.device, way])).values()];
}

/** The device of a blackhole: whoever takes over what led nowhere loses nothing. */
const NOWHERE = '*';

/** 0.0.0.0/0, and the two halves by which VPNs take the default route's place: what is more specific goes before them. */
function isDefault({ prefix }: Cidr): boolean {
  return prefix <= 1;
}

/** A macvlan network is on the wire of the hosts, so their own way to that wire is no conflict, on any of them. */
function isUnderlay({ device, block }: Way, subnet: Cidr, wish: NetworkWish, { host }: Coming, seenOn: string, seen: HostFacts): boolean {
  if (wish.driver !== 'macvlan') return false;
  if (seenOn === host.name && device === parentOf(wish, host)) return true;
  const equal = block.first === subnet.first && block.last === subnet.last;
  return equal && seen.interfaces.some(({ name, addresses }) => name === device && addresses.some((address) => isIn(address, subnet)));
}

function isIn(address: string, subnet: Cidr): boolean {
  const block = parseCidr(address);
  return block !== undefined && cidrsOverlap(block, subnet);
}

/** The network whose bridge a device is: named by its ID unless its maker chose a name. */
export function networkOf(device: string, engine: LiveEngine | undefined): LiveNetwork | undefined {
  return engine?.networks.find(
    ({ id, driver, options }) => driver === 'bridge' && device === (options['com.docker.network.bridge.name'] ?? `br-${id.slice(0, 12)}`),
  );
}

function obstacleOf(wish: NetworkWish, subnet: string, { words, device }: Way): Obstacle {
  return {
    host: wish.host,
    resource: resourceOf(wish),
    message: `subnet ${subnet} covers addresses that the host already reaches another way`,
    owner: words,
    hint: `choose another subnet; what leads there, on ${wish.host}: ip route show dev ${device}`,
  };
}

function warningOf(
  wish: NetworkWish,
  subnet: string,
  { device, words }: Way,
  host: string,
  engine: LiveEngine | undefined,
  project: string,
): readonly string[] {
  const network = networkOf(device, engine);
  const own = network !== undefined && ownershipOf(network.labels)?.project === project;
  // The same bridge network on several hosts is each host's own, behind its address.
  if (own) return [];
  const holder = network === undefined ? `${words} of ${host}` : `network ${network.name} of ${host}`;
  return [`subnet ${subnet} of network ${wish.name} on ${wish.host} overlaps ${holder}: from there these addresses lead elsewhere`];
}
