import { ADMIN_SCRIPT } from './admin-script.ts';
import { ADMIN_STYLE } from './admin-style.ts';
import { escapeHtml, PAW, STYLE } from './page-parts.ts';
import { hueOf } from './pictures.ts';
import type { DatabaseView, TenantTotals } from './tenant-database.ts';

const HUE = 205;
/** Containers that come and go leave their counts behind: the largest are shown. */
const SHOWN_CONTAINERS = 5;

/** The whole document: complete without its script, which only puts newer numbers in their places. */
export function renderAdminPage(views: readonly DatabaseView[], instance: string, nowMs: number): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>All tenants · pets</title>
<link rel="icon" href="${PAW}">
<style>:root{--hue:${HUE}}${STYLE}${ADMIN_STYLE}</style>
</head>
<body>
<main id="tenants">
${renderTenants(views, nowMs)}</main>
<footer><p>Shown by <b id="served-by">${escapeHtml(instance)}</b></p><p id="lost" class="notice" role="alert" hidden></p></footer>
<script>${ADMIN_SCRIPT}</script>
</body>
</html>
`;
}

/** What changes while the page is open: a summary, and a card for each tenant and for each database without one. */
export function renderTenants(views: readonly DatabaseView[], nowMs: number): string {
  const cards = views.flatMap((view) =>
    view.tenants.length === 0 ? [renderTenantless(view, nowMs)] : view.tenants.map((totals) => renderTenant(view, totals, nowMs)),
  );
  return `${renderSummary(views)}<div class="cards">\n${cards.join('')}</div>\n`;
}

function renderSummary(views: readonly DatabaseView[]): string {
  const tenants = views.flatMap((view) => view.tenants);
  const total = tenants.reduce((sum, each) => sum + each.total, 0);
  const away = views.filter(({ state }) => state === 'away').length;
  // Without the databases that are away there may be more: then it is a lower bound.
  const hits = `${away > 0 ? 'at least ' : ''}${countOf(total, 'hit')}`;
  const names = new Set(tenants.map(({ tenant }) => tenant)).size;
  return `<header id="summary"><h1>All tenants</h1>
<p data-live>${countOf(names, 'tenant')}, ${hits}; ${views.length - away} of ${countOf(views.length, 'database')} ${views.length === 1 ? 'answers' : 'answer'}</p></header>
`;
}

function renderTenant(view: DatabaseView, { tenant, total, byContainer }: TenantTotals, nowMs: number): string {
  const name = escapeHtml(tenant);
  const away = view.state === 'away';
  return `<article id="${view.database.variable}-${name}" class="${view.state}" style="--hue:${hueOf(tenant)}">
<figure><img src="/picture?tenant=${name}" width="480" height="480" alt="A pet of tenant ${name}, drawn"></figure>
<section data-live>
<p class="top"><span class="tenant">${name}</span>${renderState(view)}</p>
<p class="count" style="--digits:${number(total).length}"><b>${number(total)}</b> <span>${total === 1 ? 'hit' : 'hits'}${away ? ' when last heard' : ''}</span></p>
${renderContainers(byContainer, total)}${renderDatabase(view, nowMs)}</section>
</article>
`;
}

function renderTenantless(view: DatabaseView, nowMs: number): string {
  const heading = view.state === 'away' ? 'tenant not known' : 'no tenant yet';
  return `<article id="${view.database.variable}" class="${view.state} tenantless" style="--hue:${HUE}">
<figure><img src="${PAW}" width="96" height="96" alt=""></figure>
<section data-live>
<p class="top"><span class="tenant">${heading}</span>${renderState(view)}</p>
${view.state === 'away' ? '' : '<p class="own">It holds no hits: the first page request of a web container brings its tenant.</p>\n'}${renderDatabase(view, nowMs)}</section>
</article>
`;
}

function renderState({ state }: DatabaseView): string {
  return `<span class="state">${state}</span>`;
}

function renderContainers(byContainer: Readonly<Record<string, number>>, total: number): string {
  const counts = Object.entries(byContainer).sort(
    ([leftName, left], [rightName, right]) => right - left || (leftName < rightName ? -1 : 1),
  );
  const rows = counts.slice(0, SHOWN_CONTAINERS).map(([container, count]) => {
    const share = Math.round((100 * count) / Math.max(1, total));
    return `<li style="--share:${share}%"><span>${escapeHtml(container.slice(0, 64))}</span> <b>${number(count)}</b></li>\n`;
  });
  const others = counts.length - rows.length;
  const rest = others > 0 ? `<li class="rest"><span>and ${countOf(others, 'container')} more</span></li>\n` : '';
  return rows.length === 0 ? '' : `<ul aria-label="Hits by web container">\n${rows.join('')}${rest}</ul>\n`;
}

function renderDatabase({ database, state, sinceMs, why }: DatabaseView, nowMs: number): string {
  const address = escapeHtml(database.text);
  const line = `<p class="database">Database <code>${address}</code> <small>${database.variable}</small></p>\n`;
  if (state !== 'away') return line;
  return `${line}<p class="notice" role="status">The database ${address} is away since ${timeOf(sinceMs)} (${ageOf(nowMs - sinceMs)}): ${escapeHtml(why)}.</p>\n`;
}

function timeOf(atMs: number): string {
  const iso = new Date(atMs).toISOString();
  return `<time datetime="${iso}">${iso.slice(11, 19)} UTC</time>`;
}

function ageOf(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

function number(count: number): string {
  return count.toLocaleString('en');
}

function countOf(count: number, noun: string): string {
  return `${number(count)} ${count === 1 ? noun : `${noun}s`}`;
}
