import { expect } from 'vitest';
import type { EngineLab } from '../../support/engine-lab.ts';
import { freeGossipPort } from '../../support/gossip-port.ts';
import { say } from '../guide/model.ts';

/** The way that works on a kernel without `ip_vs`. */
export const DNSRR = ['--variant', 'dnsrr'] as const;

export function up(lab: EngineLab, scenario: string, ...args: readonly string[]) {
  return say(lab, 0, 'up', scenario, ...DNSRR, '--json', ...args);
}

export async function swarmStateOf(lab: EngineLab, host: string): Promise<string> {
  return lab.dockerOn(host, 'info', '--format', '{{.Swarm.LocalNodeState}}');
}

/** What stands in the way of leaving goes too: the next test begins on engines that are in no swarm. */
export async function leaveSwarms(lab: EngineLab): Promise<void> {
  for (const { name } of lab.hosts) {
    const services = await lab.dockerOn(name, 'service', 'ls', '-q').catch(() => '');
    if (services !== '') await lab.dockerOn(name, 'service', 'rm', ...services.split('\n'));
  }
  // A swarm that is left while tasks run leaves their endpoints behind.
  for (const { name } of lab.hosts) await expect.poll(() => lab.dockerOn(name, 'ps', '-q'), { timeout: 40_000 }).toBe('');
  // One that is left while it has networks leaves copies of them behind for a while, which nobody can remove any more.
  for (const { name } of lab.hosts) {
    const listed = await lab.dockerOn(name, 'network', 'ls', '--filter', 'scope=swarm', '--format', '{{.Name}}');
    const networks = listed.split('\n').filter((network) => network !== '' && network !== 'ingress');
    if (networks.length > 0) await lab.dockerOn(name, 'network', 'rm', ...networks).catch(() => '');
    await expect
      .poll(() => lab.dockerOn(name, 'network', 'ls', '--filter', 'scope=swarm', '--format', '{{.Name}}'), { timeout: 20_000 })
      .toMatch(/^(ingress)?$/);
  }
  for (const { name } of [...lab.hosts].reverse()) {
    if ((await swarmStateOf(lab, name)) !== 'inactive') await lab.dockerOn(name, 'swarm', 'leave', '--force');
    const removeBridge = () => lab.dockerOn(name, 'network', 'rm', 'docker_gwbridge').catch((error: unknown) => String(error));
    // What the tasks had on it goes a moment later.
    await expect.poll(removeBridge, { timeout: 20_000 }).toMatch(/^docker_gwbridge$|not found|No such network/);
    await freeGossipPort(lab, name);
  }
}

/** Everything on an engine, Docker's own networks of swarms included. */
export async function leftOn(lab: EngineLab, host: string): Promise<unknown> {
  const list = async (...args: readonly string[]) => (await lab.dockerOn(host, ...args)).split('\n').filter((line) => line !== '');
  return {
    swarm: await swarmStateOf(lab, host),
    containers: await list('ps', '-a', '--format', '{{.Names}}'),
    networks: (await list('network', 'ls', '--format', '{{.Name}}')).sort(),
  };
}

export const UNTOUCHED = { swarm: 'inactive', containers: [], networks: ['bridge', 'host', 'none'] };

export async function expectUntouched(lab: EngineLab): Promise<void> {
  for (const { name } of lab.hosts) expect(await leftOn(lab, name), name).toEqual(UNTOUCHED);
}

/** IDs of the containers of a service's tasks that run, on any host, by host. */
export async function tasksOf(lab: EngineLab, service: string): Promise<Readonly<Record<string, readonly string[]>>> {
  const entries = await Promise.all(
    lab.hosts.map(async ({ name }) => {
      const listed = await lab.dockerOn(name, 'ps', '-q', '--filter', `label=com.docker.swarm.service.name=${service}`);
      return [name, listed.split('\n').filter((line) => line !== '')] as const;
    }),
  );
  return Object.fromEntries(entries.filter(([, ids]) => ids.length > 0));
}
