import { SPARKLINE_SECONDS, type TenantContainer, type TenantRow } from '../../domain/select-hits.ts';
import { age, bar, count, duration } from '../format.ts';
import { cell, cellRight, fold, type Line, nameCell, nameColumn, type Span, span, type Tone, widthOf } from '../line.ts';
import { EMPTY_PANEL, GUTTER, gutter, type PanelContent, type PanelRow, textRow } from '../panel.ts';
import type { Scene } from '../scene.ts';
import { tenantTone } from '../theme.ts';
import { countSpans, pathOf, rateSpans, resultOf, tenantHistory } from './tenant-figures.ts';

/** Narrower than this, a tenant's sparkline gets a row of its own. */
const ONE_ROW = 84;

/** The tenants' counters: total, rate, history, who served, and what the last hit sent from here came to. */
export function hitsPanel(scene: Scene, width: number): PanelContent {
  const { tenants } = scene;
  const labels = tenants.map((tenant) => tenant.label);
  const name = nameColumn(labels, 10, width >= ONE_ROW ? 24 : 16);
  const rows = tenants.flatMap((tenant, index) => [
    ...(index === 0 ? [] : [textRow('')]),
    ...tenantRows(tenant, {
      width,
      name,
      now: scene.now,
      tone: tenantTone(tenant.place),
      here: tenants.length > 1 && tenant === scene.tenant,
    }),
  ]);
  const none = [textRow(''), textRow('No tenant is up: their counters come with the run.', 'dim')];
  return {
    ...EMPTY_PANEL,
    title: 'Hits',
    rows: rows.length > 0 ? rows : none,
    ...(tenants.length > 0 ? { list: { subject: 'tenant' as const, selected: scene.tenant?.outline.id } } : {}),
  };
}

interface Drawing {
  readonly width: number;
  /** Of the tenants' names, and of the space below them. */
  readonly name: number;
  readonly now: number;
  readonly tone: Tone;
  readonly here: boolean;
}

function tenantRows(tenant: TenantRow, drawing: Drawing): readonly PanelRow[] {
  const { width, now, tone, here } = drawing;
  const { id } = tenant.outline;
  if (tenant.status === 'gone') {
    const line = [...gutter({ here }), nameCell(tenant.label, drawing.name, 'dim'), span('taken down, and its counts with it', 'dim')];
    return [{ key: id, line }];
  }
  const name = nameCell(tenant.label, drawing.name, tone);
  const wide = width >= ONE_ROW;
  const history = Math.min(SPARKLINE_SECONDS, wide ? width - 54 - drawing.name : width - GUTTER - drawing.name - 2);
  const spark = tenantHistory(tenant, now, history, tone);
  const figures: Span[] = [...gutter({ here }), name, ...countSpans(tenant, 9), ...rateSpans(tenant, 10), span('  ')];
  const first: Line = wide ? [...figures, ...spark, span('  '), lastHit(tenant)] : [...figures, lastHit(tenant)];
  return [
    { key: id, line: first },
    ...(wide ? [] : [{ line: [...gutter(), cell('', drawing.name), ...spark] }]),
    ...statusRows(tenant, drawing),
    ...tenant.containers.map((container) => containerRow(container, tenant, drawing)),
    ...sentRows(tenant, drawing),
  ];
}

/** Nobody saw a hit come in: there was none, or it was counted before anybody looked. */
function lastHit(tenant: TenantRow): Span {
  if (tenant.lastHitAgoMs === undefined) return cell(tenant.total === 0 ? 'no hit yet' : '', 16, 'dim');
  return cell(tenant.lastHitAgoMs < 1000 ? 'last just now' : `last ${age(tenant.lastHitAgoMs)} ago`, 16, 'dim');
}

