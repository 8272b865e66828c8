import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { redisConnector } from '../agent/redis-connector.ts';
import { failureOf, PetsError } from '../domain/errors.ts';
import type { TenantOutline, Unstamped } from '../domain/events.ts';
import { cleanText } from '../domain/text.ts';

type Emit = (event: Unstamped) => void;

export interface TenantWatch {
  readonly tenant: TenantOutline;
  /** The tenant key that the web image was given as ROLE: it names the keys in Redis. */
  readonly role: string;
  /** A fresh byte stream to the tenant's database, through whatever lies between; rejects while there is none. */
  readonly openStream: (signal: AbortSignal) => Promise<Duplex>;
}

const RETRY_MS = 300;
const COMMAND_DEADLINE_MS = 5_000;

/**
 * Tells every hit of a tenant as its database publishes it, until `signal` aborts. A lost connection is told once
 * and made anew soon after; the counts are then read afresh, so that nothing is counted twice or missed.
 */
export async function watchTenant(watch: TenantWatch, emit: Emit, signal: AbortSignal): Promise<void> {
  const name = watch.tenant.name;
  emit({ type: 'tenant.watched', tenant: watch.tenant });
  let lost = false;
  while (!signal.aborted) {
    try {
      await followHits(watch, emit, signal, () => {
        lost = false;
      });
    } catch (error) {
      if (!signal.aborted && !lost) emit({ type: 'tenant.lost', tenant: name, failure: failureOf(error) });
      lost = true;
    }
    await sleep(RETRY_MS, undefined, { signal }).catch(() => {});
  }
}

/** One connection's life: subscribe, read the counts at a marked place of the subscription, then follow. */
async function followHits(watch: TenantWatch, emit: Emit, signal: AbortSignal, onLive: () => void): Promise<void> {
  const keys = keysOf(watch.role);
  const end = new AbortController();
  const until = AbortSignal.any([signal, end.signal]);
  const [subscriber, reader] = [connectRedis(watch, until), connectRedis(watch, until)];
  try {
    const marker = `pets-console:marker:${randomUUID()}`;
    const readCounts = async (): Promise<Counts> => {
      // The marker is published in the same transaction as the reading, so its place in the subscription says
      // exactly which publications the reading already holds.
      const answer = await reader.multi().get(keys.total).hgetall(keys.byContainer).publish(marker, 'read').exec();
      return parseCounts(answer);
    };
    const failed = Promise.race([closed(subscriber), closed(reader)]);
    await Promise.race([failed, Promise.all([subscriber.connect(), reader.connect()])]);
    await Promise.race([failed, subscriber.subscribe(keys.hits, marker)]);
    const marked = Promise.withResolvers<void>();
    let counts: Counts | undefined;
    const early: HitMessage[] = [];
    let passedMarker = false;
    const tell = (hit: HitMessage) => emit({ type: 'hit.counted', tenant: watch.tenant.name, ...hit });
    subscriber.on('message', (channel, text) => {
      if (channel === marker) {
        passedMarker = true;
        marked.resolve();
        return;
      }
      const hit = passedMarker ? parseHit(text) : undefined;
      if (hit === undefined) return;
      if (counts === undefined) early.push(hit);
      else tell(hit);
    });
    const [read] = await Promise.race([failed, Promise.all([readCounts(), marked.promise])]);
    counts = read;
    emit({ type: 'hits.read', tenant: watch.tenant.name, ...read });
    onLive();
    for (const hit of early) tell(hit);
    await failed;
  } finally {
    end.abort();
    subscriber.disconnect();
    reader.disconnect();
  }
}

function connectRedis(watch: TenantWatch, signal: AbortSignal): Redis {
  const redis = new Redis({
    Connector: redisConnector(() => watch.openStream(signal)),
    lazyConnect: true,
    // Connections are made anew here, with a fresh reading of the counts: ioredis must not do it on its own.
    retryStrategy: () => null,
    autoResubscribe: false,
    enableReadyCheck: false,
    maxRetriesPerRequest: 0,
    commandTimeout: COMMAND_DEADLINE_MS,
  });
  redis.on('error', () => {});
  return redis;
}

/** Rejects when the connection ends. */
function closed(redis: Redis): Promise<never> {
  const ended = new Promise<never>((_, reject) => {
    let reason: Error | undefined;
    redis.on('error', (error: Error) => {
      reason ??= error;
    });
    redis.on('end', () => {
      reject(
        reason instanceof PetsError
          ? reason
          : new PetsError('OBJECT_MISSING', {
              message: `the database's connection ended${reason === undefined ? '' : `: ${cleanText(reason.message)}`}`,
              hint: 'it is tried again at once',
              cause: reason,
            }),
      );
    });
  });
  ended.catch(() => {});
  return ended;
}

interface Counts {
  readonly total: number;
  readonly byContainer: Readonly<Record<string, number>>;
}

interface HitMessage {
  readonly hit: string;
  readonly container: string;
  readonly total: number;
  readonly containerTotal: number;
}

/** As `app-image/PROTOCOL.md` names them. */
function keysOf(role: string) {
  return { total: `pets:{${role}}:total`, byContainer: `pets:{${role}}:by-container`, hits: `pets:{${role}}:hits` };
}

function parseCounts(answer: [error: Error | null, result: unknown][] | null): Counts {
  const [total, byContainer] = answer ?? [];
  const error = total?.[0] ?? byContainer?.[0];
  if (error) throw error;
  const perContainer = Object.entries((byContainer?.[1] ?? {}) as Record<string, string>);
  return {
    total: count(total?.[1]),
    byContainer: Object.fromEntries(perContainer.map(([name, hits]) => [cleanText(name), count(hits)])),
  };
}

function parseHit(text: string): HitMessage | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { hit, container, total, containerTotal } = value as Record<string, unknown>;
  if (typeof hit !== 'string' || typeof container !== 'string') return undefined;
  return { hit: cleanText(hit), container: cleanText(container), total: count(total), containerTotal: count(containerTotal) };
}

/** Whatever stands there that is not a count of hits counts as none. */
function count(value: unknown): number {
  const number = Number(value ?? 0);
  return Number.isSafeInteger(number) && number >= 0 ? number : 0;
}
