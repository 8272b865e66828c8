import type { DocumentIssue } from '../domain/document-issues.ts';
import { SWARM } from '../domain/scenario.ts';
import { checkName, type Names } from './check-names.ts';
import { attachmentsOf, rolesOf } from './forms.ts';
import { entriesIn, entryOf } from './raw.ts';
import type { NetworkEntry, ScenarioParts, ServiceEntry, VariantEntry } from './schema.ts';

/** What only a swarm can do is asked of a swarm, and nothing that it cannot. Its ports: `checkSwarmPorts`. */
export function checkSwarm(parts: ScenarioParts, raw: unknown, names: Names): DocumentIssue[] {
  return [
    ...checkNeed(raw),
    ...Object.entries(parts.networks ?? {}).flatMap(([name, network]) => checkOverlay(name, network)),
    ...Object.entries(parts.services ?? {}).flatMap(([name, service]) =>
      isOnSwarm(service, parts) ? checkSwarmService(name, service, names) : checkHostService(name, service),
    ),
    ...Object.entries(parts.variants ?? {}).flatMap(([name, variant]) => checkVariant(name, variant, parts, names)),
  ];
}

export function isOnSwarm(service: ServiceEntry, { hosts = [] }: ScenarioParts): boolean {
  return rolesOf(service, hosts).includes(SWARM);
}

/** A swarm is needed by what is on it, and by nothing else: told once, at the first that needs it. */
function checkNeed(raw: unknown): DocumentIssue[] {
  const [service] = entriesIn(entryOf(raw, 'services')).find(([, entry]) => entryOf(entry, 'on') === SWARM) ?? [];
  const [network] = entriesIn(entryOf(raw, 'networks')).find(([, entry]) => entryOf(entry, 'driver') === 'overlay') ?? [];
  if (entryOf(raw, 'swarm') !== undefined) {
    if (service !== undefined) return [];
    const message = 'no service is on: swarm, so no swarm is needed; put a service on it, or leave swarm out';
    return [{ path: ['swarm'], place: 'key', message }];
  }
  if (service !== undefined) return [{ path: ['services', service, 'on'], message: `the service is on the swarm; ${SAY_REQUIRED}` }];
  if (network !== undefined)
    return [{ path: ['networks', network, 'driver'], message: `an overlay network is a swarm's; ${SAY_REQUIRED}` }];
  return entryOf(raw, 'model') === 'overlay' ? [{ path: ['model'], message: `model overlay is a swarm's; ${SAY_REQUIRED}` }] : [];
}

const SAY_REQUIRED = 'say swarm: required at the top of the file';

function checkOverlay(name: string, network: NetworkEntry): DocumentIssue[] {
  const path = ['networks', name];
  const driver = network?.driver ?? 'bridge';
  const issues: DocumentIssue[] = [];
  const issue = (place: readonly PropertyKey[], message: string, part: 'key' | 'value' = 'value') =>
    issues.push({ path: [...path, ...place], place: part, message });
  const { encrypted } = network?.driver_opts ?? {};
  if (driver !== 'overlay') {
    if (rolesOf(network, []).includes(SWARM))
      issue(['on'], `a ${driver} network is made on each host for itself; the swarm's are of driver overlay`);
    if (network?.attachable === true)
      issue(['attachable'], `attachable is of driver overlay; every container can join a ${driver} network`, 'key');
    if (encrypted !== undefined)
      issue(['driver_opts', 'encrypted'], `encrypted is an option of driver overlay; a ${driver} network has none`, 'key');
    return issues;
  }
  if (network?.on !== undefined && network.on !== SWARM)
    issue(['on'], "an overlay network is the swarm's, and on no host of its own: leave on out", 'key');
  if (encrypted !== undefined && !['true', 'false', ''].includes(String(encrypted))) {
    issue(['driver_opts', 'encrypted'], `${JSON.stringify(encrypted)} is not true or false; Docker would encrypt whatever it says`);
  }
  for (const [index, pool] of (network?.ipam?.config ?? []).entries()) {
    if (pool.aux_addresses === undefined) continue;
    issue(['ipam', 'config', index, 'aux_addresses'], 'a swarm keeps no auxiliary addresses for an overlay network: leave them out', 'key');
  }
  if (!isSwarmName(name)) issue([], SWARM_NAME, 'key');
  if (name === 'ingress') issue([], 'ingress is a network that every swarm has; choose another name', 'key');
  return issues;
}

function checkSwarmService(name: string, service: ServiceEntry, { roles }: Names): DocumentIssue[] {
  const path = ['services', name];
  const { deploy } = service;
  const host = deploy?.placement?.host;
  return [
    ...(isSwarmName(name) ? [] : [{ path, place: 'key' as const, message: SWARM_NAME }]),
    ...(deploy?.mode === 'global' && deploy.replicas !== undefined
      ? [
          {
            path: [...path, 'deploy', 'replicas'],
            place: 'key' as const,
            message: 'a global service has one task on each node: leave replicas out',
          },
        ]
      : []),
    ...(host === undefined ? [] : checkName('host', host, roles, [...path, 'deploy', 'placement', 'host'])),
    ...attachmentsOf(service).flatMap(({ path: inside, value }) =>
      value.ipv4Address === undefined
        ? []
        : [{ path: [...path, ...inside, 'ipv4_address'], message: 'the swarm gives its tasks their addresses: leave ipv4_address out' }],
    ),
  ];
}

function checkHostService(name: string, service: ServiceEntry): DocumentIssue[] {
  const path = ['services', name];
  const modes = (service.ports ?? []).flatMap((port, index) => (typeof port === 'string' || port.mode === undefined ? [] : [index]));
  return [
    ...(service.deploy === undefined
      ? []
      : [
          {
            path: [...path, 'deploy'],
            place: 'key' as const,
            message: 'deploy is how the swarm runs a service; this one is on a host. Say on: swarm, or leave it out',
          },
        ]),
    ...modes.map((index) => ({
      path: [...path, 'ports', index, 'mode'],
      place: 'key' as const,
      message: 'mode is how the swarm publishes a port; this service is on a host, which publishes its own. Leave it out',
    })),
  ];
}

function checkVariant(name: string, variant: VariantEntry, parts: ScenarioParts, { services }: Names): DocumentIssue[] {
  return (variant.global ?? []).flatMap((global, index) => {
    const path = ['variants', name, 'global', index];
    const service = parts.services?.[global];
    if (service === undefined || isOnSwarm(service, parts)) return checkName('service', global, services, path);
    return [{ path, message: `service ${global} is on a host; only services on the swarm can be global` }];
  });
}

/** The swarm's own rule, for services and networks. */
function isSwarmName(name: string): boolean {
  return /^[a-zA-Z0-9](?:[-_]*[A-Za-z0-9])*$/.test(name);
}

const SWARM_NAME = 'what belongs to the swarm is named with letters, digits, "-" and "_", and ends with a letter or digit';
