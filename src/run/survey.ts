import type { LiveEngine } from '../domain/live.ts';
import { imageStates } from '../engine/app-image.ts';
import { listContainers } from '../engine/containers.ts';
import type { Engine } from '../engine/engine.ts';
import { listNetworks } from '../engine/networks.ts';

/** What one engine holds now, and which of the wanted images it has: three answers asked for at once. */
async function surveyEngine(engine: Engine, images: readonly string[], signal: AbortSignal): Promise<LiveEngine> {
  const [networks, containers, states] = await Promise.all([
    listNetworks(engine, signal),
    listContainers(engine, signal),
    imageStates(engine, images, signal),
  ]);
  return { host: engine.name, version: engine.version, networks, containers, images: states };
}

export async function surveyEngines(engines: Iterable<Engine>, images: readonly string[], signal: AbortSignal): Promise<LiveEngine[]> {
  return Promise.all(Array.from(engines, (engine) => surveyEngine(engine, images, signal)));
}
