import { isIP } from 'node:net';
import { shortestForm } from '../domain/addresses.ts';
import { PetsError } from '../domain/errors.ts';
import {
  type BoundHost,
  type Expectation,
  type NetworkDeclaration,
  type Scenario,
  type ServiceDeclaration,
  SWARM,
  type TenantDeclaration,
} from '../domain/scenario.ts';
import { didYouMean } from '../domain/suggest.ts';
import { mapValues } from './forms.ts';
import { hostsByRole, interpolate } from './interpolate.ts';

/**
 * Gives each role of a scenario a real host: the one that `binds` names for it, the one of the same name, or, where there is
 * one role and one host, that one. Never by order.
 * @throws BAD_USAGE with the roles left without a host and the hosts to choose from
 */
export function bindHosts(
  scenario: Pick<Scenario, 'name' | 'hosts'>,
  hosts: readonly BoundHost[],
  binds: Readonly<Record<string, string>>,
): readonly BoundHost[] {
  const roles = scenario.hosts;
  const names = hosts.map(({ name }) => name);
  const faults = Object.entries(binds).flatMap(([role, name]) => [
    ...(roles.includes(role) ? [] : [`role ${role} is not known; roles: ${roles.join(', ')}.${didYouMean(role, roles)}`]),
    ...(names.includes(name) ? [] : [`host ${name} is not known; hosts: ${names.join(', ') || 'none'}.${didYouMean(name, names)}`]),
  ]);
  const bound: BoundHost[] = [];
  for (const role of roles) {
    const [only] = roles.length === 1 && hosts.length === 1 ? hosts : [];
    const wanted = Object.hasOwn(binds, role) ? binds[role] : undefined;
    const host = wanted === undefined ? (hosts.find(({ name }) => name === role) ?? only) : hosts.find(({ name }) => name === wanted);
    const twin = bound.find(({ name }) => name === host?.name);
    if (twin !== undefined) faults.push(`host ${twin.name} cannot be both ${twin.role} and ${role}`);
    else if (host !== undefined) bound.push({ ...host, role });
    else if (wanted === undefined) faults.push(`no host for role ${role}; hosts: ${names.join(', ') || 'none'}`);
  }
  if (faults.length === 0) return bound;
  const [missing = roles[0] ?? 'ROLE'] = roles.filter((role) => !bound.some((host) => host.role === role));
  throw new PetsError('BAD_USAGE', {
    message: `scenario ${scenario.name}: ${faults.join('\n')}`,
    hint: `pets-console plan ${scenario.name} --bind ${missing}=${names[0] ?? 'HOST'}`,
  });
}

/**
 * The scenario with every role replaced by its host's name and every `${host-A.address}` filled in. What a network says of the host that it is
 * on stays, since it may be on several: `wishesFor` fills it in for each. What is on the swarm stays there.
 * @throws BAD_USAGE for a port to be published on a host's address that is no IP address, and for a host that is called as the swarm is
 */
export function bindScenario(scenario: Scenario, hosts: readonly BoundHost[]): Scenario {
  const byRole = hostsByRole(hosts);
  const fill = (text: string): string => interpolate(text, byRole);
  const nameOf = (role: string): string => byRole.get(role)?.name ?? role;
  if (scenario.needsSwarm) refuseHostCalledSwarm(hosts);
  return {
    ...scenario,
    hosts: scenario.hosts.map(nameOf),
    networks: mapValues(scenario.networks, (network) => bindNetwork(network, nameOf, fill)),
    services: Object.fromEntries(
      Object.entries(scenario.services).map(([name, service]) => [name, bindService(name, service, hosts, byRole.get(service.on), nameOf)]),
    ),
    tenants: mapValues(scenario.tenants, (tenant): TenantDeclaration => ({ ...tenant, url: fill(tenant.url) })),
    expect: scenario.expect.map((expectation) => fillExpectation(expectation, fill, nameOf, scenario)),
  };
}

/** The same scenario as a project of another name, beside the first or instead of it. */
export function underProject(scenario: Scenario, project: string): Scenario {
  return { ...scenario, project };
}

function refuseHostCalledSwarm(hosts: readonly BoundHost[]): void {
  if (!hosts.some(({ name }) => name === SWARM)) return;
  throw new PetsError('BAD_USAGE', {
    message: `a host is called ${SWARM}, which is where things are that belong to the swarm as a whole`,
    hint: 'give the host another name: --host NAME=ENDPOINT, or in the hosts file',
  });
}

/** An overlay is on no host that it could name with `on`: all of it is filled in here. */
function bindNetwork(network: NetworkDeclaration, nameOf: (role: string) => string, fill: (text: string) => string): NetworkDeclaration {
  const on = network.on.map(nameOf);
  return network.driver === 'overlay' ? { ...network, on, driverOpts: mapValues(network.driverOpts, fill) } : { ...network, on };
}

function bindService(
  name: string,
  service: ServiceDeclaration,
  hosts: readonly BoundHost[],
  on: BoundHost | undefined,
  nameOf: (role: string) => string,
): ServiceDeclaration {
  const byRole = hostsByRole(hosts, on);
  const fill = (text: string): string => interpolate(text, byRole);
  return {
    ...service,
    on: on?.name ?? service.on,
    image: fill(service.image),
    command: service.command.map(fill),
    ports: service.ports.map((port) => ({ ...port, hostIp: addressOf(name, port.hostIp, fill(port.hostIp)) })),
    environment: mapValues(service.environment, fill),
    extraHosts: service.extraHosts.map(fill),
    ...(service.deploy?.placement === undefined ? {} : { deploy: { ...service.deploy, placement: nameOf(service.deploy.placement) } }),
  };
}

/** Docker publishes on addresses, and tells them in their shortest form; an inventory may name a host by its name. */
function addressOf(service: string, written: string, filled: string): string {
  if (filled === '' || isIP(filled) !== 0) return shortestForm(filled);
  throw new PetsError('BAD_USAGE', {
    message: `service ${service} publishes a port on ${written}, which is ${JSON.stringify(filled)}: a port is published on an IP address`,
    hint: "give the host's IP address in the hosts file: address: 192.168.0.11",
  });
}

function fillExpectation(
  expectation: Expectation,
  fill: (text: string) => string,
  nameOf: (role: string) => string,
  { hosts }: Pick<Scenario, 'hosts'>,
): Expectation {
  const from = 'from' in expectation && hosts.includes(expectation.from) ? { from: nameOf(expectation.from) } : {};
  switch (expectation.kind) {
    case 'reach':
      return { ...expectation, ...from, to: fill(expectation.to) };
    case 'deny':
    case 'fails':
      return { ...expectation, ...from, to: fill(expectation.to), control: fill(expectation.control) };
    case 'seen':
      return { ...expectation, ...from, at: fill(expectation.at), as: fill(expectation.as) };
    case 'http':
      return { ...expectation, url: fill(expectation.url) };
  }
}
