import type { PlanOutline, StepOutline } from '../../domain/plan.ts';
import { SWARM } from '../../domain/scenario.ts';
import { cell, cut, cutMiddle, fold, foldCommand, type Line, nameCell, nameColumn, span, widthOf } from '../line.ts';
import { GUTTER, gutter, type PanelRow, textRow } from '../panel.ts';

/** From this width on, steps stand beside their commands; below, above them. */
const BESIDE = 76;

/** The steps, host by host, last what belongs to a swarm. */
export function stepRows(plan: PlanOutline, width: number): readonly PanelRow[] {
  const titles = Math.max(...plan.steps.map((step) => widthOf(step.title)), 10) + 2;
  const byHost = Map.groupBy(plan.steps, (step) => step.host);
  return [...byHost].flatMap(([host, steps]) => [
    textRow(''),
    { line: host === SWARM ? swarmLine(steps) : hostLine(host, plan, width) },
    ...steps.flatMap((step) => (width >= BESIDE ? besideRows(step, Math.min(titles, 34), width) : aboveRows(step, width))),
  ]);
}

/** What belongs to all nodes is asked of one of them, a manager. */
function swarmLine(steps: readonly StepOutline[]): Line {
  const managers = [...new Set(steps.flatMap(({ via }) => via ?? []))];
  return [...gutter(), span(SWARM, 'strong'), span(managers.length === 0 ? '' : `  via ${managers.join(', ')}`, 'dim')];
}

/** A host with its address, and the role that it plays where that has another name. */
function hostLine(name: string, { hosts }: PlanOutline, width: number): Line {
  const host = hosts.find((each) => each.name === name);
  const role = host?.role === undefined || host.role === name ? '' : `  as ${host.role}`;
  const about = `${role}${host === undefined ? '' : `  ${host.address}`}${host?.readOnly === true ? '  read-only' : ''}`;
  return [...gutter(), span(cutMiddle(name, Math.max(12, width - GUTTER - widthOf(about) - 1)), 'strong'), span(about, 'dim')];
}

function besideRows(step: StepOutline, titles: number, width: number): readonly PanelRow[] {
  const commands = foldCommand(step.command, width - GUTTER - titles - 1);
  const first: Line = [...gutter(), cell(cut(step.title, titles - 1), titles), span(commands[0] ?? step.reason ?? '', 'dim')];
  const more = commands.slice(1).map((row): PanelRow => ({ line: [...gutter(), cell('', titles), span(row, 'dim')] }));
  const reason =
    step.reason === undefined || commands.length === 0
      ? []
      : [{ line: [...gutter(), cell('', titles), span(`because ${step.reason}`, 'dim')] }];
  return [{ line: first }, ...more, ...reason];
}

function aboveRows(step: StepOutline, width: number): readonly PanelRow[] {
  const reason = step.reason === undefined ? [] : [span(`  ${step.reason}`, 'dim')];
  return [
    { line: [...gutter(), span(step.title), ...reason] },
    ...foldCommand(step.command, width - GUTTER - 3).map((row) => textRow(`  ${row}`, 'dim')),
  ];
}

/** What already is as wished, host by host. */
export function unchangedRows(plan: PlanOutline, width: number): readonly PanelRow[] {
  if (plan.unchanged.length === 0) return [];
  const byHost = Map.groupBy(plan.unchanged, (resource) => resource.split('/')[0] ?? '');
  const name = nameColumn([...byHost.keys()], 8, 24);
  const rows = [...byHost].flatMap(([host, resources]) =>
    fold(resources.map((resource) => resource.slice(host.length + 1)).join(', '), width - GUTTER - name - 1).map(
      (row, index): PanelRow => ({ line: [...gutter(), nameCell(index === 0 ? host : '', name), span(row, 'dim')] }),
    ),
  );
  return [textRow(''), textRow('Unchanged', 'strong'), ...rows];
}
