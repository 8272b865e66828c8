import { connect, type Socket } from 'node:net';
import { AbstractConnector, Redis } from 'ioredis';
import { lookupName } from './resolve-name.ts';
import type { DatabaseAddress } from './settings.ts';

/** Web and database start together: the first tries come fast, then it settles. */
const EAGER_TRIES = 100;
const EAGER_RETRY_MS = 50;
const RETRY_MS = 200;
const CONNECT_LIMIT_MS = 400;
const HANDSHAKE_LIMIT_MS = 1000;

/**
 * A connection that never gives up and never queues: what cannot be sent now fails now, so that the
 * caller knows whether a hit has left. ioredis's own errors are expected while the database is away.
 */
export function openDatabase(database: DatabaseAddress): Redis {
  class DatabaseConnector extends AbstractConnector {
    constructor() {
      super(CONNECT_LIMIT_MS);
    }

    // A connector that rejects would end ioredis for good, so failures are left to the socket, whose 'error' is retried.
    override connect(): Promise<Socket> {
      const socket = connect({ host: database.host, port: database.port, lookup: lookupName });
      this.connecting = true;
      this.stream = socket;
      return Promise.resolve(socket);
    }
  }

  const redis = new Redis({
    Connector: DatabaseConnector,
    protocol: 2,
    disableClientInfo: true,
    connectTimeout: CONNECT_LIMIT_MS,
    retryStrategy: (tries) => (tries <= EAGER_TRIES ? EAGER_RETRY_MS : RETRY_MS),
    maxLoadingRetryTime: EAGER_RETRY_MS,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    enableAutoPipelining: true,
  });
  redis.on('error', () => undefined);
  endHungHandshakes(redis);
  return redis;
}

/** The kernel accepts for a paused or cut-off database, which then never answers: ioredis itself would wait for ever. */
function endHungHandshakes(redis: Redis): void {
  let limit: NodeJS.Timeout | undefined;
  redis.on('connect', () => {
    clearTimeout(limit);
    limit = setTimeout(() => redis.disconnect(true), HANDSHAKE_LIMIT_MS);
  });
  for (const over of ['ready', 'close'] as const) redis.on(over, () => clearTimeout(limit));
}
