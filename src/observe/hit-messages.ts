import { PetsError } from '../domain/errors.ts';
import { cleanText } from '../domain/text.ts';

export interface Counts {
  readonly total: number;
  readonly byContainer: Readonly<Record<string, number>>;
}

export interface HitMessage {
  readonly hit: string;
  readonly container: string;
  readonly total: number;
  readonly containerTotal: number;
}

/** As `app-image/PROTOCOL.md` names them. */
export function keysOf(role: string) {
  return { total: `pets:{${role}}:total`, byContainer: `pets:{${role}}:by-container`, hits: `pets:{${role}}:hits` };
}

/** What GET of the total and HGETALL of the containers gave; a database that never counted has neither. @throws PROTOCOL */
export function parseCounts(total: unknown, byContainer: unknown): Counts {
  return {
    total: total === null ? 0 : parseCount('the total', total),
    byContainer: Object.fromEntries(
      Object.entries(byContainer ?? {}).map(([name, hits]) => [cleanText(name), parseCount(`the hits of ${cleanText(name)}`, hits)]),
    ),
  };
}

function parseCount(what: string, value: unknown): number {
  const hits = toCount(value);
  if (hits !== undefined) return hits;
  throw new PetsError('PROTOCOL', {
    message: `the database holds '${cleanText(String(value))}' where ${what} should be`,
    hint: 'somebody else writes to the keys that app-image/PROTOCOL.md names',
  });
}

/** One publication, or undefined for what is none: everybody on the tenant's network may publish. */
export function parseHit(text: string): HitMessage | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { hit, container, ...counts } = value as Record<string, unknown>;
  const [total, containerTotal] = [toCount(counts.total), toCount(counts.containerTotal)];
  if (typeof hit !== 'string' || typeof container !== 'string' || total === undefined || containerTotal === undefined) return undefined;
  return { hit: cleanText(hit), container: cleanText(container), total, containerTotal };
}

function toCount(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}
