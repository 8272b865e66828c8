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
  return warnings.flatMap((warning) => [textRow(''), ...told('!', 'warning', warning, width)]);
}

/** What is not checked is not free. */
export function uncheckedRows(unchecked: Preflight['unchecked'], width: number): readonly PanelRow[] {
  return unchecked.flatMap(({ host, reason }) => [textRow(''), ...told('?', 'warning', `${host} was not looked at: ${reason}`, width)]);
}
