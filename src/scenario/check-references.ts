import { isIP } from 'node:net';
import type { DocumentIssue } from '../domain/document-issues.ts';
import { didYouMean } from '../domain/suggest.ts';
import { checkAddresses } from './check-addresses.ts';
import { attachmentsOf, portsOf } from './forms.ts';
import { checkReferencesIn, withStandIns } from './interpolate.ts';
import { hostIpsMeet } from './published-port.ts';
import type { ExpectationEntry, ScenarioParts } from './schema.ts';

/** Networks that every engine has and that nobody can make. */
const BUILT_IN_NETWORKS = ['bridge', 'host', 'none'];

/** The names that may be referred to: those written, also where what they name is broken. */
interface Names {
  readonly roles: readonly string[];
  readonly networks: readonly string[];
  readonly services: readonly string[];
  readonly tenants: readonly string[];
}

/** Everything that refers to something else in the file, checked against what the file holds. */
export function checkReferences(parts: ScenarioParts, raw: unknown): readonly DocumentIssue[] {
  const names: Names = {
    roles: textsIn(entryOf(raw, 'hosts')),
    networks: keysIn(entryOf(raw, 'networks')),
    services: keysIn(entryOf(raw, 'services')),
    tenants: keysIn(entryOf(raw, 'tenants')),
  };
  return [
    ...checkRoles(parts, names),
    ...checkServices(parts, names),
    ...checkPorts(parts),
    ...checkTenants(parts, names),
    ...(parts.expect ?? []).flatMap((entry, index) => checkExpectation(entry, ['expect', index], names)),
    ...checkAddresses(parts),
    ...['services', 'tenants', 'expect'].flatMap((section) => checkInterpolation(entryOf(raw, section), [section], names.roles)),
  ];
}

function checkRoles(parts: ScenarioParts, { roles }: Names): DocumentIssue[] {
  const issues: DocumentIssue[] = roles.flatMap((role, index) =>
    roles.indexOf(role) === index ? [] : [{ path: ['hosts', index], message: `host ${role} is named twice` }],
  );
  for (const section of ['networks', 'services'] as const) {
    for (const [name, entry] of Object.entries(parts[section] ?? {})) {
      if (entry?.on !== undefined) issues.push(...unknown('host', entry.on, roles, [section, name, 'on']));
      else if (roles.length > 1) issues.push({ path: [section, name], place: 'key', message: `on is missing; hosts: ${roles.join(', ')}` });
    }
  }
  for (const name of Object.keys(parts.networks ?? {}).filter((network) => BUILT_IN_NETWORKS.includes(network))) {
    issues.push({ path: ['networks', name], place: 'key', message: `${name} is a network that every engine has; choose another name` });
  }
  return issues;
}

function checkServices(parts: ScenarioParts, { networks }: Names): DocumentIssue[] {
  return Object.entries(parts.services ?? {}).flatMap(([name, service]) =>
    attachmentsOf(service).flatMap(({ path, value: { network } }, index, all): DocumentIssue[] => {
      const place = ['services', name, ...path];
      const atKey = !Array.isArray(service.networks);
      if (!networks.includes(network)) return unknown('network', network, networks, place, atKey ? 'key' : 'value');
      if (all.findIndex((other) => other.value.network === network) < index) {
        return [{ path: place, message: `network ${network} is named twice` }];
      }
      const on = parts.networks?.[network]?.on;
      if (on === undefined || service.on === undefined || on === service.on) return [];
      return [
        {
          path: place,
          place: atKey ? 'key' : 'value',
          message: `network ${network} is on ${on}, the service on ${service.on}; a bridge network does not leave its host`,
        },
      ];
    }),
  );
}

