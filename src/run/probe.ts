import { connect } from 'node:net';
import type { Agent } from '../agent/open-agent.ts';
import type { Ask, ProbeResult } from '../agent/protocol.ts';
import { PetsError } from '../domain/errors.ts';
import { ownershipOf } from '../domain/labels.ts';
import { isOwnImage } from '../domain/own-images.ts';
import type { BoundHost } from '../domain/scenario.ts';
import { askerAt, notRunning, unasked } from './askers.ts';
import type { Asker, Place } from './places.ts';
import type { Scene } from './scene.ts';
import { type Aim, aimOf, splitTarget } from './targets.ts';

export interface ProbeOptions {
  /** Unless told, what the service that the target leads to can prove. */
  readonly ask?: Ask;
  /** For everything: name, connection, answer. */
  readonly timeoutMs: number;
}

/**
 * Has `asker` ask `to`: from inside a container or a host, or from this machine.
 * @throws with the reason why nothing can be asked from there
 */
export async function probe(asker: Asker, to: string, scene: Scene, options: ProbeOptions): Promise<ProbeResult> {
  const { host, port } = splitTarget(to);
  const { timeoutMs, ask = askFor(aimOf(to, asker, scene), scene) } = options;
  if (asker.place === undefined && asker.host === undefined) return probeFromHere(host, port, timeoutMs);
  const agent = await agentOf(asker, scene);
  return agent.probeTcp({ host, port, timeoutMs, ask }, scene.signal);
}

/** Asks a service from beside itself, where nothing lies between. */
export function probeBeside(
  place: Place,
  { port, timeoutMs }: { readonly port: number; readonly timeoutMs: number },
  scene: Scene,
): Promise<ProbeResult> {
  const ask = askFor({ service: place.service, port }, scene);
  return probe(askerAt(place, scene), `127.0.0.1:${port}`, scene, { ask, timeoutMs });
}

/** How a service proves that it is who it should be: a database echoes a nonce, a Pets server repeats it. */
export function askFor(aim: Aim | undefined, { scenario }: Scene): Ask {
  const image = aim === undefined ? '' : (scenario.services[aim.service]?.image ?? '');
  if (/^(.*\/)?redis(:|$)/.test(image)) return 'redis-echo';
  return isOwnImage(image) ? 'http' : 'connect';
}

async function agentOf({ name, host, place }: Asker, scene: Scene): Promise<Agent> {
  refuseReadOnly(host);
  if (place === undefined) return agentOnHost(name, scene);
  const engine = scene.engines.get(place.host);
  const ownership = ownershipOf(place.container.labels);
  if (engine === undefined || ownership === undefined) throw notRunning(place.service, scene);
  return scene.agents.beside(engine, place.container, ownership);
}

async function agentOnHost(name: string, { engines, silent, agents, ownership }: Scene): Promise<Agent> {
  const engine = engines.get(name);
  const failure = silent.get(name);
  if (failure !== undefined) throw unasked(name, failure);
  if (engine !== undefined) return agents.onHost(engine, ownership);
  throw new PetsError('ENGINE_UNREACHABLE', { message: `${name}: no connection`, hint: 'does the engine answer? docker version' });
}

/** A sidecar is a change, be it for a moment. */
function refuseReadOnly(host: BoundHost | undefined): void {
  if (host?.readOnly !== true) return;
  throw new PetsError('CHECK_FAILED', {
    message: `${host.name} is read-only: not probed`,
    hint: 'probing starts a container there for a moment; to allow it, leave out --read-only, or readOnly in the hosts file',
  });
}

/** The same question asked from the machine that runs the console: whoever accepts is reached. */
function probeFromHere(host: string, port: number, timeoutMs: number): Promise<ProbeResult> {
  const start = performance.now();
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (outcome: ProbeResult['outcome'], detail: string) => {
      const address = socket.remoteAddress ?? host;
      socket.destroy();
      resolve({ phase: 'connect', address, resolveMs: 0, connectMs: performance.now() - start, answerMs: 0, outcome, detail });
    };
    socket.setTimeout(timeoutMs, () => end('timed-out', ''));
    socket.once('connect', () => end('answered', ''));
    socket.once('error', ({ code = '' }: NodeJS.ErrnoException) => end(OUTCOME_OF_CODE[code] ?? 'unreachable', code));
  });
}

const OUTCOME_OF_CODE: Readonly<Record<string, ProbeResult['outcome']>> = {
  ECONNREFUSED: 'refused',
  ETIMEDOUT: 'timed-out',
  ECONNRESET: 'reset',
  ENOTFOUND: 'no-such-name',
};