/** A container with its host, and what it has of the hits. */
function containerRow(container: TenantContainer, { containers }: TenantRow, { width, name, tone }: Drawing): PanelRow {
  const room = width - GUTTER - name;
  const names = nameColumn(
    containers.map((each) => each.name),
    14,
    Math.floor(room * 0.4),
  );
  const hosts = nameColumn(
    containers.map((each) => each.host ?? ''),
    8,
    Math.floor(room * 0.3),
  );
  const bars = Math.min(40, room - names - hosts - 12);
  const blocks = bars >= 8 ? [span('  '), span(bar(container.share, bars), tone)] : [];
  return {
    line: [
      ...gutter(),
      cell('', name),
      nameCell(container.name, names, container.isOver ? 'dim' : 'plain'),
      nameCell(container.host ?? '–', hosts, 'dim'),
      cellRight(count(container.hits), 9, container.isOver ? 'dim' : 'plain'),
      ...blocks,
    ],
  };
}

function statusRows(tenant: TenantRow, { width, name }: Drawing): readonly PanelRow[] {
  const rows: PanelRow[] = [];
  // Lost without a failure it was taken down, and comes up anew.
  const isAwaited = tenant.status === 'connecting' || (tenant.status === 'lost' && tenant.failure === undefined);
  if (isAwaited) rows.push({ line: [...gutter(), cell('', name), span('◐ ', 'busy'), span(`connecting to ${tenant.outline.db}`, 'dim')] });
  if (tenant.status === 'lost' && tenant.failure !== undefined) {
    const said = [
      `the counter is lost: ${tenant.failure.message}`,
      ...(tenant.failure.hint === undefined ? [] : [`→ ${tenant.failure.hint}`]),
    ];
    const folded = said.flatMap((text) => fold(text, width - GUTTER - name - 3));
    rows.push(
      ...folded.map(
        (text, index): PanelRow => ({
          line: [...gutter({ mark: 'failing' }), cell('', name), span(index === 0 ? '✕ ' : '  ', 'failing'), span(text)],
        }),
      ),
    );
  }
  if (tenant.wentBack)
    rows.push(
      ...toldRows('! ', 'warning', ['the count went back: the database started empty'], { width, name, marked: tenant.wentBackLately }),
    );
  return rows;
}

interface Telling extends Pick<Drawing, 'width' | 'name'> {
  /** Marked while it is new. */
  readonly marked: boolean;
}

/** What is told below a tenant's figures, whole: in one row where it fits, else each part in rows of its own. */
function toldRows(symbol: string, tone: Tone, parts: readonly string[], { width, name, marked }: Telling): readonly PanelRow[] {
  const room = width - GUTTER - name - 3;
  const joined = parts.join(', ');
  const rows = widthOf(joined) <= room ? [joined] : parts.flatMap((part) => fold(part, room));
  return rows.map(
    (text, index): PanelRow => ({
      line: [...gutter({ mark: marked ? tone : undefined }), cell('', name), span(index === 0 ? symbol : '  ', tone), span(text)],
    }),
  );
}

/** From where a hit was sent, and what became of it. */
function sentRows(tenant: TenantRow, { width, name }: Drawing): readonly PanelRow[] {
  const indent = cell('', name);
  if (tenant.sending) return [{ line: [...gutter(), indent, span('◐ ', 'busy'), span('sending', 'dim')] }];
  const sent = tenant.lastSent;
  if (sent === undefined) return [{ line: [...gutter(), indent, span(tenant.outline.url, 'dim')] }];
  const served = sent.sent === 1 && sent.counted === 1 && tenant.lastContainer !== undefined ? `served by ${tenant.lastContainer}, ` : '';
  const wanting = sent.counted !== sent.sent;
  const told = { width, name, marked: wanting && tenant.sentLately };
  const { failure } = sent;
  return [
    { line: [...gutter({ mark: told.marked ? 'warning' : undefined }), indent, span(pathOf(sent))] },
    ...toldRows(wanting ? '! ' : '✓ ', wanting ? 'warning' : 'ok', [resultOf(sent), `${served}${duration(sent.durationMs)}`], told),
    ...(failure === undefined
      ? []
      : toldRows('  ', 'warning', [failure.message, ...(failure.hint === undefined ? [] : [`→ ${failure.hint}`])], told)),
  ];
}
