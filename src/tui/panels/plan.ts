import type { Obstacle, PlanOutline, StepOutline } from '../../domain/plan.ts';
import type { ScenarioOutline } from '../../domain/scenario.ts';
import { plural } from '../format.ts';
import { cell, fold, foldCommand, type Line, span, type Tone, widthOf } from '../line.ts';
import { EMPTY_PANEL, GUTTER, gutter, type PanelContent, type PanelRow, textRow } from '../panel.ts';
import { isBusy, type Scene } from '../scene.ts';

/** From this width on, steps stand beside their commands; below, above them. */
const BESIDE = 76;

/** What a scenario teaches, until its plan is asked for; then the plan. */
export function planPanel(scene: Scene, width: number): PanelContent {
  const { scenario } = scene;
  const { planning } = scene.state;
  if (scenario === undefined) {
    // Before the list was read there is nothing to say: the list says so itself.
    const said = scene.state.scenarios === undefined ? '' : 'A scenario file in ./scenarios shows here: what it teaches, then its plan.';
    return { ...EMPTY_PANEL, title: 'Plan', rows: [textRow(said, 'dim')] };
  }
  if (planning === undefined || planning.scenario !== scenario.name) return aboutScenario(scenario, width);
  if (planning.failure !== undefined) {
    const { message, hint } = planning.failure;
    return { ...EMPTY_PANEL, title: 'Plan', about: [span(scenario.name)], rows: [{ line: [] }, ...problem(message, hint, width)] };
  }
  if (planning.plan === undefined) {
    return {
      ...EMPTY_PANEL,
      title: 'Plan',
      about: [span(scenario.name)],
      rows: [{ line: [] }, { line: [...gutter(), span('◐ ', 'busy'), span('asking the hosts what they hold')] }],
    };
  }
  return planning.outdated === true ? outdated(planning.plan, width, isBusy(scene)) : planOf(planning.plan, width);
}

function aboutScenario(scenario: ScenarioOutline, width: number): PanelContent {
  const text = Math.min(width - GUTTER - 2, 84);
  const rows: PanelRow[] = [textRow(''), ...fold(scenario.summary, text).map((row) => textRow(row)), textRow('')];
  rows.push(...listing('Good for', scenario.benefits, text), ...listing('Limits', scenario.limits, text));
  rows.push({
    line: [...gutter(), span('enter', 'accent'), span(' shows the plan, beside the docker commands that do the same', 'dim')],
  });
  return { ...EMPTY_PANEL, title: scenario.title, about: [span(`${scenario.model} · project ${scenario.project}`, 'dim')], rows };
}

function listing(heading: string, texts: readonly string[], width: number): readonly PanelRow[] {
  if (texts.length === 0) return [];
  const bullets = texts.flatMap((text) => fold(text, width - 2).map((row, index) => textRow(`${index === 0 ? '· ' : '  '}${row}`)));
  return [textRow(heading, 'strong'), ...bullets, textRow('')];
}

function planOf(plan: PlanOutline, width: number): PanelContent {
  const rows: PanelRow[] = [
    ...plan.obstacles.flatMap((obstacle) => obstacleRows(obstacle, width)),
    ...plan.warnings.flatMap((warning) => [textRow(''), ...marked('!', 'warning', warning, width)]),
    ...stepRows(plan, width),
    ...unchangedRows(plan, width),
    textRow(''),
    { line: [...gutter(), ...nextStep(plan)] },
  ];
  return { ...EMPTY_PANEL, title: 'Plan', about: planFigures(plan), rows };
}

/** A plan that was run, or whose project changed since: dim, because it is no longer what a run would do. */
function outdated(plan: PlanOutline, width: number, busy: boolean): PanelContent {
  const { rows, about, ...panel } = planOf(plan, width);
  const said: Line = busy
    ? [span('◐ ', 'busy'), span('a run is on: the plan changes with it')]
    : [span('○ ', 'warning'), span('out of date: the project changed since.  '), span('enter', 'accent'), span(' plans again')];
  const dimmed = rows.slice(0, -2).map((row): PanelRow => ({ line: row.line.map((part) => span(part.text, 'dim')) }));
  return { ...panel, about: about.map((part) => span(part.text, 'dim')), rows: [textRow(''), { line: [...gutter(), ...said] }, ...dimmed] };
}

