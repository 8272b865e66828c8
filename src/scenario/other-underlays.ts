import { cidrContains, parseAddress, parseCidr } from '../domain/addresses.ts';
import type { BoundHost, NetworkWish } from '../domain/scenario.ts';
import { isLoopback } from './published-port.ts';

/**
 * macvlan networks whose subnet is not the one that their host is in, as far as its address tells: it may be the address of another interface,
 * so only a look at the host knows. On a sub-interface another subnet is what one expects.
 */
export function otherUnderlays(hosts: readonly BoundHost[], networks: readonly NetworkWish[]): readonly string[] {
  return networks.flatMap(({ host: on, name, driver, options, ipam }) => {
    const host = hosts.find((each) => each.name === on);
    const address = parseAddress(host?.address ?? '');
    const pools = ipam.flatMap(({ subnet }) => parseCidr(subnet) ?? []).filter(({ family }) => family === address?.family);
    const { parent = '' } = options;
    if (driver !== 'macvlan' || /[.]/.test(parent) || host === undefined || address === undefined || isLoopback(host.address)) return [];
    if (pools.length === 0 || pools.some((pool) => cidrContains(pool, address))) return [];
    const subnets = ipam.map(({ subnet }) => subnet).join(', ');
    return [
      `${on} is at ${host.address}, which is not in ${subnets} of network ${name}: if that is not the subnet behind ${parent}, its containers reach nobody`,
    ];
  });
}
