import { createHash } from 'node:crypto';
import type { ConsoleEvent, TenantOutline } from '../../src/domain/events.ts';
import { LABEL, type Labels } from '../../src/domain/labels.ts';
import type { LiveContainer, LiveNetwork } from '../../src/domain/live.ts';
import type { StepOutline } from '../../src/domain/plan.ts';
import type { BoundHost, ScenarioOutline } from '../../src/domain/scenario.ts';
import { BRIDGE, endpoint, network, START } from './bridge-run.ts';

/** What the events of runs on several hosts are made of. */

export function boundHost(name: string, number: number, more: Partial<BoundHost> = {}): BoundHost {
  return { name, endpoint: `unix:///run/pets-console/lab/${name}.sock`, address: `192.168.0.${10 + number}`, parent: 'eth0', ...more };
}

export function connected(host: BoundHost, at: number, latencyMs = 2): ConsoleEvent {
  const { name, endpoint: where, address } = host;
  return {
    at,
    type: 'host.connected',
    host: name,
    endpoint: where,
    address,
    source: 'hosts.yaml',
    engineVersion: '20.10.24',
    apiVersion: '1.41',
    latencyMs,
  };
}

export function described(host: string, at: number, clockSkewMs = 12): ConsoleEvent {
  return {
    at,
    type: 'host.described',
    host,
    description: {
      swarm: 'inactive',
      clockSkewMs,
      operatingSystem: 'Debian GNU/Linux 12 (bookworm)',
      kernelVersion: '6.1.0-28-amd64',
      platform: 'linux/amd64',
    },
  };
}

const BUILT_IN = [
  ['bridge', 'bridge', [{ subnet: '172.17.0.0/16', gateway: '172.17.0.1', auxAddresses: {} }]],
  ['host', 'host', []],
  ['none', 'null', []],
] as const;

/** The networks that an engine has anyway. */
export function builtIn(host: string, at: number): readonly ConsoleEvent[] {
  return BUILT_IN.map(([name, driver, pools]) => ({
    at,
    type: 'network.inspected',
    host,
    network: network([], { id: idOf(`${host} ${name}`), name, driver, pools, labels: {} }),
  }));
}

/** A host that answers, with what every engine has. */
export function up(host: BoundHost, at: number, latencyMs = 2): readonly ConsoleEvent[] {
  return [connected(host, at, latencyMs), described(host.name, at + 5), ...builtIn(host.name, at + 10)];
}

/** Sixty-four hexadecimal digits that differ with the text. */
export function idOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export function labels(scenario: string, project: string, resource: string): Labels {
  return {
    [LABEL.project]: project,
    [LABEL.scenario]: scenario,
    [LABEL.resource]: resource,
    [LABEL.spec]: '9f2c51ab77e0',
    [LABEL.run]: '01KAQ0M3T7',
    [LABEL.hosts]: 'host-A=1f3870be,host-B=77ab03d1',
  };
}

export function steps(
  host: string,
  rows: readonly (readonly [id: string, title: string, command: string, needs?: string])[],
): readonly StepOutline[] {
  return rows.map(([id, title, command, needs]) => ({
    id: `${host}/${id}`,
    host,
    resource: id.split('/').slice(0, -1).join('/'),
    title,
    command,
    needs: needs === undefined ? [] : [`${host}/${needs}`],
  }));
}

/** Events at so many milliseconds after the start of the run. */
export const began = (afterMs: number, step: string): ConsoleEvent => ({ at: START + afterMs, type: 'step.started', step });

export const ended = (afterMs: number, step: string, durationMs: number, summary: string): ConsoleEvent => ({
  at: START + afterMs,
  type: 'step.finished',
  step,
  durationMs,
  summary,
});

export const skipped = (afterMs: number, step: string, reason: string): ConsoleEvent => ({
  at: START + afterMs,
  type: 'step.skipped',
  step,
  reason,
});

export const holdsNetwork = (afterMs: number, host: string, live: LiveNetwork): ConsoleEvent => ({
  at: START + afterMs,
  type: 'network.inspected',
  host,
  network: live,
});

export const holdsContainer = (afterMs: number, host: string, live: LiveContainer): ConsoleEvent => ({
  at: START + afterMs,
  type: 'container.inspected',
  host,
  container: live,
});

/** The endpoint of a container on a network, its address and a MAC address that goes with it. */
export function attached(host: string, name: string, ipv4Address: string): ReturnType<typeof endpoint> {
  const mac = ipv4Address.split('.').map((byte) => Number(byte).toString(16).padStart(2, '0'));
  return endpoint(idOf(`${host} ${name}`), name, `02:42:${mac.join(':')}`, ipv4Address);
}

export const MULTI_HOST: ScenarioOutline = {
  ...BRIDGE,
  name: 'multi-host-bridge',
  project: 'multi-host-bridge',
  model: 'multi-host-bridge',
  title: 'One tenant over two hosts, through published ports',
  summary:
    'The web front end and its database run on different hosts, each on its own bridge. The front end finds the database by the name of the other host, which the infrastructure resolves, and reaches it through the published port.',
  path: 'scenarios/multi-host-bridge.yaml',
};

export const MACVLAN: ScenarioOutline = {
  ...BRIDGE,
  name: 'macvlan',
  project: 'macvlan',
  model: 'macvlan',
  title: 'Containers on the physical network, each with an address of its own',
  summary:
    'The macvlan driver puts containers on the network of their hosts: no bridge, no port mapping, no address translation. A container is reached at its own address by everything on that network.',
  path: 'scenarios/macvlan.yaml',
};

export const SCENARIOS: readonly ScenarioOutline[] = [
  BRIDGE,
  { ...BRIDGE, name: 'bridge-bind', project: 'bridge-bind' },
  MULTI_HOST,
  MACVLAN,
];

export function tenant(project: string, name: string, url: string): TenantOutline {
  return { id: `${project}/${name}`, name, project, web: `${name}-web`, db: `${name}-db`, url };
}
