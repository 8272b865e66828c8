import { linesOf, type TwoHosts } from './two-hosts.ts';

/** What somebody else has on the hosts: it must be there, untouched, at the end. */
export interface Strangers {
  /** What is missing or differs now; empty when all of it is as it was made. */
  missing(): Promise<readonly string[]>;
}

/** Names that a scenario uses, by the host on which it uses them. */
export interface NamesInUse {
  readonly containers: ReadonlyMap<string, readonly string[]>;
  readonly networks: ReadonlyMap<string, readonly string[]>;
}

const OTHER_PROJECT = 'pets-console.project=somebody-else';

/**
 * Makes foreign objects whose names collide as closely as an engine lets them: the scenario's own names on the host where it does not use
 * them, its names with a letter more on the same host, and the same with our label of another project.
 */
export async function inviteStrangers(used: NamesInUse, hosts: TwoHosts): Promise<Strangers> {
  const before = new Map<string, readonly string[]>();
  for (const host of hosts.names) {
    const here = used.containers.get(host) ?? [];
    const elsewhere = hosts.names.filter((name) => name !== host).flatMap((name) => used.containers.get(name) ?? []);
    const names = [...elsewhere.filter((name) => !here.includes(name)), ...here.map((name) => `${name}2`)];
    for (const [index, name] of [...new Set(names)].entries()) {
      const label = index % 2 === 0 ? ['--label', OTHER_PROJECT] : [];
      await hosts.docker(host, 'run', '-d', '--network', 'none', '--name', name, ...label, 'redis');
    }
    const networksHere = used.networks.get(host) ?? [];
    const networksElsewhere = hosts.names.filter((name) => name !== host).flatMap((name) => used.networks.get(name) ?? []);
    const networks = [...networksElsewhere.filter((name) => !networksHere.includes(name)), ...networksHere.map((name) => `${name}2`)];
    for (const name of new Set(networks)) await hosts.docker(host, 'network', 'create', name);
    before.set(host, await foreignOn(host, [...names, ...networks], hosts));
  }
  return {
    missing: async () => {
      const gone: string[] = [];
      for (const [host, known] of before) {
        const now = await foreignOn(host, [], hosts);
        gone.push(...known.filter((line) => !now.includes(line)).map((line) => `${host}: ${line}`));
      }
      return gone;
    },
  };
}

/** ID, name and state of every container, ID and name of every network. */
async function foreignOn(host: string, names: readonly string[], hosts: TwoHosts): Promise<readonly string[]> {
  const containers = await hosts.docker(host, 'ps', '-a', '--no-trunc', '--format', '{{.ID}} {{.Names}} {{.State}}');
  const networks = await hosts.docker(host, 'network', 'ls', '--no-trunc', '--format', '{{.ID}} {{.Name}}');
  const lines = [...linesOf(containers), ...linesOf(networks)];
  return names.length === 0 ? lines : lines.filter((line) => names.includes(line.split(' ')[1] ?? ''));
}

/** Empties the lab's engines: whatever is there, the stress made. */
export async function seeStrangersOff(hosts: TwoHosts): Promise<void> {
  for (const host of hosts.names) {
    const containers = linesOf(await hosts.docker(host, 'ps', '-aq'));
    if (containers.length > 0) await hosts.docker(host, 'rm', '-f', ...containers);
    const networks = linesOf(await hosts.docker(host, 'network', 'ls', '--filter', 'type=custom', '--format', '{{.Name}}'));
    if (networks.length > 0) await hosts.docker(host, 'network', 'rm', ...networks);
  }
}
