import { describeMetric, processMetrics } from './metrics.ts';
import type { DatabaseView } from './tenant-database.ts';

/** Prometheus text. Hits of a database that is away are left out, not told as if they were of now. */
export function renderAdminMetrics(views: readonly DatabaseView[], instance: string): string {
  const totals = views
    .filter(({ state }) => state === 'live')
    .flatMap(({ database, tenants }) => tenants.map((each) => ({ ...each, database: database.text })));
  // Settings allow no quote or backslash in names and addresses, so labels need no escaping.
  const lines = [
    ...describeMetric('pets_database_up', 'gauge', 'Whether the database answered this scrape.'),
    ...views.map(({ database, state }) => `pets_database_up{database="${database.text}"} ${state === 'away' ? 0 : 1}`),
    ...(totals.length === 0 ? [] : describeMetric('pets_tenant_hits_total', 'counter', 'Hits of the tenant, as the database has them.')),
    ...totals.map(({ tenant, database, total }) => `pets_tenant_hits_total{tenant="${tenant}",database="${database}"} ${total}`),
    ...processMetrics(`container="${instance}"`),
  ];
  return `${lines.join('\n')}\n`;
}
