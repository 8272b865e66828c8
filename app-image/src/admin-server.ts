import { createHash } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { renderAdminMetrics } from './admin-metrics.ts';
import { renderAdminPage, renderTenants } from './admin-page.ts';
import { ADMIN_SCRIPT } from './admin-script.ts';
import { loadPictures } from './pictures.ts';
import { createRouteServer, send, sendHtml, sendJson, sendMetrics, sendText } from './route-server.ts';
import { NAME } from './settings.ts';
import type { DatabaseView } from './tenant-database.ts';
import type { TenantDatabases } from './tenant-databases.ts';

const SCRIPT_HASH = createHash('sha256').update(ADMIN_SCRIPT).digest('base64');
const CONTENT_SECURITY = [
  "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
  `script-src 'sha256-${SCRIPT_HASH}'; connect-src 'self'`,
].join('; ');

/** A tenant's picture never changes while an image runs. */
const PICTURE_CACHE = 'public, max-age=86400';

/** The pages of all tenants. Nothing here waits long for a database: what it last said, and that it is away, is told instead. */
export function createAdminServer(databases: TenantDatabases, instance: string): Server {
  return createRouteServer({
    headers: { 'content-security-policy': CONTENT_SECURITY, 'x-pets-served-by': instance },
    routes: {
      '/': async (request, response) => sendHtml(request, response, renderAdminPage(await databases.read(), instance, Date.now())),
      '/tenants': async (request, response) => sendHtml(request, response, renderTenants(await databases.read(), Date.now())),
      '/picture': servePicture,
      '/api/hits': async (request, response) => sendJson(request, response, 200, hitsOf(await databases.read())),
      '/livez': (request, response) => sendText(request, response, 200, 'alive\n'),
      '/readyz': async (request, response) => serveReadiness(request, response, await databases.read()),
      '/metrics': async (request, response) => sendMetrics(request, response, renderAdminMetrics(await databases.read(), instance)),
    },
  });
}

/** One entry for each tenant in each database: of a tenant whose database was scaled, each holds a part. */
function hitsOf(views: readonly DatabaseView[]): object {
  return {
    tenants: views.flatMap(({ database, state, tenants }) => tenants.map((totals) => ({ ...totals, database: database.text, state }))),
    databases: views.map(({ database, state, sinceMs, why, tenants }) => ({
      variable: database.variable,
      address: database.text,
      state,
      since: new Date(sinceMs).toISOString(),
      ...(why === '' ? {} : { why }),
      tenants: tenants.map(({ tenant }) => tenant),
    })),
  };
}

/** One database that is away makes nobody unready: the others are still to be seen. */
function serveReadiness(request: IncomingMessage, response: ServerResponse, views: readonly DatabaseView[]): void {
  const lines = views.map(({ database, state, why }) => `${database.text} ${state}${why === '' ? '' : `: ${why}`}\n`);
  const ready = views.some(({ state }) => state !== 'away');
  sendText(request, response, ready ? 200 : 503, `${ready ? 'ready' : 'no database answers'}\n${lines.join('')}`);
}

async function servePicture(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const tenant = new URLSearchParams((request.url ?? '').split('?')[1]).get('tenant') ?? '';
  if (!NAME.test(tenant)) return sendText(request, response, 404, 'no tenant is called so\n');
  const [picture] = await loadPictures(join(import.meta.dirname, 'pictures'), tenant);
  response.setHeader('cache-control', PICTURE_CACHE);
  send(request, response, 200, 'image/svg+xml', picture.drawing);
}
