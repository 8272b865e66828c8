import type { HitCount, Totals } from './counter.ts';
import type { Settings } from './settings.ts';

/** What this process did with its page requests. */
export class HitTally {
  readonly #counts: Record<HitCount['outcome'], number> = { counted: 0, uncounted: 0, uncertain: 0 };

  add(count: HitCount): void {
    this.#counts[count.outcome] += 1;
  }

  get entries(): readonly (readonly [string, number])[] {
    return Object.entries(this.#counts);
  }
}

/** Prometheus text. The tenant's total is left out, not zero, while the database is away. */
export function renderMetrics(settings: Settings, tally: HitTally, totals: Totals | undefined): string {
  // Settings allow no quote or backslash in names, so labels need no escaping.
  const labels = `tenant="${settings.tenant}",container="${settings.instance}"`;
  const lines = [
    ...describeMetric('pets_page_requests_total', 'counter', 'Page requests answered by this process, by what became of the hit.'),
    ...tally.entries.map(([outcome, count]) => `pets_page_requests_total{${labels},outcome="${outcome}"} ${count}`),
    ...describeMetric('pets_database_up', 'gauge', 'Whether the database answered this scrape.'),
    `pets_database_up{${labels}} ${totals === undefined ? 0 : 1}`,
    ...processMetrics(labels),
  ];
  if (totals !== undefined) {
    lines.push(...describeMetric('pets_tenant_hits_total', 'counter', 'Hits of the tenant, as the database has them.'));
    lines.push(`pets_tenant_hits_total{tenant="${settings.tenant}"} ${totals.total}`);
  }
  return `${lines.join('\n')}\n`;
}

export function processMetrics(labels: string): string[] {
  return [
    ...describeMetric('pets_process_resident_memory_bytes', 'gauge', 'Resident memory of this process.'),
    `pets_process_resident_memory_bytes{${labels}} ${process.memoryUsage.rss()}`,
    ...describeMetric('pets_process_uptime_seconds', 'gauge', 'Age of this process.'),
    `pets_process_uptime_seconds{${labels}} ${process.uptime().toFixed(3)}`,
  ];
}

export function describeMetric(name: string, kind: 'counter' | 'gauge', help: string): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`];
}
