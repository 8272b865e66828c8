import type { HeldAddress } from './ipam.ts';
import type { LiveEndpoint, LiveNetwork } from './live.ts';
import type { SwarmRow } from './select-swarm.ts';

/** A network of a swarm as one host has it: with its own endpoints and its own load balancer, and no others. */
export interface NetworkCopy {
  readonly host: string;
  readonly live: LiveNetwork;
  /** The names of the tasks that its containers belong to, by the container's ID. */
  readonly taskNames: ReadonlyMap<string, string>;
}

/**
 * Who holds addresses of a network of a swarm, as far as its hosts and a manager tell: tasks, containers attached by hand, virtual IPs, and
 * the load balancer of each node, which Docker lists among the containers.
 */
export function heldOnSwarm(network: string, copies: readonly NetworkCopy[], swarm: SwarmRow | undefined): readonly HeldAddress[] {
  const byAddress = new Map<string, HeldAddress>();
  for (const copy of copies) {
    for (const endpoint of copy.live.endpoints) {
      if (endpoint.ipv4Address !== '') byAddress.set(endpoint.ipv4Address, heldByEndpoint(endpoint, copy));
    }
  }
  for (const { addresses, name, place } of swarm?.tasks ?? []) {
    for (const { networkId, address } of addresses) {
      if (networkId === network) byAddress.set(address, { ...byAddress.get(address), address, kind: 'container', owner: name, place });
    }
  }
  for (const { virtualIps, name } of swarm?.services ?? []) {
    const address = virtualIps[network];
    if (address !== undefined) byAddress.set(address, { address, kind: 'virtual-ip', owner: name });
  }
  return [...byAddress.values()];
}

function heldByEndpoint(
  { containerId, containerName, ipv4Address, macAddress }: LiveEndpoint,
  { host, taskNames }: NetworkCopy,
): HeldAddress {
  const held = { address: ipv4Address, macAddress, place: host };
  if (isLoadBalancer(containerId)) return { ...held, kind: 'load-balancer', owner: 'load balancer' };
  return { ...held, kind: 'container', owner: taskNames.get(containerId) ?? containerName };
}

/** Every node has one on each of its overlay networks, and Docker lists it under this name instead of a container's ID. */
export function isLoadBalancer(containerId: string): boolean {
  return containerId.startsWith('lb-') || containerId === 'ingress-sbox';
}
