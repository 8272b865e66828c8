import { INSPECT_INDENT, type InspectLine, inspectText } from '../../domain/inspect-text.ts';
import { SWARM } from '../../domain/scenario.ts';
import type { NetworkRow } from '../../domain/select-networks.ts';
import { age } from '../format.ts';
import { type Line, span } from '../line.ts';
import { EMPTY_PANEL, gutter, type PanelContent, type PanelRow, textRow } from '../panel.ts';
import type { Scene } from '../scene.ts';
import { hostMark } from './host-state.ts';
import { vxlanOf } from './network-words.ts';

/** The selected network as `docker network inspect` prints it; what changed lately is marked. */
export function inspectPanel(scene: Scene): PanelContent {
  const { network } = scene;
  if (network === undefined) {
    return { ...EMPTY_PANEL, title: 'Network', rows: [textRow(''), textRow(noNetwork(scene), 'dim')] };
  }
  const lines = inspectText(network.live.raw, network.changedLately ? network.previous?.raw : undefined);
  const containers = lines.findIndex((each) => each.key === 'Containers');
  return {
    ...EMPTY_PANEL,
    title: 'Network',
    about: [span(network.live.name), span(` · ${network.host} · ${network.live.driver}${vxlanOf(network)}${onHosts(network)}`, 'dim')],
    aside: networkAge(network),
    rows: lines.map((each): PanelRow => ({ line: inspectLine(each) })),
    // On the dashboard, who is attached matters more than the flags above it.
    anchor: scene.navigation.view === 'run' ? Math.max(0, containers) : 0,
  };
}

/** A swarm's network is told by one host as that one has it; which others have it is no part of that. */
function onHosts({ host, hosts }: NetworkRow): string {
  return host === SWARM ? ` · on ${hosts.join(', ')}` : '';
}

/** Why there is no network to show: nobody has said yet which there are, or there are none of ours. */
export function noNetwork({ hosts }: Scene): string {
  return hosts.some((host) => host.ageMs !== undefined) ? 'No network of ours on any host.' : 'No host has said yet which networks it has.';
}

/** What is shown of a silent host is old: its age stands beside it. */
export function networkAge(network: NetworkRow): Line {
  if (network.freshness === 'live') return [];
  return [span(`${hostMark(network).text} ${age(network.ageMs)} old`, 'warning')];
}

function inspectLine(row: InspectLine): Line {
  const key = row.key === undefined ? [] : [span(`${JSON.stringify(row.key)}: `, row.changed ? 'plain' : 'dim')];
  const bracket = /^[[\]{},]+$/.test(row.rest);
  const tone = row.changed ? 'accent' : bracket ? 'dim' : 'plain';
  return [
    ...gutter({ mark: row.changed ? 'accent' : undefined }),
    span(' '.repeat(row.indent * INSPECT_INDENT)),
    ...key,
    span(row.rest, tone),
  ];
}
