import type { Writable } from 'node:stream';
import type { ConsoleEvent, EventOf } from '../domain/events.ts';
import type { HostRow } from '../domain/select.ts';
import { reasonOf } from '../scenario/hosts-of-plan.ts';
import { hintLines, indented, type Layout } from './report-layout.ts';
import { formatDuration } from './report-text.ts';

type Found = Pick<EventOf<'hosts.found'>, 'source' | 'tried'>;

interface Column {
  readonly title: string;
  readonly right?: true;
  readonly text: (host: HostRow) => string;
}

/** A skew below this is of no consequence: certificates, logs and hits agree. */
const SKEW_WORTH_SAYING_MS = 1_000;

const COLUMNS: readonly Column[] = [
  { title: 'HOST', text: ({ name }) => name },
  { title: 'ADDRESS', text: ({ address }) => address },
  { title: 'DOCKER', text: ({ engineVersion }) => engineVersion.replace(/[+~].*$/, '') },
  { title: 'API', text: ({ apiVersion }) => apiVersion },
  { title: 'SWARM', text: ({ description }) => description?.swarm ?? '' },
  { title: 'CLOCK', right: true, text: ({ description }) => (description === undefined ? '' : skewOf(description.clockSkewMs)) },
  { title: 'ANSWER', right: true, text: ({ latencyMs, engineVersion }) => (engineVersion === '' ? '' : formatDuration(latencyMs)) },
];

/** Where a terminal is too narrow these leave the table, first to last, for the line below it. */
const DISPENSABLE = ['API', 'ADDRESS', 'SWARM', 'CLOCK'];

/** The hosts as a person reads them: a row for each, below it what has no column, and of one that is not reached why. */
export function hostsTable(hosts: readonly HostRow[], { source, tried }: Found, layout: Layout): readonly string[] {
  const { paint } = layout;
  const reached = hosts.filter(isReached).length;
  const head = `${paint('bold', `${hosts.length} ${hosts.length === 1 ? 'host' : 'hosts'}`)} from ${source}, ${reached} reached`;
  const columns = columnsThatFit(hosts, layout);
  const left = COLUMNS.filter((column) => !columns.includes(column));
  const cells = (textOf: (column: Column) => string) =>
    columns.map((column) => padded(textOf(column), widthOf(column, hosts), column.right === true)).join('  ');
  return [
    ...indented(head, 0, layout),
    paint('dim', `    ${cells(({ title }) => title)}`),
    ...hosts.flatMap((host) => [
      `  ${markOf(host, layout)} ${cells(({ text }) => text(host))}`.trimEnd(),
      ...detailLines(host, left, layout),
    ]),
    ...triedLines(tried, layout),
  ];
}

function columnsThatFit(hosts: readonly HostRow[], { columns: room }: Layout): readonly Column[] {
  let columns = COLUMNS;
  const width = () => columns.reduce((sum, column) => sum + widthOf(column, hosts) + 2, 2);
  for (const title of DISPENSABLE) {
    if (room === undefined || width() <= room) break;
    columns = columns.filter((column) => column.title !== title);
  }
  return columns;
}

function widthOf({ title, text }: Column, hosts: readonly HostRow[]): number {
  return Math.max(title.length, ...hosts.map((host) => text(host).length));
}

function padded(text: string, width: number, right: boolean): string {
  return right ? text.padStart(width) : text.padEnd(width);
}

export function isReached({ freshness }: HostRow): boolean {
  return freshness === 'live' || freshness === 'stale';
}

function markOf({ freshness }: HostRow, { paint }: Layout): string {
  switch (freshness) {
    case 'live':
      return paint('green', '●');
    case 'stale':
      return paint('yellow', '○');
    case 'connecting':
      return paint('yellow', '◐');
    case 'down':
      return paint('red', '✕');
    default:
      return freshness satisfies never;
  }
}

/** What has no column: where the engine is reached, what its machine is, and what is wrong. */
function detailLines(host: HostRow, left: readonly Column[], layout: Layout): readonly string[] {
  const { endpoint, description, readOnly, failure, freshness, ageMs } = host;
  const machine = description === undefined ? [] : [description.operatingSystem, description.platform];
  const columns = left.filter(({ text }) => text(host) !== '').map(({ title, text }) => `${title.toLowerCase()} ${text(host)}`);
  const facts = [endpoint, ...columns, ...machine, ...(readOnly ? ['read-only'] : [])].filter((fact) => fact !== '').join(' · ');
  const dim = indented(facts, 4, layout).map((line) => layout.paint('dim', line));
  if (freshness === 'connecting') return [...dim, ...indented('asked, and not answered yet', 4, layout)];
  if (freshness === 'stale') return [...dim, ...indented(`last heard ${formatDuration(ageMs ?? 0)} ago`, 4, layout)];
  if (freshness === 'live' || failure === undefined) return dim;
  const seen = ageMs === undefined ? '' : ` (last heard ${formatDuration(ageMs)} ago)`;
  const why = indented(`${reasonOf(host.name, failure)}${seen}`, 4, layout).map((line) => layout.paint('red', line));
  return [...dim, ...why, ...hintLines(failure.hint, layout)];
}

/** `in step`, or how far ahead or behind. */
function skewOf(skewMs: number): string {
  if (Math.abs(skewMs) < SKEW_WORTH_SAYING_MS) return 'in step';
  return `${formatDuration(Math.abs(skewMs))} ${skewMs > 0 ? 'ahead' : 'behind'}`;
}

function triedLines(tried: Found['tried'], layout: Layout): readonly string[] {
  if (tried.length === 0) return [];
  const width = Math.max(...tried.map(({ source }) => source.length));
  const rows = tried.map(({ source, outcome }) => `${source.padEnd(width)}  ${outcome}`);
  return [layout.paint('dim', 'before that, none were found in:'), ...rows.map((row) => layout.paint('dim', `  ${row}`))];
}

/** A line for each host that was reached, lost, or came back; pings that go on as before tell nothing. */
export function tellChanges(out: Writable): (event: ConsoleEvent) => void {
  const lost = new Set<string>();
  const line = (at: number, text: string) => void out.write(`${new Date(at).toISOString()}  ${text}\n`);
  return (event) => {
    switch (event.type) {
      case 'host.connected':
        lost.delete(event.host);
        return line(event.at, `${event.host} is reached: Docker ${event.engineVersion}`);
      case 'host.answered':
        if (lost.delete(event.host)) line(event.at, `${event.host} is back`);
        return;
      case 'host.lost':
        lost.add(event.host);
        return line(event.at, `${event.host} is lost: ${reasonOf(event.host, event.failure)}`);
      default:
        return;
    }
  };
}
