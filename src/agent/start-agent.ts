import { PetsError } from '../domain/errors.ts';
import type { Labels } from '../domain/labels.ts';
import type { Engine } from '../engine/engine.ts';
import { type Sidecar, startSidecar } from '../engine/sidecar.ts';
import { type Agent, openAgent } from './open-agent.ts';

export interface AgentPlace {
  /** Whose network namespace it joins: `container:<id>` or `host`. */
  readonly networkMode: string;
  /** An image that holds the agent's program at /app/agent.js. */
  readonly image: string;
  readonly labels: Labels;
}

const COMMAND = ['/usr/local/bin/node', '/app/agent.js'];

/**
 * Starts an agent beside a container or on the host itself, and greets it. It goes away with this process, with its connection, or by `close`.
 * @throws AGENT_FAILED with the agent's own last words, PROTOCOL for an image of another version, and what starting a container can throw
 */
export async function startAgent(engine: Engine, { networkMode, image, labels }: AgentPlace, signal: AbortSignal): Promise<Agent> {
  // What the kernel can do is asked of hosts, not of containers.
  const seesModules = networkMode === 'host';
  const sidecar = await startSidecar(engine, { image, command: COMMAND, networkMode, labels, seesModules }, signal);
  try {
    const agent = await openAgent(sidecar, { signal });
    const ended = agent.ended.then(async ({ reason }) => {
      // Whichever side ended it, the container is not left to the engine's leisure.
      await stopQuietly(sidecar);
      const words = sidecar.stderrTail();
      return { reason: words === '' ? reason : `${reason}: ${words}` };
    });
    return { ...agent, ended };
  } catch (error) {
    await stopQuietly(sidecar);
    throw withLastWords(error, engine, sidecar);
  }
}

/** The engine removes an ended sidecar by itself (AutoRemove), so a failure to do so sooner is no failure of the agent. */
async function stopQuietly(sidecar: Sidecar): Promise<void> {
  await sidecar.stop().catch(() => undefined);
}

/** The agent's own last words, and where it was. */
function withLastWords(error: unknown, engine: Engine, sidecar: Sidecar): unknown {
  if (!(error instanceof PetsError)) return error;
  const words = sidecar.stderrTail();
  const message = `${engine.name}: ${error.message}${words === '' ? '' : `: ${words}`}`;
  return new PetsError(error.code, { message, hint: error.hint, cause: error });
}
