import { PetsError } from '../domain/errors.ts';
import type { Step, StepAction } from '../domain/plan.ts';
import { type Readiness, SWARM } from '../domain/scenario.ts';
import { waitForLogLine } from '../engine/container-logs.ts';
import { createContainer, inspectContainer, removeContainer, startContainer, unpauseContainer } from '../engine/containers.ts';
import type { Engine } from '../engine/engine.ts';
import { ensureImage } from '../engine/ensure-image.ts';
import { connectNetwork, createNetwork, disconnectNetwork, inspectNetwork, removeNetwork } from '../engine/networks.ts';
import type { ExecutionContext, Progress } from './execute.ts';
import { type ImageExchange, openImageExchange } from './image-exchange.ts';
import { createSwarmWork, type SwarmWork } from './perform-on-swarm.ts';
import { openStartGate, type StartGate } from './start-gate.ts';

/** What carries out a plan's steps on these engines, until it is closed. */
export function performOn(engines: ReadonlyMap<string, Engine>): {
  readonly perform: ExecutionContext['perform'];
  readonly close: () => void;
} {
  const gates = new Map<string, StartGate>();
  const gateOf = (engine: Engine) => {
    const gate = gates.get(engine.name) ?? openStartGate(engine);
    gates.set(engine.name, gate);
    return gate;
  };
  const images = openImageExchange(engines);
  const swarm = createSwarmWork(engines);
  const perform: ExecutionContext['perform'] = async (step: Step, progress, signal) => {
    const host = step.via ?? step.host;
    const engine = engines.get(host);
    const inSwarm = step.host === SWARM && step.via !== undefined;
    if (engine !== undefined)
      return performAction({ engine, inSwarm, gate: () => gateOf(engine), images, swarm, progress, signal }, step.action);
    throw new PetsError('ENGINE_UNREACHABLE', { message: `${host}: no connection`, hint: 'does the engine answer? docker version' });
  };
  return {
    perform,
    close: () => {
      for (const gate of gates.values()) gate.close();
    },
  };
}

interface Workplace {
  readonly engine: Engine;
  /** Opened by the first container that starts. */
  readonly gate: () => StartGate;
  readonly images: ImageExchange;
  readonly swarm: SwarmWork;
  /** The engine is asked as a manager, for what belongs to its swarm. */
  readonly inSwarm: boolean;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Changes get no signal of the run: an aborted change still happens on the engine, so it is finished instead. */
async function performAction({ engine, inSwarm, gate, images, swarm, progress, signal }: Workplace, action: StepAction): Promise<string> {
  switch (action.kind) {
    case 'image.ensure':
      return images.get(action.image, engine, action.from, (sources) =>
        ensureImage(engine, action.image, signal, { onProgress: progress, sources }),
      );
    case 'network.create': {
      if (inSwarm) return swarm.makeNetwork(action, engine, signal);
      const id = await createNetwork(engine, action.wish, action.labels);
      return (await inspectNetwork(engine, id))?.pools.map((pool) => pool.subnet).join(', ') ?? '';
    }
    case 'network.remove':
      if (inSwarm) return swarm.removeNetwork(action, engine);
      await removeNetwork(engine, action.id);
      return 'removed';
    case 'network.connect':
      await connectNetwork(engine, action.network, action.container, action);
      return `attached to ${action.network}`;
    case 'network.disconnect':
      await disconnectNetwork(engine, action.network, action.container);
      return `detached from ${action.network}`;
    case 'container.run': {
      const start = gate();
      const id = await createContainer(engine, action.wish, action.labels);
      await start.pass(id, () => startContainer(engine, id));
      return id.slice(0, 12);
    }
    case 'container.start':
      await (action.unpause ? unpauseContainer(engine, action.id) : gate().pass(action.id, () => startContainer(engine, action.id)));
      return action.unpause ? 'resumed' : 'started';
    case 'agent.end':
    case 'container.remove':
      await removeContainer(engine, action.id);
      return 'removed';
    case 'host.look':
      throw new Error('a look at a host is no change: the preflight does it');
    case 'container.ready':
      return waitUntilReady(engine, action.name, action.ready, signal);
    case 'swarm.init':
    case 'swarm.join':
    case 'swarm.leave':
    case 'service.create':
    case 'service.scale':
    case 'service.remove':
    case 'service.converge':
      return swarm.perform(action, engine, progress, signal);
    default:
      return action satisfies never;
  }
}

async function waitUntilReady(engine: Engine, name: string, ready: Readiness, signal: AbortSignal): Promise<string> {
  switch (ready.kind) {
    case 'running': {
      const container = await inspectContainer(engine, name, signal);
      if (container?.state === 'running') return 'running';
      throw new PetsError('CONTAINER_EXITED', {
        message: `${engine.name}: container ${name} is ${container?.state ?? 'gone'}${container === undefined ? '' : `, exit status ${container.exitCode}`}`,
        hint: `docker logs ${name}`,
      });
    }
    case 'log':
      await waitForLogLine(engine, name, ready.line, signal);
      return 'ready';
    default:
      return ready satisfies never;
  }
}
