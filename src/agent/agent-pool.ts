import { roundMs } from '../domain/duration.ts';
import type { Unstamped } from '../domain/events.ts';
import { LABEL, type Labels, labelsFor, type Ownership } from '../domain/labels.ts';
import type { LiveContainer } from '../domain/live.ts';
import type { Engine } from '../engine/engine.ts';
import type { Agent } from './open-agent.ts';
import { startAgent } from './start-agent.ts';

/** The agents of one process: at most one beside a container, started when first asked for. */
export interface AgentPool {
  /** The agent in the container's network namespace. @throws AGENT_FAILED, and what starting a container can throw */
  beside(engine: Engine, container: LiveContainer, ownership: Ownership): Promise<Agent>;
  close(): void;
}

/** Image that holds the agent's program. */
const AGENT_IMAGE = 'pets-console/web';

export function createAgentPool(emit: (event: Unstamped) => void, signal: AbortSignal): AgentPool {
  const agents = new Map<string, Promise<Agent>>();
  const forget = (id: string) => {
    agents.delete(id);
  };
  return {
    beside: (engine, container, ownership) => {
      const known = agents.get(container.id);
      if (known !== undefined) return known;
      const started = performance.now();
      const starting = startAgent(
        engine,
        { beside: container.id, image: AGENT_IMAGE, labels: sidecarLabels(ownership, container) },
        signal,
      );
      agents.set(container.id, starting);
      starting.then(
        (agent) => {
          emit({ type: 'agent.started', host: engine.name, beside: container.name, durationMs: roundMs(performance.now() - started) });
          void agent.ended.then(({ reason }) => {
            forget(container.id);
            emit({ type: 'agent.ended', host: engine.name, beside: container.name, reason });
          });
        },
        () => forget(container.id),
      );
      return starting;
    },
    close: () => {
      for (const agent of agents.values()) agent.then((running) => running.close()).catch(() => {});
      agents.clear();
    },
  };
}

function sidecarLabels(ownership: Ownership, container: LiveContainer): Labels {
  const resource = `sidecar/${container.name}`;
  return { ...labelsFor({ ...ownership, resource }), [LABEL.sidecar]: container.id };
}
