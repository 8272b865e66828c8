import type { NetworkRow } from '../../domain/select-networks.ts';
import { cell, cellRight, type Line, span, type Tone } from '../line.ts';
import { EMPTY_PANEL, GUTTER, gutter, type PanelContent, type PanelRow, textRow } from '../panel.ts';
import type { Scene } from '../scene.ts';
import { networkAge } from './inspect.ts';

/** All networks of all hosts: ours first, the engines' own last and dim. */
export function networkListPanel(scene: Scene, width: number): PanelContent {
  const { networks } = scene;
  const fixed = GUTTER + 9 + 8 + 17 + 10;
  const name = Math.max(12, Math.min(32, width - fixed));
  const head: Line = [
    ...gutter(),
    cell('network', name, 'dim'),
    cell('host', 9, 'dim'),
    cell('driver', 8, 'dim'),
    cell('subnet', 17, 'dim'),
    cellRight('attached', 10, 'dim'),
  ];
  const rows = networks.map(
    (network): PanelRow => ({ key: network.key, line: networkLine(network, name, network.key === scene.network?.key) }),
  );
  return {
    ...EMPTY_PANEL,
    title: 'Networks',
    head: [head],
    rows: rows.length > 0 ? rows : [textRow(''), textRow('No host has said yet which networks it has.', 'dim')],
    list: { subject: 'network', selected: scene.network?.key },
  };
}

function networkLine(network: NetworkRow, name: number, here: boolean): Line {
  const tone: Tone = network.project === undefined ? 'dim' : 'plain';
  const attached = network.freshness === 'live' ? String(network.live.endpoints.length) : '';
  return [
    ...gutter({ here, mark: network.changedLately ? 'accent' : undefined }),
    cell(network.live.name, name, here ? 'here' : tone),
    cell(network.host, 9, tone),
    cell(network.live.driver, 8, 'dim'),
    cell(network.subnet === '' ? '–' : network.subnet, 17, tone),
    ...(attached === '' ? networkAge(network) : [cellRight(attached, 10, tone)]),
    span(''),
  ];
}
