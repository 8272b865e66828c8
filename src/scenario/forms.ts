import { type PublishedPort, type ServiceAttachment, SWARM } from '../domain/scenario.ts';
import { parseShortPort } from './published-port.ts';
import type { ServiceEntry } from './schema.ts';

/** Compose lets several things be written in a short and a long form; inside there is one form, with the path it was written at. */
export interface Written<T> {
  readonly path: readonly PropertyKey[];
  readonly value: T;
}

/** The roles that a network or a service is on: the first one where the file has no need to say. An overlay is the swarm's. */
export function rolesOf(
  entry: { readonly on?: string | readonly string[] | undefined; readonly driver?: string | undefined } | null,
  hosts: readonly string[],
): readonly string[] {
  const on = entry?.on ?? (entry?.driver === 'overlay' ? SWARM : hosts.slice(0, 1));
  return typeof on === 'string' ? [on] : on;
}

export function portsOf(service: ServiceEntry): readonly Written<PublishedPort>[] {
  return (service.ports ?? []).flatMap((written, index) => {
    const value =
      typeof written === 'string'
        ? parseShortPort(written)
        : {
            hostIp: written.host_ip ?? '',
            publishedPort: written.published,
            targetPort: written.target,
            protocol: written.protocol ?? 'tcp',
            ...(written.mode === undefined ? {} : { mode: written.mode }),
          };
    return typeof value === 'string' ? [] : [{ path: ['ports', index], value }];
  });
}

export function attachmentsOf(service: ServiceEntry): readonly Written<ServiceAttachment>[] {
  const networks = service.networks ?? [];
  if (Array.isArray(networks)) return networks.map((network, index) => ({ path: ['networks', index], value: { network, aliases: [] } }));
  return Object.entries(networks).map(([network, options]) => ({
    path: ['networks', network],
    value: {
      network,
      aliases: options?.aliases ?? [],
      ...(options?.ipv4_address === undefined ? {} : { ipv4Address: options.ipv4_address }),
    },
  }));
}

export function environmentOf(service: ServiceEntry): Readonly<Record<string, string>> {
  const environment = service.environment ?? {};
  if (!Array.isArray(environment)) return mapValues(environment, String);
  return Object.fromEntries(environment.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

export function commandOf(service: ServiceEntry): readonly string[] {
  const command = service.command ?? [];
  return typeof command === 'string' ? command.split(/\s+/).filter((word) => word !== '') : command;
}

/** As `docker run --add-host` takes them: `name:address`. */
export function extraHostsOf(service: ServiceEntry): readonly string[] {
  const hosts = service.extra_hosts ?? [];
  if (!Array.isArray(hosts)) return Object.entries(hosts).map(([name, address]) => `${name}:${address}`);
  return hosts.map((written) => written.replace(/^([^:=]+)[:=]/, '$1:'));
}

export function mapValues<T, U>(record: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
