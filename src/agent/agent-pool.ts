import { roundMs } from '../domain/duration.ts';
import type { Unstamped } from '../domain/events.ts';
import { LABEL, type Labels, labelsFor, type Ownership } from '../domain/labels.ts';
import type { LiveContainer } from '../domain/live.ts';
import type { Engine } from '../engine/engine.ts';
import type { Agent } from './open-agent.ts';
import { startAgent } from './start-agent.ts';

/** The agents of one process: at most one beside a container, started when first asked for. */
export interface AgentPool {
  /** The agent in the container's network namespace. @throws AGENT_FAILED, INTERRUPTED, and what starting a container can throw */
  beside(engine: Engine, container: LiveContainer, ownership: Ownership): Promise<Agent>;
  /** A pool within this one: it uses the agents that stand here, and closes only those that it had to start. */
  fork(): AgentPool;
  /** Ends every agent, those that are still starting too. */
  close(): void;
  /** Resolves once what was closed is gone from its engine. */
  gone(): Promise<void>;
}

/** Image that holds the agent's program. */
const AGENT_IMAGE = 'pets-console/web';

export function createAgentPool(emit: (event: Unstamped) => void, signal: AbortSignal): AgentPool {
  return createPool(emit, signal, () => undefined);
}

interface Standing {
  /** A container that is started again has a new namespace: an agent of its run before sits in the old one, alone. */
  readonly startedAt: string;
  readonly agent: Promise<Agent>;
}

type Find = (place: string, startedAt: string) => Promise<Agent> | undefined;

function createPool(emit: (event: Unstamped) => void, outer: AbortSignal, findElsewhere: Find): AgentPool {
  const closing = new AbortController();
  const signal = AbortSignal.any([outer, closing.signal]);
  const standing = new Map<string, Standing>();
  const lives = new Set<Promise<void>>();

  const find: Find = (place, startedAt) => {
    const known = standing.get(place);
    return known?.startedAt === startedAt ? known.agent : findElsewhere(place, startedAt);
  };
  const start = (engine: Engine, container: LiveContainer, ownership: Ownership) => {
    const started = performance.now();
    const place = placeOf(engine, container);
    const labels = sidecarLabels(ownership, container);
    const agent = startAgent(engine, { beside: container.id, image: AGENT_IMAGE, labels }, signal);
    const tellLife = async (running: Agent) => {
      emit({ type: 'agent.started', host: engine.name, beside: container.name, durationMs: roundMs(performance.now() - started) });
      const { reason } = await running.ended;
      emit({ type: 'agent.ended', host: engine.name, beside: container.name, reason });
    };
    // Why a start failed is for whoever asked for the agent.
    const life = agent
      .then(tellLife, () => undefined)
      .finally(() => {
        lives.delete(life);
        if (standing.get(place)?.agent === agent) standing.delete(place);
      });
    lives.add(life);
    standing.set(place, { startedAt: container.startedAt, agent });
    return agent;
  };

  return {
    beside: (engine, container, ownership) => {
      const place = placeOf(engine, container);
      const known = find(place, container.startedAt);
      if (known !== undefined) return known;
      closeSoon(standing.get(place));
      return start(engine, container, ownership);
    },
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

function placeOf(engine: Engine, container: LiveContainer): string {
  return `${engine.name}/${container.name}`;
}

function sidecarLabels(ownership: Ownership, container: LiveContainer): Labels {
  const resource = `sidecar/${container.name}`;
  return { ...labelsFor({ ...ownership, resource }), [LABEL.sidecar]: container.id };
}
