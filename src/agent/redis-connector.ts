import { Duplex } from 'node:stream';
import type { RedisOptions } from 'ioredis';

type ConnectorClass = NonNullable<RedisOptions['Connector']>;

/**
 * A class for ioredis's `Connector` option that speaks Redis over any stream, such as an agent's tunnel.
 * Each (re)connection opens a new one; an open that fails is an ordinary connection failure, which ioredis
 * retries by its retryStrategy. ioredis itself is loaded only by whoever makes the client.
 */
export function redisConnector(openStream: () => Promise<Duplex>): ConnectorClass {
  class StreamConnector {
    #stream: SocketLikeStream | undefined;

    // Rejecting here would end the client for good ("end", no retry), so failures travel as the stream's 'error'.
    connect(): Promise<SocketLikeStream> {
      this.#stream = new SocketLikeStream(openStream);
      return Promise.resolve(this.#stream);
    }

    disconnect(): void {
      this.#stream?.destroy();
    }

    /** ioredis asks whether the server that answered is the one that was wanted (sentinels only). */
    check(): boolean {
      return true;
    }
  }
  // ioredis types its connectors by an abstract class with private state and its streams as sockets; it calls only the above.
  return StreamConnector as unknown as ConnectorClass;
}

/** What ioredis uses of a socket: `connecting`, a 'connect' event, and setters that mean nothing in a tunnel. */
class SocketLikeStream extends Duplex {
  connecting = true;
  #inner: Duplex | undefined;
  #limit: NodeJS.Timeout | undefined;

  constructor(openStream: () => Promise<Duplex>) {
    super({ allowHalfOpen: false });
    openStream().then(
      (inner) => this.#adopt(inner),
      (error: unknown) => this.destroy(error instanceof Error ? error : new Error(String(error))),
    );
  }

  setKeepAlive(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  /** Only the limit on connecting is kept: an idle tunnel is no failure, the agent's heartbeat watches it. */
  setTimeout(timeoutMs: number, onTimeout?: () => void): this {
    clearTimeout(this.#limit);
    if (this.connecting && timeoutMs > 0 && onTimeout !== undefined) this.#limit = setTimeout(onTimeout, timeoutMs);
    return this;
  }

  override _read(): void {
    this.#inner?.resume();
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    if (this.#inner === undefined) callback(new Error('written before the tunnel stood'));
    else this.#inner.write(chunk, encoding, callback);
  }

  override _final(callback: () => void): void {
    this.#inner?.end();
    callback();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    clearTimeout(this.#limit);
    this.#inner?.destroy();
    callback(error);
  }

  #adopt(inner: Duplex): void {
    if (this.destroyed) {
      inner.destroy();
      return;
    }
    this.#inner = inner;
    inner.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) inner.pause();
    });
    inner.on('end', () => this.push(null));
    inner.on('error', (error) => this.destroy(error));
    inner.on('close', () => this.destroy());
    clearTimeout(this.#limit);
    this.connecting = false;
    this.emit('connect');
  }
}
