import type { SwarmRow, SwarmServiceRow, SwarmTaskRow } from '../../domain/select-swarm.ts';
import { capital, idText, imageText } from '../../domain/swarm-text.ts';
import { age, plural } from '../format.ts';
import { cell, cut, fold, type Line, nameCell, nameColumn, span } from '../line.ts';
import { EMPTY_PANEL, GUTTER, gutter, type PanelContent, type PanelRow, textRow } from '../panel.ts';
import type { Scene } from '../scene.ts';
import { detailLines, taskKey, virtualIpWords } from './service-detail.ts';
import { portWords, serviceMark, swarmState, taskMark, toneOf } from './swarm-words.ts';

const STATE = 18;
/** Narrower than these, ports and image stand only below the list, of what is selected. */
const PORTS_FROM = 104;
const PORTS = 27;
const IMAGE_FROM = 150;
const IMAGE = 30;
/** A service has a few networks; beyond this, what follows stands too far away. */
const ADDRESSES = 68;

interface Columns {
  readonly width: number;
  readonly name: number;
  readonly place: number;
  readonly addresses: number;
  readonly ports: number;
  readonly image: number;
}

/** The services of every swarm, each with its tasks below it: what is wished, what runs, and what keeps it from running. */
export function servicesPanel(scene: Scene, width: number): PanelContent {
  const { swarms } = scene.swarms;
  if (swarms.length === 0) return { ...EMPTY_PANEL, title: 'Services', rows: [textRow(''), ...noSwarmRows(scene, width)] };
  const columns = columnsFor(swarms, width);
  const [only] = swarms.length === 1 ? swarms : [];
  const selected = selectedKey(scene);
  const rows = swarms.flatMap((swarm) => swarmRows(swarm, { columns, scene, selected, isOnly: only !== undefined }));
  return {
    ...EMPTY_PANEL,
    title: 'Services',
    about: only === undefined ? [span(plural(swarms.length, 'swarm'), 'dim')] : about(only, width),
    aside: only === undefined ? [] : swarmState(only),
    head: [headOf(columns)],
    rows: rows.length > 0 ? rows : [textRow('No service runs on the swarm.', 'dim')],
    foot: [[], ...detailLines(scene, selected, width)],
    list: { subject: 'service', selected },
  };
}

function noSwarmRows({ swarms, scenario, state }: Scene, width: number): readonly PanelRow[] {
  if (swarms.outside.length === 0) return [textRow('No host has said yet whether it is in a swarm.', 'dim')];
  const overlay = state.scenarios?.find(({ model }) => model === 'overlay');
  const makes = scenario?.model === 'overlay' ? scenario : overlay;
  const said = `No host here manages a swarm.${makes === undefined ? '' : ` The scenario ${makes.name} makes one where it needs it.`}`;
  return fold(said, width - GUTTER - 1).map((text) => textRow(text, 'dim'));
}

function about({ id, project, toldBy, services }: SwarmRow, width: number): Line {
  const made = project === undefined ? 'not made here' : `made for ${project}`;
  const parts = [plural(services.length, 'service'), ...(width >= 100 ? [`swarm ${idText(id, 12)}`] : []), made, `told by ${toldBy}`];
  return [span(parts.join('   '), 'dim')];
}

function columnsFor(swarms: readonly SwarmRow[], width: number): Columns {
  const names = swarms.flatMap(({ services, tasks }) => [...services.map(({ name }) => name), ...tasks.map(({ name }) => `  ${name}`)]);
  const name = nameColumn(names, 16, Math.floor(width * 0.26));
  const place = nameColumn(
    swarms.flatMap(({ tasks }) => tasks.map((task) => task.place)),
    9,
    width >= PORTS_FROM ? 24 : 14,
  );
  const ports = width >= PORTS_FROM ? PORTS : 0;
  const image = width >= IMAGE_FROM ? IMAGE : 0;
  return {
    width,
    name,
    place,
    ports,
    image,
    addresses: Math.min(ADDRESSES, Math.max(10, width - GUTTER - 2 - name - STATE - place - ports - image)),
  };
}

function headOf({ name, place, addresses, ports, image }: Columns): Line {
  return [
    ...gutter(),
    cell('', 2),
    cell('service, tasks', name, 'dim'),
    cell('state', STATE, 'dim'),
    cell('on', place, 'dim'),
    cell('addresses', addresses, 'dim'),
    cell('ports', ports, 'dim'),
    cell('image', image, 'dim'),
  ];
}

