import { selectHistory, type TenantRow } from '../../domain/select-hits.ts';
import { age, count, plural, rate } from '../format.ts';
import { cell, cellRight, type Span, type Tone } from '../line.ts';
import { historySpans } from './history.ts';

/** The count and its word. Unknown is not zero: `?` until the database was read, and dim while the counter is not heard. */
export function countSpans(tenant: TenantRow, width: number): readonly Span[] {
  const silent = tenant.status !== 'live' && tenant.total !== undefined;
  return [
    cellRight(tenant.total === undefined ? '?' : count(tenant.total), width, silent ? 'dim' : 'strong'),
    cell(tenant.total === 1 ? ' hit' : ' hits', 5, 'dim'),
  ];
}

/** The rate; while the counter is not heard there is none, and the age of the count stands in its place. */
export function rateSpans(tenant: TenantRow, width: number): readonly Span[] {
  if (tenant.ratePerSecond !== undefined) return [cellRight(rate(tenant.ratePerSecond), width)];
  const old = tenant.silentMs === undefined || tenant.total === undefined ? '' : `○ ${age(tenant.silentMs)}`;
  return [cellRight(old, width, 'warning')];
}

/** The last `seconds` seconds; those since the counter fell silent are empty. */
export function tenantHistory(tenant: TenantRow, now: number, seconds: number, tone: Tone): readonly Span[] {
  const unknown = tenant.silentMs === undefined ? 0 : Math.floor(now / 1000) - Math.floor((now - tenant.silentMs) / 1000);
  return historySpans(selectHistory(tenant.buckets, now, seconds), tone, unknown);
}

type Sent = NonNullable<TenantRow['lastSent']>;

/** `from this machine → http://192.168.0.11:8000`. */
export function pathOf({ from, url }: Sent): string {
  return `from ${from === 'console' ? 'this machine' : from} → ${url}`;
}

/** What came of the hits that were sent last, in words. */
export function resultOf(sent: Sent): string {
  return sent.sent === 1 ? oneResult(sent) : manyResults(sent);
}

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
