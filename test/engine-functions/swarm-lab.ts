import { connect } from 'node:net';
import type { SwarmNode } from '../../src/domain/live-swarm.ts';
import type { NetworkWish } from '../../src/domain/scenario.ts';
import { type Engine, openEngine } from '../../src/engine/engine.ts';
import { pinnedImage, type ServiceSpec } from '../../src/engine/services-change.ts';
import type { EngineLab } from '../support/engine-lab.ts';

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