interface Drawing {
  readonly columns: Columns;
  readonly scene: Scene;
  readonly selected: string | undefined;
  readonly isOnly: boolean;
}

function swarmRows(swarm: SwarmRow, drawing: Drawing): readonly PanelRow[] {
  const heading: Line = [
    ...gutter(),
    span(`swarm ${idText(swarm.id, 12)}`, 'strong'),
    span('  '),
    ...about(swarm, 0),
    span('  '),
    ...swarmState(swarm),
  ];
  return [
    ...(drawing.isOnly ? [] : [{ line: heading }]),
    ...swarm.services.flatMap((service) => {
      const tasks = swarm.tasks.filter(({ serviceId }) => serviceId === service.id);
      return [...serviceRows(service, tasks, swarm, drawing), ...tasks.flatMap((task) => taskRows(task, swarm, drawing))];
    }),
  ];
}

function serviceRows(
  service: SwarmServiceRow,
  tasks: readonly SwarmTaskRow[],
  swarm: SwarmRow,
  { columns, scene, selected }: Drawing,
): readonly PanelRow[] {
  const here = service.id === selected;
  const line: Line = [
    ...gutter({ here, mark: service.problem === '' ? undefined : 'failing' }),
    swarm.freshness === 'live' ? serviceMark(service, tasks) : span('○', 'dim'),
    span(' '),
    nameCell(service.name, columns.name, here ? 'here' : toneOf(swarm, 'strong')),
    cell(`${service.running}/${service.desired} ${service.mode}`, STATE, toneOf(swarm)),
    cell(service.endpointMode, columns.place, 'dim'),
    cell(virtualIpWords(service, swarm, scene), columns.addresses, service.endpointMode === 'dnsrr' ? 'dim' : toneOf(swarm)),
    cell(cut(portWords(service), columns.ports - 1), columns.ports, toneOf(swarm)),
    cell(imageText(service.image), columns.image, 'dim'),
  ];
  return [{ key: service.id, line }, ...problemRows(service.problem, columns)];
}

function taskRows(task: SwarmTaskRow, swarm: SwarmRow, { columns, scene, selected }: Drawing): readonly PanelRow[] {
  const key = taskKey(task);
  const here = key === selected;
  const since = age(Math.max(0, scene.now - task.changedAt + skewOf(swarm, scene)));
  const words = `${capital(task.state)} ${since}`;
  const line: Line = [
    ...gutter({ here, mark: task.problem === '' ? undefined : 'failing' }),
    span('  '),
    swarm.freshness === 'live' ? taskMark(task) : span('○', 'dim'),
    span(' '),
    nameCell(task.name, columns.name - 2, here ? 'here' : toneOf(swarm)),
    cell(words, STATE, toneOf(swarm, task.problem === '' ? 'plain' : 'failing')),
    nameCell(task.place === '' ? '–' : task.place, columns.place, toneOf(swarm)),
    cell(task.addresses.map(({ network, address }) => `${network} ${address}`).join(', '), columns.addresses, toneOf(swarm)),
  ];
  return [{ key, line }, ...problemRows(task.problem, columns)];
}

/** What keeps it from running, whole, in Docker's words. */
function problemRows(problem: string, { name, width }: Columns): readonly PanelRow[] {
  if (problem === '') return [];
  const indent = name + 2;
  return fold(problem, width - GUTTER - indent - 1).map((text) => ({
    line: [...gutter({ mark: 'failing' }), cell('', indent), span(text)],
  }));
}

/** Tasks are told with the manager's clock. */
function skewOf({ toldBy }: SwarmRow, { hosts }: Scene): number {
  return hosts.find(({ name }) => name === toldBy)?.description?.clockSkewMs ?? 0;
}

/** What was chosen while it stands, else the first that something keeps from running, else the first service. */
function selectedKey({ swarms: { swarms }, navigation }: Scene): string | undefined {
  const services = swarms.flatMap((swarm) => swarm.services);
  const tasks = swarms.flatMap((swarm) => swarm.tasks);
  const keys = new Set([...services.map(({ id }) => id), ...tasks.map(taskKey)]);
  const chosen = navigation.selected.service;
  if (chosen !== undefined && keys.has(chosen)) return chosen;
  const stuck = tasks.find(({ problem }) => problem !== '');
  return stuck === undefined ? services[0]?.id : taskKey(stuck);
}
