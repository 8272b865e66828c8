import { type Cidr, cidrContains, cidrsOverlap, formatCidr, parseAddress, parseCidr } from '../domain/addresses.ts';
import type { DocumentIssue } from '../domain/document-issues.ts';
import { SWARM } from '../domain/scenario.ts';
import { attachmentsOf, rolesOf } from './forms.ts';
import { hasReferences } from './interpolate.ts';
import type { NetworkEntry, ScenarioParts } from './schema.ts';

type Pool = NonNullable<NonNullable<NonNullable<NetworkEntry>['ipam']>['config']>[number];
type Path = readonly PropertyKey[];

/** Subnets, gateways, ranges and static addresses: everything about addresses that can be judged without an engine. */
export function checkAddresses(parts: ScenarioParts): DocumentIssue[] {
  return [...checkPools(parts), ...checkOverlaps(parts), ...checkStaticAddresses(parts)];
}

interface WrittenPool {
  readonly network: string;
  readonly on: readonly string[];
  readonly path: Path;
  readonly pool: Pool;
}

function poolsOf(parts: ScenarioParts): readonly WrittenPool[] {
  return Object.entries(parts.networks ?? {}).flatMap(([network, entry]) =>
    (entry?.ipam?.config ?? []).map((pool, index) => ({
      network,
      on: rolesOf(entry, parts.hosts ?? []),
      path: ['networks', network, 'ipam', 'config', index],
      pool,
    })),
  );
}

function checkPools(parts: ScenarioParts): DocumentIssue[] {
  return poolsOf(parts).flatMap(({ network, path, pool }) => {
    const subnet = parseCidr(pool.subnet);
    if (subnet === undefined)
      return [{ path: [...path, 'subnet'], message: `${JSON.stringify(pool.subnet)} is not a subnet such as 10.1.0.0/24` }];
    const issues: DocumentIssue[] = [];
    if (parseAddress(pool.subnet.split('/')[0] ?? '')?.value !== subnet.first) {
      issues.push({
        path: [...path, 'subnet'],
        message: `${pool.subnet} is an address inside a subnet, not a subnet; did you mean ${formatCidr(subnet)}?`,
      });
    }
    if (subnet.family === 6 && parts.networks?.[network]?.enable_ipv6 !== true) {
      issues.push({ path: [...path, 'subnet'], message: `${pool.subnet} is IPv6; the network needs enable_ipv6: true` });
    }
    return [...issues, ...checkPool(pool, subnet, path)];
  });
}

function checkPool(pool: Pool, subnet: Cidr, path: Path): DocumentIssue[] {
  const issues: DocumentIssue[] = [];
  const judge = (place: Path, what: string, address: string): void => {
    const message = faultOf(subnet, address);
    if (message !== undefined) issues.push({ path: place, message: `${what} ${message}` });
  };
  if (pool.gateway !== undefined) judge([...path, 'gateway'], 'gateway', pool.gateway);
  for (const [name, address] of Object.entries(pool.aux_addresses ?? {})) {
    if (hasReferences(address)) continue;
    judge([...path, 'aux_addresses', name], 'auxiliary address', address);
    if (address === pool.gateway) issues.push({ path: [...path, 'aux_addresses', name], message: `${address} is the gateway` });
  }
  if (pool.ip_range !== undefined) {
    const range = parseCidr(pool.ip_range);
    if (range === undefined)
      issues.push({ path: [...path, 'ip_range'], message: `${JSON.stringify(pool.ip_range)} is not a range such as 10.1.0.128/25` });
    else if (!cidrContains(subnet, range))
      issues.push({ path: [...path, 'ip_range'], message: `range ${pool.ip_range} is not inside ${pool.subnet}` });
  }
  return issues;
}

/** Why an address cannot be had in a subnet: outside, or one that IPv4 keeps for the network itself and for everybody. */
function faultOf(subnet: Cidr, text: string): string | undefined {
  const address = parseAddress(text);
  if (address === undefined || !cidrContains(subnet, address)) return `${text} is not an address of ${formatCidr(subnet)}`;
  const kept = subnet.family === 4 && subnet.prefix < 31 && (address.value === subnet.first || address.value === subnet.last);
  return kept ? `${text} is the network or broadcast address of ${formatCidr(subnet)}` : undefined;
}

