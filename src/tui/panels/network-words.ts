import type { NetworkRow } from '../../domain/select-networks.ts';
import { isLoadBalancer } from '../../domain/swarm-addresses.ts';

/** What tells an overlay apart on the wire: its VXLAN network identifier, and whether it is encrypted. */
export function vxlanOf({ live }: NetworkRow): string {
  if (live.driver !== 'overlay') return '';
  const id = live.options['com.docker.network.driver.overlay.vxlanid_list'];
  return `${id === undefined ? '' : ` · VNI ${id}`}${live.options.encrypted === undefined ? '' : ' · encrypted'}`;
}

/** What is told of a network whose host is silent, or of a swarm's network of which a node is, may have grown since. */
export function isLowerBound({ freshness, unheard }: NetworkRow): boolean {
  return freshness !== 'live' || unheard.length > 0;
}

/** Containers, those of tasks among them; of a swarm's network on all of its hosts, and without the load balancer that each has there. */
export function attachedTo({ live }: NetworkRow): number {
  return live.endpoints.filter(({ containerId }) => !isLoadBalancer(containerId)).length;
}
