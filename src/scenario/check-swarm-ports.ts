import type { DocumentIssue } from '../domain/document-issues.ts';
import type { PublishedPort, ServiceDeclaration } from '../domain/scenario.ts';
import { isOnSwarm } from './check-swarm.ts';
import { applyVariant, mostTasks, normalizeVariant } from './deploy.ts';
import { portsOf } from './forms.ts';
import { normalizeService } from './normalize.ts';
import type { ScenarioParts } from './schema.ts';

type Services = Readonly<Record<string, ServiceDeclaration>>;
type Path = readonly PropertyKey[];

/** Ports of services on the swarm, in every variant: what Docker refuses at once, and what leaves a task waiting for a host for ever. */
export function checkSwarmPorts(parts: ScenarioParts): DocumentIssue[] {
  const hosts = parts.hosts ?? [];
  const services = Object.fromEntries(Object.entries(parts.services ?? {}).map(([name, entry]) => [name, normalizeService(entry, hosts)]));
  const plain = faultsOf(services, hosts);
  const told = new Set(plain.map(({ service, port, message }) => `${service} ${port} ${message}`));
  return [
    ...checkHostIps(parts),
    ...plain.map(({ service, port, message }) => ({ path: pathOf(parts, service, port), message })),
    ...Object.entries(parts.variants ?? {}).flatMap(([name, variant]) =>
      faultsOf(applyVariant(services, normalizeVariant(variant)), hosts, 'say publish: host').flatMap(({ service, port, message }) =>
        told.has(`${service} ${port} ${message}`)
          ? []
          : [{ path: ['variants', name], place: 'key' as const, message: `service ${service}: ${message}` }],
      ),
    ),
  ];
}

function pathOf(parts: ScenarioParts, service: string, port: number): Path {
  const entry = parts.services?.[service];
  return ['services', service, ...(entry === undefined ? [] : (portsOf(entry)[port]?.path ?? []))];
}

function checkHostIps(parts: ScenarioParts): DocumentIssue[] {
  return Object.entries(parts.services ?? {}).flatMap(([name, service]) =>
    portsOf(service).flatMap(({ path, value }) => {
      if (value.hostIp === '' || !isOnSwarm(service, parts)) return [];
      return [{ path: ['services', name, ...path], message: `a swarm publishes on every address of its hosts: leave ${value.hostIp} out` }];
    }),
  );
}

interface PortFault {
  readonly service: string;
  /** Its index among the ports of the service. */
  readonly port: number;
  readonly message: string;
}

function faultsOf(services: Services, hosts: readonly string[], remedy?: string): readonly PortFault[] {
  const holders: Holder[] = [];
  return Object.entries(services).flatMap(([name, service]) =>
    service.ports.flatMap((port, index): PortFault[] => {
      const holder = { name, port, ...placesOf(service, port, hosts) };
      const fault = service.deploy === undefined ? undefined : faultAlone(service, port, hosts, remedy);
      const other = holders.find((each) => cannotBoth(each, holder, hosts));
      holders.push(holder);
      if (fault !== undefined) return [{ service: name, port: index, message: fault }];
      if (other === undefined) return [];
      const where = other.isOnSwarm ? 'on the swarm' : 'on a host';
      const message = `port ${port.publishedPort}/${port.protocol} is already published by service ${other.name} ${where}`;
      return [{ service: name, port: index, message }];
    }),
  );
}

function faultAlone(service: ServiceDeclaration, port: PublishedPort, hosts: readonly string[], remedy?: string): string | undefined {
  const { endpointMode, replicas } = service.deploy ?? {};
  const number = `${port.publishedPort}/${port.protocol}`;
  if (port.mode === 'ingress' && endpointMode === 'dnsrr') {
    return `port ${number} is published in mode ingress, which Docker refuses with endpoint_mode dnsrr; ${remedy ?? inHostMode(port)}`;
  }
  const most = mostTasks(service, hosts.length);
  if (port.mode !== 'host' || typeof replicas !== 'number' || replicas <= most) return undefined;
  return `port ${number} in mode host is for one task on each host, so ${most} at most, and there are to be ${replicas}; make it global, or publish in mode ingress`;
}

function inHostMode({ targetPort, publishedPort }: PublishedPort): string {
  return `write { target: ${targetPort}, published: ${publishedPort}, mode: host }`;
}

/** Who publishes a port, and where: on these hosts, and on so many others that the swarm chooses. */
interface Holder {
  readonly name: string;
  readonly port: PublishedPort;
  readonly isOnSwarm: boolean;
  readonly on: readonly string[];
  readonly elsewhere: number;
}

function placesOf({ on, deploy }: ServiceDeclaration, { mode }: PublishedPort, hosts: readonly string[]): Omit<Holder, 'name' | 'port'> {
  if (deploy === undefined) return { isOnSwarm: false, on: [on], elsewhere: 0 };
  const { placement, replicas } = deploy;
  if (mode === 'ingress') return { isOnSwarm: true, on: hosts, elsewhere: 0 };
  if (replicas === 0) return { isOnSwarm: true, on: [], elsewhere: 0 };
  if (placement !== undefined) return { isOnSwarm: true, on: [placement], elsewhere: 0 };
  return replicas === 'global' ? { isOnSwarm: true, on: hosts, elsewhere: 0 } : { isOnSwarm: true, on: [], elsewhere: replicas };
}

/** Of two on hosts `checkPorts` tells: there addresses count, too. */
function cannotBoth(left: Holder, right: Holder, hosts: readonly string[]): boolean {
  if (left.port.publishedPort !== right.port.publishedPort || left.port.protocol !== right.port.protocol) return false;
  if (!left.isOnSwarm && !right.isOnSwarm) return false;
  const certain = new Set([...left.on, ...right.on]);
  return certain.size < left.on.length + right.on.length || certain.size + left.elsewhere + right.elsewhere > hosts.length;
}
