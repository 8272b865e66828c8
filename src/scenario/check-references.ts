import { isIP } from 'node:net';
import type { DocumentIssue } from '../domain/document-issues.ts';
import { SWARM } from '../domain/scenario.ts';
import { checkAddresses } from './check-addresses.ts';
import { checkExpectation, checkUrl } from './check-expectations.ts';
import { checkMeanings, checkName, type Names, namesIn } from './check-names.ts';
import { checkSwarm } from './check-swarm.ts';
import { checkSwarmPorts } from './check-swarm-ports.ts';
import { attachmentsOf, portsOf, rolesOf } from './forms.ts';
import { checkReferencesIn, hasReferences, OWN_HOST } from './interpolate.ts';
import { hostIpsMeet } from './published-port.ts';
import { entriesIn, entryOf } from './raw.ts';
import type { NetworkEntry, ScenarioParts, ServiceEntry } from './schema.ts';

/** Networks that every engine has and that nobody can make. */
const BUILT_IN_NETWORKS = ['bridge', 'host', 'none'];
const DEFAULT_NETWORK = 'bridge';

/** Everything that refers to something else in the file, checked against what the file holds. */
export function checkReferences(parts: ScenarioParts, raw: unknown): readonly DocumentIssue[] {
  const names = namesIn(raw);
  const own = [...names.roles, OWN_HOST];
  return [
    ...checkMeanings(names),
    ...checkRoles(parts, names),
    ...Object.entries(parts.networks ?? {}).flatMap(([name, network]) => checkNetwork(name, network)),
    ...Object.entries(parts.services ?? {}).flatMap(([name, service]) => checkService(name, service, parts, names)),
    ...checkPorts(parts),
    ...checkSwarm(parts, raw, names),
    ...checkSwarmPorts(parts),
    ...checkTenants(parts, names),
    ...(parts.expect ?? []).flatMap((entry, index) => checkExpectation(entry, ['expect', index], names)),
    ...checkAddresses(parts),
    ...['networks', 'services'].flatMap((section) =>
      entriesIn(entryOf(raw, section)).flatMap(([name, entry]) =>
        checkInterpolation(entry, [section, name], isOfSwarm(entry) ? names.roles : own, names.inputs),
      ),
    ),
    ...['tenants', 'expect'].flatMap((section) => checkInterpolation(entryOf(raw, section), [section], names.roles, names.inputs)),
  ];
}

function checkRoles(parts: ScenarioParts, { roles }: Names): DocumentIssue[] {
  const issues: DocumentIssue[] = repeated(roles).map((index) => ({
    path: ['hosts', index],
    message: `host ${roles[index]} is named twice`,
  }));
  for (const section of ['networks', 'services'] as const) {
    for (const [name, entry] of Object.entries(parts[section] ?? {})) {
      const on: string | readonly string[] | undefined = entry?.on;
      const path = [section, name, 'on'];
      // What the swarm takes, `checkSwarm` tells.
      if (rolesOf(entry, roles).includes(SWARM) || isOverlay(entry)) continue;
      if (typeof on === 'string') issues.push(...checkName('host', on, roles, path));
      else if (on !== undefined) {
        issues.push(...on.flatMap((role, index) => checkName('host', role, roles, [...path, index])));
        issues.push(...repeated(on).map((index) => ({ path: [...path, index], message: `host ${on[index]} is named twice` })));
      } else if (roles.length > 1) {
        issues.push({ path: [section, name], place: 'key', message: `on is missing; hosts: ${roles.join(', ')}` });
      }
    }
  }
  return issues;
}

/** Indices of what stands in a list for the second time. */
function repeated(texts: readonly string[]): readonly number[] {
  return texts.flatMap((text, index) => (texts.indexOf(text) === index ? [] : [index]));
}

function checkNetwork(name: string, network: NetworkEntry): DocumentIssue[] {
  const issues: DocumentIssue[] = [];
  if (BUILT_IN_NETWORKS.includes(name)) {
    issues.push({ path: ['networks', name], place: 'key', message: `${name} is a network that every engine has; choose another name` });
  }
  if (network?.driver !== 'macvlan' && network?.driver_opts?.parent !== undefined) {
    const message = `parent is an option of driver macvlan; ${isOverlay(network) ? 'an overlay' : 'a bridge'} network has no parent interface`;
    issues.push({ path: ['networks', name, 'driver_opts', 'parent'], place: 'key', message });
  }
  return issues;
}

