import type { Obstacle } from '../../domain/plan.ts';
import type { Preflight } from '../../domain/state.ts';
import { type PanelRow, textRow } from '../panel.ts';
import { hintRows, told } from './told.ts';

/** What stands in the way, who holds it, and the way out; an empty row before each. */
export function obstacleRows(obstacles: readonly Obstacle[], width: number): readonly PanelRow[] {
  return obstacles.flatMap(({ host, message, owner, hint }) => [
    textRow(''),
    ...told('✕', 'failing', message.startsWith(`${host}:`) ? message : `${host}: ${message}`, width),
    ...(owner === undefined ? [] : [textRow(`  held by ${owner}`)]),
    ...hintRows(hint, width),
  ]);
}

export function warningRows(warnings: readonly string[], width: number): readonly PanelRow[] {
  return together(warnings.flatMap((warning) => told('!', 'warning', warning, width)));
}

/** What is not checked is not free. */
export function uncheckedRows(unchecked: Preflight['unchecked'], width: number): readonly PanelRow[] {
  return together(unchecked.flatMap(({ host, reason }) => told('?', 'warning', `${host} was not looked at: ${reason}`, width)));
}

/** An empty row before the first. */
function together(rows: readonly PanelRow[]): readonly PanelRow[] {
  return rows.length === 0 ? [] : [textRow(''), ...rows];
}
