import { selectHistory, type TenantRow } from '../../domain/select-hits.ts';
import { age, bar, count, duration, plural, rate } from '../format.ts';
import { cell, cellRight, fold, type Line, type Span, span, type Tone } from '../line.ts';
import { EMPTY_PANEL, GUTTER, gutter, type PanelContent, type PanelRow, textRow } from '../panel.ts';
import type { Scene } from '../scene.ts';
import { tenantTone } from '../theme.ts';
import { historySpans } from './history.ts';

/** Narrower than this, a tenant's sparkline gets a row of its own. */
const ONE_ROW = 84;

/** The tenants' counters: total, rate, history, who served, and what the last hit sent from here came to. */
export function hitsPanel(scene: Scene, width: number): PanelContent {
  const { tenants } = scene;
  const rows = tenants.flatMap((tenant, index) => [
    ...(index === 0 ? [] : [textRow('')]),
    ...tenantRows(tenant, { width, now: scene.now, tone: tenantTone(index), here: tenants.length > 1 && tenant === scene.tenant }),
  ]);
  const none = [textRow(''), textRow('No tenant is up: their counters come with the run.', 'dim')];
  return {
    ...EMPTY_PANEL,
    title: 'Hits',
    rows: rows.length > 0 ? rows : none,
    ...(tenants.length > 0 ? { list: { subject: 'tenant' as const, selected: scene.tenant?.outline.name } } : {}),
  };
}

interface Drawing {
  readonly width: number;
  readonly now: number;
  readonly tone: Tone;
  readonly here: boolean;
}

function tenantRows(tenant: TenantRow, drawing: Drawing): readonly PanelRow[] {
  const { width, now, tone, here } = drawing;
  if (tenant.status === 'gone') {
    return [
      {
        key: tenant.outline.name,
        line: [...gutter({ here }), cell(tenant.outline.name, 10, 'dim'), span('taken down, and its counts with it', 'dim')],
      },
    ];
  }
  const name = cell(tenant.outline.name, 10, tone);
  const wide = width >= ONE_ROW;
  const history = Math.min(60, wide ? width - 64 : width - GUTTER - 12);
  const spark = historySpans(selectHistory(tenant.buckets, now, history), tone);
  const figures: Span[] = [...gutter({ here }), name, ...counted(tenant), cellRight(rate(tenant.ratePerSecond), 10), span('  ')];
  const first: Line = wide ? [...figures, ...spark, span('  '), lastHit(tenant)] : [...figures, lastHit(tenant)];
  return [
    { key: tenant.outline.name, line: first },
    ...(wide ? [] : [{ line: [...gutter(), cell('', 10), ...spark] }]),
    ...statusRows(tenant, width),
    ...tenant.containers.map((container) => containerRow(container, width, tone)),
    ...sentRows(tenant, width),
  ];
}

/** Unknown is not zero: until the database was read, a question mark stands for the count. */
function counted(tenant: TenantRow): readonly Span[] {
  return [
    cellRight(tenant.total === undefined ? '?' : count(tenant.total), 9, 'strong'),
    cell(tenant.total === 1 ? ' hit' : ' hits', 5, 'dim'),
  ];
}

function lastHit(tenant: TenantRow): Span {
  if (tenant.lastHitAgoMs === undefined) return cell('no hit yet', 16, 'dim');
  return cell(tenant.lastHitAgoMs < 1000 ? 'last just now' : `last ${age(tenant.lastHitAgoMs)} ago`, 16, 'dim');
}

function containerRow(container: TenantRow['containers'][number], width: number, tone: Tone): PanelRow {
  const bars = Math.min(40, width - GUTTER - 46);
  const blocks = bars >= 8 ? [span('  '), span(bar(container.share, bars), tone)] : [];
  return { line: [...gutter(), cell('', 10), cell(container.name, 20), cellRight(count(container.hits), 9), ...blocks] };
}

function statusRows(tenant: TenantRow, width: number): readonly PanelRow[] {
  const rows: PanelRow[] = [];
  if (tenant.status === 'connecting')
    rows.push({ line: [...gutter(), cell('', 10), span('◐ ', 'busy'), span(`connecting to ${tenant.outline.db}`, 'dim')] });
  if (tenant.status === 'lost') {
    const said = [
      `the counter is lost: ${tenant.failure?.message ?? 'no answer'}`,
      ...(tenant.failure?.hint === undefined ? [] : [`→ ${tenant.failure.hint}`]),
    ];
    const folded = said.flatMap((text) => fold(text, width - GUTTER - 13));
    rows.push(
      ...folded.map(
        (text, index): PanelRow => ({
          line: [...gutter({ mark: 'failing' }), cell('', 10), span(index === 0 ? '✕ ' : '  ', 'failing'), span(text)],
        }),
      ),
    );
  }
  if (tenant.wentBack)
    rows.push({
      line: [...gutter({ mark: 'warning' }), cell('', 10), span('! ', 'warning'), span('the count went back: the database started empty')],
    });
  return rows;
}

/** From where a hit was sent, and what became of it. */
function sentRows(tenant: TenantRow, width: number): readonly PanelRow[] {
  const indent = cell('', 10);
  if (tenant.sending) return [{ line: [...gutter(), indent, span('◐ ', 'busy'), span('sending', 'dim')] }];
  const sent = tenant.lastSent;
  if (sent === undefined) return [{ line: [...gutter(), indent, span(tenant.outline.url, 'dim')] }];
  const ok = sent.counted === sent.sent;
  const served = sent.sent === 1 && sent.counted === 1 && tenant.lastContainer !== undefined ? `served by ${tenant.lastContainer}, ` : '';
  const result = sent.sent === 1 ? oneResult(sent) : manyResults(sent);
  const mark = ok ? undefined : ('warning' as const);
  const failure =
    sent.failure === undefined
      ? []
      : fold(`${sent.failure.message}${sent.failure.hint === undefined ? '' : ` → ${sent.failure.hint}`}`, width - GUTTER - 13);
  return [
    { line: [...gutter({ mark }), indent, span(`${sent.from} → ${sent.url}`)] },
    {
      line: [
        ...gutter({ mark }),
        indent,
        span(ok ? '✓ ' : '! ', ok ? 'ok' : 'warning'),
        span(result),
        span(`, ${served}${duration(sent.durationMs)}`, 'dim'),
      ],
    },
    ...failure.map((text): PanelRow => ({ line: [...gutter({ mark }), indent, span(`  ${text}`)] })),
  ];
}

type Sent = NonNullable<TenantRow['lastSent']>;

function oneResult(sent: Sent): string {
  if (sent.failed > 0) return 'no answer';
  if (sent.uncertain > 0) return 'answered, but whether it was counted is not known';
  return sent.counted > 0 ? 'answered and counted' : 'answered, but not counted';
}

function manyResults(sent: Sent): string {
  const parts = [`${plural(sent.sent, 'hit')} sent`, `${count(sent.counted)} counted`];
  if (sent.uncounted > 0) parts.push(`${count(sent.uncounted)} not counted`);
  if (sent.uncertain > 0) parts.push(`${count(sent.uncertain)} counted or not`);
  if (sent.failed > 0) parts.push(`${count(sent.failed)} failed`);
  return parts.join(', ');
}
