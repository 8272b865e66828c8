import { selectHistory } from '../../domain/select-hits.ts';
import { count, plural, rate } from '../format.ts';
import { BLANK, cell, cellRight, fitLine, type Line, type Span, span, spread } from '../line.ts';
import { focusedPanel, PANELS_OF_VIEW } from '../navigation.ts';
import type { Scene } from '../scene.ts';
import { tenantTone } from '../theme.ts';
import { historySpans } from './history.ts';
import { PANEL_NAMES } from './names.ts';

/** Where panels are folded away, their names: the one shown stands out, tab turns to the next. */
export function foldedTabs(scene: Scene): readonly Line[] {
  const panels = PANELS_OF_VIEW[scene.navigation.view];
  if (panels.length < 2) return [];
  const here = focusedPanel(scene.navigation);
  const names = panels.flatMap((panel): Span[] => [span('  '), span(PANEL_NAMES[panel], panel === here ? 'here' : 'dim')]);
  return [fitLine([span('  tab', 'accent'), ...names], scene.columns), BLANK];
}

/** Under a folded run, what it made in one row: so that the network and the hits are seen coming alive whatever panel is open. */
export function pulseLines(scene: Scene): readonly Line[] {
  if (scene.navigation.view !== 'run') return [];
  const { tenant, network } = scene;
  const hits: Line =
    tenant === undefined || tenant.status === 'gone'
      ? []
      : [
          span('   '),
          cell(tenant.outline.name, 8, tenantTone(0)),
          cellRight(tenant.total === undefined ? '?' : count(tenant.total), 8, 'strong'),
          cell(tenant.total === 1 ? ' hit' : ' hits', 5, 'dim'),
          cellRight(rate(tenant.ratePerSecond), 9),
          span('  '),
          ...historySpans(selectHistory(tenant.buckets, scene.now, 16), tenantTone(0)),
        ];
  const net: Line =
    network === undefined ? [] : [span(network.live.name), span(` · ${plural(network.live.endpoints.length, 'endpoint')} `, 'dim')];
  return [BLANK, spread(hits, net, scene.columns)];
}
