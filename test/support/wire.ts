import { type EventEmitter, once } from 'node:events';
import { Agent, createServer, type IncomingMessage, type RequestListener, request, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { Socket } from 'node:net';
import { type Duplex, Transform } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TlsOptions } from 'node:tls';

/** What befalls a call. `at: 'answer'` is before its first byte, `at: 'body'` is amid its body, after the headers. */
export type Fault =
  | { readonly kind: 'delay'; readonly ms: number }
  /** Until `wake`. What was said to the engine has got there. */
  | { readonly kind: 'hang'; readonly at: 'answer' | 'body' }
  | { readonly kind: 'cut'; readonly at: 'answer' | 'body' }
  /** RST where the wire is TCP; a unix socket knows no more than being cut. */
  | { readonly kind: 'reset'; readonly at: 'answer' | 'body' }
  /** The engine is not asked. */
  | { readonly kind: 'refuse'; readonly status: number; readonly message: string };

/** Which calls; all of them for ever, where nothing is told. `path` without version: `/containers/create`. */
export interface Calls {
  readonly method?: string;
  readonly path?: RegExp;
  readonly times?: number;
}

/** A faulty wire in front of a real engine. */
export interface Wire {
  /** As engines are opened. */
  readonly endpoint: string;
  /** How many connections were made to it so far. */
  connections(): number;
  /** From now on, the calls that match meet this. The first fault that matches a call is the one it meets. */
  break(fault: Fault, calls?: Calls): void;
  /** Forgets the faults that were to come, and lets go what hangs. */
  mend(): void;
  /** Nothing that the engine says gets through, in streams that run neither; what is said to it still does. */
  hang(): void;
  /** What was held back gets through, and all after it. */
  wake(): void;
  /** Ends every connection at once. */
  cut(): void;
  close(): Promise<void>;
}

export interface WireOptions {
  /** Changes what the engine says, header lines too: an older version of the API, a message never seen. Lengths must stay. */
  readonly rewrite?: (text: string) => string;
  readonly tls?: TlsOptions;
}

/** A wire from a path of a unix socket, or a port (0: any) of an address of this machine, to the engine's socket. */
export type WireEnd = { readonly path: string } | { readonly port: number; readonly address?: string };

interface Expected {
  readonly fault: Fault;
  readonly calls: Calls;
  left: number;
}

