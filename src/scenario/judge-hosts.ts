import { featureVerdict } from '../domain/kernel-features.ts';
import type { Obstacle } from '../domain/plan.ts';
import { judgeWireAddresses } from './judge-hosts-addresses.ts';
import { type Coming, comingTo, type HostsSituation, parentOf, vlanOf, wireAttachments } from './judge-hosts-coming.ts';
import { encryptedOverlays, judgeKernel, modulesForSwarm } from './judge-hosts-kernel.ts';
import { judgeMachine } from './judge-hosts-machine.ts';
import { judgeMtu } from './judge-hosts-mtu.ts';
import { judgeNode } from './judge-hosts-node.ts';
import { judgeOverlays } from './judge-hosts-overlays.ts';
import { judgeParents, VLAN_MODULE } from './judge-hosts-parent.ts';
import { judgePools, nextAddresses } from './judge-hosts-pools.ts';
import { type PortConflict, portConflicts } from './judge-hosts-ports.ts';
import { judgeSubnets } from './judge-hosts-subnets.ts';
import { judgeWays } from './judge-hosts-ways.ts';
import type { WayAnswer } from './swarm-ports.ts';

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

/** Only what the plan needs: addresses that containers are to have on the wire of the hosts, and what VLAN parents and overlays need of a kernel. Pure. */
export function questionsFor(situation: Omit<HostsSituation, 'facts'>): Questions {
  const all = comingTo({ ...situation, facts: new Map() });
  const fixed = all.flatMap((coming) => wireAttachments(coming).flatMap(({ address }) => address ?? []));
  const needsVlan = all.some(({ host, newNetworks }) =>
    newNetworks.some((wish) => wish.driver === 'macvlan' && vlanOf(parentOf(wish, host)) !== undefined),
  );
  const [swarm] = all.flatMap((coming) => coming.swarm ?? []);
  return {
    hosts: all.map(({ host }) => host.name),
    addresses: [...new Set([...fixed, ...nextAddresses(all)])],
    modules: [...(needsVlan ? [VLAN_MODULE] : []), ...(swarm === undefined ? [] : modulesForSwarm(swarm, situation.scenario))],
  };
}

/** What is known of hosts besides what each sees of itself. */
export interface Asked {
  /** How far each host's clock is ahead of ours, where that is known. */
  readonly clockSkewMs?: ReadonlyMap<string, number>;
  /** What came of `waysToAsk`. */
  readonly ways?: readonly WayAnswer[];
}

/**
 * What the hosts themselves hold against a plan: everything that no engine tells through its API. Pure.
 * Of a host that is not among the facts nothing is judged: who calls says so.
 */
export function judgeHosts(situation: HostsSituation, { clockSkewMs = new Map(), ways = [] }: Asked = {}): HostsVerdict {
  const all = comingTo(situation);
  const pools = judgePools(all, situation);
  const mtu = judgeMtu(situation, ways);
  const parts = all.map((coming) => {
    const machine = judgeMachine(coming.host.name, coming.facts, clockSkewMs.get(coming.host.name));
    const parents = judgeParents(coming);
    const subnets = judgeSubnets(coming, situation);
    const kernel = judgeKernel(coming, situation.scenario);
    return {
      obstacles: [
        ...[...machine.obstacles, ...kernel.obstacles, ...judgeNode(coming)],
        ...[...parents.obstacles, ...subnets.obstacles, ...judgeWireAddresses(coming, situation)],
      ],
      ports: portConflicts(coming, situation.live),
      warnings: [...machine.warnings, ...kernel.warnings, ...parents.warnings, ...subnets.warnings],
    };
  });
  return {
    obstacles: [...parts.flatMap(({ obstacles }) => obstacles), ...pools.obstacles, ...judgeWays(ways), ...mtu.obstacles],
    ports: parts.flatMap(({ ports }) => ports),
    warnings: [
      ...parts.flatMap(({ warnings }) => warnings),
      ...[...pools.warnings, ...judgeOverlays(all, situation), ...mtu.warnings, ...uncheckedEncryption(all, situation)],
    ],
  };
}

/** No agent may send ESP, so what becomes of it on the way nobody knows beforehand. */
function uncheckedEncryption(all: readonly Coming[], { scenario }: HostsSituation): readonly string[] {
  const [swarm] = all.flatMap((coming) => coming.swarm ?? []);
  if (swarm === undefined || all.length < 2) return [];
  const networks = encryptedOverlays(swarm, scenario);
  // Where a kernel has none, that is told instead.
  if (
    networks.length === 0 ||
    all.some(({ facts }) => facts !== undefined && featureVerdict('encryption', facts.modules).state === 'absent')
  )
    return [];
  const hosts = all.map(({ host }) => host.name).join(', ');
  return [
    `whether ESP (IP protocol 50) passes between ${hosts} is not checked: where a firewall drops it, nothing passes on ${networks.join(', ')}; to open it: sudo iptables -I INPUT -p esp -j ACCEPT`,
  ];
}
