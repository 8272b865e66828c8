import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

export type Route = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;

export interface RouteTable {
  /** Of every answer, besides what all answers carry. */
  readonly headers: Readonly<Record<string, string>>;
  /** By path, without a query. */
  readonly routes: Readonly<Record<string, Route>>;
}

const TOKEN = /^[A-Za-z0-9_-]{1,64}$/;
const SECURITY_HEADERS = { 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' } as const;

/** An HTTP server of a few paths, each for GET and HEAD; it repeats a caller's nonce, which proves who answered. */
export function createRouteServer(table: RouteTable): Server {
  return createServer({ requestTimeout: 10_000, headersTimeout: 5_000, maxHeaderSize: 8 * 1024 }, (request, response) => {
    answer(request, response, table).catch((error: unknown) => {
      console.error(
        `pets: ${request.method} ${JSON.stringify(request.url)} failed: ${error instanceof Error ? error.message : String(error)}`,
      );
      if (!response.headersSent) sendText(request, response, 500, 'this should not have happened; the log of the container says more\n');
      else response.destroy();
    });
  });
}

async function answer(request: IncomingMessage, response: ServerResponse, { headers, routes }: RouteTable): Promise<void> {
  // Nobody sends a body to these routes; reading it away keeps the connection usable.
  request.resume();
  for (const [name, value] of Object.entries({ ...SECURITY_HEADERS, ...headers })) response.setHeader(name, value);
  const nonce = tokenHeader(request, 'x-pets-nonce');
  if (nonce !== undefined) response.setHeader('x-pets-nonce', nonce);

  const path = (request.url ?? '/').split('?')[0] ?? '/';
  const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
  if (route === undefined) return sendText(request, response, 404, `not here; here is: ${Object.keys(routes).join(' ')}\n`);
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    return sendText(request, response, 405, 'only GET and HEAD are served\n');
  }
  await route(request, response);
}

export function tokenHeader(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' && TOKEN.test(value) ? value : undefined;
}

export function sendJson(request: IncomingMessage, response: ServerResponse, status: number, body: object): void {
  send(request, response, status, 'application/json; charset=utf-8', `${JSON.stringify(body)}\n`);
}

export function sendText(request: IncomingMessage, response: ServerResponse, status: number, text: string): void {
  send(request, response, status, 'text/plain; charset=utf-8', text);
}

export function sendHtml(request: IncomingMessage, response: ServerResponse, html: string): void {
  send(request, response, 200, 'text/html; charset=utf-8', html);
}

/** Prometheus text. */
export function sendMetrics(request: IncomingMessage, response: ServerResponse, text: string): void {
  send(request, response, 200, 'text/plain; version=0.0.4; charset=utf-8', text);
}

export function send(request: IncomingMessage, response: ServerResponse, status: number, contentType: string, body: string): void {
  response.statusCode = status;
  response.setHeader('content-type', contentType);
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  response.setHeader('content-length', Buffer.byteLength(body));
  response.end(body);
}
