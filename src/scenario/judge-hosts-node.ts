import { parseAddress, shortestForm } from '../domain/addresses.ts';
import { type HostFacts, vxlanIdOf } from '../domain/host-facts.ts';
import type { Obstacle } from '../domain/plan.ts';
import type { Coming, NewNode } from './judge-hosts-coming.ts';
import { isLoopback } from './published-port.ts';

/** Whether a host can be the node of a swarm that it is to be: others reach it where it says, and no overlay of old is in the way. */
export function judgeNode({ host, facts, swarm }: Coming): readonly Obstacle[] {
  if (swarm === undefined) return [];
  const node = swarm.newNodes.get(host.name);
  return [
    ...(node === undefined ? [] : judgeAdvertiseAddress(host.name, node, facts, swarm.newNodes.size > 1 || node.manager !== undefined)),
    ...(facts === undefined ? [] : leftovers(facts).map((leftover) => leftoverObstacle(host.name, leftover))),
  ];
}

/** Docker takes any address: others then join at it and find nobody (measured on 20.10). */
function judgeAdvertiseAddress(
  host: string,
  { advertiseAddress: address }: NewNode,
  facts: HostFacts | undefined,
  hasOthers: boolean,
): readonly Obstacle[] {
  const obstacle = (message: string): readonly Obstacle[] => [
    { host, resource: 'swarm', message, hint: `in the hosts file, give ${host} the address by which the others reach it${ownOf(facts)}` },
  ];
  if (parseAddress(address) === undefined)
    return obstacle(`address ${address} is no IP address, and a swarm's nodes find each other by those`);
  if (isLoopback(address))
    return hasOthers ? obstacle(`address ${address} leads every host to itself: others could not join or reach it`) : [];
  if (facts === undefined || holdsAddress(facts, address)) return [];
  return obstacle(`address ${address} is on no interface of ${host}: others could not join or reach it`);
}

/** Whether an address is one of the host's own. */
export function holdsAddress({ interfaces }: HostFacts, address: string): boolean {
  const wanted = shortestForm(address);
  return interfaces.some(({ addresses }) => addresses.some((each) => shortestForm(each.split('/')[0] ?? '') === wanted));
}

/** `: 192.168.0.11 (eth0), …`, without what engines make for themselves. */
function ownOf(facts: HostFacts | undefined): string {
  const own = (facts?.interfaces ?? [])
    .filter(({ name, kind }) => name !== 'lo' && kind !== 'bridge')
    .flatMap(({ name, addresses }) => addresses.filter((each) => !each.includes(':')).map((each) => `${each.split('/')[0]} (${name})`));
  return own.length === 0 ? '' : `: ${own.join(', ')}`;
}

/** A VXLAN interface of Docker's that lies about: an overlay that is in use has its own in a namespace of its own (moby#28559). */
export interface Leftover {
  readonly device: string;
  readonly vxlanId: number;
}

export function leftovers({ interfaces }: HostFacts): readonly Leftover[] {
  return interfaces.flatMap(({ name }) => {
    const vxlanId = vxlanIdOf(name);
    return vxlanId === undefined ? [] : [{ device: name, vxlanId }];
  });
}

export function leftoverObstacle(host: string, { device, vxlanId }: Leftover): Obstacle {
  return {
    host,
    resource: `host/${host}`,
    message: `vxlan interface ${device} was left behind by an overlay network: tasks on the one that gets its number, ${vxlanId}, are rejected with "error creating vxlan interface: file exists"`,
    hint: `on ${host}: sudo ip link delete ${device}`,
  };
}
