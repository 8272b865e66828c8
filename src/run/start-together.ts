import type { AgentPool } from '../agent/agent-pool.ts';
import type { Agent } from '../agent/open-agent.ts';

/** One that takes longer holds up the others no further: its host may hang. */
const LONGEST_START_MS = 30_000;

/**
 * A pool that hands out no agent while another one is starting: a dozen processes that start at once keep a processor busy for seconds, which
 * would be measured as the latency of services, and taken for their silence.
 */
export function startTogether(pool: AgentPool): AgentPool {
  const starting = new Set<Promise<unknown>>();
  const untilQuiet = async (deadline: AbortSignal) => {
    const late = new Promise<void>((resolve) => deadline.addEventListener('abort', () => resolve(), { once: true }));
    while (starting.size > 0 && !deadline.aborted) await Promise.race([Promise.allSettled(starting), late]);
  };
  const withOthers = async (start: Promise<Agent>): Promise<Agent> => {
    const deadline = AbortSignal.timeout(LONGEST_START_MS);
    starting.add(start);
    try {
      const agent = await start;
      starting.delete(start);
      await untilQuiet(deadline);
      return agent;
    } finally {
      starting.delete(start);
    }
  };
  return {
    ...pool,
    beside: (engine, container, ownership) => withOthers(pool.beside(engine, container, ownership)),
    onHost: (engine, ownership) => withOthers(pool.onHost(engine, ownership)),
  };
}
