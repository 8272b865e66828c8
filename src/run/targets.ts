import type { Failure } from '../domain/errors.ts';
import { own } from '../domain/own.ts';
import type { BoundHost, PublishedPort } from '../domain/scenario.ts';
import type { Scene } from './scene.ts';

/** `cat-db:6379`, `10.1.0.2:80`, `[fd00::2]:80`. */
export function splitTarget(target: string): { readonly host: string; readonly port: number } {
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(target) ?? [];
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port) };
}

export function joinTarget(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** A service of the scenario, and the port that it listens on itself. */
export interface Aim {
  readonly service: string;
  readonly port: number;
}

/** The service that a target leads `from` to: by its name, by an address of its container, or by a port that its host publishes. */
export function aimOf(target: string, from: string, scene: Scene): Aim | undefined {
  const { host, port } = splitTarget(target);
  const { services } = scene.scenario;
  if (Object.hasOwn(services, host)) return { service: host, port };
  for (const [service, { on, networks, ports }] of Object.entries(services)) {
    // Of one that runs, its addresses are known; of any other, those that it was to have.
    const isDeclared = !scene.placed.has(service) && networks.some(({ ipv4Address }) => ipv4Address === host);
    if (isDeclared || addressesFrom(from, service, scene).includes(host)) return { service, port };
    const published = ports.find((each) => each.publishedPort === port && isPublishedAt(each, host, from, scene.hosts, on));
    if (published !== undefined) return { service, port: published.targetPort };
  }
  return undefined;
}

function isPublishedAt({ hostIp }: PublishedPort, host: string, from: string, hosts: readonly BoundHost[], on: string): boolean {
  const home = hosts.find(({ name }) => name === on);
  const isHome = home !== undefined && (host === home.name || host === home.address || (from === home.name && /^127\./.test(host)));
  if (!isHome) return false;
  return hostIp === '' || hostIp === '0.0.0.0' || hostIp === (host === home.name ? home.address : host);
}

/**
 * The addresses at which `from` may try a service: all of them on its own host, and everywhere those of the underlay. On another host
 * an address of a bridge is somebody else's.
 */
export function addressesFrom(from: string, service: string, scene: Scene): readonly string[] {
  const asked = scene.placed.get(service);
  const home = scene.placed.get(from)?.host ?? scene.hosts.find(({ name }) => name === from)?.name;
  const reachable = asked?.addresses.filter(({ isOnUnderlay }) => isOnUnderlay || asked.host === home) ?? [];
  return reachable.map(({ address }) => address);
}

/** Why nothing is known of the host that a target lies on, where its engine does not answer. */
export function silenceOf(target: string, from: string, scene: Scene): Failure | undefined {
  const service = aimOf(target, from, scene)?.service;
  const { host } = splitTarget(target);
  const named = scene.hosts.find(({ name, address }) => name === host || address === host)?.name;
  return silenceAt(service, scene) ?? scene.silent.get(named ?? '');
}

export function silenceAt(service: string | undefined, { scenario, silent }: Scene): Failure | undefined {
  return service === undefined ? undefined : silent.get(own(scenario.services, service)?.on ?? '');
}