function checkPorts(parts: ScenarioParts): DocumentIssue[] {
  const taken: { readonly service: string; readonly on: string | undefined; readonly hostIp: string; readonly key: string }[] = [];
  const issues: DocumentIssue[] = [];
  for (const [name, service] of Object.entries(parts.services ?? {})) {
    const on = service.on ?? parts.hosts?.[0];
    for (const { path, value } of portsOf(service)) {
      const key = `${value.publishedPort}/${value.protocol}`;
      const holder = taken.find((other) => other.key === key && other.on === on && hostIpsMeet(other.hostIp, value.hostIp));
      if (holder !== undefined) {
        issues.push({
          path: ['services', name, ...path],
          message: `port ${key} is already published by service ${holder.service} on the same host`,
        });
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
      ...unknown('service', tenant.web, services, [...path, 'web']),
      ...unknown('service', tenant.db, services, [...path, 'db']),
      ...checkUrl(tenant.url, [...path, 'url']),
    ];
    const web = parts.services?.[tenant.web];
    const port = /^https?:\/\/\$\{[^}]*\.address\}:(\d+)/.exec(tenant.url)?.[1];
    const published = web === undefined ? [] : portsOf(web).map(({ value }) => String(value.publishedPort));
    if (web !== undefined && port !== undefined && !published.includes(port)) {
      const known = published.length === 0 ? 'it publishes none' : `it publishes ${published.join(', ')}`;
      issues.push({ path: [...path, 'url'], message: `service ${tenant.web} does not publish port ${port}; ${known}` });
    }
    return issues;
  });
}

function checkExpectation(entry: ExpectationEntry, path: readonly PropertyKey[], names: Names): DocumentIssue[] {
  const issues: DocumentIssue[] = [];
  const checkFrom = (from: string, at: readonly PropertyKey[]): void => {
    issues.push(...unknown('place to ask from', from, ['console', ...names.services], at));
  };
  if (entry.reach !== undefined) {
    checkFrom(entry.reach.from, [...path, 'reach', 'from']);
    const { to } = entry.reach;
    if (typeof to === 'string') issues.push(...checkTarget(to, [...path, 'reach', 'to'], names));
    else issues.push(...to.flatMap((one, index) => checkTarget(one, [...path, 'reach', 'to', index], names)));
  }
  if (entry.deny !== undefined) {
    const { from, to, control } = entry.deny;
    checkFrom(from, [...path, 'deny', 'from']);
    issues.push(...checkTarget(to, [...path, 'deny', 'to'], names), ...checkTarget(control, [...path, 'deny', 'control'], names));
    if (to === control)
      issues.push({
        path: [...path, 'deny', 'control'],
        message: `the control of a denial must be something that answers, not ${to} itself`,
      });
  }
  if (entry.http !== undefined) {
    issues.push(...checkUrl(entry.http.url, [...path, 'http', 'url']));
    if (entry.http.tenant !== undefined) issues.push(...unknown('tenant', entry.http.tenant, names.tenants, [...path, 'http', 'tenant']));
  }
  return issues;
}

function checkTarget(target: string, path: readonly PropertyKey[], { services }: Names): DocumentIssue[] {
  const end = target.lastIndexOf(':');
  const place = target.slice(0, end);
  const port = Number(target.slice(end + 1));
  const issues: DocumentIssue[] =
    port >= 1 && port <= 65535 ? [] : [{ path, message: `${target.slice(end + 1)} is not a port from 1 to 65535` }];
  if (place.includes('$') || isIP(place.replace(/^\[(.*)\]$/, '$1')) !== 0) return issues;
  return [...issues, ...unknown('service', place, services, path)];
}

function checkUrl(written: string, path: readonly PropertyKey[]): DocumentIssue[] {
  const url = URL.parse(withStandIns(written));
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) return [];
  return [{ path, message: `${JSON.stringify(written)} is not a URL such as http://\${host-A.address}:8000` }];
}

function checkInterpolation(value: unknown, path: readonly PropertyKey[], roles: readonly string[]): DocumentIssue[] {
  if (typeof value === 'string') return checkReferencesIn(value, roles).map((message) => ({ path, message }));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => checkInterpolation(part, [...path, key], roles));
}

function unknown(
  what: string,
  name: string,
  valid: readonly string[],
  path: readonly PropertyKey[],
  place: 'key' | 'value' = 'value',
): DocumentIssue[] {
  if (valid.includes(name)) return [];
  const known = valid.length === 0 ? 'the file has none' : `valid: ${valid.join(', ')}`;
  return [{ path, place, message: `${what} ${JSON.stringify(name)} is not known; ${known}.${didYouMean(name, valid)}` }];
}

function entryOf(raw: unknown, key: string): unknown {
  return typeof raw === 'object' && raw !== null ? Reflect.get(raw, key) : undefined;
}

function keysIn(value: unknown): readonly string[] {
  return typeof value === 'object' && value !== null ? Object.keys(value) : [];
}

function textsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}
