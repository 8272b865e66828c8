import { connect } from 'node:net';
import type { AgentPool } from '../agent/agent-pool.ts';
import type { Agent } from '../agent/open-agent.ts';
import type { Ask, TcpProbeResult } from '../agent/protocol.ts';
import { PetsError } from '../domain/errors.ts';
import { ownershipOf } from '../domain/labels.ts';
import type { LiveContainer } from '../domain/live.ts';
import { isOwnImage } from '../domain/own-images.ts';
import type { Scenario } from '../domain/scenario.ts';
import { listContainers } from '../engine/containers.ts';
import type { Engine } from '../engine/engine.ts';
import type { VerbRequest } from './verb-request.ts';

/** Everything a verdict needs: where each service runs, and how to ask from inside it. */
export interface Scene {
  readonly scenario: Scenario;
  /** Running containers of the project by service name; what is not ours never gets in, so no agent is started beside it. */
  readonly placed: ReadonlyMap<string, Place>;
  readonly agents: AgentPool;
  readonly signal: AbortSignal;
}

interface Place {
  readonly engine: Engine;
  readonly container: LiveContainer;
}

const PROBE_DEADLINE_MS = 2_000;
/** A blocked address is a silent drop: this long without an answer is one. */
const CONSOLE_DEADLINE_MS = 1_000;

export async function readScene(
  scenario: Scenario,
  { engines, project, agents, signal }: Pick<VerbRequest, 'engines' | 'project' | 'agents' | 'signal'>,
): Promise<Scene> {
  const placed = new Map<string, Place>();
  await Promise.all(
    Array.from(engines.values(), async (engine) => {
      for (const container of await listContainers(engine, signal)) {
        const ownership = ownershipOf(container.labels);
        const service = /^container\/(.+)$/.exec(ownership?.resource ?? '')?.[1];
        if (ownership?.project === project && service !== undefined && container.state === 'running')
          placed.set(service, { engine, container });
      }
    }),
  );
  return { scenario, placed, agents, signal };
}

/** A server names itself by its host name, the short ID of its container: people know it by the service's name. */
export function serviceOf(servedBy: string | undefined, { placed }: Scene): string {
  const known = [...placed].find(([, { container }]) => servedBy !== undefined && servedBy !== '' && container.id.startsWith(servedBy));
  return known?.[0] ?? servedBy ?? 'an unnamed server';
}

/**
 * The addresses at which `from` may try a service: those on its networks, if both run on one host. On another host the same
 * address is somebody else's.
 */
export function addressesFrom(from: string, service: string, { placed }: Scene): readonly string[] {
  const [asking, asked] = [placed.get(from), placed.get(service)];
  if (asked === undefined || asking?.engine !== asked.engine) return [];
  const addresses = Object.values(asked.container.networks).map(({ ipv4Address }) => ipv4Address);
  return addresses.filter((address) => address !== '');
}

/** `cat-db:6379`, `10.1.0.2:80`, `[fd00::2]:80`. */
export function splitTarget(target: string): { readonly host: string; readonly port: number } {
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(target) ?? [];
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port) };
}

/** Asks `to` from inside `from`, or from this machine for `console`; unless told, for what the service that `to` names can prove. */
export async function probe(from: string, to: string, scene: Scene, asked?: Ask): Promise<TcpProbeResult> {
  const { host, port } = splitTarget(to);
  if (from === 'console') return probeFromHere(host, port);
  const agent = await agentBeside(from, scene);
  const ask = asked ?? askFor(host, scene);
  return agent.probeTcp({ host, port, timeoutMs: PROBE_DEADLINE_MS, ask }, scene.signal);
}

async function agentBeside(service: string, { placed, agents, scenario }: Scene): Promise<Agent> {
  const place = placed.get(service);
  const ownership = ownershipOf(place?.container.labels);
  if (place === undefined || ownership === undefined) {
    throw new PetsError('OBJECT_MISSING', {
      message: `${service} is not running, so nothing can be asked from it`,
      hint: `pets-console up ${scenario.name}`,
    });
  }
  return agents.beside(place.engine, place.container, ownership);
}

/** How a service proves that it is who it should be: a database echoes a nonce, a Pets server repeats it. */
export function askFor(service: string, { scenario }: Scene): Ask {
  const image = scenario.services[service]?.image ?? '';
  if (/^(.*\/)?redis(:|$)/.test(image)) return 'redis-echo';
  return isOwnImage(image) ? 'http' : 'connect';
}

/** The same question asked from the machine that runs the console. */
function probeFromHere(host: string, port: number): Promise<TcpProbeResult> {
  const start = performance.now();
  const base = { phase: 'connect' as const, address: host, resolveMs: 0, answerMs: 0 };
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (outcome: TcpProbeResult['outcome'], detail: string) => {
      socket.destroy();
      resolve({ ...base, outcome, connectMs: performance.now() - start, detail });
    };
    socket.setTimeout(CONSOLE_DEADLINE_MS, () => end('timed-out', ''));
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
