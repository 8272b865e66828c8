import type { Address, Cidr } from './addresses.ts';
import { cidrContains, cidrSize, compareAddresses, formatAddress, parseAddress, parseCidr } from './addresses.ts';
import type { LiveNetwork, LivePool } from './live.ts';

/** Who holds which address of a network, pool by pool. */
export interface IpamLedger {
  readonly pools: readonly PoolLedger[];
}

export interface PoolLedger {
  readonly subnet: string;
  /** As the engine tells it, or else the address that Docker takes for it. */
  readonly gateway: string;
  readonly ipRange?: string;
  /** By address. */
  readonly entries: readonly LedgerEntry[];
  /** Addresses that Docker may hand out, the gateway's included: `used` and `free` add up to it. Rounded above 2^53 (an IPv6 /64). */
  readonly capacity: number;
  /** Entries inside that block: gateway, auxiliary addresses and running containers. */
  readonly used: number;
  readonly free: number;
}

export interface LedgerEntry {
  readonly address: string;
  readonly macAddress?: string;
  /** A task's address is its container's. */
  readonly kind: 'gateway' | 'auxiliary' | 'container' | 'virtual-ip' | 'load-balancer';
  /** The name of the container, the task or the service, the auxiliary address's name, `load balancer`, or `gateway`. */
  readonly owner: string;
  /** On a network of several hosts: the one that it is on. */
  readonly place?: string;
  /** Outside the pool's IP range (a static address, or a gateway before it): held, but not one that Docker would have handed out. */
  readonly outsideRange: boolean;
}

/**
 * The ledger of one network as one engine reports it. A stopped container holds nothing, not even a static address, and so is not in it.
 * Of a swarm's network an engine tells only its own part: who `holds` an address there is handed in, and stands instead.
 */
export function ledgerOf(network: LiveNetwork, holds?: readonly HeldAddress[]): IpamLedger {
  return { pools: network.pools.flatMap((pool) => poolLedger(network, pool, holds) ?? []) };
}

function poolLedger(network: LiveNetwork, pool: LivePool, holds: readonly HeldAddress[] | undefined): PoolLedger | undefined {
  const subnet = parseCidr(pool.subnet);
  const block = assignableBlockOf(pool);
  if (subnet === undefined || block === undefined) return undefined;
  const gateway = pool.gateway ?? impliedGateway(block);
  const gatewayEntry: HeldAddress = { address: gateway, kind: 'gateway', owner: 'gateway' };
  const held = [
    gatewayEntry,
    ...auxiliariesOf(pool),
    ...(holds?.filter(({ address }) => isWithin(subnet, address)) ?? containersOf(network, subnet)),
  ];
  const entries = held.map((entry) => ({ ...entry, outsideRange: !contains(block, entry.address) }));
  const used = new Set(entries.filter((entry) => !entry.outsideRange).map((entry) => entry.address)).size;
  const capacity = Number(block.last - block.first + 1n);
  return {
    subnet: pool.subnet,
    gateway,
    ...(pool.ipRange === undefined ? {} : { ipRange: pool.ipRange }),
    entries: entries.sort(byAddress),
    capacity,
    used,
    free: capacity - used,
  };
}

export type HeldAddress = Omit<LedgerEntry, 'outsideRange'>;
/** Addresses from `first` to `last`, both included. */
export type Block = Pick<Cidr, 'family' | 'first' | 'last'>;

/** The addresses of a pool that Docker may hand out, the gateway's included; undefined where the subnet is none. */
export function assignableBlockOf({ subnet, ipRange }: Pick<LivePool, 'subnet' | 'ipRange'>): Block | undefined {
  const parsed = parseCidr(subnet);
  return parsed && assignableBlock(parsed, ipRange === undefined ? undefined : parseCidr(ipRange));
}

/**
 * What Docker hands out from: the IP range, or else the subnet; never the subnet's network address, nor its IPv4 broadcast address. The
 * ends of a range inside the subnet are addresses like any other (measured: a /30 range gives four).
 */
function assignableBlock(subnet: Cidr, range: Cidr | undefined): Block {
  const bounds = range !== undefined && cidrContains(subnet, range) ? range : subnet;
  // A /31 or /32 has neither of the two.
  if (cidrSize(subnet) <= 2n) return bounds;
  const usableLast = subnet.family === 4 ? subnet.last - 1n : subnet.last;
  return {
    family: subnet.family,
    first: bounds.first === subnet.first ? subnet.first + 1n : bounds.first,
    last: bounds.last > usableLast ? usableLast : bounds.last,
  };
}

/** A gateway that nobody chose is taken from the front of the block, and some engines do not show it. */
function impliedGateway({ family, first }: Block): string {
  return formatAddress({ family, value: first });
}

function auxiliariesOf(pool: LivePool): HeldAddress[] {
  return Object.entries(pool.auxAddresses).map(([owner, address]) => ({ address, kind: 'auxiliary' as const, owner }));
}

function containersOf(network: LiveNetwork, subnet: Cidr): HeldAddress[] {
  return network.endpoints.flatMap(({ containerName, macAddress, ipv4Address, ipv6Address }) => {
    const address = subnet.family === 4 ? ipv4Address : ipv6Address;
    if (!isWithin(subnet, address)) return [];
    return [{ address, macAddress, kind: 'container' as const, owner: containerName }];
  });
}

function isWithin(subnet: Cidr, text: string): boolean {
  const address = parseAddress(text);
  return address !== undefined && cidrContains(subnet, address);
}

function contains(block: Block, text: string): boolean {
  const address = parseAddress(text);
  return address !== undefined && address.family === block.family && block.first <= address.value && address.value <= block.last;
}

function byAddress(left: LedgerEntry, right: LedgerEntry): number {
  return compareAddresses(numberOf(left), numberOf(right));
}

/** Text that is no address sorts first, where it is seen. */
function numberOf({ address }: LedgerEntry): Address {
  return parseAddress(address) ?? { family: 4, value: -1n };
}
