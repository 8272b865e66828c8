import type { SwarmPicture } from '../domain/live-swarm.ts';
import type { Engine } from './engine.ts';
import { listNodes } from './nodes.ts';
import { listServices } from './services.ts';
import { inspectSwarm } from './swarm.ts';
import { listTasks } from './tasks.ts';

/** The whole swarm as a manager has it, of any other engine only what it knows of its own part. @throws as `callEngine` */
export async function lookAtSwarm(engine: Engine, signal?: AbortSignal): Promise<SwarmPicture> {
  const swarm = await inspectSwarm(engine, signal);
  if (!swarm.isManager) return { swarm, nodes: [], services: [], tasks: [] };
  const [nodes, services, tasks] = await Promise.all([
    listNodes(engine, signal),
    listServices(engine, signal),
    listTasks(engine, {}, signal),
  ]);
  return { swarm, nodes, services, tasks };
}
