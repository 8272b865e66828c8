import { parseCidr } from '../domain/addresses.ts';
import type { HostFacts } from '../domain/host-facts.ts';
import type { LiveEngine } from '../domain/live.ts';
import type { NetworkWish } from '../domain/scenario.ts';
import type { Coming, HostsSituation, SwarmComing } from './judge-hosts-coming.ts';
import { networkOf, waysInto } from './judge-hosts-subnets.ts';

/**
 * Subnets of overlays against what each host of theirs routes. An engine takes them, and the host loses nothing, since an overlay is in a namespace of its own:
 * but a task on it no longer reaches what the route leads to.
 */
export function judgeOverlays(all: readonly Coming[], { live }: Pick<HostsSituation, 'live'>): readonly string[] {
  const [swarm] = all.flatMap((coming) => coming.swarm ?? []);
  if (swarm === undefined) return [];
  const chosen = swarm.networks.flatMap(({ name, ipam }) =>
    ipam.flatMap(({ subnet }) => lostWays(subnet, all, live).map((way) => overlapWarning(name, subnet, way))),
  );
  const [init] = [...swarm.newNodes.values()].filter(({ manager }) => manager === undefined);
  if (init === undefined) return chosen;
  const given = defaultSubnets(swarm).flatMap((subnet) =>
    lostWays(subnet, all, live).map((way) => defaultPoolWarning(subnet, way, init.advertiseAddress)),
  );
  return [...chosen, ...given];
}

/** `10.0.0.0/8` in parts of this size is what Docker gives overlays from that name no subnet, the mesh's `ingress` first. */
function defaultSubnets({ networks }: SwarmComing): readonly string[] {
  const unnamed = networks.filter(({ ipam }: NetworkWish) => ipam.length === 0).length;
  return Array.from({ length: 1 + unnamed }, (_, index) => `10.0.${index}.0/24`);
}

/** `route 10.0.0.0/8 via 10.8.0.1 dev tun0 of host-A`, once for each host and device. */
function lostWays(written: string, all: readonly Coming[], live: readonly LiveEngine[]): readonly string[] {
  const subnet = parseCidr(written);
  if (subnet === undefined) return [];
  const seen = all.flatMap(({ host, facts, leaving }) =>
    facts === undefined ? [] : [{ host: host.name, facts, leaving, engine: live.find((engine) => engine.host === host.name) }],
  );
  return seen.flatMap(({ host, facts, leaving, engine }: Seen) =>
    waysInto(subnet, facts).flatMap(({ device, words }) => {
      const network = networkOf(device, engine);
      if (network !== undefined && leaving.has(network.id)) return [];
      return [network === undefined ? `${words} of ${host}` : `network ${network.name} of ${host}`];
    }),
  );
}

interface Seen {
  readonly host: string;
  readonly facts: HostFacts;
  readonly leaving: ReadonlySet<string>;
  readonly engine: LiveEngine | undefined;
}

function overlapWarning(network: string, subnet: string, way: string): string {
  return `subnet ${subnet} of overlay ${network} overlaps ${way}: tasks on ${network} would not reach what is there`;
}

function defaultPoolWarning(subnet: string, way: string, address: string): string {
  return `the new swarm would give ${subnet} to ${subnet.startsWith('10.0.0.') ? 'its ingress network' : 'a network that names none'}, which overlaps ${way}: tasks on it would not reach what is there; to have it elsewhere, make the swarm yourself: docker swarm init --advertise-addr ${address} --default-addr-pool 172.30.0.0/16`;
}
