import { systemClock } from '../../core/clock.ts';
import { createStore } from '../../core/store.ts';
import { EXIT } from '../../domain/errors.ts';
import type { ConsoleEvent } from '../../domain/events.ts';
import { reduce } from '../../domain/reduce.ts';
import { type HostRow, selectHosts } from '../../domain/select.ts';
import { EMPTY_STATE } from '../../domain/state.ts';
import type { Inventory } from '../../hosts/inventory.ts';
import { followHosts, tellDescription } from '../follow-hosts.ts';
import { hostsTable, isReached, tellChanges } from '../hosts-table.ts';
import { jsonReporter } from '../report-json.ts';
import { painter } from '../report-layout.ts';
import { openScreenArea } from '../screen-area.ts';
import { findHosts, openSession, type Session, untilSettled } from '../session.ts';
import type { Flags, VerbAction, VerbContext } from '../verb.ts';

/** Shows the hosts, once or as they change; status 4 where one does not answer. */
export const showHosts: VerbAction = async (_args, flags, context) => {
  const inventory = await findHosts(flags, context);
  const view = viewOf(inventory, flags, context);
  const lines = flags.watch === true && flags.json === true ? [onlyOfHosts(jsonReporter(context.stdout))] : [];
  const session = await openSession('show', flags, context, { sinks: [view.apply, ...lines], inventory, waitFor: 'none' });
  try {
    if (flags.watch === true) await (flags.json === true ? watchHosts(session) : drawHosts(session, view, context));
    else {
      await untilSettled(session, session.hosts, context);
      await Promise.all(Array.from(session.engines.values(), (engine) => tellDescription(engine, session, session.signal)));
      context.stdout.write(flags.json === true ? documentOf(view.rows(), inventory) : `${view.table().join('\n')}\n`);
    }
    return view.rows().every(isReached) ? EXIT.ok : EXIT.engine;
  } finally {
    await session.close();
  }
};

/** What the events told of the hosts so far. */
interface HostsView {
  readonly apply: (event: ConsoleEvent) => void;
  readonly rows: () => readonly HostRow[];
  readonly table: () => readonly string[];
}

function viewOf(inventory: Inventory, flags: Flags, { stdout, env }: VerbContext): HostsView {
  let state = EMPTY_STATE;
  const rows = () => selectHosts(state, systemClock.now());
  const paint = painter(flags.color !== false && stdout.isTTY === true && !env.NO_COLOR);
  return {
    apply: (event) => {
      state = reduce(state, event);
    },
    rows,
    table: () => hostsTable(rows(), inventory, { paint, columns: stdout.isTTY ? stdout.columns : undefined }),
  };
}

function documentOf(rows: readonly HostRow[], { source, tried }: Inventory): string {
  const hosts = rows.map((row) => {
    const { name, address, endpoint, readOnly, engineVersion, apiVersion, latencyMs, description, failure } = row;
    const reached = isReached(row);
    return {
      name,
      reached,
      address,
      endpoint,
      readOnly,
      ...(reached ? { engineVersion, apiVersion, latencyMs, ...description } : { failure }),
    };
  });
  return `${JSON.stringify({ v: 1, source, tried, hosts })}\n`;
}

function onlyOfHosts(sink: (event: ConsoleEvent) => void): (event: ConsoleEvent) => void {
  return (event) => {
    if (event.type.startsWith('host.') || event.type === 'hosts.found') sink(event);
  };
}

/** Follows the hosts until the signal. @throws what is a bug */
async function watchHosts(session: Session): Promise<void> {
  const leaving = new AbortController();
  const signal = AbortSignal.any([session.signal, leaving.signal]);
  let bug: unknown;
  const watches = followHosts(session, signal, (error) => {
    bug ??= error;
    leaving.abort();
  });
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
    if (signal.aborted) resolve();
  });
  await watches.ended();
  if (bug !== undefined) throw bug;
}

/** On a terminal the table, drawn again as it changes; elsewhere the table once, and then a line for each change. */
async function drawHosts(session: Session, { table }: HostsView, { stdout }: VerbContext): Promise<void> {
  const store = createStore(systemClock);
  const area = openScreenArea(stdout);
  await (stdout.isTTY ? session.opened : session.settled);
  area.draw(table());
  const stop = stdout.isTTY ? store.subscribe(() => area.draw(table())) : session.stream.subscribe(tellChanges(stdout));
  session.stream.subscribe(store.apply);
  try {
    await watchHosts(session);
  } finally {
    stop();
    store.close();
  }
}
