import type { HostRow } from '../../domain/select.ts';
import { duration, plural } from '../format.ts';
import { cell, fold, type Line, span } from '../line.ts';
import { EMPTY_PANEL, GUTTER, gutter, type PanelContent, type PanelRow, textRow } from '../panel.ts';
import type { Scene } from '../scene.ts';
import { hostMark, hostTone, hostWords } from './host-state.ts';

/** The width of the words that say what a fact is of. */
const LABEL = 11;

/** One host: how it is reached, what it said of itself, what it holds, and why it is down. */
export function hostPanel(scene: Scene, width: number): PanelContent {
  const { host } = scene;
  if (host === undefined) return { ...EMPTY_PANEL, title: 'Host', rows: [textRow(''), textRow('No host is known yet.', 'dim')] };
  const state: Line = [...gutter(), cell('state', LABEL, 'dim'), hostMark(host), span(` ${stateWords(host)}`, hostTone(host))];
  const facts = factsOf(host, scene).flatMap(([label, text]) => factRows(label, text, width));
  const about = host.source === '' ? [] : [span(` · from ${host.source}`, 'dim')];
  return {
    ...EMPTY_PANEL,
    title: 'Host',
    about: [span(host.name), ...about],
    rows: [{ line: state }, ...failureRows(host, width), textRow(''), ...facts],
  };
}

function stateWords(host: HostRow): string {
  if (host.freshness === 'live') return `live, answers in ${duration(host.latencyMs)}`;
  if (host.freshness === 'down' && host.ageMs === undefined) return 'has never answered';
  return hostWords(host);
}

function failureRows({ failure }: HostRow, width: number): readonly PanelRow[] {
  if (failure === undefined) return [];
  const room = width - GUTTER - LABEL - 3;
  const hint = failure.hint === undefined ? [] : fold(failure.hint, room).map((row, index) => `${index === 0 ? '→ ' : '  '}${row}`);
  return [...fold(failure.message, room + 2), ...hint].map((text) => ({
    line: [...gutter({ mark: 'failing' }), cell('', LABEL), span(text)],
  }));
}

function factsOf(host: HostRow, scene: Scene): readonly (readonly [string, string])[] {
  const { description } = host;
  const heard = host.ageMs !== undefined;
  return [
    ['endpoint', host.endpoint],
    ['address', host.address],
    ['changes', host.readOnly ? 'none: the host is read-only' : 'allowed'],
    ['engine', heard && host.engineVersion !== '' ? `Docker ${host.engineVersion}, API ${host.apiVersion}` : 'not known yet'],
    ...(description === undefined
      ? []
      : ([
          ['system', `${description.operatingSystem}, ${description.platform}`],
          ['kernel', description.kernelVersion],
          ['swarm', host.swarm ?? description.swarm],
          ['clock', clockWords(description.clockSkewMs)],
        ] as const)),
    ['holds', heard ? `${holdings(host.name, scene)}${host.freshness === 'live' ? '' : ' when it was last heard'}` : 'not known yet'],
  ];
}

/** Half a second is within what asking takes. */
function clockWords(skewMs: number): string {
  if (Math.abs(skewMs) < 500) return "as this machine's";
  return `${duration(Math.abs(skewMs))} ${skewMs > 0 ? 'ahead of' : 'behind'} this machine's`;
}

function holdings(name: string, { state, networks }: Scene): string {
  const containers = Object.values(state.hosts[name]?.containers ?? {}).length;
  return `${plural(containers, 'container')}, ${plural(networks.filter((network) => network.hosts.includes(name)).length, 'network')}`;
}

function factRows(label: string, text: string, width: number): readonly PanelRow[] {
  if (text === '') return [];
  return fold(text, width - GUTTER - LABEL - 1).map((row, index) => ({
    line: [...gutter(), cell(index === 0 ? label : '', LABEL, 'dim'), span(row)],
  }));
}
