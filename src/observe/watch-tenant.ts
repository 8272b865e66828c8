import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { redisConnector } from '../agent/redis-connector.ts';
import { failureOf, PetsError } from '../domain/errors.ts';
import type { TenantOutline, Unstamped } from '../domain/events.ts';
import { cleanText } from '../domain/text.ts';
import { type Counts, type HitMessage, keysOf, parseCounts, parseHit } from './hit-messages.ts';
import { pause } from './pause.ts';

type Emit = (event: Unstamped) => void;

export interface TenantWatch {
  readonly tenant: TenantOutline;
  /** The tenant key that the web image was given as ROLE: it names the keys in Redis. */
  readonly role: string;
  /** A fresh byte stream to the tenant's database, through whatever lies between. Waits while there is none; rejects when aborted. */
  readonly openStream: (signal: AbortSignal) => Promise<Duplex>;
}

/** The wait between two attempts doubles from the first to the second: an agent that cannot start must not keep its engine busy. */
const SHORTEST_RETRY_MS = 300;
const LONGEST_RETRY_MS = 5_000;
/** A paused database leaves its connection open and silent: only asking tells. */
const ASK_EVERY_MS = 2_500;
const COMMAND_DEADLINE_MS = 3_000;

/**
 * Tells every hit of a tenant as its database publishes it, until `signal` aborts. A loss is told once, and again if its
 * reason changes; the connection is made anew soon after, and the counts are then read afresh, so that nothing is counted
 * twice or missed. Throws nothing but bugs.
 */
export async function watchTenant(watch: TenantWatch, emit: Emit, signal: AbortSignal): Promise<void> {
  const tenant = watch.tenant.id;
  emit({ type: 'tenant.watched', tenant: watch.tenant });
  let told: string | undefined;
  let retryMs = SHORTEST_RETRY_MS;
  const onLive = () => {
    told = undefined;
    retryMs = SHORTEST_RETRY_MS;
  };
  while (!signal.aborted) {
    try {
      await followHits(watch, emit, signal, onLive);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof PetsError)) throw error;
      if (error.message !== told) emit({ type: 'tenant.lost', tenant, failure: failureOf(error) });
      told = error.message;
    }
    await pause(retryMs, signal);
    retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
  }
}

/** One connection's life: subscribe, read the counts at a marked place of the subscription, then follow. Ends by throwing. */
async function followHits(watch: TenantWatch, emit: Emit, outer: AbortSignal, onLive: () => void): Promise<never> {
  const tenant = watch.tenant.id;
  const end = new AbortController();
  const signal = AbortSignal.any([outer, end.signal]);
  // What broke a connection says more than what a command then makes of it ("Connection is closed").
  let breach: Error | undefined;
  const connect = () =>
    connectRedis(watch, signal).on('error', (error: Error) => {
      breach ??= error;
    });
  const [subscriber, reader] = [connect(), connect()];
  const broken = Promise.race([untilClosed(subscriber, watch), untilClosed(reader, watch), untilAborted(signal)]);
  const unlessBroken = <T>(work: Promise<T>) => Promise.race([broken, work]);
  try {
    await unlessBroken(Promise.all([subscriber.connect(), reader.connect()]));
    const subscription = await unlessBroken(subscribe(subscriber, keysOf(watch.role).hits));
    // The marker is published in the transaction that reads, so its place among the publications says which of them
    // the counts already hold.
    const [counts] = await unlessBroken(Promise.all([readCounts(reader, watch, subscription.marker), subscription.marked]));
    emit({ type: 'hits.read', tenant, ...counts });
    onLive();
    subscription.follow((hit) => emit({ type: 'hit.counted', tenant, ...hit }));
    return await unlessBroken(keepAsking(reader, signal));
  } catch (error) {
    throw describeLoss(breach ?? error, watch);
  } finally {
    end.abort();
    subscriber.disconnect();
    reader.disconnect();
  }
}

interface Subscription {
  /** The channel on which the marker is to be published. */
  readonly marker: string;
  /** Resolves when the marker came by. */
  readonly marked: Promise<void>;
  /** Hands on every hit after the marker, those that came meanwhile first. */
  follow(onHit: (hit: HitMessage) => void): void;
}

async function subscribe(subscriber: Redis, channel: string): Promise<Subscription> {
  const marker = `pets-console:marker:${randomUUID()}`;
  const marked = Promise.withResolvers<void>();
  const early: HitMessage[] = [];
  let afterMarker = false;
  let onHit = (hit: HitMessage) => {
    early.push(hit);
  };
  subscriber.on('message', (from, text) => {
    if (from === marker) {
      afterMarker = true;
      marked.resolve();
      return;
    }
    const hit = afterMarker ? parseHit(text) : undefined;
    if (hit !== undefined) onHit(hit);
  });
  await subscriber.subscribe(channel, marker);
  return {
    marker,
    marked: marked.promise,
    follow: (tell) => {
      onHit = tell;
      for (const hit of early) tell(hit);
    },
  };
}

async function readCounts(reader: Redis, { role }: TenantWatch, marker: string): Promise<Counts> {
  const keys = keysOf(role);
  const answers = await reader.multi().get(keys.total).hgetall(keys.byContainer).publish(marker, 'read').exec();
  const [total, byContainer] = answers ?? [];
  const refusal = total?.[0] ?? byContainer?.[0];
  if (refusal) throw refusal;
  return parseCounts(total?.[1], byContainer?.[1]);
}

async function keepAsking(reader: Redis, signal: AbortSignal): Promise<never> {
  for (;;) {
    await sleep(ASK_EVERY_MS, undefined, { signal });
    await reader.ping();
  }
}

function connectRedis(watch: TenantWatch, signal: AbortSignal): Redis {
  return new Redis({
    Connector: redisConnector(() => watch.openStream(signal)),
    lazyConnect: true,
    // The stream has deadlines of its own, and is waited for while there is no database.
    connectTimeout: 0,
    // Connections are made anew here, with a fresh reading of the counts: ioredis must not do it on its own.
    retryStrategy: () => null,
    autoResubscribe: false,
    enableReadyCheck: false,
    maxRetriesPerRequest: 0,
    commandTimeout: COMMAND_DEADLINE_MS,
  });
}

function untilClosed(redis: Redis, { tenant }: TenantWatch): Promise<never> {
  const message = `${tenant.db}: the connection to the database ended`;
  const hint = `is it stopped? docker logs ${tenant.db}`;
  return new Promise((_, reject) => {
    redis.once('end', () => reject(new PetsError('OBJECT_MISSING', { message, hint })));
  });
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    if (signal.aborted) reject(signal.reason);
  });
}

/** ioredis throws plain errors for what a database or a connection did; a TypeError is a bug of ours. */
function describeLoss(error: unknown, { tenant }: TenantWatch): unknown {
  if (error instanceof PetsError || !(error instanceof Error) || error instanceof TypeError) return error;
  return new PetsError('NOT_READY', {
    message: `${tenant.db}: the database does not answer as it should: ${cleanText(error.message)}`,
    hint: `docker logs ${tenant.db}`,
    cause: error,
  });
}
