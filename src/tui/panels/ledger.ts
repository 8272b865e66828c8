import { type PoolRow, selectPools } from '../../domain/select-ipam.ts';
import { count } from '../format.ts';
import { cell, cellRight, type Line, type Tone } from '../line.ts';
import { EMPTY_PANEL, GUTTER, gutter, type PanelContent, type PanelRow, textRow } from '../panel.ts';
import type { Scene } from '../scene.ts';
import { networkAge } from './inspect.ts';

/** Every pool of every network: its subnet, how much of it is used and how much is free. */
export function ledgerPanel(scene: Scene, width: number): PanelContent {
  const fixed = GUTTER + 9 + 18 + 6 + 12;
  const name = Math.max(10, Math.min(24, width - fixed - 1));
  const head: Line = [
    ...gutter(),
    cell('network', name, 'dim'),
    cell('host', 9, 'dim'),
    cell('subnet', 18, 'dim'),
    cellRight('used', 6, 'dim'),
    cellRight('free', 12, 'dim'),
  ];
  const pools = selectPools(scene.networks);
  const rows = pools.map((row): PanelRow => ({ key: row.networkKey, line: poolLine(row, name, row.networkKey === scene.network?.key) }));
  return {
    ...EMPTY_PANEL,
    title: 'Pools',
    head: [head],
    rows: rows.length > 0 ? rows : [textRow(''), textRow('No network with a pool of addresses is known.', 'dim')],
    list: { subject: 'network', selected: scene.network?.key },
  };
}

function poolLine({ network, pool }: PoolRow, name: number, here: boolean): Line {
  const tone: Tone = network.project === undefined ? 'dim' : 'plain';
  // What a silent host said may have grown since: used is at least that much, and free is not known.
  const silent = network.freshness !== 'live';
  return [
    ...gutter({ here, mark: network.changedLately ? 'accent' : undefined }),
    cell(network.live.name, name, here ? 'here' : tone),
    cell(network.host, 9, tone),
    cell(pool.subnet, 18, tone),
    cellRight(`${silent ? '≥' : ''}${count(pool.used)}`, 6, tone),
    ...(silent ? [cell('  ', 2), ...networkAge(network)] : [cellRight(count(pool.free), 12, tone)]),
  ];
}
