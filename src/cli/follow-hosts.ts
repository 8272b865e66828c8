import { PetsError } from '../domain/errors.ts';
import { describeEngine } from '../engine/describe.ts';
import type { Engine } from '../engine/engine.ts';
import { createSwarmBell } from '../observe/swarm-bell.ts';
import { watchEngine } from '../observe/watch-engine.ts';
import type { Session } from './session.ts';

/**
 * Watches every host of the session from its first answer on, and tries those that do not answer again, until `signal` aborts. Resolves
 * once all watches have ended.
 */
export function followHosts(session: Session, signal: AbortSignal, onBug: (error: unknown) => void): { ended(): Promise<unknown> } {
  const { stream, engines } = session;
  const watches: Promise<unknown>[] = [];
  const bell = createSwarmBell();
  const watch = (engine: Engine | undefined) => {
    if (engine === undefined || signal.aborted) return;
    watches.push(watchEngine(engine, stream.emit, signal, bell).catch(onBug), tellDescription(engine, session, signal).catch(onBug));
  };
  stream.subscribe((event) => {
    if (event.type === 'host.connected') watch(engines.get(event.host));
    // An engine that left its swarm says nothing of it.
    if (event.type === 'run.finished') bell.ring('membership');
  });
  for (const engine of engines.values()) watch(engine);
  session.keepTrying(onBug);
  return { ended: () => Promise.allSettled(watches) };
}

/** What an engine tells of itself, as an event. That it does not answer is told by whoever watches it. */
export async function tellDescription(engine: Engine, { stream }: Session, signal: AbortSignal): Promise<void> {
  try {
    stream.emit({ type: 'host.described', host: engine.name, description: await describeEngine(engine, signal) });
  } catch (error) {
    if (!(error instanceof PetsError)) throw error;
  }
}
