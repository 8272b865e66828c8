import { digestOf } from '../domain/canonical.ts';
import { isOwnImage } from '../domain/own-images.ts';
import {
  type BoundHost,
  type ContainerWish,
  type NetworkDeclaration,
  type NetworkWish,
  type Readiness,
  type Scenario,
  type ServiceWish,
  SWARM,
  type Wish,
} from '../domain/scenario.ts';
import { mapValues } from './forms.ts';
import { hostsByRole, interpolate } from './interpolate.ts';

/** What a bound scenario wishes to exist on one host. */
export interface HostWishes {
  readonly networks: readonly NetworkWish[];
  readonly containers: readonly ContainerWish[];
}

/** `scenario` is bound to `hosts`: its `on` are names of hosts (`bindScenario`). */
export function wishesFor(scenario: Scenario, host: BoundHost, hosts: readonly BoundHost[]): HostWishes {
  const byRole = hostsByRole(hosts, host);
  const fill = (text: string): string => interpolate(text, byRole);
  const networks = Object.entries(scenario.networks).filter(([, { on, driver }]) => driver !== 'overlay' && on.includes(host.name));
  const services = Object.entries(scenario.services).filter(([, { on, deploy }]) => deploy === undefined && on === host.name);
  return {
    networks: networks.map(([name, network]) => networkWish(host.name, name, network, fill)),
    containers: services.map(([name, { on: _, deploy: __, ...service }]) => ({
      kind: 'container',
      host: host.name,
      name,
      ...service,
      ready: readinessOf(service.image),
    })),
  };
}

/** What a bound scenario wishes to exist in the swarm. */
export interface SwarmWishes {
  readonly networks: readonly NetworkWish[];
  readonly services: readonly ServiceWish[];
}

/** `scenario` is bound to its hosts (`bindScenario`). */
export function swarmWishesFor(scenario: Scenario): SwarmWishes {
  const networks = Object.entries(scenario.networks).filter(([, { driver }]) => driver === 'overlay');
  return {
    networks: networks.map(([name, network]) => networkWish(SWARM, name, network, (text) => text)),
    services: Object.entries(scenario.services).flatMap(([name, { on: _, deploy, ports, ...service }]) =>
      deploy === undefined
        ? []
        : {
            kind: 'service' as const,
            host: SWARM,
            name,
            ...service,
            ports: ports.map((port) => ({ ...port, mode: port.mode ?? ('ingress' as const) })),
            ...deploy,
          },
    ),
  };
}

function networkWish(
  host: string,
  name: string,
  { driver, internal, enableIPv6, attachable, driverOpts, ipam }: NetworkDeclaration,
  fill: (text: string) => string,
): NetworkWish {
  return {
    kind: 'network',
    host,
    name,
    driver,
    internal,
    enableIPv6,
    ...(attachable ? { attachable } : {}),
    options: mapValues(driverOpts, fill),
    ipam: ipam.map((pool) => (pool.auxAddresses === undefined ? pool : { ...pool, auxAddresses: mapValues(pool.auxAddresses, fill) })),
  };
}

/** `network/catnet`: how labels and steps name a thing. */
export function resourceOf(wish: Wish): string {
  return `${wish.kind}/${wish.name}`;
}

/** The `spec` label: what is wished, wherever it is, however many there are of it and however its readiness is watched. */
export function specOf(wish: Wish): string {
  const { host: _host, ...spec } = wish;
  const scaled = spec.kind === 'service' && spec.replicas !== 'global';
  return digestOf({ ...spec, ready: undefined, ...(scaled ? { replicas: undefined } : {}) });
}

export function isRedis(image: string): boolean {
  return /^redis/.test(image.split('/').at(-1) ?? '');
}

/** The line that each says itself once it can do its work: no port of it needs to be reachable from here. */
export function readinessOf(image: string): Readiness {
  if (isRedis(image)) return { kind: 'log', line: 'Ready to accept connections' };
  if (isOwnImage(image)) return { kind: 'log', line: 'is ready' };
  return { kind: 'running' };
}
