import { ownershipOf } from '../domain/labels.ts';
import type { LiveContainer, LiveEngine, LiveNetwork } from '../domain/live.ts';
import type { SwarmPicture } from '../domain/live-swarm.ts';
import { own } from '../domain/own.ts';
import { type BoundHost, type Scenario, SWARM } from '../domain/scenario.ts';
import { taskNameOf } from '../domain/swarm-task-name.ts';

/** A container that runs for a service of the scenario. */
export interface Place {
  readonly service: string;
  /** As people know it: `cat-db`; a task as `dog-web.1 on host-A`, of a global service `dog-web on host-A`. */
  readonly name: string;
  readonly host: string;
  readonly isTask: boolean;
  /** Which of the service's tasks it is, from 1; 0 where they are told apart by their hosts. */
  readonly slot: number;
  readonly container: LiveContainer;
  readonly addresses: readonly PlaceAddress[];
}

export interface PlaceAddress {
  readonly address: string;
  readonly network: string;
  readonly networkId: string;
  /**
   * Who may be there: on an overlay whoever is on the network, on any host; on macvlan's, the physical network, everybody. `ingress` is the
   * overlay of the routing mesh, which Docker attaches tasks to on its own account. Any other leads nowhere from outside its host.
   */
  readonly kind: 'bridge' | 'macvlan' | 'overlay' | 'ingress';
}

/** Whoever puts a question: a container, a task, a host itself, or this machine. */
export interface Asker {
  /** As people know it: `cat-web`, `dog-web.1 on host-A`, `host-A`, `console`. */
  readonly name: string;
  /** Where it is; undefined for this machine. */
  readonly host: BoundHost | undefined;
  /** Undefined for a host itself and for this machine. */
  readonly place: Place | undefined;
}

interface Wanted {
  readonly scenario: Scenario;
  readonly project: string;
  readonly picture: SwarmPicture | undefined;
}

/** Docker's own label on the container of a task. */
const TASK_ID = 'com.docker.swarm.task.id';

/** The containers of one engine that run for services of the project, where the scenario has them: as tasks, or as containers. */
export function placesOn(engine: LiveEngine, { scenario, project, picture }: Wanted): readonly Place[] {
  const kinds = new Map(engine.networks.map((network) => [network.id, kindOf(network)]));
  // A task that is being replaced goes on running until it is told to end: it is none of the service's any more.
  const ending = new Set(picture?.tasks.flatMap(({ id, desiredState }) => (desiredState === 'running' ? [] : id)));
  return engine.containers.flatMap((container) => {
    const ownership = ownershipOf(container.labels);
    const [, kind, service = ''] = /^(container|service)\/(.+)$/.exec(ownership?.resource ?? '') ?? [];
    const isTask = own(scenario.services, service)?.on === SWARM;
    if (ownership?.project !== project || container.state !== 'running' || kind !== (isTask ? 'service' : 'container')) return [];
    if (ending.has(container.labels[TASK_ID] ?? '')) return [];
    const task = isTask ? (taskNameOf(container.labels) ?? service) : service;
    const slot = isTask ? Number(/\.(\d+)$/.exec(task)?.[1] ?? 0) : 0;
    const name = isTask ? `${task} on ${engine.host}` : service;
    return [{ service, name, host: engine.host, isTask, slot, container, addresses: addressesOf(container, kinds) }];
  });
}

function addressesOf({ networks }: LiveContainer, kinds: ReadonlyMap<string, PlaceAddress['kind']>): readonly PlaceAddress[] {
  return Object.entries(networks)
    .map(([network, { networkId, ipv4Address: address }]) => ({ address, network, networkId, kind: kinds.get(networkId) ?? 'bridge' }))
    .filter(({ address }) => address !== '');
}

function kindOf({ driver, raw }: LiveNetwork): PlaceAddress['kind'] {
  if (driver === 'overlay') return raw.Ingress === true ? 'ingress' : 'overlay';
  return driver === 'macvlan' ? 'macvlan' : 'bridge';
}

/** The virtual IPs of the project's services, by service name; managers list every network of their swarm. */
export function virtualIpsOf(
  picture: SwarmPicture | undefined,
  live: readonly LiveEngine[],
  project: string,
): ReadonlyMap<string, readonly PlaceAddress[]> {
  const networks = new Map(live.flatMap((engine) => engine.networks).map((network) => [network.id, network]));
  const ours = (picture?.services ?? []).filter(({ labels }) => ownershipOf(labels)?.project === project);
  return new Map(
    ours.map(({ name, virtualIps }) => [
      name,
      Object.entries(virtualIps).flatMap(([networkId, address]) => {
        const network = networks.get(networkId);
        return network === undefined || address === '' ? [] : [{ address, network: network.name, networkId, kind: kindOf(network) }];
      }),
    ]),
  );
}
