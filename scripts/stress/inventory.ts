import { linesOf, type TwoHosts } from './two-hosts.ts';

/** A line for each thing that the engines have: `host-A: network 4f1c… dognet`. Images are left out, since `up` may make them. */
export type Inventory = ReadonlySet<string>;

/** Each object with its ID: what was made anew under the same name is another one. */
export async function takeInventory(hosts: TwoHosts): Promise<Inventory> {
  const all = await Promise.all(hosts.names.map((host) => inventoryOf(host, hosts)));
  return new Set(all.flat());
}

async function inventoryOf(host: string, { docker }: TwoHosts): Promise<readonly string[]> {
  const list = (...args: readonly string[]) => docker(host, ...args).then(linesOf);
  const swarm = await docker(host, 'info', '--format', '{{.Swarm.LocalNodeState}} {{.Swarm.NodeID}} {{.Swarm.ControlAvailable}}');
  const lists = await Promise.all([
    // Those of tasks, sidecars and strangers, whoever made them.
    list('ps', '-a', '--no-trunc', '--format', 'container {{.ID}} {{.Names}} ({{.State}})'),
    // docker_gwbridge, ingress and copies of a swarm's networks, too.
    list('network', 'ls', '--no-trunc', '--format', 'network {{.ID}} {{.Name}}'),
    list('volume', 'ls', '--format', 'volume {{.Name}}'),
    ...(swarm.endsWith(' true') ? ofSwarm(list) : []),
  ]);
  return [`swarm ${swarm}`, ...lists.flat()].map((line) => `${host}: ${line}`);
}

function ofSwarm(list: (...args: readonly string[]) => Promise<readonly string[]>): readonly Promise<readonly string[]>[] {
  return [
    list('service', 'ls', '--format', 'service {{.ID}} {{.Name}} {{.Replicas}}'),
    list('config', 'ls', '--format', 'config {{.ID}} {{.Name}}'),
    list('node', 'ls', '--format', 'node {{.ID}} {{.Hostname}} {{.Status}}'),
  ];
}

/** What is there now and was not before, and what was and is no more. */
export function differencesOf(before: Inventory, now: Inventory): readonly string[] {
  const left = [...now].filter((line) => !before.has(line)).sort();
  const gone = [...before].filter((line) => !now.has(line)).sort();
  return [...(left.length === 0 ? [] : [`left behind: ${left.join(', ')}`]), ...(gone.length === 0 ? [] : [`missing: ${gone.join(', ')}`])];
}
