import { linesOf, type TwoHosts } from './two-hosts.ts';

/** Names that a scenario uses, by the host on which it uses them; what belongs to a swarm stands under `swarm`. */
export interface NamesInUse {
  readonly containers: ReadonlyMap<string, readonly string[]>;
  readonly networks: ReadonlyMap<string, readonly string[]>;
  readonly services: readonly string[];
}

const OTHER_PROJECT = 'pets-console.project=somebody-else';

/**
 * Makes foreign objects whose names collide as closely as an engine lets them: the scenario's own names on the host where it does not use
 * them, its names with a letter more on the same host, and the same with our label of another project. A service's name is free for a
 * container.
 */
export async function inviteStrangers(used: NamesInUse, hosts: TwoHosts): Promise<void> {
  for (const host of hosts.names) {
    for (const [index, name] of [...collidingNames(used.containers, host, hosts), ...used.services].entries()) {
      const label = index % 2 === 0 ? ['--label', OTHER_PROJECT] : [];
      await hosts.docker(host, 'run', '-d', '--network', 'none', '--name', name, ...label, 'redis');
    }
    const ofSwarm = (used.networks.get('swarm') ?? []).map((name) => `${name}2`);
    for (const name of [...collidingNames(used.networks, host, hosts), ...ofSwarm]) await hosts.docker(host, 'network', 'create', name);
  }
}

function collidingNames(used: ReadonlyMap<string, readonly string[]>, host: string, hosts: TwoHosts): readonly string[] {
  const here = used.get(host) ?? [];
  const elsewhere = hosts.names.filter((name) => name !== host).flatMap((name) => used.get(name) ?? []);
  return [...new Set([...elsewhere.filter((name) => !here.includes(name)), ...here.map((name) => `${name}2`)])];
}

/** A swarm made by hand on both hosts, with things in it whose names are the scenario's with a letter more, some with our label. */
export async function inviteSwarm(used: NamesInUse, hosts: TwoHosts): Promise<void> {
  const [first = '', ...others] = hosts.names;
  const manager = (...args: readonly string[]) => hosts.docker(first, ...args);
  await manager('swarm', 'init', '--advertise-addr', hosts.addressOf(first));
  const token = await manager('swarm', 'join-token', '-q', 'worker');
  for (const host of others) {
    const join = ['swarm', 'join', '--advertise-addr', hosts.addressOf(host), '--token', token, `${hosts.addressOf(first)}:2377`];
    await hosts.docker(host, ...join);
  }
  for (const [index, name] of (used.networks.get('swarm') ?? []).entries()) {
    const label = index % 2 === 0 ? ['--label', OTHER_PROJECT] : [];
    // Attachable: a scenario's network is none, so the names alone are alike.
    await manager('network', 'create', '-d', 'overlay', '--attachable', ...label, `${name}2`);
  }
  const [network = ''] = used.networks.get('swarm') ?? [];
  for (const [index, name] of used.services.entries()) {
    const label = index % 2 === 0 ? ['--label', OTHER_PROJECT] : [];
    // Without --detach: when it returns, there is a task on every node.
    const on = ['--mode', 'global', '--endpoint-mode', 'dnsrr', '--network', `${network}2`, '--no-resolve-image'];
    await manager('service', 'create', '--quiet', ...on, ...label, '--name', `${name}2`, 'redis');
  }
  // Any file will do.
  for (const name of used.services) await manager('config', 'create', name, '/etc/hostname');
}

/** Empties the lab's engines: whatever is there, the stress made. */
export async function seeStrangersOff(hosts: TwoHosts): Promise<void> {
  for (const host of [...hosts.names].reverse()) {
    if ((await swarmStateOf(host, hosts)) !== 'inactive') await hosts.docker(host, 'swarm', 'leave', '--force');
  }
  for (const host of hosts.names) {
    const containers = linesOf(await hosts.docker(host, 'ps', '-aq'));
    if (containers.length > 0) await hosts.docker(host, 'rm', '-f', '-v', ...containers);
    const networks = linesOf(await hosts.docker(host, 'network', 'ls', '--filter', 'type=custom', '--format', '{{.Name}}'));
    if (networks.length > 0) await hosts.docker(host, 'network', 'rm', ...networks);
  }
}

function swarmStateOf(host: string, hosts: TwoHosts): Promise<string> {
  return hosts.docker(host, 'info', '--format', '{{.Swarm.LocalNodeState}}');
}
