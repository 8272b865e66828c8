import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildAppImage } from '../../app-image/build.ts';
import { type Agent, openAgent, type TcpProbe } from '../../src/agent/open-agent.ts';
import { freePort, type RunningProcess, startRedis, startWeb } from '../app-image/pets-processes.ts';
import { startAgentProcess } from './agent-process.ts';

let agent: Agent;
let redis: RunningProcess;
let web: RunningProcess;
const servers: Server[] = [];
const never = new AbortController().signal;

/** A listener that does to each connection what the test says. */
async function listenWith(onConnection: (socket: Socket) => void): Promise<number> {
  const server = createServer(onConnection).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}

const probe = (wish: Partial<TcpProbe> & { port: number }) =>
  agent.probeTcp({ host: '127.0.0.1', timeoutMs: 1000, ask: 'connect', ...wish }, never);

beforeAll(async () => {
  await buildAppImage();
  redis = await startRedis();
  web = await startWeb({ DB: `127.0.0.1:${redis.port}`, ROLE: 'cat', PETS_INSTANCE: 'cat-web' });
  agent = await openAgent(startAgentProcess().streams);
});

afterAll(async () => {
  agent.close();
  for (const server of servers) server.close();
  await Promise.all([web.stop('SIGKILL'), redis.stop('SIGKILL')]);
});

