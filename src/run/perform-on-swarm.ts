import { setTimeout as sleep } from 'node:timers/promises';
import { PetsError } from '../domain/errors.ts';
import { ownershipOf } from '../domain/labels.ts';
import type { SwarmTask } from '../domain/live-swarm.ts';
import type { StepAction } from '../domain/plan.ts';
import type { Readiness, ServiceWish } from '../domain/scenario.ts';
import { waitForLogLine } from '../engine/container-logs.ts';
import type { Engine } from '../engine/engine.ts';
import { createNetwork, inspectNetwork, listNetworks } from '../engine/networks.ts';
import { listNodes, updateNodeLabels, waitUntilNodesReady } from '../engine/nodes.ts';
import { listServices } from '../engine/services.ts';
import { createService, pinnedImage, type ServiceSpec, scaleService } from '../engine/services-change.ts';
import { waitUntilConverged } from '../engine/services-converge.ts';
import { tearDownOnSwarm } from '../engine/services-teardown.ts';
import { initSwarm, inspectSwarm, joinSwarm, readJoinTokens } from '../engine/swarm.ts';
import type { Progress } from './execute.ts';
import { leave, makeGatewayBridge } from './leave-swarm.ts';

export type SwarmAction = Extract<StepAction, { readonly kind: `swarm.${string}` | `service.${string}` }>;

/** Carries out what is done in a swarm, and remembers what later steps of the same plan need of earlier ones. */
export interface SwarmWork {
  /** `engine` is that of the host, or of the manager that is asked. */
  perform(action: SwarmAction, engine: Engine, progress: Progress, signal: AbortSignal): Promise<string>;
  makeNetwork(action: Extract<StepAction, { kind: 'network.create' }>, manager: Engine, signal: AbortSignal): Promise<string>;
  removeNetwork(action: Extract<StepAction, { kind: 'network.remove' }>, manager: Engine): Promise<string>;
}

/** Changes get no signal of the run: an aborted change still happens on the engine, so it is finished instead. */
export function createSwarmWork(engines: ReadonlyMap<string, Engine>): SwarmWork {
  /** IDs of services that this plan removed: a task of one that was being prepared makes its container after it. */
  const removed = new Set<string>();
  return {
    perform: async (action, engine, progress, signal) => {
      switch (action.kind) {
        case 'swarm.init':
          await makeGatewayBridge(engine, action.labels);
          await initSwarm(engine, action.advertiseAddress, action.labels);
          return 'manager';
        case 'swarm.join':
          return join(action, engine, managerNamed(action.manager, engines));
        case 'swarm.leave':
          return leave(action, engine, action.manager === undefined ? undefined : managerNamed(action.manager, engines), progress);
        case 'service.create':
          return create(action, engine, engines);
        case 'service.scale':
          await scaleService(engine, action.id, action.replicas);
          return `${action.replicas} wished`;
        case 'service.remove':
          await tearDownOnSwarm(engine, [...engines.values()], { services: [action.id], networks: [] });
          removed.add(action.id);
          return 'removed';
        case 'service.converge':
          return converge(action, engine, engines, progress, signal);
        default:
          return action satisfies never;
      }
    },
    makeNetwork: async ({ wish, labels }, manager, signal) => {
      const id = await makeOnceFree(() => createNetwork(manager, wish, labels), signal);
      return (await inspectNetwork(manager, id))?.pools.map((pool) => pool.subnet).join(', ') ?? '';
    },
    removeNetwork: async ({ id }, manager) => {
      await tearDownOnSwarm(manager, [...engines.values()], { services: [...removed], networks: [id] });
      return 'removed on every host';
    },
  };
}

/** A network of that name that was removed just now, or the copy of one of a swarm that is no more: an engine forgets it in some seconds. */
const FREED_MS = 15_000;

/** The plan saw that the name is free: what still has it is on its way out, or came meanwhile and is told after a while. */
async function makeOnceFree<T>(make: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const deadline = performance.now() + FREED_MS;
  for (;;) {
    try {
      return await make();
    } catch (error) {
      if (!(error instanceof PetsError) || error.code !== 'NAME_TAKEN' || performance.now() > deadline || signal.aborted) throw error;
      await sleep(LOOK_AGAIN_MS);
    }
  }
}

function managerNamed(name: string, engines: ReadonlyMap<string, Engine>): Engine {
  const engine = engines.get(name);
  if (engine !== undefined) return engine;
  throw new PetsError('ENGINE_UNREACHABLE', { message: `${name}: no connection`, hint: 'does the engine answer? docker version' });
}

async function join(
  { managerAddress, advertiseAddress, labels }: Extract<StepAction, { kind: 'swarm.join' }>,
  engine: Engine,
  manager: Engine,
): Promise<string> {
  const [{ worker }] = await Promise.all([readJoinTokens(manager), makeGatewayBridge(engine, labels)]);
  await joinSwarm(engine, { token: worker, managerAddresses: [managerAddress], advertiseAddress });
  const { nodeId } = await inspectSwarm(engine);
  await waitUntilNodesReady(manager, [nodeId]);
  await updateNodeLabels(manager, nodeId, labels);
  return 'worker';
}