function planFigures(plan: PlanOutline): Line {
  const hosts = plan.hosts.map((host) => host.name).join(', ');
  const figures = [span(plan.scenario), span(`  ${plural(plan.steps.length, 'step')}${hosts === '' ? '' : ` on ${hosts}`}`, 'dim')];
  if (plan.unchanged.length > 0) figures.push(span(`  ${plan.unchanged.length} unchanged`, 'dim'));
  if (plan.obstacles.length > 0) figures.push(span(`  ✕ ${plural(plan.obstacles.length, 'obstacle')}`, 'failing'));
  return figures;
}

function nextStep(plan: PlanOutline): Line {
  if (plan.obstacles.length > 0) return [span('enter', 'accent'), span(' plans again, once the way is free', 'dim')];
  if (plan.steps.length === 0)
    return [
      span('✓', 'ok'),
      span(' everything is as the scenario wishes; ', 'dim'),
      span('enter', 'accent'),
      span(' runs it all the same and changes nothing', 'dim'),
    ];
  return [span('enter', 'accent'), span(' runs it', 'dim')];
}

function obstacleRows(obstacle: Obstacle, width: number): readonly PanelRow[] {
  const owner = obstacle.owner === undefined ? [] : [textRow(`  held by ${obstacle.owner}`)];
  return [
    textRow(''),
    ...marked('✕', 'failing', `${obstacle.host}: ${obstacle.message}`, width),
    ...owner,
    ...hintRows(obstacle.hint, width),
  ];
}

function problem(message: string, hint: string | undefined, width: number): readonly PanelRow[] {
  return [
    ...marked('✕', 'failing', message, width),
    ...(hint === undefined ? [] : hintRows(hint, width)),
    textRow(''),
    { line: [...gutter(), span('enter', 'accent'), span(' plans again', 'dim')] },
  ];
}

function marked(symbol: string, tone: Tone, text: string, width: number): readonly PanelRow[] {
  return fold(text, width - GUTTER - 3).map((row, index) => ({
    line: [...gutter({ mark: tone }), span(index === 0 ? `${symbol} ` : '  ', tone), span(row)],
  }));
}

function hintRows(hint: string, width: number): readonly PanelRow[] {
  return fold(hint, width - GUTTER - 5).map((row, index) => ({
    line: [...gutter(), span(index === 0 ? '  → ' : '    ', 'accent'), span(row)],
  }));
}

function stepRows(plan: PlanOutline, width: number): readonly PanelRow[] {
  const titles = Math.max(...plan.steps.map((step) => widthOf(step.title)), 10) + 2;
  const byHost = Map.groupBy(plan.steps, (step) => step.host);
  return [...byHost].flatMap(([host, steps]) => [
    textRow(''),
    textRow(host, 'strong'),
    ...steps.flatMap((step) => (width >= BESIDE ? besideRows(step, Math.min(titles, 34), width) : aboveRows(step, width))),
  ]);
}

function besideRows(step: StepOutline, titles: number, width: number): readonly PanelRow[] {
  const commands = foldCommand(step.command, width - GUTTER - titles - 1);
  const first: Line = [...gutter(), cell(step.title, titles), span(commands[0] ?? step.reason ?? '', 'dim')];
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

function unchangedRows(plan: PlanOutline, width: number): readonly PanelRow[] {
  if (plan.unchanged.length === 0) return [];
  const names = fold(plan.unchanged.join('  '), width - GUTTER - 1);
  return [textRow(''), textRow('Unchanged', 'strong'), ...names.map((row) => textRow(row, 'dim'))];
}
