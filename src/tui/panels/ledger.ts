import { type PoolRow, type SharedSubnet, selectPools, selectSharedSubnets } from '../../domain/select-ipam.ts';
import type { NetworkRow } from '../../domain/select-networks.ts';
import { count } from '../format.ts';
import { cell, cellRight, type Line, nameCell, nameColumn, type Span } from '../line.ts';
import { EMPTY_PANEL, GUTTER, gutter, type PanelContent, type PanelRow, textRow } from '../panel.ts';
import type { Scene } from '../scene.ts';
import { ageCell, networkTone, unheardRows } from './network-list.ts';
import { isLowerBound } from './network-words.ts';
import { hintRows, told } from './told.ts';

const SUBNET = 18;
const USED = 6;
const FREE = 12;
/** Narrower than this, the figures make way: the panel beside the list has them. */
const FIGURES_FROM = 52;

/** Every pool of every network: its subnet, how much of it is used and how much is free; below, who hands out the same addresses. */
export function ledgerPanel(scene: Scene, width: number): PanelContent {
  const figures = width >= FIGURES_FROM;
  const room = width - GUTTER - SUBNET - (figures ? USED + FREE + 1 : 0);
  const names = [...scene.hosts.map((host) => host.name), ...scene.networks.map((network) => network.host)];
  const host = nameColumn(names, 8, Math.max(8, Math.floor(room * 0.45)));
  const columns = { name: Math.min(30, room - host), host, figures };
  const head: Line = [
    ...gutter(),
    cell('network', columns.name, 'dim'),
    cell('host', columns.host, 'dim'),
    cell('subnet', SUBNET, 'dim'),
    ...(figures ? [cellRight('used', USED, 'dim'), cellRight('free', FREE, 'dim')] : []),
  ];
  const pools = selectPools(scene.networks);
  const shared = selectSharedSubnets(pools);
  const rows = pools.map((row): PanelRow => ({ key: row.networkKey, line: poolLine(row, { ...columns, scene, shared }) }));
  return {
    ...EMPTY_PANEL,
    title: 'Pools',
    head: [head],
    rows:
      rows.length > 0
        ? [...rows, ...unheardRows(scene.hosts)]
        : [textRow(''), textRow('No network with a pool of addresses is known.', 'dim')],
    foot: shared.flatMap((each) => sharedRows(each, width)),
    list: { subject: 'network', selected: scene.network?.key },
  };
}

interface Drawing {
  readonly name: number;
  readonly host: number;
  readonly figures: boolean;
  readonly scene: Scene;
  readonly shared: readonly SharedSubnet[];
}

function poolLine({ network, pool, networkKey }: PoolRow, { name, host, figures, scene, shared }: Drawing): Line {
  const tone = networkTone(network);
  const here = networkKey === scene.network?.key;
  const clashes = shared.some((each) => each.subnet === pool.subnet && each.networks.includes(network));
  return [
    ...gutter({ here, mark: network.changedLately ? 'accent' : clashes ? 'warning' : undefined }),
    nameCell(network.live.name, name, here ? 'here' : tone),
    nameCell(network.host, host, tone),
    cell(pool.subnet, SUBNET, tone),
    ...(figures ? figureCells(network, pool) : []),
  ];
}

/** What a silent host said may have grown since: used is at least that much, and free is not known. */
function figureCells(network: NetworkRow, pool: PoolRow['pool']): readonly Span[] {
  const tone = networkTone(network);
  const lower = isLowerBound(network);
  const free = ageCell(network, FREE) ?? cellRight(`${lower ? '≤' : ''}${count(pool.free)}`, FREE, tone);
  return [cellRight(`${lower ? '≥' : ''}${count(pool.used)}`, USED, tone), free];
}

function sharedRows({ subnet, networks }: SharedSubnet, width: number): readonly Line[] {
  const said = told('!', 'warning', `${placesOf(networks)} hand out from the same ${subnet}, each unaware of the other.`, width);
  const hint = hintRows('give each an ip_range of its own, or every container its address', width);
  return [[], ...[...said, ...hint].map((row) => row.line)];
}

/** `macvlan on host-A and host-B`, `macvlan on 5 hosts`, `dognet on host-A and catnet on host-B`. */
function placesOf(networks: readonly NetworkRow[]): string {
  const names = new Set(networks.map(({ live }) => live.name));
  const joined = (places: readonly string[]) => `${places.slice(0, -1).join(', ')} and ${places.at(-1) ?? ''}`;
  if (names.size > 1) return joined(networks.map(({ live, host }) => `${live.name} on ${host}`));
  const places = networks.length > 3 ? `${networks.length} hosts` : joined(networks.map(({ host }) => host));
  return `${[...names].join('')} on ${places}`;
}
