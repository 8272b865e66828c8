import { connect } from 'node:net';
import type { SwarmNode } from '../../src/domain/live-swarm.ts';
import type { NetworkWish } from '../../src/domain/scenario.ts';
import { type Engine, openEngine } from '../../src/engine/engine.ts';
import { waitUntilNodesReady } from '../../src/engine/nodes.ts';
import { pinnedImage, type ServiceSpec } from '../../src/engine/services-change.ts';
import { initSwarm, inspectSwarm, type JoinTokens, joinSwarm, leaveSwarm, readJoinTokens } from '../../src/engine/swarm.ts';
import { runIp } from '../../src/lab/command.ts';
import { nodePaths } from '../../src/lab/names.ts';
import type { EngineLab } from '../support/engine-lab.ts';
import { freeGossipPort } from '../support/gossip-port.ts';
import { TEST_LABELS } from './lab-engine.ts';

/** What is asked of a lab of two hosts, and the two engines opened. */
export interface SwarmLab {
  readonly lab: EngineLab;
  readonly a: Engine;
  readonly b: Engine;
  readonly addressA: string;
  readonly addressB: string;
  /** What pins redis, the same on both. */
  readonly redis: string;
}

export async function openSwarmLab(lab: EngineLab): Promise<SwarmLab> {
  const [hostA, hostB] = lab.hosts;
  if (hostA === undefined || hostB === undefined) throw new Error('the lab has not two hosts');
  const [a, b] = await Promise.all([openEngine(hostA), openEngine(hostB)]);
  const redis = await pinnedImage(a, 'redis');
  if (redis === undefined) throw new Error('the lab has no redis');
  return { lab, a, b, addressA: hostA.address, addressB: hostB.address, redis };
}

/** Both engines in one new swarm, the first one its leader, the second one what it joins as; the IDs of their nodes. */
export async function makeSwarm({ a, b, addressA, addressB }: SwarmLab, joinsAs: keyof JoinTokens = 'worker') {
  const nodeA = await initSwarm(a, addressA, TEST_LABELS);
  const { [joinsAs]: token } = await readJoinTokens(a);
  await joinSwarm(b, { token, managerAddresses: [addressA], advertiseAddress: addressB });
  const { nodeId: nodeB } = await inspectSwarm(b);
  await waitUntilNodesReady(a, [nodeA, nodeB]);
  return { nodeA, nodeB };
}

export async function leaveBoth({ lab, a, b }: SwarmLab): Promise<void> {
  for (const engine of [b, a]) await leaveSwarm(engine, { force: true });
  for (const { name } of lab.hosts) await freeGossipPort(lab, name);
}

/** Pulls the host's plug from the wire, or puts it back: its engine still answers us, and no other engine. */
export function setPlug({ lab }: SwarmLab, host: string, state: 'up' | 'down'): Promise<void> {
  return runIp([`link set ${host} ${state}`], nodePaths(lab.name, 'router').netns);
}

export function overlayWish(name: string, subnet: string, more: Partial<NetworkWish> = {}): NetworkWish {
  const gateway = subnet.replace(/\.0\/24$/, '.1');
  const nothing = { internal: false, enableIPv6: false, options: {} };
  return { kind: 'network', host: 'host-A', name, driver: 'overlay', ...nothing, ipam: [{ subnet, gateway }], attachable: true, ...more };
}

export function serviceSpec(name: string, pinned: string, more: Partial<ServiceSpec> = {}): ServiceSpec {
  const nothing = { command: [], environment: {}, networks: [], ports: [], extraHosts: [], constraints: [] };
  return { name, image: 'redis', pinnedImage: pinned, ...nothing, replicas: 1, endpointMode: 'dnsrr', ...more };
}

/** A port in host mode, as a kernel without ip_vs serves it. */
export function hostPort(publishedPort: number) {
  return { publishedPort, targetPort: 6379, protocol: 'tcp', mode: 'host' as const };
}

export function nodeOf(nodes: readonly SwarmNode[], hostname: string): SwarmNode {
  const node = nodes.find((each) => each.hostname === hostname);
  if (node === undefined) throw new Error(`no node ${hostname} among ${nodes.map((each) => each.hostname).join(', ')}`);
  return node;
}

/** What redis answers to PING there. */
export function pingRedis(host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, timeout: 3_000 }, () => socket.write('PING\r\n'));
    socket.once('data', (answer) => {
      resolve(answer.toString().trim());
      socket.destroy();
    });
    socket.once('timeout', () => socket.destroy(new Error(`${host}:${port} did not answer`)));
    socket.once('error', reject);
  });
}
