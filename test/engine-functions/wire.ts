import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';

/** A faulty wire in front of a real engine. */
export interface Wire {
  /** As engines are opened. */
  readonly endpoint: string;
  /** From now on nothing that the engine says gets through; what is said to it still does. */
  hang(): void;
  /** What was held back gets through, and all after it. */
  wake(): void;
  /** Ends every connection at once. */
  cut(): void;
  close(): Promise<void>;
}

export interface WireFault {
  /** Changes what the engine says: an older version of the API, a message never seen. */
  readonly rewrite?: (text: string) => string;
  readonly tls?: TlsOptions;
}

/** Lays a wire from a socket path, or a port of loopback for TLS, to the engine's socket. */
export async function layWire(engineSocket: string, at: { path: string } | { port: number }, fault: WireFault = {}): Promise<Wire> {
  const pairs = new Set<readonly [Duplex, Socket]>();
  let hung = false;
  const onConnection = (near: Duplex) => {
    const far = connect({ path: engineSocket, allowHalfOpen: true });
    const pair = [near, far] as const;
    pairs.add(pair);
    near.pipe(far);
    far.on('data', (chunk: Buffer) => near.write(fault.rewrite === undefined ? chunk : fault.rewrite(chunk.toString('latin1')), 'latin1'));
    far.on('end', () => near.end());
    if (hung) far.pause();
    for (const side of pair) {
      side.on('error', () => undefined);
      side.on('close', () => {
        pairs.delete(pair);
        near.destroy();
        far.destroy();
      });
    }
  };
  const server: Server =
    fault.tls === undefined ? createServer({ allowHalfOpen: true }, onConnection) : createTlsServer(fault.tls, onConnection);
  await new Promise<void>((resolve) => server.listen('path' in at ? at.path : { port: at.port, host: '127.0.0.1' }, resolve));
  const address = server.address();
  const cut = () => {
    for (const [near, far] of pairs) {
      near.destroy();
      far.destroy();
    }
  };
  return {
    endpoint: typeof address === 'object' && address !== null ? `tcp://127.0.0.1:${address.port}` : `unix://${address}`,
    hang: () => {
      hung = true;
      for (const [, far] of pairs) far.pause();
    },
    wake: () => {
      hung = false;
      for (const [, far] of pairs) far.resume();
    },
    cut,
    close: async () => {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
