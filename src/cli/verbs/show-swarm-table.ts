import type { Failure } from '../../domain/errors.ts';
import type { OutsideRow, SwarmNodeRow, SwarmRow, SwarmServiceRow, SwarmsView, SwarmTaskRow } from '../../domain/select-swarm.ts';
import { capital, idText, imageText, membershipText } from '../../domain/swarm-text.ts';
import { reasonOf } from '../../scenario/hosts-of-plan.ts';
import { hintLines, indented, type Layout, marked } from '../report-layout.ts';
import { formatDuration } from '../report-text.ts';

interface Column<Row> {
  readonly title: string;
  readonly text: (row: Row) => string;
}

/** As `docker node ls`, with the address and the platform, and the host of ours that the node is. */
const NODE_COLUMNS: readonly Column<SwarmNodeRow>[] = [
  { title: 'NODE', text: ({ id }) => idText(id) },
  { title: 'HOSTNAME', text: ({ hostname }) => hostname },
  { title: 'STATUS', text: ({ state }) => capital(state) },
  { title: 'AVAILABILITY', text: ({ availability }) => capital(availability) },
  { title: 'MANAGER STATUS', text: ({ managerStatus }) => capital(managerStatus ?? '') },
  { title: 'ADDRESS', text: ({ address }) => address },
  { title: 'PLATFORM', text: ({ platform }) => platform },
  { title: 'ENGINE', text: ({ engineVersion }) => engineVersion.replace(/[+~].*$/, '') },
  { title: 'HOST', text: ({ host }) => host ?? '' },
];

const SERVICE_COLUMNS: readonly Column<SwarmServiceRow>[] = [
  { title: 'SERVICE', text: ({ name }) => name },
  { title: 'MODE', text: ({ mode }) => mode },
  { title: 'REPLICAS', text: ({ running, desired }) => `${running}/${desired}` },
  { title: 'ENDPOINT', text: ({ endpointMode }) => endpointMode },
  { title: 'IMAGE', text: ({ image }) => imageText(image) },
  { title: 'PORTS', text: portsText },
];

const TASK_COLUMNS: readonly Column<SwarmTaskRow>[] = [
  { title: 'TASK', text: ({ name }) => name },
  { title: 'HOST', text: ({ place }) => place },
  { title: 'DESIRED', text: ({ desiredState }) => capital(desiredState) },
  { title: 'STATE', text: ({ state }) => capital(state) },
  { title: 'CONTAINER', text: ({ containerId }) => idText(containerId, 12) },
  { title: 'ADDRESSES', text: ({ addresses }) => addresses.map(({ network, address }) => `${network} ${address}`).join(', ') },
];

/** The swarms as a person reads them: nodes, services, tasks, below each of these what keeps it from running; and the hosts in none. */
export function swarmTables({ swarms, outside }: SwarmsView, layout: Layout): readonly string[] {
  return [...swarms.flatMap((swarm) => swarmLines(swarm, layout)), ...outside.flatMap((host) => outsideLines(host, layout))];
}

export interface LostHost {
  readonly host: string;
  readonly failure: Failure;
}

/** A host that does not tell: what stands above may lack its part. */
export function lostLines({ host, failure }: LostHost, layout: Layout): readonly string[] {
  const why = `${host}: ${reasonOf(host, failure)}`;
  return [...marked(layout.paint('red', '✕'), why, layout), ...hintLines(failure.hint, layout)];
}

function swarmLines(swarm: SwarmRow, layout: Layout): readonly string[] {
  const { paint } = layout;
  return [
    ...indented(headOf(swarm, layout), 0, layout),
    ...table(NODE_COLUMNS, swarm.nodes, ({ state }) => (state === 'ready' ? paint('green', '●') : paint('red', '✕')), layout),
    ...(swarm.services.length === 0 ? indented('no services', 2, layout) : []),
    ...table(SERVICE_COLUMNS, swarm.services, (service) => markOf(service, service.converged, layout), layout, problemLines(layout)),
    ...table(TASK_COLUMNS, swarm.tasks, (task) => markOf(task, isAsWished(task), layout), layout, problemLines(layout)),
  ];
}

function headOf(swarm: SwarmRow, { paint }: Layout): string {
  const { id, toldBy, project, nodes, freshness, ageMs } = swarm;
  const ours = project === undefined ? 'not made by pets-console' : `made for project ${project}`;
  const count = `${nodes.length} ${nodes.length === 1 ? 'node' : 'nodes'}`;
  const age = freshness === 'live' ? '' : `, as told ${formatDuration(ageMs)} ago`;
  return `${paint('bold', `swarm ${idText(id)}`)}, ${ours}: ${count}${stateOf(swarm)}; told by ${toldBy}${age}`;
}

function stateOf({ services, tasks, converged }: SwarmRow): string {
  if (services.length === 0) return '';
  if ([...services, ...tasks].some(({ problem }) => problem !== '')) return ', not as wished';
  return converged ? ', converged' : ', converging';
}

interface Troubled {
  readonly problem: string;
}

function markOf({ problem }: Troubled, isGood: boolean, { paint }: Layout): string {
  if (problem !== '') return paint('red', '✕');
  return isGood ? paint('green', '●') : paint('yellow', '◐');
}

/** What keeps it from running, whole, in Docker's words. */
function problemLines(layout: Layout): (row: Troubled) => readonly string[] {
  return ({ problem }) => (problem === '' ? [] : indented(problem, 6, layout).map((line) => layout.paint('red', line)));
}

function isAsWished({ state }: SwarmTaskRow): boolean {
  return state === 'running' || state === 'complete';
}

function outsideLines(outside: OutsideRow, layout: Layout): readonly string[] {
  const { paint } = layout;
  const { host, error } = outside;
  const mark = error === '' ? paint('dim', '○') : paint('red', '✕');
  return marked(mark, `${host}: ${membershipText(outside)}${error === '' ? '' : `: ${error}`}`, layout);
}

function table<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  mark: (row: Row) => string,
  { paint }: Layout,
  below: (row: Row) => readonly string[] = () => [],
): readonly string[] {
  if (rows.length === 0) return [];
  const used = columns.filter(({ text }) => rows.some((row) => text(row) !== ''));
  const widths = used.map(({ title, text }) => Math.max(title.length, ...rows.map((row) => text(row).length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd();
  return [
    paint('dim', `    ${line(used.map(({ title }) => title))}`),
    ...rows.flatMap((row) => [`  ${mark(row)} ${line(used.map(({ text }) => text(row)))}`, ...below(row)]),
  ];
}

function portsText({ ports }: SwarmServiceRow): string {
  return ports
    .map(
      ({ publishedPort, targetPort, protocol, mode }) =>
        `${mode === 'host' ? 'each host' : 'mesh'}:${publishedPort}->${targetPort}/${protocol}`,
    )
    .join(', ');
}
