import type { ScenarioOutline } from '../../domain/scenario.ts';
import { selectHoldings } from '../../domain/select.ts';
import { cell, fold, type Line, span } from '../line.ts';
import { EMPTY_PANEL, gutter, type PanelContent, type PanelRow, textRow } from '../panel.ts';
import { isBusy, type Scene } from '../scene.ts';

/** In a narrow list the name says enough: the panel beside it has the title. */
const TITLE_FROM = 60;

/** The scenarios, and below them the files that could not be read. */
export function scenarioListPanel(scene: Scene, width: number): PanelContent {
  const { scenarios = [], brokenScenarios } = scene.state;
  const name = Math.max(8, ...scenarios.map((scenario) => scenario.name.length)) + 2;
  const rows: PanelRow[] = scenarios.map((scenario) => {
    const here = scenario.name === scene.scenario?.name;
    return {
      key: scenario.name,
      line: [
        ...gutter({ here }),
        cell(scenario.name, name, here ? 'here' : 'plain'),
        ...whereItStands(scene, scenario),
        span(width >= TITLE_FROM ? scenario.title : '', 'dim'),
      ],
    };
  });
  if (scene.state.scenarios === undefined) rows.push({ line: [...gutter(), span('◐ ', 'busy'), span('reading the scenarios', 'dim')] });
  else if (scenarios.length === 0) rows.push(textRow('No scenario was found.', 'dim'));
  for (const broken of brokenScenarios) {
    rows.push({ line: [] }, { line: [...gutter({ mark: 'failing' }), span(`✕ ${broken.path}`, 'failing')] });
    rows.push(...fold(broken.message, width - 5).map((text) => textRow(`  ${text}`)));
  }
  return { ...EMPTY_PANEL, title: 'Scenarios', rows, list: { subject: 'scenario', selected: scene.scenario?.name } };
}

/** `● up` where hosts hold something of the project, `! in part` where some of it does not run, `◐ up` while a run is on: what the scenario is now, not what it was. */
function whereItStands(scene: Scene, scenario: ScenarioOutline): Line {
  if (scene.run?.scenario === scenario.name && isBusy(scene)) return [span('◐ ', 'busy'), cell(scene.run.verb, 9)];
  const up = selectHoldings(scene.state, scenario.project, scene.now).some((holding) => holding.containers + holding.services > 0);
  const isOf = ({ project }: { readonly project: string | undefined }) => project === scenario.project;
  const stuck = scene.swarms.swarms.some(({ services, tasks }) =>
    services.some(
      (service) => isOf(service) && (service.problem !== '' || tasks.some((task) => task.serviceId === service.id && task.problem !== '')),
    ),
  );
  if (up && (stuck || scene.halted.some(isOf))) return [span('! ', 'warning'), cell('in part', 9)];
  return up ? [span('● ', 'ok'), cell('up', 9)] : [cell('', 11)];
}