export async function layWire(engineSocket: string, end: WireEnd, { rewrite = (text) => text, tls }: WireOptions = {}): Promise<Wire> {
  const sockets = new Set<Duplex>();
  const gate = createGate();
  let expected: Expected[] = [];
  let connections = 0;
  const toEngine = new Agent({ keepAlive: true });

  const faultOf = ({ method, url = '' }: IncomingMessage): Fault | undefined => {
    const path = url.replace(/^\/v[\d.]+(?=\/)/, '').replace(/\?.*$/, '');
    const found = expected.find(({ calls, left }) => left > 0 && (calls.method ?? method) === method && (calls.path ?? /^/).test(path));
    if (found !== undefined) found.left -= 1;
    return found?.fault;
  };
  const ask = (
    near: IncomingMessage,
    caller: EventEmitter,
    onAnswer: (answer: IncomingMessage, stream?: Duplex, head?: Buffer) => void,
  ) => {
    const { method, url, headers } = near;
    const far = request({ socketPath: engineSocket, method, path: url, headers, agent: toEngine });
    far.on('error', () => near.socket.destroy());
    far.on('response', (answer) => onAnswer(answer));
    far.on('upgrade', onAnswer);
    // Whoever hangs up is heard by the engine too.
    caller.once('close', () => far.destroy());
    return far;
  };
  const onCall: RequestListener = (near, response) => {
    const fault = faultOf(near);
    if (fault?.kind === 'refuse') return refuse(near, response, fault);
    const far = ask(near, response, async (answer) => {
      await gate.passAnswer(near.socket, fault);
      const lines = answer.rawHeaders.map((text) => rewrite(text));
      response.writeHead(answer.statusCode ?? 0, answer.statusMessage, lines);
      response.flushHeaders();
      answer.on('error', () => near.socket.destroy());
      answer.pipe(gate.body(near.socket, fault, rewrite)).pipe(response);
    });
    near.pipe(far);
  };
  const onUpgrade = async (near: IncomingMessage, socket: Duplex, early: Buffer) => {
    const fault = faultOf(near);
    socket.unshift(early);
    // Node takes the body of such a call for the first of what comes after it.
    const body = await readBytes(socket, Number(near.headers['content-length'] ?? 0));
    const far = ask(near, socket, async (answer, stream, head = Buffer.alloc(0)) => {
      await gate.passAnswer(near.socket, fault);
      const { statusCode, statusMessage, rawHeaders } = answer;
      const lines = rawHeaders.map((text, index) => (index % 2 === 0 ? `\r\n${text}: ` : text)).join('');
      socket.write(`HTTP/1.1 ${statusCode} ${statusMessage}${lines}\r\n\r\n`);
      if (stream === undefined) return void answer.pipe(socket);
      stream.unshift(head);
      stream.on('error', () => socket.destroy());
      socket.on('error', () => stream.destroy());
      socket.once('close', () => stream.destroy());
      socket.pipe(stream);
      stream.pipe(gate.body(near.socket, fault, rewrite)).pipe(socket);
    });
    far.write(body);
  };

  const server: Server = tls === undefined ? createServer(onCall) : createTlsServer(tls, onCall);
  Object.assign(server, { keepAliveTimeout: 0, requestTimeout: 0 });
  server.on('upgrade', onUpgrade);
  server.on(tls === undefined ? 'connection' : 'secureConnection', (socket: Duplex) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen('path' in end ? end.path : { port: end.port, host: end.address ?? '127.0.0.1' }, resolve);
  });
  const bound = server.address();
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    endpoint: typeof bound === 'object' && bound !== null ? `tcp://${bound.address}:${bound.port}` : `unix://${bound}`,
    connections: () => connections,
    break: (fault, calls = {}) => {
      expected.push({ fault, calls, left: calls.times ?? Number.POSITIVE_INFINITY });
    },
    mend: () => {
      expected = [];
      gate.wake();
    },
    hang: gate.hang,
    wake: gate.wake,
    cut,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      cut();
      toEngine.destroy();
      await closed;
    },
  };
}

async function readBytes(stream: Duplex, count: number): Promise<Buffer> {
  if (count === 0) return Buffer.alloc(0);
  for (;;) {
    const bytes: Buffer | null = stream.read(count);
    if (bytes !== null) return bytes;
    await once(stream, 'readable');
  }
}

function refuse(near: IncomingMessage, response: ServerResponse, { status, message }: Fault & { kind: 'refuse' }): void {
  near.resume();
  near.once('end', () => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ message })));
}

/** Where what the engine says waits, and is broken. */
function createGate() {
  let isHung = false;
  let woken = Promise.withResolvers<void>();
  const wake = () => {
    isHung = false;
    woken.resolve();
    woken = Promise.withResolvers();
  };
  const meet = async (socket: Duplex, fault: Fault | undefined, at: 'answer' | 'body') => {
    if (fault?.kind === 'delay' && at === 'answer') await sleep(fault.ms);
    if (isHung || (fault?.kind === 'hang' && fault.at === at)) await woken.promise;
    if (fault?.kind === 'cut' && fault.at === at) socket.destroy();
    if (fault?.kind === 'reset' && fault.at === at) reset(socket);
  };
  const body = (socket: Duplex, fault: Fault | undefined, rewrite: (text: string) => string) =>
    new Transform({
      async transform(chunk: Buffer, _encoding, done) {
        const bytes = Buffer.from(rewrite(chunk.toString('latin1')), 'latin1');
        const isBroken = (fault?.kind === 'cut' || fault?.kind === 'reset') && fault.at === 'body';
        // A half of it gets out before the wire breaks.
        if (isBroken) this.push(bytes.subarray(0, bytes.length / 2));
        if (isBroken) await new Promise((resolve) => setImmediate(resolve));
        await meet(socket, fault, 'body');
        done(null, isBroken ? undefined : bytes);
      },
    });
  const hang = () => {
    isHung = true;
  };
  return { hang, wake, passAnswer: (socket: Duplex, fault: Fault | undefined) => meet(socket, fault, 'answer'), body };
}

function reset(socket: Duplex): void {
  try {
    if (socket instanceof Socket) socket.resetAndDestroy();
  } catch {
    socket.destroy(); // no TCP of its own: a unix socket, or TLS
  }
}
