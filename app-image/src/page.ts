import type { HitCount } from './counter.ts';
import { escapeHtml, PAW, STYLE } from './page-parts.ts';
import { hueOf, type Picture } from './pictures.ts';
import type { Settings } from './settings.ts';

export interface PageFacts {
  readonly settings: Settings;
  readonly picture: Picture;
  readonly hit: string;
  readonly count: HitCount;
}

/** The page as one document: no script, nothing from outside, so it shows the same behind any firewall. */
export function renderPage({ settings, picture, hit, count }: PageFacts): string {
  const tenant = escapeHtml(settings.tenant);
  const database = escapeHtml(settings.database.text);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${tenant} · pets</title>
<link rel="icon" href="${PAW}">
<style>:root{--hue:${hueOf(settings.tenant)}}${STYLE}</style>
</head>
<body>
<main>
<figure><img src="${picture.dataUri}" width="480" height="480" alt="A pet of tenant ${tenant}, drawn"></figure>
<section>
<p class="tenant">${tenant}</p>
${renderCount(count, database)}
<dl>
<div><dt>Served by</dt><dd id="served-by">${escapeHtml(settings.instance)}</dd></div>
${hostRow(settings)}<div><dt>Database</dt><dd>${database}</dd></div>
<div><dt>This hit</dt><dd class="id">${escapeHtml(hit)}</dd></div>
</dl>
</section>
</main>
</body>
</html>
`;
}

/** Under Docker both are the short container ID, unless the instance was named. */
function hostRow({ instance, hostname }: Settings): string {
  return instance === hostname ? '' : `<div><dt>Host name</dt><dd>${escapeHtml(hostname)}</dd></div>\n`;
}

function renderCount(count: HitCount, database: string): string {
  switch (count.outcome) {
    case 'counted':
      return `<p class="count"><b id="hits">${count.total.toLocaleString('en')}</b> <span>${count.total === 1 ? 'hit' : 'hits'}</span></p>
<p class="own">${count.containerTotal.toLocaleString('en')} by this container</p>`;
    case 'uncounted':
      return `<p class="count"><span>not counted</span></p>
<p class="notice" role="status">The database ${database} is away: this hit was not counted.</p>`;
    case 'uncertain':
      return `<p class="count"><span>perhaps counted</span></p>
<p class="notice" role="status">The database ${database} did not answer in time: this hit may not have been counted.</p>`;
    default:
      return count satisfies never;
  }
}
