import type { HaltedContainer } from '../../domain/select-halted.ts';
import {
  type AddressRow,
  addressMap,
  MAP_COLUMNS,
  type MapCell,
  type MapRow,
  type PoolRow,
  selectPools,
} from '../../domain/select-ipam.ts';
import type { NetworkRow } from '../../domain/select-networks.ts';
import { count } from '../format.ts';
import { cell, type Line, type Span, span, widthOf } from '../line.ts';
import { EMPTY_PANEL, GUTTER, gutter, type PanelContent, type PanelRow, textRow } from '../panel.ts';
import type { Scene } from '../scene.ts';
import { haltWord } from './halted.ts';
import { networkAge, noNetwork } from './inspect.ts';
import { isLowerBound, vxlanOf } from './network-words.ts';

/** The width of the map: row label and sixteen cells. */
const LABEL = 8;
const MAP_WIDTH = GUTTER + LABEL + MAP_COLUMNS * 3;
/** From how many rows on a run of several networks shows the map of each. */
const MAPS_FROM = 50;

/** The addresses of the selected network, under a run those of all its networks: who holds which, how many are free, and where they are. */
export function addressesPanel(scene: Scene, width: number): PanelContent {
  const { network } = scene;
  if (network === undefined) return { ...EMPTY_PANEL, title: 'Addresses', rows: [textRow(''), textRow(noNetwork(scene), 'dim')] };
  const others = scene.navigation.view === 'run' ? scene.networks.filter((each) => each.standing === 'of-run' && each !== network) : [];
  // On a low screen who holds what on every host is worth more than where in one subnet it is.
  const mapped = width >= MAP_WIDTH && (others.length === 0 || scene.rows >= MAPS_FROM);
  return {
    ...EMPTY_PANEL,
    title: 'Addresses',
    about: networkTitle(network),
    aside: networkAge(network),
    rows: [
      ...networkRows(network, scene, mapped),
      ...others.flatMap((other): PanelRow[] => [
        textRow(''),
        { line: [...gutter(), ...networkTitle(other), span('  '), ...networkAge(other)] },
        ...networkRows(other, scene, mapped),
      ]),
    ],
  };
}

function networkTitle(network: NetworkRow): Line {
  return [span(network.live.name), span(` · ${network.host}${parentOf(network)}${vxlanOf(network)}`, 'dim')];
}

function networkRows(network: NetworkRow, { halted }: Scene, mapped: boolean): readonly PanelRow[] {
  const pools = selectPools([network]);
  if (pools.length === 0) return [textRow(''), textRow(`${network.live.name} has no pool of addresses.`, 'dim')];
  return pools.flatMap((row, index) => [...(index === 0 ? [] : [textRow('')]), ...poolRows(row, halted, mapped)]);
}

/** The interface of the host that a macvlan network shares its wire with. */
function parentOf({ live }: NetworkRow): string {
  return live.driver === 'macvlan' && live.options.parent !== undefined ? ` · on ${live.options.parent}` : '';
}

function poolRows(row: PoolRow, halted: readonly HaltedContainer[], mapped: boolean): readonly PanelRow[] {
  const { pool } = row;
  const range = pool.ipRange === undefined ? [] : [span('  range ', 'dim'), span(pool.ipRange)];
  const silent = isLowerBound(row.network);
  return [
    { line: [...gutter(), span('subnet ', 'dim'), span(pool.subnet), span('   gateway ', 'dim'), span(pool.gateway), ...range] },
    {
      line: [
        ...gutter(),
        span(silent ? 'at least ' : '', 'warning'),
        span(count(pool.used), 'strong'),
        span(' used   ', 'dim'),
        span(silent ? 'at most ' : '', 'warning'),
        span(count(pool.free), 'strong'),
        span(` free   of ${count(pool.capacity)}`, 'dim'),
      ],
    },
    textRow(''),
    ...entryRows(row, halted),
    ...unheardRows(row.network),
    ...(mapped ? mapRows(row) : []),
  ];
}

