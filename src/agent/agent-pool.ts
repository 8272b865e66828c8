import { roundMs } from '../domain/duration.ts';
import type { Unstamped } from '../domain/events.ts';
import { labelsFor, type Ownership } from '../domain/labels.ts';
import type { LiveContainer } from '../domain/live.ts';
import type { Engine } from '../engine/engine.ts';
import { AGENT_IMAGE } from './agent-image.ts';
import type { Agent } from './open-agent.ts';
import { startAgent } from './start-agent.ts';

/** The agents of one process: at most one beside a container and one on a host, started when first asked for. */
export interface AgentPool {
  /** The agent in the container's network namespace. @throws AGENT_FAILED, INTERRUPTED, and what starting a container can throw */
  beside(engine: Engine, container: LiveContainer, ownership: Ownership): Promise<Agent>;
  /** The agent in the host's own network namespace. @throws as `beside` does; IMAGE_MISSING where the engine has no image of ours */
  onHost(engine: Engine, ownership: Ownership): Promise<Agent>;
  /** A pool within this one: it uses the agents that stand here, and closes only those that it had to start. */
  fork(): AgentPool;
  /** Ends every agent, those that are still starting too. */
  close(): void;
  /** Resolves once what was closed is gone from its engine. */
  gone(): Promise<void>;
}

export function createAgentPool(emit: (event: Unstamped) => void, signal: AbortSignal): AgentPool {
  return createPool(emit, signal, () => undefined);
}

/** Where an agent is to be. */
interface Place {
  readonly engine: Engine;
  /** `cat-db`; `host` for the host itself. */
  readonly name: string;
  /** Unique in a process: a container may be called `host`. */
  readonly key: string;
  readonly networkMode: string;
  /** A container that is started again has a new namespace: an agent of its run before sits in the old one, alone. */
  readonly startedAt: string;
}

interface Standing {
  readonly startedAt: string;
  readonly agent: Promise<Agent>;
}

type Find = (place: Place) => Promise<Agent> | undefined;

function createPool(emit: (event: Unstamped) => void, outer: AbortSignal, findElsewhere: Find): AgentPool {
  const closing = new AbortController();
  const signal = AbortSignal.any([outer, closing.signal]);
  const standing = new Map<string, Standing>();
  const lives = new Set<Promise<void>>();

  const find: Find = (place) => {
    const known = standing.get(place.key);
    return known?.startedAt === place.startedAt ? known.agent : findElsewhere(place);
  };
  const start = (place: Place, ownership: Ownership) => {
    const { engine, key, name, networkMode, startedAt } = place;
    const started = performance.now();
    const labels = labelsFor({ ...ownership, resource: `sidecar/${name}` });
    const agent = startAgent(engine, { networkMode, image: AGENT_IMAGE, labels }, signal);
    const tellLife = async (running: Agent) => {
      emit({ type: 'agent.started', host: engine.name, beside: name, durationMs: roundMs(performance.now() - started) });
      const { reason } = await running.ended;
      emit({ type: 'agent.ended', host: engine.name, beside: name, reason });
    };
    // Why a start failed is for whoever asked for the agent.
    const life = agent
      .then(tellLife, () => undefined)
      .finally(() => {
        lives.delete(life);
        if (standing.get(key)?.agent === agent) standing.delete(key);
      });
    lives.add(life);
    standing.set(key, { startedAt, agent });
    return agent;
  };
  const findOrStart = (place: Place, ownership: Ownership) => {
    const known = find(place);
    if (known !== undefined) return known;
    closeSoon(standing.get(place.key));
    return start(place, ownership);
  };

  return {
    beside: (engine, container, ownership) => findOrStart(placeBeside(engine, container), ownership),
    onHost: (engine, ownership) => findOrStart(placeOnHost(engine), ownership),
    fork: () => createPool(emit, signal, find),
    close: () => {
      closing.abort();
      for (const each of standing.values()) closeSoon(each);
      standing.clear();
    },
    gone: async () => {
      await Promise.all(lives);
    },
  };
}

function closeSoon(standing: Standing | undefined): void {
  standing?.agent.then(
    (agent) => agent.close(),
    () => undefined,
  );
}

function placeBeside(engine: Engine, { id, name, startedAt }: LiveContainer): Place {
  return { engine, name, key: `${engine.name}/${name}`, networkMode: `container:${id}`, startedAt };
}

function placeOnHost(engine: Engine): Place {
  return { engine, name: 'host', key: `${engine.name}/`, networkMode: 'host', startedAt: '' };
}
