import { shortestForm } from '../domain/addresses.ts';
import {
  type Expectation,
  type IpamPool,
  type NetworkDeclaration,
  type Scenario,
  type ServiceDeclaration,
  SWARM,
} from '../domain/scenario.ts';
import { applyVariant, chooseVariant, deploymentOf, normalizeVariant, scaleServices } from './deploy.ts';
import { attachmentsOf, commandOf, environmentOf, extraHostsOf, mapValues, portsOf, rolesOf } from './forms.ts';
import type { GivenDeployment, InputValue } from './inputs.ts';
import type { ExpectationEntry, NetworkEntry, ScenarioFile, ServiceEntry } from './schema.ts';

/**
 * A checked file, its inputs filled in, as the scenario it describes: one form for everything, every default filled in, the variant
 * applied and the services scaled as `given`.
 * @throws BAD_USAGE for a variant that it does not have, and for a service that cannot be scaled so
 */
export function normalizeScenario(
  file: ScenarioFile,
  path: string,
  inputs: Readonly<Record<string, InputValue>>,
  given: GivenDeployment,
): Scenario {
  const variants = mapValues(file.variants ?? {}, normalizeVariant);
  const variant = chooseVariant(file.name, variants, given);
  const declared = mapValues(file.services, (entry) => normalizeService(entry, file.hosts));
  const services = variant === undefined ? declared : applyVariant(declared, variant.changes);
  return {
    version: 1,
    name: file.name,
    project: file.project ?? file.name,
    model: file.model,
    title: file.title,
    summary: file.summary ?? '',
    benefits: file.benefits ?? [],
    limits: file.limits ?? [],
    pitfalls: file.pitfalls ?? [],
    inputs: mapValues(inputs, ({ value }) => value),
    hosts: file.hosts,
    needsSwarm: file.swarm === 'required',
    ...(variant === undefined ? {} : { variant: variant.name }),
    variants,
    networks: mapValues(file.networks ?? {}, (entry) => normalizeNetwork(entry, file.hosts)),
    services: scaleServices(file.name, services, given.scale ?? {}, file.hosts.length),
    tenants: file.tenants ?? {},
    expect: (file.expect ?? []).flatMap(normalizeExpectation),
    path,
  };
}

function normalizeNetwork(entry: NetworkEntry, hosts: readonly string[]): NetworkDeclaration {
  const driver = entry?.driver ?? 'bridge';
  const parent = driver === 'macvlan' ? { parent: `\${on.parent}` } : {};
  return {
    on: rolesOf(entry, hosts),
    driver,
    internal: entry?.internal ?? false,
    enableIPv6: entry?.enable_ipv6 ?? false,
    attachable: entry?.attachable ?? false,
    driverOpts: { ...parent, ...driverOptsOf(entry) },
    ipam: (entry?.ipam?.config ?? []).map(
      (pool): IpamPool => ({
        // What is wished is compared with what engines tell.
        subnet: shortestForm(pool.subnet),
        ...(pool.gateway === undefined ? {} : { gateway: shortestForm(pool.gateway) }),
        ...(pool.ip_range === undefined ? {} : { ipRange: shortestForm(pool.ip_range) }),
        ...(pool.aux_addresses === undefined ? {} : { auxAddresses: mapValues(pool.aux_addresses, shortestForm) }),
      }),
    ),
  };
}

/** Docker encrypts wherever the option is named, whatever its value: `docker network create -o encrypted` sends an empty one. */
function driverOptsOf(entry: NetworkEntry): Readonly<Record<string, string>> {
  const { encrypted, ...options } = mapValues(entry?.driver_opts ?? {}, String);
  return { ...options, ...(encrypted === undefined || encrypted === 'false' ? {} : { encrypted: '' }) };
}

export function normalizeService(entry: ServiceEntry, hosts: readonly string[]): ServiceDeclaration {
  const [on = ''] = rolesOf(entry, hosts);
  return {
    on,
    image: entry.image,
    command: commandOf(entry),
    networks: attachmentsOf(entry).map(({ value }) => value),
    ports: portsOf(entry).map(({ value }) => (on === SWARM ? { ...value, mode: value.mode ?? 'ingress' } : value)),
    environment: environmentOf(entry),
    extraHosts: extraHostsOf(entry),
    ...(on === SWARM ? { deploy: deploymentOf(entry) } : {}),
  };
}

function normalizeExpectation({ reach, deny, fails, seen, http }: ExpectationEntry): readonly Expectation[] {
  const expectations: Expectation[] = [];
  if (reach !== undefined) {
    const targets = typeof reach.to === 'string' ? [reach.to] : reach.to;
    expectations.push(...targets.map((to) => ({ kind: 'reach' as const, from: reach.from, to })));
  }
  if (deny !== undefined) expectations.push({ kind: 'deny', ...deny });
  if (fails !== undefined) expectations.push({ kind: 'fails', ...fails, how: [fails.how ?? []].flat() });
  if (seen !== undefined) expectations.push({ kind: 'seen', ...seen });
  if (http !== undefined) {
    const tenant = http.tenant === undefined ? {} : { tenant: http.tenant };
    expectations.push({ kind: 'http', url: http.url, status: http.status ?? 200, ...tenant });
  }
  return expectations;
}
