import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { HitCount, HitCounter } from './counter.ts';
import { HitTally, renderMetrics } from './metrics.ts';
import { renderPage } from './page.ts';
import { type Picture, pickPicture } from './pictures.ts';
import { createRouteServer, type Route, sendHtml, sendJson, sendMetrics, sendText, tokenHeader } from './route-server.ts';
import type { Settings } from './settings.ts';

/** What the routes need. Counter and pictures come as promises: the port answers before they are there. */
export interface WebParts {
  readonly settings: Settings;
  readonly counter: Promise<HitCounter>;
  readonly pictures: Promise<readonly [Picture, ...Picture[]]>;
}

type Answer = (request: IncomingMessage, response: ServerResponse, parts: WebParts, tally: HitTally) => Promise<void> | void;

const ANSWERS: Readonly<Record<string, Answer>> = {
  '/': servePage,
  '/api/hits': serveHits,
  '/api/info': serveInfo,
  '/livez': (request, response) => sendText(request, response, 200, 'alive\n'),
  '/readyz': serveReadiness,
  '/metrics': serveMetrics,
};

const CONTENT_SECURITY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

export function createWebServer(parts: WebParts): Server {
  const tally = new HitTally();
  const routes = Object.entries(ANSWERS).map(([path, answer]): [string, Route] => [
    path,
    (request, response) => answer(request, response, parts, tally),
  ]);
  const { instance, tenant } = parts.settings;
  const headers = { 'content-security-policy': CONTENT_SECURITY, 'x-pets-served-by': instance, 'x-pets-tenant': tenant };
  return createRouteServer({ headers, routes: Object.fromEntries(routes) });
}

/** A page is a hit; asking for its head is not. A caller that retries sends the same `x-pets-hit` and is counted once. */
async function servePage(request: IncomingMessage, response: ServerResponse, parts: WebParts, tally: HitTally): Promise<void> {
  if (request.method === 'HEAD') return sendHtml(request, response, '');
  const hit = tokenHeader(request, 'x-pets-hit') ?? randomUUID();
  const [counter, pictures] = await Promise.all([parts.counter, parts.pictures]);
  const count = await counter.count(hit);
  tally.add(count);
  response.setHeader('x-pets-hit', hit);
  response.setHeader('x-pets-counted', COUNTED_HEADER[count.outcome]);
  if (count.outcome === 'counted') {
    response.setHeader('x-pets-hits', String(count.total));
    response.setHeader('x-pets-container-hits', String(count.containerTotal));
  }
  sendHtml(request, response, renderPage({ settings: parts.settings, picture: pickPicture(pictures), hit, count }));
}

const COUNTED_HEADER: Readonly<Record<HitCount['outcome'], string>> = { counted: 'true', uncounted: 'false', uncertain: 'uncertain' };

async function serveHits(request: IncomingMessage, response: ServerResponse, parts: WebParts): Promise<void> {
  const totals = await (await parts.counter).readTotals();
  const { tenant } = parts.settings;
  if (totals === undefined) return sendJson(request, response, 503, { tenant, database: 'away' });
  sendJson(request, response, 200, { tenant, database: 'connected', ...totals });
}

async function serveInfo(request: IncomingMessage, response: ServerResponse, parts: WebParts): Promise<void> {
  const [counter, pictures] = await Promise.all([parts.counter, parts.pictures]);
  const { tenant, instance, hostname, database } = parts.settings;
  sendJson(request, response, 200, {
    tenant,
    servedBy: instance,
    hostname,
    database: { address: database.text, state: counter.connected ? 'connected' : 'away' },
    pictures: pictures.map((picture) => picture.name),
    node: process.version,
    uptimeMs: Math.round(process.uptime() * 1000),
  });
}

async function serveReadiness(request: IncomingMessage, response: ServerResponse, parts: WebParts): Promise<void> {
  if (await (await parts.counter).answers()) return sendText(request, response, 200, 'ready\n');
  sendText(request, response, 503, `the database ${parts.settings.database.text} does not answer\n`);
}

async function serveMetrics(request: IncomingMessage, response: ServerResponse, parts: WebParts, tally: HitTally): Promise<void> {
  const totals = await (await parts.counter).readTotals();
  sendMetrics(request, response, renderMetrics(parts.settings, tally, totals));
}
