import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';

/** Runs in the machine, by Node alone: imports nothing but Node and its neighbours. */
const LAB = '/run/pets-console/lab';

/** One host of the machine's lab. */
export interface Host {
  readonly name: string;
  readonly address: string;
}

/** A running task of a service: its container, where it is, and its address on the asked network. */
export interface Task {
  readonly host: Host;
  readonly container: string;
  readonly address: string;
}

export function hostsOfLab(): readonly Host[] {
  return (JSON.parse(readFileSync(`${LAB}/hosts.json`, 'utf8')) as { hosts: Host[] }).hosts;
}

/** What a program says on its standard output. @throws with what it says on the other */
export function run(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { encoding: 'utf8', timeout: 60_000 }).trim();
}

/** The docker command line on a host's engine. */
export function docker(host: Host, ...args: readonly string[]): string {
  return run('docker', '-H', `unix://${LAB}/${host.name}/docker.sock`, ...args);
}

/** The host whose engine manages the swarm. */
export function manager(): Host {
  const found = hostsOfLab().find((host) => docker(host, 'info', '--format', '{{.Swarm.ControlAvailable}}') === 'true');
  if (found === undefined) throw new Error('no host of the lab manages a swarm');
  return found;
}

/** In the order of the hosts. */
export function tasksOf(service: string, network: string): readonly Task[] {
  return hostsOfLab().flatMap((host) => {
    const ids = docker(host, 'ps', '--quiet', '--no-trunc', '--filter', `label=com.docker.swarm.service.name=${service}`);
    return words(ids).map((container) => {
      const address = docker(host, 'inspect', '--format', `{{(index .NetworkSettings.Networks "${network}").IPAddress}}`, container);
      return { host, container, address };
    });
  });
}

/** The one task of a service. @throws where there are more or none */
export function onlyTaskOf(service: string, network: string): Task {
  const [task, ...more] = tasksOf(service, network);
  if (task === undefined || more.length > 0)
    throw new Error(`${service} has ${task === undefined ? 'no' : more.length + 1} tasks, not one`);
  return task;
}

export function networkId(network: string): string {
  return docker(manager(), 'network', 'inspect', '--format', '{{.Id}}', network);
}

/** Runs a module of JavaScript in a container of the Pets image and returns what it prints. */
export function inTask({ host, container }: Task, script: string): string {
  return docker(host, 'exec', container, '/usr/local/bin/node', '--input-type=module', '--eval', script);
}

/** How many connections the kernel balanced in a namespace of a host's engine (`ingress_sbox`, `lb_…`), and what came back through it. */
export function balancedIn(host: Host, namespace: string): { readonly connections: number; readonly answers: number } {
  const path = `/proc/${engineOf(host)}/root/run/docker/netns/${namespace}`;
  // Of each processor, up to a line of sums, which are made every two seconds only, and rates.
  const lines = run('nsenter', `--net=${path}`, 'cat', '/proc/net/ip_vs_stats_percpu').split('\n').map(words);
  const sums = lines.findIndex(([processor]) => processor === '~');
  if (sums === -1) throw new Error(`the kernel of ${host.name} tells nothing of what it balances`);
  const ofEach = lines.slice(0, sums).filter(([processor = '']) => /^[0-9A-F]+$/.test(processor));
  const sumOf = (column: number) => ofEach.reduce((sum, line) => sum + Number.parseInt(line[column] ?? '', 16), 0);
  return { connections: sumOf(1), answers: sumOf(3) };
}

export function words(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

/** The process of a host's engine: the one in that host's network. */
function engineOf({ name }: Host): string {
  const { ino } = statSync(`${LAB}/${name}/netns`);
  const found = readdirSync('/proc').find((pid) => /^\d+$/.test(pid) && isEngineIn(pid, `net:[${ino}]`));
  if (found === undefined) throw new Error(`no engine runs on ${name}`);
  return found;
}

function isEngineIn(pid: string, network: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'dockerd' && readlinkSync(`/proc/${pid}/ns/net`) === network;
  } catch {
    return false; // it ended while we looked
  }
}
