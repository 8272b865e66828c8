import type { Labels } from './labels.ts';

/** Models of Docker's guide: ways to deploy. */
export const MODELS = ['bridge', 'multi-host-bridge', 'overlay', 'macvlan'] as const;
export type Model = (typeof MODELS)[number];

/** Where things stand that belong to the swarm as a whole and to no host: no role may be called so. */
export const SWARM = 'swarm';

/** A scenario file after parsing: every default filled in, every reference known to resolve. */
export interface Scenario {
  readonly version: 1;
  readonly name: string;
  readonly project: string;
  readonly model: Model;
  readonly title: string;
  /** One paragraph on what it teaches. */
  readonly summary: string;
  readonly benefits: readonly string[];
  readonly limits: readonly string[];
  /** What goes wrong most with this way to deploy, and how it shows. */
  readonly pitfalls: readonly string[];
  /** What the file lets its user choose, with the values in force: `underlay.subnet` → `192.168.0.0/24`. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Roles, bound to real hosts at run time. */
  readonly hosts: readonly string[];
  /** Its hosts are nodes of one swarm: of the one that they are in, else of one that is made. */
  readonly needsSwarm: boolean;
  /** The one of `variants` that is in force; its changes are in the rest already. */
  readonly variant?: string;
  readonly variants: Readonly<Record<string, VariantDeclaration>>;
  readonly networks: Readonly<Record<string, NetworkDeclaration>>;
  readonly services: Readonly<Record<string, ServiceDeclaration>>;
  readonly tenants: Readonly<Record<string, TenantDeclaration>>;
  readonly expect: readonly Expectation[];
  /** Where the file was read from, for messages. */
  readonly path: string;
}

/** What a list of scenarios shows of one. */
export interface ScenarioOutline
  extends Pick<Scenario, 'name' | 'project' | 'model' | 'title' | 'summary' | 'benefits' | 'limits' | 'path'> {
  /** Absent in journals of before there were any. */
  readonly variants?: Scenario['variants'];
}

/** Another way to deploy the same, for hosts that the first way does not work on: what `--variant` takes. */
export interface VariantDeclaration {
  /** What is different, and for whom it is. */
  readonly summary: string;
  /** Of every service of the swarm. */
  readonly endpointMode?: EndpointMode;
  /** How ports are published, of every service of the swarm. */
  readonly publish?: PublishMode;
  /** Services that get a task on each node. */
  readonly global: readonly string[];
}

/** `vip`: a virtual IP before the tasks, which needs `ip_vs` in the kernel. `dnsrr`: the name leads to the tasks themselves, in turn. */
export const ENDPOINT_MODES = ['vip', 'dnsrr'] as const;
export type EndpointMode = (typeof ENDPOINT_MODES)[number];

/** `ingress`: on every node, through the routing mesh, which needs `ip_vs`. `host`: on the nodes that a task runs on. */
export const PUBLISH_MODES = ['ingress', 'host'] as const;
export type PublishMode = (typeof PUBLISH_MODES)[number];

export const NETWORK_DRIVERS = ['bridge', 'overlay', 'macvlan'] as const;
export type NetworkDriver = (typeof NETWORK_DRIVERS)[number];

export interface NetworkDeclaration {
  /** The roles of the hosts that the network is made on: a local-scope network of one name may be made on several, each alone. An overlay is on `SWARM`. */
  readonly on: readonly string[];
  readonly driver: NetworkDriver;
  readonly internal: boolean;
  readonly enableIPv6: boolean;
  /** Of an overlay: containers that are no tasks may join it too. */
  readonly attachable: boolean;
  /** May hold `${on.parent}`, of a bound scenario too: it is filled in for each host that the network is made on. */
  readonly driverOpts: Readonly<Record<string, string>>;
  readonly ipam: readonly IpamPool[];
}

/** One pool as Compose and the Engine name its parts; addresses as text, `10.1.0.0/24`, `10.1.0.1`. */
export interface IpamPool {
  readonly subnet: string;
  readonly gateway?: string;
  readonly ipRange?: string;
  readonly auxAddresses?: Readonly<Record<string, string>>;
}

export interface ServiceDeclaration {
  /** The role of a host, or `SWARM`. */
  readonly on: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly networks: readonly ServiceAttachment[];
  readonly ports: readonly PublishedPort[];
  readonly environment: Readonly<Record<string, string>>;
  readonly extraHosts: readonly string[];
  /** Of a service on the swarm, and of no other. */
  readonly deploy?: Deployment;
}

