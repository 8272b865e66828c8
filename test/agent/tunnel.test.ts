import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buildAppImage } from '../../app-image/build.ts';
import { type Agent, openAgent } from '../../src/agent/open-agent.ts';
import { redisConnector } from '../../src/agent/redis-connector.ts';
import { freePort, type RunningProcess, startRedis, until } from '../app-image/pets-processes.ts';
import { startAgentProcess } from './agent-process.ts';

const TEN_MEGABYTES = 10 * 1024 * 1024;
let agent: Agent;
let server: Server | undefined;
const running: RunningProcess[] = [];
const clients: Redis[] = [];
const never = new AbortController().signal;

async function listenWith(onConnection: (socket: Socket) => void): Promise<number> {
  server = createServer({ allowHalfOpen: true }, onConnection).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}

function redisThrough(port: number): Redis {
  const Connector = redisConnector(() => agent.openTunnel('127.0.0.1', port, never));
  const client = new Redis({ Connector, retryStrategy: () => 20 });
  client.on('error', () => undefined);
  clients.push(client);
  return client;
}

async function readAll(stream: Duplex): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

beforeAll(async () => {
  await buildAppImage();
  agent = await openAgent(startAgentProcess().streams);
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.disconnect();
  server?.close();
  await Promise.all(running.splice(0).map((process) => process.stop('SIGKILL')));
});

afterAll(() => agent.close());

describe('a tunnel', () => {
  it('carries 10 MB each way, whole, and closes half by half', async () => {
    const port = await listenWith((socket) => socket.pipe(socket));
    const sent = randomBytes(TEN_MEGABYTES);
    const tunnel = await agent.openTunnel('127.0.0.1', port, never);
    const received = readAll(tunnel);
    tunnel.end(sent);
    expect((await received).equals(sent)).toBe(true);
  });

  it('stops a sender while nobody reads at the far end', async () => {
    let far: Socket | undefined;
    const port = await listenWith((socket) => {
      far = socket.pause();
    });
    const tunnel = await agent.openTunnel('127.0.0.1', port, never);
    tunnel.on('error', () => undefined);
    let accepted = 0;
    const piece = Buffer.alloc(64 * 1024);
    for (let index = 0; index < 512; index += 1) tunnel.write(piece, () => (accepted += piece.length));
    // The kernel takes a few MB for itself; a second without progress means that the sender is held.
    await untilStill(() => accepted);
    expect(accepted).toBeLessThan(512 * piece.length);
    far?.resume();
    await until(
      () => accepted === 512 * piece.length,
      'the rest goes out',
      () => String(accepted),
    );
    tunnel.destroy();
  });

  it('stops the far end while nobody reads here', async () => {
    let sent = 0;
    const piece = Buffer.alloc(64 * 1024);
    const port = await listenWith((socket) => {
      socket.on('error', () => undefined);
      for (let index = 0; index < 512; index += 1) socket.write(piece, () => (sent += piece.length));
    });
    const tunnel = await agent.openTunnel('127.0.0.1', port, never);
    await untilStill(() => sent);
    expect(tunnel.readableLength).toBeLessThanOrEqual(256 * 1024);
    expect(sent).toBeLessThan(512 * piece.length);
    let received = 0;
    tunnel.on('data', (chunk: Buffer) => (received += chunk.length));
    await until(
      () => received === 512 * piece.length,
      'all arrives',
      () => String(received),
    );
    tunnel.destroy();
  });

  it('is refused with the reason, and the agent serves on', async () => {
    const port = await freePort();
    await expect(agent.openTunnel('127.0.0.1', port, never)).rejects.toMatchObject({
      code: 'AGENT_FAILED',
      message: expect.stringMatching(/no tunnel to 127\.0\.0\.1:\d+: refused \(connect: ECONNREFUSED\)/),
    });
    const echo = await listenWith((socket) => socket.pipe(socket));
    const tunnel = await agent.openTunnel('127.0.0.1', echo, never);
    tunnel.end('still here');
    expect((await readAll(tunnel)).toString()).toBe('still here');
  });

  it('ends with an error when the far end resets it', async () => {
    const port = await listenWith((socket) => socket.once('data', () => socket.resetAndDestroy()));
    const tunnel = await agent.openTunnel('127.0.0.1', port, never);
    const failed = once(tunnel, 'error');
    tunnel.write('x');
    expect((await failed)[0]).toMatchObject({ code: 'AGENT_FAILED', message: 'tunnel closed: reset (ECONNRESET)' });
  });

  it('closes the far connection when it is destroyed here', async () => {
    const closed = Promise.withResolvers<void>();
    const port = await listenWith((socket) => socket.on('end', () => closed.resolve()).resume());
    const tunnel = await agent.openTunnel('127.0.0.1', port, never);
    tunnel.destroy();
    await closed.promise;
  });
});

describe('ioredis through a tunnel', () => {
  it('sends commands and receives what is published', async () => {
    const redis = await startRedis();
    running.push(redis);
    const [client, subscriber] = [redisThrough(redis.port), redisThrough(redis.port)];
    expect(await client.set('pets:{cat}:total', '41')).toBe('OK');
    expect(await client.incr('pets:{cat}:total')).toBe(42);
    const messages: string[] = [];
    subscriber.on('message', (_channel, text: string) => messages.push(text));
    await subscriber.subscribe('pets:{cat}:hits');
    await client.publish('pets:{cat}:hits', 'one');
    await until(
      () => messages.length > 0,
      'a message arrives',
      () => 'none',
    );
    expect(messages).toEqual(['one']);
  });

  it('connects again by itself after the database was away, subscription included', async () => {
    const first = await startRedis();
    const subscriber = redisThrough(first.port);
    const messages: string[] = [];
    subscriber.on('message', (_channel, text: string) => messages.push(text));
    await subscriber.subscribe('pets:{cat}:hits');
    await first.stop('SIGKILL');
    await until(
      () => subscriber.status !== 'ready',
      'the loss is seen',
      () => subscriber.status,
    );
    const second = await startRedis(first.port);
    running.push(second);
    const publisher = redisThrough(second.port);
    await until(
      async () => (await publisher.publish('pets:{cat}:hits', 'again')) > 0,
      'the subscription is back',
      () => subscriber.status,
    );
    await until(
      () => messages.length > 0,
      'a message arrives',
      () => 'none',
    );
    expect(messages[0]).toBe('again');
  });
});

/** Waits until a count has not moved for a second. */
async function untilStill(count: () => number): Promise<void> {
  let last = -1;
  let since = performance.now();
  await until(
    () => {
      if (count() !== last) {
        last = count();
        since = performance.now();
      }
      return performance.now() - since > 1000;
    },
    'the flow stands still',
    () => `${count()} bytes, still moving`,
    20_000,
  );
}
