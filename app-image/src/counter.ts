import { setTimeout as pause } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { openDatabase } from './database.ts';
import { HIT_MEMORY_SECONDS, HIT_SCRIPT, HIT_SCRIPT_SHA, keysOf } from './hit-script.ts';
import type { DatabaseAddress } from './settings.ts';

/**
 * `uncounted` is certain: the hit never left for the database, or was refused by it. `uncertain` is
 * the honest third: it was sent and no answer came in time, so it may have been counted.
 */
export type HitCount =
  | { readonly outcome: 'counted'; readonly total: number; readonly containerTotal: number }
  | { readonly outcome: 'uncounted' }
  | { readonly outcome: 'uncertain' };

export interface Totals {
  readonly total: number;
  readonly byContainer: Readonly<Record<string, number>>;
}

/** A page waits this long for its count: long enough for a database that is just starting, short enough for a reader. */
const COUNT_LIMIT_MS = 400;
const PING_LIMIT_MS = 250;
/** ioredis calls a connection ready for a moment after it broke: let that pass before the same hit is sent again. */
const BROKEN_PAUSE_MS = 10;

/** Refusals that Redis makes before a script runs, so nothing was counted. */
const REFUSED_BEFORE_RUNNING = /^(LOADING|READONLY|OOM|NOAUTH|NOPERM|MISCONF|MASTERDOWN)\b/;

export class HitCounter {
  readonly #tenant: string;
  readonly #instance: string;
  readonly #redis: Redis;
  #heardAt = performance.now();

  constructor(database: DatabaseAddress, tenant: string, instance: string) {
    this.#tenant = tenant;
    this.#instance = instance;
    this.#redis = openDatabase(database);
    this.#redis.on('ready', () => {
      this.#heardAt = performance.now();
    });
    tellOfChanges(this.#redis, database.text);
  }

  get connected(): boolean {
    return this.#redis.status === 'ready';
  }

  /** Counts a hit once, trying again with the same ID while the time allows. Never rejects. */
  async count(hit: string): Promise<HitCount> {
    const deadline = performance.now() + COUNT_LIMIT_MS;
    let sent = false;
    while (await this.#readyBefore(deadline)) {
      sent = true;
      const reply = await this.#beforeDeadline(this.#send(hit), deadline);
      if (reply.kind === 'answered') return { outcome: 'counted', total: reply.value[0], containerTotal: reply.value[1] };
      if (reply.kind === 'late') {
        this.#dropIfSilent();
        break;
      }
      if (reply.kind === 'refused') return { outcome: REFUSED_BEFORE_RUNNING.test(reply.message) ? 'uncounted' : 'uncertain' };
      await pause(BROKEN_PAUSE_MS);
    }
    return { outcome: sent ? 'uncertain' : 'uncounted' };
  }

  /** The tenant's numbers, or undefined while the database is away. */
  async readTotals(): Promise<Totals | undefined> {
    const keys = keysOf(this.#tenant);
    if (!this.connected) return undefined;
    const asked = Promise.all([this.#redis.get(keys.total), this.#redis.hgetall(keys.byContainer)]);
    const reply = await this.#beforeDeadline(asked, performance.now() + COUNT_LIMIT_MS);
    if (reply.kind !== 'answered') return undefined;
    const [total, byContainer] = reply.value;
    const counts = Object.entries(byContainer).map(([container, count]) => [container, Number(count)] as const);
    return { total: Number(total ?? 0), byContainer: Object.fromEntries(counts) };
  }

  /** Whether the database answers now. */
  async answers(): Promise<boolean> {
    if (!this.connected) return false;
    const reply = await this.#beforeDeadline(this.#redis.ping(), performance.now() + PING_LIMIT_MS);
    if (reply.kind === 'late') this.#dropIfSilent();
    return reply.kind === 'answered';
  }

  close(): void {
    this.#redis.disconnect();
  }

  async #send(hit: string): Promise<[number, number]> {
    const keys = keysOf(this.#tenant);
    const rest = [keys.hit(hit), keys.total, keys.byContainer, hit, this.#instance, keys.channel, HIT_MEMORY_SECONDS] as const;
    try {
      return (await this.#redis.evalsha(HIT_SCRIPT_SHA, 3, ...rest)) as [number, number];
    } catch (error) {
      // A database that restarted has forgotten the script; nothing ran, so it is sent whole.
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return (await this.#redis.eval(HIT_SCRIPT, 3, ...rest)) as [number, number];
    }
  }

  /** Waits for the connection; false when it does not come before the deadline. */
  #readyBefore(deadline: number): Promise<boolean> {
    const leftMs = deadline - performance.now();
    if (leftMs <= 0) return Promise.resolve(false);
    if (this.connected) return Promise.resolve(true);
    return new Promise((resolve) => {
      const settle = (ready: boolean) => {
        clearTimeout(timer);
        this.#redis.off('ready', onReady);
        resolve(ready);
      };
      const onReady = () => settle(true);
      const timer = setTimeout(() => settle(false), leftMs);
      this.#redis.once('ready', onReady);
    });
  }

  #beforeDeadline<T>(asked: Promise<T>, deadline: number): Promise<Reply<T>> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve({ kind: 'late' }), Math.max(0, deadline - performance.now()));
      const settle = (reply: Reply<T>) => {
        clearTimeout(timer);
        resolve(reply);
      };
      asked.then(
        (value) => {
          this.#heardAt = performance.now();
          settle({ kind: 'answered', value });
        },
        (error: unknown) => settle(isRedisReply(error) ? { kind: 'refused', message: error.message } : { kind: 'broken' }),
      );
    });
  }

  /** A connection on which nothing at all was heard is dead (a cut wire, a paused container): a fresh one recovers sooner. */
  #dropIfSilent(): void {
    if (this.connected && performance.now() - this.#heardAt >= PING_LIMIT_MS) this.#redis.disconnect(true);
  }
}

type Reply<T> =
  | { readonly kind: 'answered'; readonly value: T }
  /** Redis itself said no. */
  | { readonly kind: 'refused'; readonly message: string }
  /** The connection went away under the command. */
  | { readonly kind: 'broken' }
  | { readonly kind: 'late' };

function isRedisReply(error: unknown): error is Error {
  return error instanceof Error && error.name === 'ReplyError';
}

/** One line a change, in the container's log: the console waits for the first to call the container ready. */
function tellOfChanges(redis: Redis, database: string): void {
  let away = true;
  redis.on('ready', () => {
    away = false;
    console.log(`pets: database ${database} is ready`);
  });
  redis.on('close', () => {
    if (!away) console.log(`pets: database ${database} is away`);
    away = true;
  });
}