/** How a swarm runs a service. */
export interface Deployment {
  /** A number of tasks, or one on each node of the scenario. */
  readonly replicas: number | 'global';
  readonly endpointMode: EndpointMode;
  /** The role of the only host that takes its tasks. */
  readonly placement?: string;
}

export interface ServiceAttachment {
  readonly network: string;
  readonly ipv4Address?: string;
  readonly aliases: readonly string[];
}

/** `8000:5000`, `127.0.0.1:8000:5000/tcp`; an empty hostIp means every address of the host. */
export interface PublishedPort {
  readonly hostIp: string;
  readonly publishedPort: number;
  readonly targetPort: number;
  readonly protocol: 'tcp' | 'udp';
  /** Of a service on the swarm, and of no other. */
  readonly mode?: PublishMode;
}

export interface TenantDeclaration {
  readonly web: string;
  readonly db: string;
  /** May hold `${host-A.address}`; resolved when the scenario is bound to hosts. */
  readonly url: string;
}

/** Ways in which a connection that is expected to fail may fail. */
export const FAILINGS = ['refused', 'timed-out', 'no-such-name', 'unreachable', 'reset'] as const;
export type Failing = (typeof FAILINGS)[number];

/**
 * What a scenario expects to hold once it is up. `from` is a service, the role of a host (asked from the host's own network
 * namespace), or `console`, the machine that runs pets-console.
 */
export type Expectation =
  | { readonly kind: 'reach'; readonly from: string; readonly to: string }
  | { readonly kind: 'deny'; readonly from: string; readonly to: string; readonly control: string }
  | { readonly kind: 'http'; readonly url: string; readonly status: number; readonly tenant?: string }
  // A failure that is expected and taught: not isolation that somebody wants, but how the model is.
  | {
      readonly kind: 'fails';
      readonly from: string;
      readonly to: string;
      /** Empty: however it fails. */
      readonly how: readonly Failing[];
      readonly control: string;
      readonly because: string;
    }
  // The database at `at` sees a connection of `from` come from the address `as`: the masquerade, or its absence, proven.
  | { readonly kind: 'seen'; readonly from: string; readonly at: string; readonly as: string };

/** A real host that a role was bound to. */
export interface BoundHost {
  /** The role of the scenario that it plays; absent where no scenario is at hand (`down` by labels). */
  readonly role?: string;
  readonly name: string;
  readonly endpoint: string;
  /** The host's address on the underlay: where its published ports are reached. */
  readonly address: string;
  /** The interface that macvlan networks bind to; `eth0` where the inventory does not say. */
  readonly parent?: string;
  /** Nothing may be changed there. */
  readonly readOnly?: true;
}

/** The physical network that the hosts share, where the inventory tells. */
export interface Underlay {
  readonly subnet: string;
  readonly gateway?: string;
}

/** What is to exist on one engine, an overlay on the swarm. The canonical form of a wish is what the `spec` label hashes. */
export interface NetworkWish {
  readonly kind: 'network';
  readonly host: string;
  readonly name: string;
  readonly driver: string;
  readonly internal: boolean;
  readonly enableIPv6: boolean;
  /** An encrypted overlay has `encrypted` among them, empty. */
  readonly options: Readonly<Record<string, string>>;
  readonly ipam: readonly IpamPool[];
  /** Of an overlay: containers that are no tasks, a sidecar among them, may attach too. */
  readonly attachable?: true;
}

export interface ContainerWish {
  readonly kind: 'container';
  readonly host: string;
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly networks: readonly ServiceAttachment[];
  readonly ports: readonly PublishedPort[];
  readonly extraHosts: readonly string[];
  /** How readiness is observed: the line that the server itself writes, or that it runs. */
  readonly ready: Readiness;
}

export type Readiness = { readonly kind: 'running' } | { readonly kind: 'log'; readonly line: string };

/** A service of the swarm. How many tasks it has is no part of its spec: scaling makes nothing anew. */
export interface ServiceWish {
  readonly kind: 'service';
  readonly host: typeof SWARM;
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly networks: readonly ServiceAttachment[];
  readonly ports: readonly (PublishedPort & { readonly mode: PublishMode })[];
  readonly extraHosts: readonly string[];
  readonly replicas: number | 'global';
  readonly endpointMode: EndpointMode;
  /** The name of the only host that takes its tasks. */
  readonly placement?: string;
}

export type Wish = NetworkWish | ContainerWish | ServiceWish;

export type { Labels };
