import type { Expectation, IpamPool, NetworkDeclaration, Scenario, ServiceDeclaration } from '../domain/scenario.ts';
import { attachmentsOf, commandOf, environmentOf, extraHostsOf, mapValues, portsOf } from './forms.ts';
import type { ExpectationEntry, NetworkEntry, ScenarioFile, ServiceEntry } from './schema.ts';

/** A checked file as the scenario it describes: one form for everything, every default filled in. */
export function normalizeScenario(file: ScenarioFile, path: string): Scenario {
  const [firstRole = ''] = file.hosts;
  return {
    version: 1,
    name: file.name,
    project: file.project ?? file.name,
    model: file.model,
    title: file.title,
    summary: file.summary ?? '',
    benefits: file.benefits ?? [],
    limits: file.limits ?? [],
    pitfalls: [],
    inputs: {},
    hosts: file.hosts,
    networks: mapValues(file.networks ?? {}, (entry) => normalizeNetwork(entry, firstRole)),
    services: mapValues(file.services, (entry) => normalizeService(entry, firstRole)),
    tenants: file.tenants ?? {},
    expect: (file.expect ?? []).flatMap(normalizeExpectation),
    path,
  };
}

function normalizeNetwork(entry: NetworkEntry, firstRole: string): NetworkDeclaration {
  return {
    on: [entry?.on ?? firstRole],
    driver: entry?.driver ?? 'bridge',
    internal: entry?.internal ?? false,
    enableIPv6: entry?.enable_ipv6 ?? false,
    driverOpts: mapValues(entry?.driver_opts ?? {}, String),
    ipam: (entry?.ipam?.config ?? []).map(
      (pool): IpamPool => ({
        subnet: pool.subnet,
        ...(pool.gateway === undefined ? {} : { gateway: pool.gateway }),
        ...(pool.ip_range === undefined ? {} : { ipRange: pool.ip_range }),
        ...(pool.aux_addresses === undefined ? {} : { auxAddresses: pool.aux_addresses }),
      }),
    ),
  };
}

function normalizeService(entry: ServiceEntry, firstRole: string): ServiceDeclaration {
  return {
    on: entry.on ?? firstRole,
    image: entry.image,
    command: commandOf(entry),
    networks: attachmentsOf(entry).map(({ value }) => value),
    ports: portsOf(entry).map(({ value }) => value),
    environment: environmentOf(entry),
    extraHosts: extraHostsOf(entry),
  };
}

function normalizeExpectation({ reach, deny, http }: ExpectationEntry): readonly Expectation[] {
  const expectations: Expectation[] = [];
  if (reach !== undefined) {
    const targets = typeof reach.to === 'string' ? [reach.to] : reach.to;
    expectations.push(...targets.map((to) => ({ kind: 'reach' as const, from: reach.from, to })));
  }
  if (deny !== undefined) expectations.push({ kind: 'deny', ...deny });
  if (http !== undefined) {
    const tenant = http.tenant === undefined ? {} : { tenant: http.tenant };
    expectations.push({ kind: 'http', url: http.url, status: http.status ?? 200, ...tenant });
  }
  return expectations;
}
