import { followHosts } from '../../src/cli/follow-hosts.ts';
import { type BoundScenario, bind } from '../../src/cli/scenario-files.ts';
import { openSession, type Session } from '../../src/cli/session.ts';
import { createTenantWatcher } from '../../src/cli/watch-tenants.ts';
import type { ConsoleEvent, EventOf, EventType } from '../../src/domain/events.ts';
import { reduce } from '../../src/domain/reduce.ts';
import { type ConsoleState, EMPTY_STATE } from '../../src/domain/state.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { watchEngine } from '../../src/observe/watch-engine.ts';
import { runVerb, type VerbOutcome } from '../../src/run/run-verb.ts';
import type { ActingVerb } from '../../src/run/verb-request.ts';
import { parseScenario } from '../../src/scenario/load.ts';
import type { EngineLab } from '../support/engine-lab.ts';
import { waitUntil } from '../support/wait-until.ts';

export const LAB = 't-observe';

/** The console without its screen: a session with its watches, put together as the console does it. */
export interface LiveSession {
  readonly session: Session;
  readonly engine: Engine;
  /** Everything that was told, in order. */
  readonly events: readonly ConsoleEvent[];
  state(): ConsoleState;
  told<T extends EventType>(type: T): readonly EventOf<T>[];
  bind(scenario: string): BoundScenario;
  run(verb: ActingVerb, bound: BoundScenario, signal?: AbortSignal): Promise<VerbOutcome>;
  /** Watches the first engine alone. */
  watchHost(): void;
  /** Watches all engines, as the console does. */
  followHosts(): void;
  watchTenants(bound: BoundScenario): void;
  /** Waits until the state is as described. */
  until(what: string, isThere: (state: ConsoleState) => boolean, boundMs?: number): Promise<ConsoleState>;
  /** Stops the watches and resolves once they have ended; throws what they threw. */
  stopWatching(): Promise<void>;
  close(): Promise<void>;
}

export async function openLiveSession(lab: EngineLab): Promise<LiveSession> {
  const events: ConsoleEvent[] = [];
  let state = EMPTY_STATE;
  const note = (event: ConsoleEvent) => {
    events.push(event);
    state = reduce(state, event);
  };
  const leaving = new AbortController();
  const { stdin, stdout, stderr } = process;
  const context = { env: lab.env, cwd: process.cwd(), stdin, stdout, stderr, signal: leaving.signal, version: 'test' };
  const session = await openSession('test', { hosts: lab.hostsFile }, context, { sinks: [note] });
  const [engine] = session.engines.values();
  if (engine === undefined) throw new Error('the session has no engine');
  const watching = new AbortController();
  const bugs: unknown[] = [];
  const onBug = (error: unknown) => bugs.push(error);
  const tenants = createTenantWatcher(session, watching.signal, onBug);
  const hosts: Promise<unknown>[] = [];
  const stopWatching = async () => {
    watching.abort();
    await Promise.all([...hosts, tenants.ended()]);
    if (bugs.length > 0) throw bugs[0];
  };
  return {
    session,
    engine,
    events,
    state: () => state,
    told: <T extends EventType>(type: T) => events.filter((event): event is EventOf<T> => event.type === type),
    bind: (scenario) => bind(parseScenario('scenario.yaml', scenario), session.hosts, {}),
    run: (verb, bound, signal = session.signal) => {
      const { agents, engines, lost, stream, run } = session;
      return runVerb({ verb, ...bound, project: bound.scenario.project, engines, lost, agents, emit: stream.emit, signal, run });
    },
    watchHost: () => {
      hosts.push(watchEngine(engine, session.stream.emit, watching.signal).catch(onBug));
    },
    followHosts: () => {
      hosts.push(followHosts(session, watching.signal, onBug).ended());
    },
    watchTenants: (bound) => tenants.watch(bound),
    until: (what, isThere, boundMs) => waitUntil(what, () => state, isThere, boundMs),
    stopWatching,
    close: async () => {
      await stopWatching();
      await session.close();
    },
  };
}
