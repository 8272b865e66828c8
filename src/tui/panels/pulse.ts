import type { TenantRow } from '../../domain/select-hits.ts';
import { plural } from '../format.ts';
import { BLANK, cutMiddle, fitLine, type Line, nameCell, nameColumn, type Span, span, spread } from '../line.ts';
import { focusedPanel, PANELS_OF_VIEW } from '../navigation.ts';
import type { Scene } from '../scene.ts';
import { tenantTone } from '../theme.ts';
import { PANEL_NAMES } from './names.ts';
import { attachedTo } from './network-words.ts';
import { countSpans, pathOf, rateSpans, resultOf, tenantHistory } from './tenant-figures.ts';

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
          nameCell(tenant.label, nameColumn([tenant.label], 8, 14), tenantTone(tenant.place)),
          ...countSpans(tenant, 8),
          ...rateSpans(tenant, 9),
          span('  '),
          ...tenantHistory(tenant, scene.now, 16, tenantTone(tenant.place)),
        ];
  const net: Line =
    network === undefined
      ? []
      : [
          span(cutMiddle(network.live.name, 16)),
          span(`${scene.hosts.length > 1 ? ` · ${cutMiddle(network.host, 10)}` : ''} · ${plural(attachedTo(network), 'endpoint')} `, 'dim'),
        ];
  return [sentLately(tenant), spread(hits, net, scene.columns)];
}

/** For a few seconds after a key sent hits: from where they went, and what came of them. */
function sentLately(tenant: TenantRow | undefined): Line {
  const sent = tenant?.lastSent;
  if (tenant === undefined || sent === undefined || !tenant.sentLately || tenant.sending) return BLANK;
  const counted = sent.counted === sent.sent;
  return [span('   '), span(pathOf(sent), 'dim'), span(counted ? '  ✓ ' : '  ! ', counted ? 'ok' : 'warning'), span(resultOf(sent))];
}
