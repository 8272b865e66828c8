import { cell, fold, type Line, span } from '../line.ts';
import { EMPTY_PANEL, gutter, type PanelContent, type PanelRow, textRow } from '../panel.ts';
import type { Scene } from '../scene.ts';

/** The scenarios, and below them the files that could not be read. */
export function scenarioListPanel(scene: Scene, width: number): PanelContent {
  const { scenarios, brokenScenarios } = scene.state;
  const name = Math.max(8, ...scenarios.map((scenario) => scenario.name.length)) + 2;
  const rows: PanelRow[] = scenarios.map((scenario) => {
    const here = scenario.name === scene.scenario?.name;
    return {
      key: scenario.name,
      line: [
        ...gutter({ here }),
        cell(scenario.name, name, here ? 'here' : 'plain'),
        span(scenario.title, 'dim'),
        ...runningMark(scene, scenario.name),
      ],
    };
  });
  if (scenarios.length === 0) rows.push(textRow('No scenario was found.', 'dim'));
  for (const broken of brokenScenarios) {
    rows.push({ line: [] }, { line: [...gutter({ mark: 'failing' }), span(`✕ ${broken.path}`, 'failing')] });
    rows.push(...fold(broken.message, width - 5).map((text) => textRow(`  ${text}`)));
  }
  return { ...EMPTY_PANEL, title: 'Scenarios', rows, list: { subject: 'scenario', selected: scene.scenario?.name } };
}

function runningMark(scene: Scene, scenario: string): Line {
  if (scene.run?.scenario !== scenario) return [];
  if (scene.run.phase === 'running') return [span('  ◐', 'busy')];
  return [];
}