function checkOverlaps(parts: ScenarioParts): DocumentIssue[] {
  const pools = poolsOf(parts);
  return pools.flatMap((later, index) => {
    const subnet = parseCidr(later.pool.subnet);
    return pools.slice(0, index).flatMap((earlier): DocumentIssue[] => {
      const other = parseCidr(earlier.pool.subnet);
      // The swarm is on every host.
      const onSwarm = [later, earlier].filter(({ on }) => on.includes(SWARM)).length;
      const meet = onSwarm > 0 || later.on.some((role) => earlier.on.includes(role));
      if (!meet || subnet === undefined || other === undefined || !cidrsOverlap(subnet, other)) return [];
      return [
        {
          path: [...later.path, 'subnet'],
          message: `${later.pool.subnet} overlaps ${earlier.pool.subnet} of network ${earlier.network} ${onSwarm === 2 ? 'of the same swarm' : 'on the same host'}`,
        },
      ];
    });
  });
}

/** Who has which address: on a bridge network its own engine keeps them apart, on a macvlan network nobody does but the file. */
function checkStaticAddresses(parts: ScenarioParts): DocumentIssue[] {
  const holders = new Map<string, string>();
  const issues: DocumentIssue[] = [];
  for (const [name, service] of Object.entries(parts.services ?? {})) {
    const [on = ''] = rolesOf(service, parts.hosts ?? []);
    // The swarm gives its tasks their addresses.
    if (on === SWARM) continue;
    for (const { path, value } of attachmentsOf(service)) {
      const { network, ipv4Address: address } = value;
      const entry = parts.networks?.[network];
      if (address === undefined || entry === undefined) continue;
      const isMacvlan = entry?.driver === 'macvlan';
      const wire = isMacvlan ? `underlay ${address}` : `${on} ${network} ${address}`;
      const message = faultOfStatic(network, entry, address) ?? faultOfHolder(holders.get(wire), address, isMacvlan);
      if (message === undefined) holders.set(wire, `${name} on ${on}`);
      else issues.push({ path: ['services', name, ...path, 'ipv4_address'], message });
    }
  }
  return issues;
}

function faultOfHolder(holder: string | undefined, address: string, isMacvlan: boolean): string | undefined {
  if (holder === undefined) return undefined;
  return `${address} is already the address of service ${holder}${isMacvlan ? '; macvlan containers of all hosts share one underlay' : ''}`;
}

/** Engines give a static address only in a subnet that the user has configured. */
function faultOfStatic(network: string, entry: NetworkEntry, address: string): string | undefined {
  if (parseAddress(address)?.family !== 4) return `${JSON.stringify(address)} is not an IPv4 address such as 10.1.0.5`;
  const pools = entry?.ipam?.config ?? [];
  if (pools.length === 0) return `network ${network} has no subnet of its own; a static address needs ipam.config with a subnet`;
  const faults = pools.map((pool) => ({ pool, fault: faultInPool(pool, address) }));
  const own = faults.find(({ fault }) => fault !== 'outside');
  if (own === undefined) return `${address} is not an address of ${pools.map(({ subnet }) => subnet).join(', ')} of network ${network}`;
  return own.fault === undefined ? undefined : `${own.fault} of network ${network}`;
}

function faultInPool(pool: Pool, text: string): string | undefined {
  const subnet = parseCidr(pool.subnet);
  const address = parseAddress(text);
  // A malformed subnet is reported where it is written.
  if (subnet === undefined || address === undefined || !cidrContains(subnet, address)) return 'outside';
  if (pool.gateway === text) return `${text} is the gateway`;
  const reserved = Object.entries(pool.aux_addresses ?? {}).find(([, reservedAddress]) => reservedAddress === text)?.[0];
  return reserved === undefined ? faultOf(subnet, text) : `${text} is reserved as auxiliary address ${reserved}`;
}
