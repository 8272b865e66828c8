import type { HostRow } from '../../domain/select.ts';
import { duration } from '../format.ts';
import { cell, cellRight, cut, type Line, nameCell, nameColumn, span } from '../line.ts';
import { EMPTY_PANEL, GUTTER, gutter, type PanelContent, type PanelRow, textRow } from '../panel.ts';
import type { Scene } from '../scene.ts';
import { hostMark, hostTone, hostWords } from './host-state.ts';

/** State, engine, answer time. */
const FIXED = GUTTER + 15 + 11 + 9 + 1;
const ROLE = 9;
const READ_ONLY = '  read-only';

/** All hosts of the inventory, in its order; below one that is down, why. */
export function hostListPanel(scene: Scene, width: number): PanelContent {
  const { hosts } = scene;
  const names = hosts.map((host) => host.name);
  const role = hosts.some(({ swarm }) => swarm !== undefined) ? ROLE : 0;
  const room = width - FIXED - role - (hosts.some((host) => host.readOnly) ? READ_ONLY.length : 0);
  const name = nameColumn(names, 8, Math.max(10, Math.min(40, room)));
  const head: Line = [
    ...gutter(),
    cell('host', name, 'dim'),
    cell('state', 15, 'dim'),
    cell('swarm', role, 'dim'),
    cell('engine', 11, 'dim'),
    cellRight('answer', 9, 'dim'),
  ];
  const rows = hosts.flatMap((host) => hostRows(host, { name, role, width, here: host.name === scene.host?.name }));
  return {
    ...EMPTY_PANEL,
    title: 'Hosts',
    head: [head],
    rows: rows.length > 0 ? rows : [textRow(''), textRow('No host is known yet.', 'dim')],
    list: { subject: 'host', selected: scene.host?.name },
  };
}

interface Drawing {
  readonly name: number;
  /** Of what a host is in its swarm; nothing where there is no swarm. */
  readonly role: number;
  readonly width: number;
  readonly here: boolean;
}

function hostRows(host: HostRow, { name, role, width, here }: Drawing): readonly PanelRow[] {
  const down = host.freshness === 'down';
  const line: Line = [
    ...gutter({ here, mark: down ? 'failing' : undefined }),
    nameCell(host.name, name, here ? 'here' : 'plain'),
    hostMark(host),
    cell(` ${hostWords(host)}`, 14, hostTone(host)),
    cell(host.swarm ?? '–', role, host.swarm === undefined ? 'dim' : 'plain'),
    // Behind the plus stands who packed it.
    cell(host.engineVersion.split('+')[0] || '–', 11, 'dim'),
    cellRight(host.freshness === 'live' ? duration(host.latencyMs) : '', 9, 'dim'),
    span(host.readOnly ? READ_ONLY : ''),
  ];
  if (!down || host.failure === undefined) return [{ key: host.name, line }];
  const why = host.failure.message.replace(`${host.name}: `, '');
  return [{ key: host.name, line }, { line: [...gutter({ mark: 'failing' }), span(`  ${cut(why, width - GUTTER - 3)}`, 'dim')] }];
}