describe('a tcp probe', () => {
  it('is answered by a Redis that echoes the nonce, by address and by name', async () => {
    const byAddress = await probe({ port: redis.port, ask: 'redis-echo' });
    expect(byAddress).toMatchObject({ outcome: 'answered', phase: 'answer', address: '127.0.0.1', detail: '' });
    expect(await probe({ host: 'localhost', port: redis.port, ask: 'redis-echo' })).toMatchObject({
      outcome: 'answered',
      address: '127.0.0.1',
    });
  });

  it('learns from a Redis with many clients whom it sees in us, by IPv4 and by IPv6', async () => {
    const both = await startRedis(undefined, '127.0.0.1 ::1');
    const others = Array.from({ length: 150 }, () => connect({ host: '127.0.0.1', port: both.port }));
    try {
      await Promise.all(others.map((socket) => once(socket, 'connect')));
      const [byIpv4, byIpv6] = await Promise.all([
        probe({ port: both.port, ask: 'redis-client-list' }),
        probe({ host: '::1', port: both.port, ask: 'redis-client-list' }),
      ]);
      expect(byIpv4).toMatchObject({ outcome: 'answered', phase: 'answer', seenAs: '127.0.0.1' });
      expect(byIpv6).toMatchObject({ outcome: 'answered', phase: 'answer', seenAs: '::1' });
    } finally {
      for (const socket of others) socket.destroy();
      await both.stop('SIGKILL');
    }
  });

  it('takes no list for an answer that does not hold its own name', async () => {
    const list = 'id=3 addr=10.9.9.9:5000 laddr=10.9.9.1:6379 fd=8 name=other age=0\n';
    const port = await listenWith((socket) => socket.end(`+OK\r\n$${list.length}\r\n${list}\r\n`));
    const result = await probe({ port, ask: 'redis-client-list' });
    expect(result).toMatchObject({ outcome: 'stranger', detail: 'it lists no client of our name' });
    expect(result.seenAs).toBeUndefined();
  });

  it('is answered by the Pets web server, which tells who it is', async () => {
    expect(await probe({ port: web.port, ask: 'http' })).toMatchObject({ outcome: 'answered', phase: 'answer', servedBy: 'cat-web' });
  });

  it('that only connects proves the connection and no more', async () => {
    expect(await probe({ port: redis.port })).toMatchObject({ outcome: 'answered', phase: 'connect', answerMs: 0 });
  });

  it('is refused where nobody listens', async () => {
    expect(await probe({ port: await freePort() })).toMatchObject({ outcome: 'refused', phase: 'connect', detail: 'ECONNREFUSED' });
  });

  it('meets a stranger where a web server is asked as a Redis', async () => {
    const result = await probe({ port: web.port, ask: 'redis-echo' });
    expect(result).toMatchObject({ outcome: 'stranger', phase: 'answer' });
    expect(result.detail).toMatch(/HTTP\/1\.1 400/);
  });

  it('is hung up on by a Redis that is asked as a web server', async () => {
    // Redis closes without a word on what looks like HTTP (its guard against cross-protocol requests).
    expect(await probe({ port: redis.port, ask: 'http' })).toMatchObject({ outcome: 'reset', detail: 'closed without an answer' });
  });

  it('meets a stranger who answers with an old nonce', async () => {
    const port = await listenWith((socket) => socket.end('$5\r\nstale\r\n'));
    expect(await probe({ port, ask: 'redis-echo', nonce: 'fresh' })).toMatchObject({ outcome: 'stranger' });
  });

  it('meets a stranger who claims to be an HTTP server but does not know the nonce', async () => {
    const port = await listenWith((socket) => socket.end('HTTP/1.1 200 OK\r\nx-pets-nonce: other\r\n\r\n'));
    expect(await probe({ port, ask: 'http' })).toMatchObject({ outcome: 'stranger', detail: '"HTTP/1.1 200 OK"' });
  });

  it('keeps control bytes of a stranger out of the result', async () => {
    const port = await listenWith((socket) => socket.end('\u001b[2J\u0007gotcha'));
    expect((await probe({ port, ask: 'redis-echo' })).detail).toBe('"?[2J?gotcha"');
  });

  it('times out on a connection that stays silent, within its limit', async () => {
    const port = await listenWith(() => undefined);
    const startedAt = performance.now();
    const result = await probe({ port, ask: 'redis-echo', timeoutMs: 200 });
    expect(result).toMatchObject({ outcome: 'timed-out', phase: 'answer' });
    expect(performance.now() - startedAt).toBeLessThan(600);
  });

  it('is reset by a listener that hangs up', async () => {
    // Once it was asked: sooner, the reset may arrive before the connection is known here.
    const port = await listenWith((socket) => socket.once('data', () => socket.resetAndDestroy()));
    expect(await probe({ port, ask: 'redis-echo' })).toMatchObject({ outcome: 'reset', phase: 'answer' });
  });

  it('does not claim that a name is missing when no name server says so', async () => {
    const result = await probe({ host: 'no-such-host.invalid', port: 80 });
    expect(result.phase).toBe('resolve');
    expect(result.address).toBeUndefined();
    expect(['no-such-name', 'timed-out', 'unreachable']).toContain(result.outcome);
    expect(result.resolveMs).toBeLessThan(1000);
    if (result.outcome === 'no-such-name') expect(result.detail).toMatch(/ENOTFOUND|ENODATA/);
  });

  it('finds no way to an address that nothing routes', async () => {
    // Class E is refused by the kernel itself: no packet leaves.
    expect(await probe({ host: '255.255.255.255', port: 80 })).toMatchObject({ outcome: 'unreachable', phase: 'connect' });
  });

  it('can be interrupted', async () => {
    const port = await listenWith(() => undefined);
    const controller = new AbortController();
    const asked = agent.probeTcp({ host: '127.0.0.1', port, timeoutMs: 5000, ask: 'redis-echo' }, controller.signal);
    controller.abort();
    await expect(asked).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(await probe({ port: redis.port, ask: 'redis-echo' })).toMatchObject({ outcome: 'answered' });
  });

  it('runs beside 199 others, and each gets its own answer', async () => {
    const results = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        probe(index % 2 === 0 ? { port: redis.port, ask: 'redis-echo' } : { port: web.port, ask: 'http' }),
      ),
    );
    expect(results.filter((result) => result.outcome === 'answered')).toHaveLength(200);
    expect(results.filter((result) => result.servedBy === 'cat-web')).toHaveLength(100);
  });
});
