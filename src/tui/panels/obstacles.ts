import type { Obstacle } from '../../domain/plan.ts';
import type { Preflight } from '../../domain/state.ts';
import { type PanelRow, textRow } from '../panel.ts';
import { hintRows, told } from './told.ts';

/** What stands in the way, who holds it, and the way out; an empty row before each. */
export function obstacleRows(obstacles: readonly Obstacle[], width: number): readonly PanelRow[] {
  return together(obstacles).flatMap(({ hosts, message, owner, hint }) => [
    textRow(''),
    ...told('✕', 'failing', `${hosts.join(', ')}: ${message}`, width),
    ...(owner === undefined ? [] : [textRow(`  held by ${owner}`)]),
    ...hintRows(hint, width),
  ]);
}

interface SharedObstacle extends Omit<Obstacle, 'host' | 'resource'> {
  readonly hosts: readonly string[];
}

/** What several hosts have in common, a kernel say, is told once. */
function together(obstacles: readonly Obstacle[]): readonly SharedObstacle[] {
  const plain = obstacles.map((obstacle) => ({ ...obstacle, message: obstacle.message.replace(`${obstacle.host}: `, '') }));
  const groups = Map.groupBy(plain, ({ message, owner, hint }) => JSON.stringify([message, owner, hint]));
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : [{ ...first, hosts: group.map(({ host }) => host) }];
  });
}

export function warningRows(warnings: readonly string[], width: number): readonly PanelRow[] {
  return spaced(warnings.flatMap((warning) => told('!', 'warning', warning, width)));
}

/** What is not checked is not free. */
export function uncheckedRows(unchecked: Preflight['unchecked'], width: number): readonly PanelRow[] {
  return spaced(unchecked.flatMap(({ host, reason }) => told('?', 'warning', `${host} was not looked at: ${reason}`, width)));
}

/** An empty row before the first. */
function spaced(rows: readonly PanelRow[]): readonly PanelRow[] {
  return rows.length === 0 ? [] : [textRow(''), ...rows];
}
