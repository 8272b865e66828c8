import type { Obstacle } from '../domain/plan.ts';
import { judgeWireAddresses } from './judge-hosts-addresses.ts';
import { comingTo, type HostsSituation, parentOf, vlanOf, wireAttachments } from './judge-hosts-coming.ts';
import { judgeMachine } from './judge-hosts-machine.ts';
import { judgeParents, VLAN_MODULE } from './judge-hosts-parent.ts';
import { judgePools, nextAddresses } from './judge-hosts-pools.ts';
import { type PortConflict, portConflicts } from './judge-hosts-ports.ts';
import { judgeSubnets } from './judge-hosts-subnets.ts';

export interface HostsVerdict {
  readonly obstacles: readonly Obstacle[];
  /** Ports whose holder only a second look can name: obstacles too, once somebody has (`portObstacle`). */
  readonly ports: readonly PortConflict[];
  readonly warnings: readonly string[];
}

/** What the look at the hosts has to ask for besides what every look tells; no host where nothing comes to any. */
export interface Questions {
  readonly hosts: readonly string[];
  readonly addresses: readonly string[];
  readonly modules: readonly string[];
}

/** Only what the plan needs: addresses that containers are to have on the wire of the hosts, and what a VLAN parent needs. Pure. */
export function questionsFor(situation: Omit<HostsSituation, 'facts'>): Questions {
  const all = comingTo({ ...situation, facts: new Map() });
  const fixed = all.flatMap((coming) => wireAttachments(coming).flatMap(({ address }) => address ?? []));
  const needsVlan = all.some(({ host, newNetworks }) =>
    newNetworks.some((wish) => wish.driver === 'macvlan' && vlanOf(parentOf(wish, host)) !== undefined),
  );
  return {
    hosts: all.map(({ host }) => host.name),
    addresses: [...new Set([...fixed, ...nextAddresses(all)])],
    modules: needsVlan ? [VLAN_MODULE] : [],
  };
}

/**
 * What the hosts themselves hold against a plan: everything that no engine tells through its API. Pure.
 * Of a host that is not among the facts nothing is judged: who calls says so.
 * `clockSkewMs` is how far each host's clock is ahead of ours, where that is known.
 */
export function judgeHosts(situation: HostsSituation, clockSkewMs: ReadonlyMap<string, number> = new Map()): HostsVerdict {
  const all = comingTo(situation);
  const pools = judgePools(all, situation);
  const parts = all.map((coming) => {
    const machine = judgeMachine(coming.host.name, coming.facts, clockSkewMs.get(coming.host.name));
    const parents = judgeParents(coming);
    const subnets = judgeSubnets(coming, situation);
    return {
      obstacles: [...machine.obstacles, ...parents.obstacles, ...subnets.obstacles, ...judgeWireAddresses(coming, situation)],
      ports: portConflicts(coming),
      warnings: [...machine.warnings, ...parents.warnings, ...subnets.warnings],
    };
  });
  return {
    obstacles: [...parts.flatMap(({ obstacles }) => obstacles), ...pools.obstacles],
    ports: parts.flatMap(({ ports }) => ports),
    warnings: [...parts.flatMap(({ warnings }) => warnings), ...pools.warnings],
  };
}
