import type { HostRow } from '../../domain/select.ts';
import type { NetworkRow } from '../../domain/select-networks.ts';
import { age } from '../format.ts';
import { cell, cellRight, type Line, nameCell, nameColumn, type Span, span, type Tone } from '../line.ts';
import { EMPTY_PANEL, GUTTER, gutter, type PanelContent, type PanelRow, textRow } from '../panel.ts';
import type { Scene } from '../scene.ts';
import { hostMark } from './host-state.ts';
import { attachedTo } from './network-words.ts';

/** Narrower than this, the driver makes way: the panel beside it tells it. */
const DRIVER_FROM = 64;
const SUBNET = 17;
const ATTACHED = 12;

interface Columns {
  readonly name: number;
  readonly host: number;
  readonly driver: number;
}

/** All networks of all hosts: those of the run first, the engines' own last and dim. */
export function networkListPanel(scene: Scene, width: number): PanelContent {
  const { networks, hosts } = scene;
  const columns = columnsFor(hosts, width);
  const head: Line = [
    ...gutter(),
    cell('network', columns.name, 'dim'),
    cell('host', columns.host, 'dim'),
    cell('driver', columns.driver, 'dim'),
    cell('subnet', SUBNET, 'dim'),
    cellRight('attached', ATTACHED, 'dim'),
  ];
  const rows = networks.map(
    (network): PanelRow => ({ key: network.key, line: networkLine(network, columns, network.key === scene.network?.key) }),
  );
  return {
    ...EMPTY_PANEL,
    title: 'Networks',
    head: [head],
    rows: rows.length > 0 ? [...rows, ...unheardRows(hosts)] : [textRow(''), textRow('No host has said yet which networks it has.', 'dim')],
    list: { subject: 'network', selected: scene.network?.key },
  };
}

function columnsFor(hosts: readonly HostRow[], width: number): Columns {
  const driver = width < DRIVER_FROM ? 0 : 9;
  const room = width - GUTTER - driver - SUBNET - ATTACHED - 1;
  const host = nameColumn(
    hosts.map(({ name }) => name),
    8,
    Math.max(8, Math.floor(room * 0.45)),
  );
  return { name: Math.min(34, room - host), host, driver };
}

/** Foreign things, and what a silent host said last, are context. */
export function networkTone({ standing, freshness }: NetworkRow): Tone {
  return freshness !== 'live' || standing === 'foreign' || standing === 'built-in' ? 'dim' : 'plain';
}

/** How old is what is known of a network, at the right edge of its row; nothing while its host answers. */
export function ageCell(network: NetworkRow, width: number): Span | undefined {
  if (network.freshness === 'live') return undefined;
  return cellRight(`${hostMark(network).text} ${age(network.ageMs)} old`, width, 'warning');
}

function networkLine(network: NetworkRow, { name, host, driver }: Columns, here: boolean): Line {
  const tone = networkTone(network);
  return [
    ...gutter({ here, mark: network.changedLately ? 'accent' : undefined }),
    nameCell(network.live.name, name, here ? 'here' : tone),
    nameCell(network.host, host, tone),
    cell(network.live.driver, driver, 'dim'),
    cell(network.subnet === '' ? '–' : network.subnet, SUBNET, tone),
    ageCell(network, ATTACHED) ?? cellRight(`${network.unheard.length > 0 ? '≥' : ''}${attachedTo(network)}`, ATTACHED, tone),
  ];
}

/** What a host has that never answered is not nothing. */
export function unheardRows(hosts: readonly HostRow[]): readonly PanelRow[] {
  const unheard = hosts.filter((host) => host.ageMs === undefined);
  if (unheard.length === 0) return [];
  const rows = unheard.map((host): PanelRow => {
    const why = host.freshness === 'connecting' ? 'is being asked' : 'has never answered: what it has is not known';
    return { line: [...gutter(), hostMark(host), span(` ${host.name} ${why}`, 'dim')] };
  });
  return [textRow(''), ...rows];
}
