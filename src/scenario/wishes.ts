import { digestOf } from '../domain/canonical.ts';
import { isOwnImage } from '../domain/own-images.ts';
import type { BoundHost, ContainerWish, NetworkWish, Readiness, Scenario, Wish } from '../domain/scenario.ts';
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
  const networks = Object.entries(scenario.networks).filter(([, { on }]) => on.includes(host.name));
  const services = Object.entries(scenario.services).filter(([, { on }]) => on === host.name);
  return {
    networks: networks.map(([name, { driver, internal, enableIPv6, driverOpts, ipam }]) => ({
      kind: 'network',
      host: host.name,
      name,
      driver,
      internal,
      enableIPv6,
      options: mapValues(driverOpts, fill),
      ipam: ipam.map((pool) => (pool.auxAddresses === undefined ? pool : { ...pool, auxAddresses: mapValues(pool.auxAddresses, fill) })),
    })),
    containers: services.map(([name, { on: _, ...service }]) => ({
      kind: 'container',
      host: host.name,
      name,
      ...service,
      ready: readinessOf(service.image),
    })),
  };
}

/** `network/catnet`: how labels and steps name a thing. */
export function resourceOf(wish: Wish): string {
  return `${wish.kind}/${wish.name}`;
}

/** The `spec` label: what is wished, wherever it is and however its readiness is watched. */
export function specOf(wish: Wish): string {
  const { host: _host, ...spec } = wish;
  return digestOf({ ...spec, ready: undefined });
}

export function isRedis(image: string): boolean {
  return /^redis/.test(image.split('/').at(-1) ?? '');
}

/** The line that each says itself once it can do its work: no port of it needs to be reachable from here. */
function readinessOf(image: string): Readiness {
  if (isRedis(image)) return { kind: 'log', line: 'Ready to accept connections' };
  if (isOwnImage(image)) return { kind: 'log', line: 'is ready' };
  return { kind: 'running' };
}
