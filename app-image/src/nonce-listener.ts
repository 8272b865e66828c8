import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { type ListenRequest, type Refusal, UDP_QUESTION } from '../../src/agent/protocol.ts';
import { codeOf } from './target-connection.ts';

/** Why nobody can listen there. */
export class NotListening extends Error {
  readonly reason: Refusal;

  constructor(code: string) {
    super(code);
    this.reason = REFUSALS[code] ?? 'forbidden';
  }
}

const REFUSALS: Readonly<Record<string, Refusal>> = { EADDRINUSE: 'taken', EADDRNOTAVAIL: 'no-such-address' };
const QUESTION = Buffer.from(UDP_QUESTION);
/** Enough for every probe of a round, few enough for the descriptors that a container may have. */
const MAX_CONNECTIONS = 256;

/**
 * Stands in for a service that is not there: whoever comes is told the nonce, and nothing else, until `signal` ends it.
 * Resolves with `address:port` once it listens. @throws NotListening
 */
export async function listenWithNonce(request: ListenRequest, signal: AbortSignal): Promise<string> {
  try {
    const { address, port } = await (request.protocol === 'tcp' ? listenTcp(request, signal) : listenUdp(request, signal));
    return `${address}:${port}`;
  } catch (error) {
    throw new NotListening(codeOf(error));
  }
}

interface Bound {
  readonly address: string;
  readonly port: number;
}

async function listenTcp({ address, port, nonce }: ListenRequest, signal: AbortSignal): Promise<Bound> {
  const server = createServer((socket) => {
    // Whoever leaves early, or never reads, is no failure of ours.
    socket.on('error', () => undefined);
    signal.addEventListener('abort', () => socket.destroy(), { once: true });
    socket.resume().end(nonce);
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.listen({ host: address, port, signal });
  await once(server, 'listening');
  server.on('error', () => undefined);
  const bound = server.address();
  return bound === null || typeof bound === 'string' ? { address, port } : bound;
}

async function listenUdp({ address, port, nonce }: ListenRequest, signal: AbortSignal): Promise<Bound> {
  const socket = createSocket({ type: address.includes(':') ? 'udp6' : 'udp4', signal });
  socket.on('message', (question, { port: theirs, address: asker }) => {
    // Only to who asks: two that answer each other's answers would never end.
    if (!question.subarray(0, UDP_QUESTION.length).equals(QUESTION)) return;
    socket.send(`${nonce} ${question.length}`, theirs, asker, () => undefined);
  });
  socket.bind({ address, port, exclusive: true });
  await once(socket, 'listening');
  socket.on('error', () => undefined);
  return socket.address();
}
