import { type Failure, failureOf, PetsError } from '../domain/errors.ts';
import type { LiveEngine } from '../domain/live.ts';
import type { BoundHost } from '../domain/scenario.ts';
import { imageStates } from '../engine/app-image.ts';
import { listContainers } from '../engine/containers.ts';
import type { Engine } from '../engine/engine.ts';
import { statusOf } from '../engine/errors.ts';
import { listNetworks } from '../engine/networks.ts';
import { listServices } from '../engine/services.ts';
import { isUnsettled, waitUntilSettled } from '../engine/swarm-leaving.ts';
import { lookAtSwarm } from '../engine/swarm-look.ts';
import { listStored } from '../engine/swarm-store.ts';
import { isOurs } from '../scenario/swarm-membership.ts';

/** What the hosts said that they hold, and why the others said nothing. */
export interface Survey {
  readonly live: readonly LiveEngine[];
  /** By the name of the host. */
  readonly silent: ReadonlyMap<string, Failure>;
}

export interface SurveyOptions {
  /** Ask what each engine tells of its swarm, too. */
  readonly swarm?: boolean;
}

/** The engines of the hosts that answered, and of the others why not. */
export interface Reach {
  readonly engines: ReadonlyMap<string, Engine>;
  readonly lost: ReadonlyMap<string, Failure>;
}

/**
 * What each host holds now, all asked at once. One that does not answer takes none of the others along.
 * @throws INTERRUPTED when `signal` aborts
 */
export async function surveyHosts(
  hosts: readonly BoundHost[],
  { engines, lost }: Reach,
  images: readonly string[],
  signal: AbortSignal,
  { swarm = false }: SurveyOptions = {},
): Promise<Survey> {
  const live: LiveEngine[] = [];
  const silent = new Map<string, Failure>();
  const look = async (host: BoundHost): Promise<LiveEngine | Failure> => {
    const engine = engines.get(host.name);
    if (engine === undefined) return lost.get(host.name) ?? neverAnswered(host);
    try {
      return await surveyEngine(engine, images, swarm, signal);
    } catch (error) {
      if (signal.aborted || !(error instanceof PetsError)) throw error;
      return failureOf(error);
    }
  };
  const answers = await Promise.all(hosts.map(async (host) => [host.name, await look(host)] as const));
  for (const [name, answer] of answers) {
    if ('host' in answer) live.push(answer);
    else silent.set(name, answer);
  }
  return { live, silent };
}

/** What one engine holds now, and which of the wanted images it has. One that a killed run left amid a change of its swarm is waited for. */
async function surveyEngine(engine: Engine, images: readonly string[], asksSwarm: boolean, signal: AbortSignal): Promise<LiveEngine> {
  const found = await lookAtEngine(engine, images, asksSwarm, signal);
  if (found.swarm === undefined || !isUnsettled(found.swarm.swarm, found.networks)) return found;
  await waitUntilSettled(engine, signal);
  return lookAtEngine(engine, images, asksSwarm, signal);
}

/** Four answers asked for at once. */
async function lookAtEngine(engine: Engine, images: readonly string[], asksSwarm: boolean, signal: AbortSignal): Promise<LiveEngine> {
  const [networks, containers, swarm, states] = await Promise.all([
    listNetworks(engine, signal),
    listContainers(engine, signal),
    asksSwarm ? lookAtSwarm(engine, signal) : listServices(engine, signal).catch(noneOfASickSwarm),
    imageStates(engine, images, signal),
  ]);
  const known = { host: engine.name, version: engine.version, networks, containers, images: states };
  if (!('services' in swarm)) return { ...known, services: swarm };
  // One of somebody else is not left, whatever is kept in it.
  const stored = isOurs(swarm.swarm.cluster?.labels) ? await listStored(engine, signal) : [];
  return { ...known, services: swarm.services, swarm, stored };
}

/** A swarm that is locked or has lost its leader (500) tells no services: with all else that engine does as ever. */
function noneOfASickSwarm(error: unknown): [] {
  if (statusOf(error) === undefined) throw error;
  return [];
}

function neverAnswered({ name, endpoint }: BoundHost): Failure {
  return { code: 'ENGINE_UNREACHABLE', message: `${name}: no answer yet from ${endpoint}`, hint: 'does the engine answer? docker version' };
}
