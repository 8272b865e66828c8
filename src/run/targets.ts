import { type BoundHost, type PublishedPort, type ServiceDeclaration, SWARM } from '../domain/scenario.ts';
import type { Asker, PlaceAddress } from './places.ts';
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

/** The service that a target leads to: by its name, by an address of its container, or by a port that its host publishes. */
export function aimOf(target: string, asker: Asker, scene: Scene): Aim | undefined {
  const { host, port } = splitTarget(target);
  const { services } = scene.scenario;
  if (Object.hasOwn(services, host)) return { service: host, port };
  for (const [service, declared] of Object.entries(services)) {
    // Of one that runs, its addresses are known; of any other, those that it was to have.
    const isDeclared = !scene.placed.has(service) && declared.networks.some(({ ipv4Address }) => ipv4Address === host);
    if (isDeclared || addressesOf(service, scene).some(({ address, at }) => address === host && isSeenFrom(asker, at)))
      return { service, port };
    const published = declared.ports.find(
      (each) => each.publishedPort === port && isPublishedAt(each, host, asker, homesOf(service, declared, each, scene)),
    );
    if (published !== undefined) return { service, port: published.targetPort };
  }
  return undefined;
}

/** The hosts that a service has a port on: through the routing mesh all of them. */
function homesOf(service: string, { on }: ServiceDeclaration, { mode }: PublishedPort, { hosts, placed }: Scene): readonly BoundHost[] {
  if (on !== SWARM) return hosts.filter(({ name }) => name === on);
  const holding = new Set(placed.get(service)?.map(({ host }) => host));
  return hosts.filter(({ name }) => mode === 'ingress' || holding.has(name));
}

function isPublishedAt({ hostIp }: PublishedPort, host: string, asker: Asker, homes: readonly BoundHost[]): boolean {
  const isOn = (home: BoundHost) => asker.place === undefined && asker.host?.name === home.name;
  const home = homes.find((each) => host === each.name || host === each.address || (isOn(each) && /^127\./.test(host)));
  if (home === undefined) return false;
  return hostIp === '' || hostIp === '0.0.0.0' || hostIp === (host === home.name ? home.address : host);
}

/** An address of a service. */
interface Way extends PlaceAddress {
  /** The host that it leads to from elsewhere too; undefined where it is not bound to one. */
  readonly at: string | undefined;
}

/** Its containers' addresses, and where a swarm takes connections for it. */
function addressesOf(service: string, { placed, virtualIps }: Scene): readonly Way[] {
  const own = (placed.get(service) ?? []).flatMap(({ host, addresses }) =>
    addresses.map((address) => ({ ...address, at: address.kind === 'bridge' ? host : undefined })),
  );
  return [...own, ...(virtualIps.get(service) ?? []).map((address) => ({ ...address, at: undefined }))];
}

/** On another host an address of a bridge is somebody else's. */
function isSeenFrom({ host }: Asker, at: string | undefined): boolean {
  return at === undefined || at === host?.name;
}

/**
 * The addresses at which a service may be tried: all of them on its own host, and everywhere those of the underlay. Those of overlays are tried
 * from everywhere but this machine, whose packets would go wherever its own routes lead; by the routing mesh's own network no service is meant.
 */
export function waysTo(service: string, asker: Asker, scene: Scene): readonly PlaceAddress[] {
  return addressesOf(service, scene).filter(({ kind, at }) => {
    if (kind === 'ingress') return false;
    return kind === 'overlay' ? asker.host !== undefined : isSeenFrom(asker, at);
  });
}

/** Where a service is on overlays, by its tasks' addresses and its virtual IPs; the routing mesh's own network is none of them. */
export function overlayAddressesOf(service: string, scene: Scene): readonly PlaceAddress[] {
  return addressesOf(service, scene).filter(({ kind }) => kind === 'overlay');
}
