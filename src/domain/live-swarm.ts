import type { Labels } from './labels.ts';

/** What one engine tells of the swarm that it is in; text cleaned for display, identifiers raw. */
export interface LiveSwarm {
  readonly state: 'inactive' | 'pending' | 'active' | 'locked' | 'error';
  /** Docker's own words for what is wrong; empty where nothing is. */
  readonly error: string;
  /** Of this engine's own node; empty where it is in no swarm. */
  readonly nodeId: string;
  /** Where the others of the swarm reach this node: its advertise address, without a port. */
  readonly address: string;
  readonly isManager: boolean;
  /** With their port: `192.168.0.11:2377`. What a worker knows of its managers, too. */
  readonly managerAddresses: readonly string[];
  /** Only managers know it, and only while they have a leader. */
  readonly cluster: SwarmCluster | undefined;
}

export interface SwarmCluster {
  readonly id: string;
  /** Of the swarm's spec: a swarm that we made carries ours. */
  readonly labels: Labels;
  /** Where Docker takes subnets from that nobody chose: `10.0.0.0/8`. */
  readonly addressPools: readonly string[];
  /** The port of VXLAN on the underlay, UDP. */
  readonly dataPathPort: number;
}

/** One engine's view of its swarm: of a manager the whole of it, of a worker only its own membership. */
export interface SwarmPicture {
  /** Where it has no `cluster`, nothing of the rest is known: a worker, or a manager without a leader or locked, whose `error` tells. */
  readonly swarm: LiveSwarm;
  readonly nodes: readonly SwarmNode[];
  readonly services: readonly SwarmService[];
  /** Those that ended too, as long as the swarm keeps them: what they died of explains why the next one does not run. */
  readonly tasks: readonly SwarmTask[];
}

export interface SwarmNode {
  readonly id: string;
  /** Two engines on one machine can bear one host name: place by `id`. */
  readonly hostname: string;
  readonly state: 'ready' | 'down' | 'unknown' | 'disconnected';
  readonly availability: 'active' | 'pause' | 'drain';
  /** Undefined for a worker. */
  readonly managerStatus: 'leader' | 'reachable' | 'unreachable' | undefined;
  readonly address: string;
  /** `linux/amd64` */
  readonly platform: string;
  readonly engineVersion: string;
  readonly labels: Labels;
}

/** A service of a swarm, as its managers tell. */
export interface LiveService {
  readonly id: string;
  readonly name: string;
  readonly labels: Labels;
  readonly ports: readonly LiveServicePort[];
}

export interface LiveServicePort {
  readonly publishedPort: number;
  readonly targetPort: number;
  readonly protocol: string;
  /** `ingress`: on every node of the swarm; `host`: only where a task runs, whose container has the port then. */
  readonly mode: 'ingress' | 'host';
}

export interface SwarmService extends LiveService {
  /** As the service's spec has it: a name, a digest, or the ID of an image. */
  readonly image: string;
  readonly mode: 'replicated' | 'global' | 'replicated-job' | 'global-job';
  /** Wished for; undefined for a global service, which has a task on each node that takes one. */
  readonly replicas: number | undefined;
  readonly endpointMode: 'vip' | 'dnsrr';
  readonly constraints: readonly string[];
  readonly networkIds: readonly string[];
  /** Its names on each network beside its own, by network ID; none where it has no others there. */
  readonly aliases: Readonly<Record<string, readonly string[]>>;
  /** `name:address`, as wishes have them. */
  readonly extraHosts: readonly string[];
  /** What its containers are started with, the image's own entry point left out. Only of services of ours: those of others hold secrets. */
  readonly command: readonly string[];
  /** Only of services of ours, too. */
  readonly environment: Readonly<Record<string, string>>;
  /** By network ID, without the prefix length; none with dnsrr. */
  readonly virtualIps: Readonly<Record<string, string>>;
  /** A rolling update under way, or one that was halted; undefined where there was none or it is done. */
  readonly update: { readonly state: 'updating' | 'paused' | 'rolling-back'; readonly message: string } | undefined;
}

export const TASK_STATES = [
  'new',
  'allocated',
  'pending',
  'assigned',
  'accepted',
  'preparing',
  'ready',
  'starting',
  'running',
  'complete',
  'shutdown',
  'failed',
  'rejected',
  'remove',
  'orphaned',
] as const;
export type TaskState = (typeof TASK_STATES)[number];

export interface SwarmTask {
  readonly id: string;
  readonly serviceId: string;
  /** From 1; 0 for a task of a global service, which is told apart by its node. */
  readonly slot: number;
  /** Empty until the swarm has found a node for it. */
  readonly nodeId: string;
  readonly state: TaskState;
  readonly desiredState: TaskState;
  /** What it is doing, in Docker's words: `preparing`, `started`. */
  readonly message: string;
  /** Why it does not run, in Docker's words; empty where nothing is wrong. */
  readonly error: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** Epoch milliseconds of the last change of its state. */
  readonly changedAt: number;
  /** Empty until there is one. */
  readonly containerId: string;
  readonly addresses: readonly TaskAddress[];
}

export interface TaskAddress {
  readonly networkId: string;
  readonly network: string;
  /** Without the prefix length. */
  readonly address: string;
}
