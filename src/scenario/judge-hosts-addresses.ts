import type { HostFacts } from '../domain/host-facts.ts';
import type { LiveContainer, LiveEngine } from '../domain/live.ts';
import type { Obstacle } from '../domain/plan.ts';
import { isActive } from './holdings.ts';
import { type Coming, type HostsSituation, type WireAttachment, wireAttachments } from './judge-hosts-coming.ts';
import { resourceOf } from './wishes.ts';

/**
 * Static addresses on the wire of the hosts: none may be a host's own, nor may anybody answer for it. What a container holds as its own
 * address, on any host, was named from what the engines tell.
 */
export function judgeWireAddresses(coming: Coming, situation: HostsSituation): readonly Obstacle[] {
  return wireAttachments(coming).flatMap((attachment) => {
    if (attachment.address === undefined) return [];
    const owner = hostWith(attachment.address, situation) ?? answererOf(attachment.address, coming, situation, attachment.container.name);
    return owner === undefined ? [] : [obstacleOf(attachment, attachment.address, owner)];
  });
}

interface Owner {
  readonly fact: string;
  readonly owner: string;
}

/** Addresses of hosts that were looked at, and what the inventory says of the others. */
export function hostWith(address: string, { plan, facts }: Pick<HostsSituation, 'plan' | 'facts'>): Owner | undefined {
  for (const [host, { interfaces }] of facts) {
    const device = interfaces.find(({ addresses }) => addresses.some((each) => each.split('/')[0] === address));
    if (device !== undefined) return { fact: `is the address of ${host} itself`, owner: `host ${host}, interface ${device.name}` };
  }
  const host = plan.hosts.find((each) => each.address === address);
  return host && { fact: `is the address of ${host.name} itself`, owner: `host ${host.name}` };
}

/** Who answers for an address on the wire, unless it is what the plan takes away or `itself`, the container that is to have it. */
export function answererOf(
  address: string,
  coming: Pick<Coming, 'host' | 'leaving'>,
  { live, facts }: Pick<HostsSituation, 'live' | 'facts'>,
  itself?: string,
): Owner | undefined {
  for (const [asking, { neighbours }] of facts) {
    const answer = neighbours.find((each) => each.address === address && each.macAddress !== undefined);
    if (answer?.macAddress === undefined) continue;
    const holder = containerWith(answer.macAddress, live);
    const leaves = holder !== undefined && coming.leaving.has(holder.container.id);
    const own = holder?.host === coming.host.name && holder.container.name === itself;
    // Named from what the engines tell.
    const known = holder !== undefined && Object.values(holder.container.networks).some(({ ipv4Address }) => ipv4Address === address);
    if (leaves || own || known) continue;
    const who = holder === undefined ? deviceWith(answer.macAddress, facts) : `container ${holder.container.name} on ${holder.host}`;
    return {
      fact: `already answers on the wire, as ${asking} finds on ${answer.device}`,
      owner: `${who === undefined ? '' : `${who}, `}MAC address ${answer.macAddress}`,
    };
  }
  return undefined;
}

function containerWith(
  macAddress: string,
  live: readonly LiveEngine[],
): { readonly host: string; readonly container: LiveContainer } | undefined {
  for (const { host, containers } of live) {
    const container = containers.find(
      (each) => isActive(each) && Object.values(each.networks).some((attachment) => attachment.macAddress.toLowerCase() === macAddress),
    );
    if (container !== undefined) return { host, container };
  }
  return undefined;
}

function deviceWith(macAddress: string, facts: ReadonlyMap<string, HostFacts>): string | undefined {
  for (const [host, { interfaces }] of facts) {
    const device = interfaces.find((each) => each.macAddress.toLowerCase() === macAddress);
    if (device !== undefined) return `interface ${device.name} of host ${host}`;
  }
  return undefined;
}

function obstacleOf({ container, network }: WireAttachment, address: string, { fact, owner }: Owner): Obstacle {
  return {
    host: container.host,
    resource: resourceOf(container),
    message: `address ${address} of ${container.name} on network ${network.name} ${fact}`,
    owner,
    hint: `give ${container.name} another ipv4_address of ${network.ipam.map(({ subnet }) => subnet).join(', ')}`,
  };
}
