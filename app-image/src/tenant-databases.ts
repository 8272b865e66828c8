import type { NamedDatabase } from './settings.ts';
import { type DatabaseView, TenantDatabase } from './tenant-database.ts';

/** Without anyone looking, changes are still told in the log, and `away since` is known to the second. */
const WATCH_MS = 1000;
/** A reader waits so long for numbers of this very moment; a slow database then shows those before. */
const READER_LIMIT_MS = 150;
/** Databases that start together with us get this long before we say which of them answer. */
const FIRST_LIMIT_MS = 2000;

/** All databases, each on its own: what one does, or does not, delays no other. */
export class TenantDatabases {
  readonly #databases: readonly TenantDatabase[];
  readonly #watch: NodeJS.Timeout;

  constructor(databases: readonly NamedDatabase[]) {
    this.#databases = databases.map((database) => new TenantDatabase(database));
    this.#watch = setInterval(() => void this.#refresh(), WATCH_MS);
  }

  get views(): readonly DatabaseView[] {
    return this.#databases.map(({ view }) => view);
  }

  /** What each holds now, or held when it was last heard. */
  async read(): Promise<readonly DatabaseView[]> {
    await atMost(READER_LIMIT_MS, this.#refresh());
    return this.views;
  }

  /** Resolves once every database has answered, or has had time to. */
  async begun(): Promise<void> {
    await atMost(FIRST_LIMIT_MS, Promise.all(this.#databases.map((database) => database.answered)));
  }

  close(): void {
    clearInterval(this.#watch);
    for (const database of this.#databases) database.close();
  }

  #refresh(): Promise<unknown> {
    return Promise.all(this.#databases.map((database) => database.refresh()));
  }
}

function atMost(limitMs: number, waited: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, limitMs);
    void waited.then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
