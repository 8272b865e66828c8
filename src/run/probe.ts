import { connect } from 'node:net';
import type { Agent } from '../agent/open-agent.ts';
import type { Ask, TcpProbeResult } from '../agent/protocol.ts';
import { type Failure, PetsError } from '../domain/errors.ts';
import { ownershipOf } from '../domain/labels.ts';
import { isOwnImage } from '../domain/own-images.ts';
import type { BoundHost } from '../domain/scenario.ts';
import type { Place, Scene } from './scene.ts';
import { type Aim, aimOf, silenceAt, splitTarget } from './targets.ts';

export interface ProbeOptions {
  /** Unless told, what the service that the target leads to can prove. */
  readonly ask?: Ask;
  readonly timeoutMs?: number;
}

const PROBE_DEADLINE_MS = 2_000;
/** A blocked address is a silent drop: this long without an answer is one. */
export const SILENCE_DEADLINE_MS = 1_000;

/**
 * Asks `to` from inside the service or the host `from`, or from this machine for `console`.
 * @throws with the reason why nothing can be asked from there
 */
export async function probe(from: string, to: string, scene: Scene, options: ProbeOptions = {}): Promise<TcpProbeResult> {
  const { host, port } = splitTarget(to);
  if (from === 'console') return probeFromHere(host, port);
  const { timeoutMs = PROBE_DEADLINE_MS, ask = askFor(aimOf(to, from, scene), scene) } = options;
  const agent = await agentAt(from, scene);
  return agent.probeTcp({ host, port, timeoutMs, ask }, scene.signal);
}

/** Asks a service from beside itself, where nothing lies between. */
export function probeBeside({ service, port }: Aim, scene: Scene): Promise<TcpProbeResult> {
  return probe(service, `127.0.0.1:${port}`, scene, { ask: askFor({ service, port }, scene) });
}

/** How a service proves that it is who it should be: a database echoes a nonce, a Pets server repeats it. */
function askFor(aim: Aim | undefined, { scenario }: Scene): Ask {
  const image = aim === undefined ? '' : (scenario.services[aim.service]?.image ?? '');
  if (/^(.*\/)?redis(:|$)/.test(image)) return 'redis-echo';
  return isOwnImage(image) ? 'http' : 'connect';
}

async function agentAt(from: string, scene: Scene): Promise<Agent> {
  const place = scene.placed.get(from);
  if (place !== undefined) return agentBeside(from, place, scene);
  // A service that does not run is not the host of its name.
  const host = Object.hasOwn(scene.scenario.services, from) ? undefined : scene.hosts.find(({ name }) => name === from);
  if (host !== undefined) return agentOnHost(host, scene);
  const failure = silenceAt(from, scene);
  if (failure !== undefined) throw unasked(from, failure);
  throw notRunning(from, scene);
}

async function agentBeside(service: string, { host, container }: Place, scene: Scene): Promise<Agent> {
  const engine = scene.engines.get(host);
  const ownership = ownershipOf(container.labels);
  if (engine === undefined || ownership === undefined) throw notRunning(service, scene);
  refuseReadOnly(scene.hosts.find(({ name }) => name === host));
  return scene.agents.beside(engine, container, ownership);
}

async function agentOnHost(host: BoundHost, { engines, silent, agents, ownership }: Scene): Promise<Agent> {
  refuseReadOnly(host);
  const engine = engines.get(host.name);
  const failure = silent.get(host.name);
  if (failure !== undefined) throw unasked(host.name, failure);
  if (engine !== undefined) return agents.onHost(engine, ownership);
  throw new PetsError('ENGINE_UNREACHABLE', { message: `${host.name}: no connection`, hint: 'does the engine answer? docker version' });
}

/** A sidecar is a change, be it for a moment. */
function refuseReadOnly(host: BoundHost | undefined): void {
  if (host?.readOnly !== true) return;
  throw new PetsError('CHECK_FAILED', {
    message: `${host.name} is read-only: not probed`,
    hint: 'probing starts a container there for a moment; to allow it, leave out --read-only, or readOnly in the hosts file',
  });
}

function unasked(from: string, { message, hint }: Failure): PetsError {
  return new PetsError('ENGINE_UNREACHABLE', { message: `nothing can be asked from ${from}: ${message}`, hint });
}

function notRunning(service: string, { scenario }: Scene): PetsError {
  return new PetsError('OBJECT_MISSING', {
    message: `${service} is not running, so nothing can be asked from it`,
    hint: `pets-console up ${scenario.name}`,
  });
}

/** The same question asked from the machine that runs the console: whoever accepts is reached. */
function probeFromHere(host: string, port: number): Promise<TcpProbeResult> {
  const start = performance.now();
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (outcome: TcpProbeResult['outcome'], detail: string) => {
      const address = socket.remoteAddress ?? host;
      socket.destroy();
      resolve({ phase: 'connect', address, resolveMs: 0, connectMs: performance.now() - start, answerMs: 0, outcome, detail });
    };
    socket.setTimeout(SILENCE_DEADLINE_MS, () => end('timed-out', ''));
    socket.once('connect', () => end('answered', ''));
    socket.once('error', ({ code = '' }: NodeJS.ErrnoException) => end(OUTCOME_OF_CODE[code] ?? 'unreachable', code));
  });
}

const OUTCOME_OF_CODE: Readonly<Record<string, TcpProbeResult['outcome']>> = {
  ECONNREFUSED: 'refused',
  ETIMEDOUT: 'timed-out',
  ECONNRESET: 'reset',
  ENOTFOUND: 'no-such-name',
};