function unheardRows({ unheard }: NetworkRow): readonly PanelRow[] {
  if (unheard.length === 0) return [];
  return [{ line: [...gutter(), cell('○', 3, 'warning'), span(`what ${unheard.join(', ')} holds there is not known now`, 'dim')] }];
}

/** Who holds an address, then who of ours is attached and holds none because it does not run. */
function entryRows({ network, entries }: PoolRow, halted: readonly HaltedContainer[]): readonly PanelRow[] {
  const address = Math.max(...entries.map((each) => widthOf(each.address))) + 2;
  const attached = halted.filter((each) => network.hosts.includes(each.host) && each.networkIds.includes(network.live.id));
  const stateOf = (owner: string) => attached.find(({ name }) => name === owner);
  const holders = entries.map((entry) => entryRow(entry, address, stateOf(entry.owner)));
  const without = attached.filter(({ name }) => !entries.some((entry) => entry.owner === name));
  return [...holders, ...without.map((each) => withoutAddress(each, address))];
}

function withoutAddress(container: HaltedContainer, address: number): PanelRow {
  return {
    line: [
      ...gutter(),
      cell('–', 3, 'warning'),
      cell('no address', address + 19, 'dim'),
      span(container.name),
      span(`  ${haltWord(container)}`, 'warning'),
    ],
  };
}

const LETTER_TONE = { container: 'accent', 'virtual-ip': 'strong', gateway: 'dim', auxiliary: 'dim', 'load-balancer': 'dim' } as const;

function entryRow(entry: AddressRow, address: number, halted: HaltedContainer | undefined): PanelRow {
  const outside = [
    ...(entry.outsideRange ? [span('  outside the range', 'dim')] : []),
    ...(halted === undefined ? [] : [span(`  ${haltWord(halted)}`, 'warning')]),
  ];
  return {
    line: [
      ...gutter({ mark: entry.arrivedLately ? 'accent' : undefined }),
      cell(entry.letter, 3, LETTER_TONE[entry.kind]),
      cell(entry.address, address),
      cell(entry.macAddress ?? '', 19, 'dim'),
      span(entry.owner, entry.kind === 'container' || entry.kind === 'virtual-ip' ? 'plain' : 'dim'),
      span(entry.kind === 'virtual-ip' ? '  virtual IP' : entry.place === undefined ? '' : `  ${entry.place}`, 'dim'),
      ...outside,
    ],
  };
}

function mapRows(row: PoolRow): readonly PanelRow[] {
  const map = addressMap(row);
  if (map === undefined) return [];
  const digits = Array.from({ length: MAP_COLUMNS }, (_, index) => `.${index.toString(16)} `).join('');
  return [textRow(''), { line: [...gutter(), cell('', LABEL), span(digits, 'dim')] }, ...map.map((each) => ({ line: mapLine(each) }))];
}

function mapLine(row: MapRow): Line {
  if (row.kind === 'folded') return [...gutter(), cell('  …', LABEL, 'dim'), span(foldedWords(row), 'dim')];
  const label = row.first.split('.').slice(2).join('.');
  return [...gutter(), cell(label, LABEL, 'dim'), ...row.cells.map(mapCell)];
}

/** The broadcast address is in no count of ours; more that Docker does not hand out lies beyond an IP range. */
function foldedWords({ addresses, free }: Extract<MapRow, { kind: 'folded' }>): string {
  if (free === 0) return `${count(addresses)} more, none to hand out`;
  return addresses - free <= 2 ? `${count(free)} more, all free` : `${count(free)} more free, ${count(addresses - free)} not to hand out`;
}

function mapCell(each: MapCell): Span {
  switch (each.kind) {
    case 'container':
      return span(` ${each.letter} `, 'accent');
    case 'virtual-ip':
      return span(` ${each.letter} `, 'strong');
    case 'gateway':
    case 'auxiliary':
    case 'load-balancer':
      return span(` ${each.letter} `);
    case 'free':
      return span(' · ', 'dim');
    case 'outside':
      return span(' – ', 'dim');
    default:
      return each.kind satisfies never;
  }
}
