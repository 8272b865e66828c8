import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { HitCount, HitCounter } from './counter.ts';
import { HitTally, renderMetrics } from './metrics.ts';
import { renderPage } from './page.ts';
import { type Picture, pickPicture } from './pictures.ts';
import type { Settings } from './settings.ts';

/** What the routes need. Counter and pictures come as promises: the port answers before they are there. */
export interface WebParts {
  readonly settings: Settings;
  readonly counter: Promise<HitCounter>;
  readonly pictures: Promise<readonly [Picture, ...Picture[]]>;
}

type Route = (request: IncomingMessage, response: ServerResponse, parts: WebParts, tally: HitTally) => Promise<void> | void;

const ROUTES: Readonly<Record<string, Route>> = {
  '/': servePage,
  '/api/hits': serveHits,
  '/api/info': serveInfo,
  '/livez': (request, response) => sendText(request, response, 200, 'alive\n'),
  '/readyz': serveReadiness,
  '/metrics': serveMetrics,
};

const TOKEN = /^[A-Za-z0-9_-]{1,64}$/;
const SECURITY_HEADERS = {
  'content-security-policy': "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
} as const;

export function createWebServer(parts: WebParts): Server {
  const tally = new HitTally();
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000, maxHeaderSize: 8 * 1024 }, (request, response) => {
    answer(request, response, parts, tally).catch((error: unknown) => {
      console.error(
        `pets: ${request.method} ${JSON.stringify(request.url)} failed: ${error instanceof Error ? error.message : String(error)}`,
      );
      if (!response.headersSent) sendText(request, response, 500, 'this should not have happened; the log of the container says more\n');
      else response.destroy();
    });
  });
  return server;
}

async function answer(request: IncomingMessage, response: ServerResponse, parts: WebParts, tally: HitTally): Promise<void> {
  // Nobody sends a body to these routes; reading it away keeps the connection usable.
  request.resume();
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
  response.setHeader('x-pets-served-by', parts.settings.instance);
  response.setHeader('x-pets-tenant', parts.settings.tenant);
  const nonce = tokenHeader(request, 'x-pets-nonce');
  if (nonce !== undefined) response.setHeader('x-pets-nonce', nonce);

  const path = (request.url ?? '/').split('?')[0] ?? '/';
  const route = Object.hasOwn(ROUTES, path) ? ROUTES[path] : undefined;
  if (route === undefined) return sendText(request, response, 404, `not here; here is: ${Object.keys(ROUTES).join(' ')}\n`);
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    return sendText(request, response, 405, 'only GET and HEAD are served\n');
  }
  await route(request, response, parts, tally);
}

/** A page is a hit; asking for its head is not. A caller that retries sends the same `x-pets-hit` and is counted once. */
async function servePage(request: IncomingMessage, response: ServerResponse, parts: WebParts, tally: HitTally): Promise<void> {
  if (request.method === 'HEAD') return send(request, response, 200, 'text/html; charset=utf-8', '');
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
  const html = renderPage({ settings: parts.settings, picture: pickPicture(pictures), hit, count });
  send(request, response, 200, 'text/html; charset=utf-8', html);
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
  send(request, response, 200, 'text/plain; version=0.0.4; charset=utf-8', renderMetrics(parts.settings, tally, totals));
}

function tokenHeader(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' && TOKEN.test(value) ? value : undefined;
}

function sendJson(request: IncomingMessage, response: ServerResponse, status: number, body: object): void {
  send(request, response, status, 'application/json; charset=utf-8', `${JSON.stringify(body)}\n`);
}

function sendText(request: IncomingMessage, response: ServerResponse, status: number, text: string): void {
  send(request, response, status, 'text/plain; charset=utf-8', text);
}

function send(request: IncomingMessage, response: ServerResponse, status: number, contentType: string, body: string): void {
  response.statusCode = status;
  response.setHeader('content-type', contentType);
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  response.setHeader('content-length', Buffer.byteLength(body));
  response.end(body);
}
