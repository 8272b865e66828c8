import type { OutsideRow, SwarmNodeRow, SwarmRow } from '../../domain/select-swarm.ts';
import { capital, membershipText } from '../../domain/swarm-text.ts';
import { plural } from '../format.ts';
import { cell, fold, type Line, nameCell, nameColumn, span } from '../line.ts';
import { EMPTY_PANEL, GUTTER, gutter, type PanelContent, type PanelRow, textRow } from '../panel.ts';
import type { Scene } from '../scene.ts';
import { unheardRows } from './network-list.ts';
import { nodeMark, toneOf } from './swarm-words.ts';

interface Column {
  readonly title: string;
  readonly width: number;
  /** Narrower than this, it makes way. */
  readonly from: number;
  readonly text: (node: SwarmNodeRow) => string;
}

/** As `docker node ls` has them, between the host name and the host of ours that the node is. */
const COLUMNS: readonly Column[] = [
  { title: 'status', width: 14, from: 0, text: ({ state }) => capital(state) },
  { title: 'availability', width: 14, from: 70, text: ({ availability }) => capital(availability) },
  { title: 'manager status', width: 16, from: 0, text: ({ managerStatus }) => capital(managerStatus ?? '') },
  { title: 'engine', width: 11, from: 76, text: ({ engineVersion }) => engineVersion.replace(/[+~].*$/, '') },
  { title: 'address', width: 17, from: 100, text: ({ address }) => address },
  { title: 'platform', width: 14, from: 130, text: ({ platform }) => platform },
];

/** The nodes of every swarm, then the hosts that are in none, then those that never said. */
export function nodesPanel({ swarms: { swarms, outside }, hosts }: Scene, width: number): PanelContent {
  const name = nameColumn(
    swarms.flatMap(({ nodes }) => nodes.map(({ hostname }) => hostname)).concat(outside.map(({ host }) => host)),
    12,
    Math.floor(width * 0.28),
  );
  const shown = COLUMNS.filter(({ from }) => width >= from);
  const head: Line = [
    ...gutter(),
    cell('hostname', name, 'dim'),
    ...shown.map(({ title, width: room }) => cell(title, room, 'dim')),
    span('host', 'dim'),
  ];
  const nodes = swarms.reduce((sum, swarm) => sum + swarm.nodes.length, 0);
  const rows = [
    ...swarms.flatMap((swarm) => swarm.nodes.map((node) => nodeRow(node, swarm, name, shown))),
    ...outside.flatMap((host) => outsideRows(host, name, width)),
    ...unheardRows(hosts),
  ];
  return {
    ...EMPTY_PANEL,
    title: 'Nodes',
    about: nodes === 0 ? [] : [span(plural(nodes, 'node'), 'dim')],
    head: nodes === 0 ? [[]] : [head],
    rows: rows.length > 0 ? rows : [textRow('No host has said yet whether it is in a swarm.', 'dim')],
  };
}

function nodeRow(node: SwarmNodeRow, swarm: SwarmRow, name: number, columns: readonly Column[]): PanelRow {
  const down = node.state !== 'ready';
  const tone = toneOf(swarm);
  const [, ...rest] = columns;
  return {
    line: [
      ...gutter({ mark: down ? 'failing' : undefined }),
      nameCell(node.hostname, name, tone),
      swarm.freshness === 'live' ? nodeMark(node) : span(nodeMark(node).text, 'dim'),
      cell(` ${capital(node.state)}`, (columns[0]?.width ?? 14) - 1, tone),
      ...rest.map(({ width, text, title }) =>
        cell(text(node), width, title === 'availability' && node.availability !== 'active' ? 'warning' : tone),
      ),
      span(node.host ?? 'no host of ours', node.host === undefined ? 'dim' : tone),
    ],
  };
}

/** A host of which no manager among our hosts tells. */
function outsideRows(outside: OutsideRow, name: number, width: number): readonly PanelRow[] {
  const { host, error } = outside;
  const said = membershipText(outside);
  const sick = error !== '';
  return fold(sick ? `${said}: ${error}` : said, width - GUTTER - name - 2).map(
    (text, index): PanelRow => ({
      line: [
        ...gutter({ mark: sick ? 'failing' : undefined }),
        nameCell(index === 0 ? host : '', name, sick ? 'plain' : 'dim'),
        span(index > 0 ? '  ' : sick ? '✕ ' : '– ', sick ? 'failing' : 'dim'),
        span(text, 'dim'),
      ],
    }),
  );
}
