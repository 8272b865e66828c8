import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../core/clock.ts';
import { EXIT, failureOf, PetsError } from '../../domain/errors.ts';
import type { ConsoleEvent } from '../../domain/events.ts';
import { reduce } from '../../domain/reduce.ts';
import { type SwarmsView, selectSwarms } from '../../domain/select-swarm.ts';
import { EMPTY_STATE } from '../../domain/state.ts';
import type { Engine } from '../../engine/engine.ts';
import { lookAtSwarm } from '../../engine/swarm-look.ts';
import { redactDeep } from '../../journal/redact.ts';
import { jsonReporter } from '../report-json.ts';
import { painter } from '../report-layout.ts';
import { openScreenArea } from '../screen-area.ts';
import { findHosts, openSession, type Session, untilSettled } from '../session.ts';
import type { Flags, VerbAction, VerbContext } from '../verb.ts';
import { type LostHost, lostLines, swarmTables } from './show-swarm-table.ts';

/** No event tells of tasks: often while they come and go, seldom once they stand, or have not come to for so long. */
const CONVERGING_MS = 250;
const STANDING_MS = 2_000;
const HURRY_MS = 30_000;

/** Shows the swarms that the hosts are in, once or as they change; status 4 where a host does not tell. */
export const showSwarm: VerbAction = async (_args, flags, context) => {
  const inventory = await findHosts(flags, context);
  const view = viewOf(flags, context);
  const lines = flags.watch === true && flags.json === true ? [onlyOfSwarms(jsonReporter(context.stdout))] : [];
  const session = await openSession('show', flags, context, { sinks: [view.apply, ...lines], inventory, waitFor: 'none' });
  try {
    await untilSettled(session, session.hosts, context);
    if (flags.watch === true) await watchSwarms(session, flags.json === true ? undefined : drawer(view, context), view);
    else {
      await lookAtAll(session);
      context.stdout.write(flags.json === true ? documentOf(view) : `${view.table().join('\n')}\n`);
    }
    return view.rows().unknown.length === 0 && view.lost().length === 0 ? EXIT.ok : EXIT.engine;
  } finally {
    await session.close();
  }
};

/** What the events told of the swarms so far. */
interface SwarmView {
  readonly apply: (event: ConsoleEvent) => void;
  readonly rows: () => SwarmsView;
  readonly lost: () => readonly LostHost[];
  readonly table: () => readonly string[];
  /** Differs whenever something was told; ages alone do not change it. */
  readonly mark: () => string;
}

function viewOf(flags: Flags, { stdout, env }: VerbContext): SwarmView {
  let state = EMPTY_STATE;
  const layout = {
    paint: painter(flags.color !== false && stdout.isTTY === true && !env.NO_COLOR),
    columns: stdout.isTTY ? stdout.columns : undefined,
  };
  const rows = () => selectSwarms(state, systemClock.now());
  const lost = () => Object.values(state.hosts).flatMap(({ name, failure }) => (failure === undefined ? [] : [{ host: name, failure }]));
  return {
    apply: (event) => {
      state = reduce(state, event);
    },
    rows,
    lost,
    mark: () =>
      Object.values(state.hosts)
        .map(({ name, connected, swarm }) => `${name} ${connected} ${swarm?.inspectedAt}`)
        .join(),
    table: () => [...swarmTables(rows(), layout), ...lost().flatMap((each) => lostLines(each, layout))],
  };
}

function documentOf({ rows, lost }: SwarmView): string {
  const { swarms, outside, unknown } = rows();
  return `${JSON.stringify(redactDeep({ v: 1, swarms, outside, unknown, lost: lost() }))}\n`;
}

function onlyOfSwarms(sink: (event: ConsoleEvent) => void): (event: ConsoleEvent) => void {
  return (event) => {
    if (event.type === 'swarm.inspected' || event.type === 'host.lost' || event.type === 'hosts.found') sink(event);
  };
}

/** Looks at the swarm of every engine that answers; a picture is told only where it differs from the last one. */
async function lookAtAll({ engines, stream, signal }: Session, known: Map<string, string> = new Map()): Promise<void> {
  const look = async (engine: Engine) => {
    const askedAt = performance.now();
    try {
      const picture = await lookAtSwarm(engine, signal);
      stream.emit({ type: 'host.answered', host: engine.name, latencyMs: Math.round(performance.now() - askedAt) });
      const text = JSON.stringify(picture);
      if (known.get(engine.name) !== text) stream.emit({ type: 'swarm.inspected', host: engine.name, picture });
      known.set(engine.name, text);
    } catch (error) {
      if (signal.aborted || !(error instanceof PetsError)) throw error;
      if (known.get(engine.name) !== '') stream.emit({ type: 'host.lost', host: engine.name, failure: failureOf(error) });
      known.set(engine.name, '');
    }
  };
  await Promise.all(Array.from(engines.values(), look));
}

/** Looks and draws until the signal; one who asked to watch leaves that way. @throws what is a bug */
async function watchSwarms(session: Session, draw: (() => void) | undefined, view: SwarmView): Promise<void> {
  const known = new Map<string, string>();
  const { signal } = session;
  const leaving = new AbortController();
  let bug: unknown;
  session.keepTrying((error) => {
    bug ??= error;
    leaving.abort();
  });
  const until = AbortSignal.any([signal, leaving.signal]);
  let hurriesSince: number | undefined;
  while (!until.aborted) {
    try {
      await lookAtAll(session, known);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    draw?.();
    hurriesSince = view.rows().swarms.every(({ converged }) => converged) ? undefined : (hurriesSince ?? performance.now());
    const hurries = hurriesSince !== undefined && performance.now() - hurriesSince < HURRY_MS;
    await sleep(hurries ? CONVERGING_MS : STANDING_MS, undefined, { signal: until }).catch(() => undefined);
  }
  if (bug !== undefined) throw bug;
}

/** On a terminal the tables in their place; elsewhere all of them again whenever something was told. */
function drawer(view: SwarmView, { stdout }: VerbContext): () => void {
  if (stdout.isTTY) {
    const area = openScreenArea(stdout);
    return () => area.draw(view.table());
  }
  let written = '';
  return () => {
    const mark = view.mark();
    if (mark === written) return;
    written = mark;
    stdout.write(`${new Date(systemClock.now()).toISOString()}\n${view.table().join('\n')}\n`);
  };
}
