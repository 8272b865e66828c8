import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { Totals } from './counter.ts';
import { openDatabase } from './database.ts';
import { keysOf } from './hit-script.ts';
import { type NamedDatabase, NAME as TENANT } from './settings.ts';
import { whyAway } from './why-away.ts';

/** `empty` answers, and holds no tenant's hits yet. */
export type DatabaseState = 'live' | 'empty' | 'away';

export interface TenantTotals extends Totals {
  readonly tenant: string;
}

export interface DatabaseView {
  readonly database: NamedDatabase;
  readonly state: DatabaseState;
  /** When it came to be so, ms since 1970; of one that is away: when it was last heard, or when we began to ask. */
  readonly sinceMs: number;
  /** Why it is away, in words; empty while it answers. */
  readonly why: string;
  /** While it is away: what it held when it was last heard. */
  readonly tenants: readonly TenantTotals[];
}

/** Nothing heard for so long is silence. */
const READ_LIMIT_MS = 1000;
/** From one reading to the next, however many ask: those who ask meanwhile wait for it together. */
const PAUSE_MS = 50;
/** One step of a search looks at about a thousand keys; a larger database is searched over several readings. */
const SEARCH_STEPS = 20;
const KEYS_A_STEP = 1000;
/** More tenants than anyone will look at; the rest of a strange database is left alone. */
const MAX_TENANTS = 100;
const TOTAL_KEY = /^pets:\{(.+)\}:total$/;

/** One database, asked which tenants it serves and what they have: the keys tell, no name does. */
export class TenantDatabase {
  readonly #database: NamedDatabase;
  readonly #redis: Redis;
  readonly #known = new Set<string>();
  #view: DatabaseView;
  #cursor = '0';
  #readAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;
  #lastError: unknown;
  readonly #answered = Promise.withResolvers<void>();

  constructor(database: NamedDatabase) {
    this.#database = database;
    this.#view = { database, state: 'away', sinceMs: Date.now(), why: whyAway(undefined), tenants: [] };
    this.#redis = openDatabase(database);
    this.#redis.on('connect', () => {
      this.#lastError = undefined;
    });
    this.#redis.on('ready', () => void this.refresh());
    this.#redis.on('error', (error: unknown) => {
      this.#lastError = error;
    });
    this.#redis.on('close', () => this.#lose(this.#lastError, Date.now()));
  }

  get view(): DatabaseView {
    return this.#view;
  }

  /** Resolves when it has answered for the first time. */
  get answered(): Promise<void> {
    return this.#answered.promise;
  }

  /** Resolves when a reading that was begun after this call is done, or the database known to be away. Never rejects. */
  refresh(): Promise<void> {
    if (this.#redis.status !== 'ready') return Promise.resolve();
    this.#next ??= this.#readNext();
    return this.#next;
  }

  close(): void {
    this.#redis.disconnect();
  }

  async #readNext(): Promise<void> {
    await this.#reading;
    const pauseMs = this.#readAt + PAUSE_MS - performance.now();
    if (pauseMs > 0) await sleep(pauseMs);
    this.#next = undefined;
    if (this.#redis.status !== 'ready') return;
    this.#reading = this.#read();
    await this.#reading;
  }

  async #read(): Promise<void> {
    const begunAt = Date.now();
    try {
      const tenants = await beforeLimit(this.#readTenants(), READ_LIMIT_MS);
      this.#readAt = performance.now();
      this.#become({ state: tenants.length === 0 ? 'empty' : 'live', tenants });
    } catch (error) {
      // A connection that broke is told of by its own event, with the reason.
      if (error instanceof Silence || (error instanceof Error && error.name === 'ReplyError')) this.#lose(error, begunAt);
      // A connection on which nothing comes is dead (a cut wire, a paused container): a fresh one recovers sooner.
      if (error instanceof Silence) this.#redis.disconnect(true);
    }
  }

  async #readTenants(): Promise<readonly TenantTotals[]> {
    await this.#search();
    const read = await Promise.all([...this.#known].map((tenant) => this.#readTotals(tenant)));
    return read.filter((totals) => totals !== undefined).sort((left, right) => (left.tenant < right.tenant ? -1 : 1));
  }

  /** Goes on where the last search stopped, so that no reading of a large database takes long. */
  async #search(): Promise<void> {
    for (let step = 0; step < SEARCH_STEPS; step += 1) {
      const [cursor, keys] = await this.#redis.scan(this.#cursor, 'MATCH', keysOf('*').total, 'COUNT', KEYS_A_STEP);
      this.#cursor = cursor;
      for (const key of keys) {
        const tenant = TOTAL_KEY.exec(key)?.[1] ?? '';
        if (TENANT.test(tenant) && this.#known.size < MAX_TENANTS) this.#known.add(tenant);
      }
      if (cursor === '0') return;
    }
  }

  /** Undefined where the tenant is gone, or its keys hold something else. */
  async #readTotals(tenant: string): Promise<TenantTotals | undefined> {
    const keys = keysOf(tenant);
    try {
      const [total, byContainer] = await Promise.all([this.#redis.get(keys.total), this.#redis.hgetall(keys.byContainer)]);
      if (total !== null && isCount(total)) {
        const counts = Object.entries(byContainer).filter(([, count]) => isCount(count));
        return { tenant, total: Number(total), byContainer: Object.fromEntries(counts.map(([name, count]) => [name, Number(count)])) };
      }
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('WRONGTYPE')) throw error;
    }
    this.#known.delete(tenant);
    return undefined;
  }

  #become(next: { readonly state: 'live' | 'empty'; readonly tenants: readonly TenantTotals[] }): void {
    const names = (tenants: readonly TenantTotals[]) => tenants.map(({ tenant }) => tenant).join(', ');
    const changed = this.#view.state !== next.state;
    if (changed || names(this.#view.tenants) !== names(next.tenants)) {
      console.log(`pets: database ${this.#database.text} answers: ${next.state === 'empty' ? 'no tenant yet' : names(next.tenants)}`);
    }
    this.#view = { database: this.#database, sinceMs: changed ? Date.now() : this.#view.sinceMs, why: '', ...next };
    this.#answered.resolve();
  }

  #lose(error: unknown, heardMs: number): void {
    const why = whyAway(error);
    if (this.#view.state !== 'away') {
      console.log(`pets: database ${this.#database.text} is away: ${why}`);
      // Another one may answer in its place, with other tenants.
      this.#known.clear();
      this.#cursor = '0';
      this.#readAt = Number.NEGATIVE_INFINITY;
      this.#view = { ...this.#view, state: 'away', sinceMs: heardMs, why };
    } else this.#view = { ...this.#view, why };
  }
}

function isCount(text: string): boolean {
  return /^\d{1,15}$/.test(text);
}

/** No answer within the limit. */
class Silence extends Error {}

function beforeLimit<T>(asked: Promise<T>, limitMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Silence()), limitMs);
    asked.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