function checkService(name: string, service: ServiceEntry, parts: ScenarioParts, { networks }: Names): DocumentIssue[] {
  const hosts = parts.hosts ?? [];
  const place = Array.isArray(service.networks) ? 'value' : 'key';
  return attachmentsOf(service).flatMap(({ path: inside, value: { network } }, index, all): DocumentIssue[] => {
    const path = ['services', name, ...inside];
    if (network === DEFAULT_NETWORK) return [{ path, place, message: DEFAULT_NETWORK_IS_LEFT_OUT }];
    if (!networks.includes(network)) return checkName('network', network, networks, path, place);
    if (all.findIndex((other) => other.value.network === network) < index) {
      return [{ path, message: `network ${network} is named twice` }];
    }
    const entry = parts.networks?.[network];
    // Where `on` is missing although it is needed, that has been said.
    if (entry === undefined || (hosts.length > 1 && (isUnplaced(entry) || service.on === undefined))) return [];
    const places = rolesOf(entry, hosts);
    const [on = ''] = rolesOf(service, hosts);
    if (isOverlay(entry)) return on === SWARM ? [] : [{ path, place, message: `network ${network} is ${AN_OVERLAY}` }];
    if (on === SWARM) {
      const what = `network ${network} is a ${entry?.driver ?? 'bridge'} network of ${places.join(', ')}`;
      return [{ path, place, message: `${what}; a service on the swarm joins networks of driver overlay only` }];
    }
    if (places.includes(on)) return [];
    const fact = `a ${entry?.driver ?? 'bridge'} network is made on each host for itself`;
    return [{ path, place, message: `network ${network} is on ${places.join(', ')}, the service on ${on}; ${fact}` }];
  });
}

const AN_OVERLAY = "the swarm's, and joined by services that are on: swarm; a container of a host is not put on one, attachable or not";

function isOverlay(entry: { readonly driver?: string | undefined } | null): boolean {
  return entry?.driver === 'overlay';
}

function isUnplaced(entry: NetworkEntry): boolean {
  return entry?.on === undefined && !isOverlay(entry);
}

const DEFAULT_NETWORK_IS_LEFT_OUT =
  "bridge is Docker's default network, and a service is on it that names none: leave it out. " +
  'It takes neither addresses nor aliases, and resolves no names';

function checkPorts(parts: ScenarioParts): DocumentIssue[] {
  const taken: { readonly service: string; readonly on: string | undefined; readonly hostIp: string; readonly key: string }[] = [];
  const issues: DocumentIssue[] = [];
  for (const [name, service] of Object.entries(parts.services ?? {})) {
    const [on] = rolesOf(service, parts.hosts ?? []);
    const drivers = attachmentsOf(service).map(({ value: { network } }) => parts.networks?.[network]?.driver);
    const isMacvlan = drivers.length > 0 && drivers.every((driver) => driver === 'macvlan');
    if (on === SWARM) continue;
    for (const { path, value } of portsOf(service)) {
      const at = ['services', name, ...path];
      const key = `${value.publishedPort}/${value.protocol}`;
      const holder = taken.find((other) => other.key === key && other.on === on && hostIpsMeet(other.hostIp, value.hostIp));
      const issue = (message: string): unknown => issues.push({ path: at, message });
      if (isMacvlan)
        issue(`nothing is published on a macvlan network: it is reached at the container's own address, port ${value.targetPort}`);
      else if (holder !== undefined) issue(`port ${key} is already published by service ${holder.service} on the same host`);
      if (!hasReferences(value.hostIp) && value.hostIp !== '' && isIP(value.hostIp) === 0) {
        issue(`${JSON.stringify(value.hostIp)} is not an IP address of the host`);
      }
      taken.push({ service: name, on, hostIp: value.hostIp, key });
    }
  }
  return issues;
}

function checkTenants(parts: ScenarioParts, { services }: Names): DocumentIssue[] {
  return Object.entries(parts.tenants ?? {}).flatMap(([name, tenant]) => {
    const path = ['tenants', name];
    const issues = [
      ...checkName('service', tenant.web, services, [...path, 'web']),
      ...checkName('service', tenant.db, services, [...path, 'db']),
      ...checkUrl(tenant.url, [...path, 'url']),
    ];
    const web = parts.services?.[tenant.web];
    const [, role, port] = /^https?:\/\/\$\{([^}]*)\.address\}:(\d+)/.exec(tenant.url) ?? [];
    if (web === undefined || port === undefined) return issues;
    const [on] = rolesOf(web, parts.hosts ?? []);
    const published = portsOf(web).map(({ value }) => String(value.publishedPort));
    const known = published.length === 0 ? 'it publishes none' : `it publishes ${published.join(', ')}`;
    const fault = published.includes(port)
      ? role !== on && on !== SWARM && `service ${tenant.web} is on ${on}, not on ${role}`
      : `service ${tenant.web} does not publish port ${port}; ${known}`;
    return fault === false ? issues : [...issues, { path: [...path, 'url'], message: fault }];
  });
}

/** On no host, so that there is none whose facts it could name with `on`. */
function isOfSwarm(entry: unknown): boolean {
  return entryOf(entry, 'on') === SWARM || entryOf(entry, 'driver') === 'overlay';
}

function checkInterpolation(
  value: unknown,
  path: readonly PropertyKey[],
  hosts: readonly string[],
  inputs: readonly string[],
): DocumentIssue[] {
  if (typeof value === 'string') return checkReferencesIn(value, hosts, inputs).map((message) => ({ path, message }));
  return entriesIn(value).flatMap(([key, part]) => checkInterpolation(part, [...path, key], hosts, inputs));
}