async function create(
  { wish, labels, nodes }: Extract<StepAction, { kind: 'service.create' }>,
  manager: Engine,
  engines: ReadonlyMap<string, Engine>,
): Promise<string> {
  const project = ownershipOf(labels)?.project ?? '';
  const takers = nodes.map((name) => ({ name, engine: managerNamed(name, engines) }));
  const [networks, image, constraints] = await Promise.all([
    networksOf(wish, project, manager),
    pinFor(
      wish.image,
      manager,
      takers.map(({ engine }) => engine),
    ),
    constraintsFor(wish, manager, takers),
  ]);
  const { kind: _, host: __, placement: ___, ...rest } = wish;
  const spec: ServiceSpec = { ...rest, pinnedImage: image, networks, constraints };
  return (await createService(manager, spec, labels)).slice(0, 12);
}

/** By ID: a network of another scope may bear the same name. */
async function networksOf(wish: ServiceWish, project: string, manager: Engine): Promise<ServiceSpec['networks']> {
  const live = await listNetworks(manager);
  return wish.networks.map(({ network: name, aliases }) => {
    const found = live.find(
      (network) => network.name === name && network.scope === 'swarm' && ownershipOf(network.labels)?.project === project,
    );
    if (found !== undefined) return { network: found.id, aliases };
    throw new PetsError('NETWORK_MISSING', {
      message: `${manager.name}: service ${wish.name} is to be on network ${name}, which is gone`,
      hint: 'networks of the swarm: docker network ls --filter scope=swarm',
    });
  });
}

/**
 * One that every node knows the image by. Copies of one image have one ID in stores of one kind; where these differ, or hosts made our own
 * image each for itself, only its name is common to all.
 */
async function pinFor(reference: string, manager: Engine, takers: readonly Engine[]): Promise<string> {
  const pins = await Promise.all([manager, ...takers].map((engine) => pinnedImage(engine, reference)));
  const [first] = pins;
  return first !== undefined && pins.every((pin) => pin === first) ? first : reference;
}

/** Tasks come to the hosts of the scenario alone: on any other node neither their images nor our agents would be. */
async function constraintsFor(
  { placement }: Pick<ServiceWish, 'placement'>,
  manager: Engine,
  takers: readonly { readonly name: string; readonly engine: Engine }[],
): Promise<readonly string[]> {
  const known = await Promise.all(takers.map(async ({ name, engine }) => ({ name, id: (await inspectSwarm(engine)).nodeId })));
  const only = known.find(({ name }) => name === placement);
  if (only !== undefined) return [`node.id==${only.id}`];
  const others = (await listNodes(manager)).filter((node) => !known.some(({ id }) => id === node.id));
  return others.map(({ id }) => `node.id!=${id}`);
}

/** A task that ends before it is ready is run again by the swarm: this many are waited for. */
const TRIES = 3;
const LOOK_AGAIN_MS = 250;

async function converge(
  { name, ready }: Extract<StepAction, { kind: 'service.converge' }>,
  manager: Engine,
  engines: ReadonlyMap<string, Engine>,
  progress: Progress,
  signal: AbortSignal,
): Promise<string> {
  const service = (await listServices(manager, signal)).find((each) => each.name === name && ownershipOf(each.labels) !== undefined);
  if (service === undefined) {
    throw new PetsError('OBJECT_MISSING', {
      message: `${manager.name}: service ${name} is gone`,
      hint: 'services of that swarm: docker service ls',
    });
  }
  const hosts = await hostsByNode(engines);
  for (let tries = 1; ; tries += 1) {
    const tasks = await waitUntilConverged(manager, [service.id], { onProgress: progress }, signal);
    try {
      await untilReady(tasks, ready, hosts, signal);
      const places = [...new Set(tasks.map(({ nodeId }) => hosts.get(nodeId)?.name ?? nodeId))].sort();
      return `${tasks.length}/${tasks.length} on ${places.join(', ') || 'no node'}`;
    } catch (error) {
      // One that runs and says nothing for a minute is not run again.
      if (!(error instanceof PetsError) || error.code === 'NOT_READY' || signal.aborted || tries === TRIES) throw error;
      progress(error.message);
      await sleep(LOOK_AGAIN_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

async function untilReady(
  tasks: readonly SwarmTask[],
  ready: Readiness,
  hosts: ReadonlyMap<string, Engine>,
  signal: AbortSignal,
): Promise<void> {
  if (ready.kind === 'running') return;
  await Promise.all(
    tasks.map(async ({ nodeId, containerId }) => {
      const engine = hosts.get(nodeId);
      // On a node that is no host of ours nobody can be asked.
      if (engine !== undefined) await waitForLogLine(engine, containerId, ready.line, signal);
    }),
  );
}

async function hostsByNode(engines: ReadonlyMap<string, Engine>): Promise<ReadonlyMap<string, Engine>> {
  const nodes = await Promise.all([...engines.values()].map(async (engine) => [(await inspectSwarm(engine)).nodeId, engine] as const));
  return new Map(nodes.filter(([id]) => id !== ''));
}
