import { PetsError } from '../domain/errors.ts';
import type { SwarmPicture } from '../domain/live-swarm.ts';
import type { Engine } from './engine.ts';
import { listNodes } from './nodes.ts';
import { listServices } from './services.ts';
import { inspectSwarm } from './swarm.ts';
import { listTasks } from './tasks.ts';

/**
 * The whole swarm as a manager has it, four calls; of any other engine only what it knows of its own part, one call. So is it of a manager
 * that is locked or has lost its leader: `swarm.error` tells. @throws as `callEngine`
 */
export async function lookAtSwarm(engine: Engine, signal?: AbortSignal): Promise<SwarmPicture> {
  const swarm = await inspectSwarm(engine, signal);
  if (swarm.cluster === undefined) return onlyMembership(swarm);
  try {
    const [nodes, services, tasks] = await Promise.all([
      listNodes(engine, signal),
      listServices(engine, signal),
      listTasks(engine, {}, signal),
    ]);
    return { swarm, nodes, services, tasks };
  } catch (error) {
    if (!(error instanceof PetsError)) throw error;
    // The leader may have gone, or the engine left, between the two.
    const after = await inspectSwarm(engine, signal);
    if (after.cluster !== undefined) throw error;
    return onlyMembership(after);
  }
}

function onlyMembership(swarm: SwarmPicture['swarm']): SwarmPicture {
  return { swarm, nodes: [], services: [], tasks: [] };
}
