import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildAppImage } from '../../app-image/build.ts';
import { type Agent, type ListenWish, openAgent } from '../../src/agent/open-agent.ts';
import { MAX_UDP_BYTES, UDP_QUESTION } from '../../src/agent/protocol.ts';
import { PetsError } from '../../src/domain/errors.ts';
import { freePort } from '../app-image/pets-processes.ts';
import { waitUntil } from '../support/wait-until.ts';
import { startAgentProcess } from './agent-process.ts';

let agent: Agent;
let asker: Agent;
const never = new AbortController().signal;

beforeAll(async () => {
  await buildAppImage();
  [agent, asker] = await Promise.all([openAgent(startAgentProcess().streams), openAgent(startAgentProcess().streams)]);
});
afterAll(() => {
  agent.close();
  asker.close();
});

const listen = (protocol: 'tcp' | 'udp', wish: Partial<ListenWish> = {}) =>
  agent.listen({ protocol, port: 0, timeoutMs: 10_000, address: '127.0.0.1', ...wish }, never);
const ask = (protocol: 'tcp' | 'udp', port: number, nonce: string, host = '127.0.0.1') =>
  protocol === 'tcp'
    ? asker.probeTcp({ host, port, timeoutMs: 1000, ask: 'greeting', nonce }, never)
    : asker.probeUdp({ host, port, timeoutMs: 1000, nonce }, never);

async function failureOf(asked: Promise<unknown>): Promise<PetsError> {
  const error = await asked.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof PetsError) return error;
  throw new Error(`no PetsError but ${String(error)}`);
}

describe.each(['tcp', 'udp'] as const)('a listener by %s', (protocol) => {
  it('tells its nonce to all who ask, and to nobody once it is closed', async () => {
    const listening = await listen(protocol);
    expect(listening.address).toBe('127.0.0.1');
    const asked = Array.from({ length: 100 }, () => ask(protocol, listening.port, listening.nonce));
    for (const result of await Promise.all(asked))
      expect(result).toMatchObject({ outcome: 'answered', phase: 'answer', address: '127.0.0.1' });
    expect(await ask(protocol, listening.port, listening.nonce, 'localhost')).toMatchObject({ outcome: 'answered' });
    listening.close();
    await waitUntil(
      'nobody to listen',
      () => ask(protocol, listening.port, listening.nonce),
      ({ outcome }) => outcome === 'refused',
    );
    listening.close();
  });

  it('that is another one is a stranger', async () => {
    const listening = await listen(protocol);
    expect(await ask(protocol, listening.port, 'another-nonce')).toMatchObject({ outcome: 'stranger' });
    listening.close();
  });

  it('ends when its time is over, and with its agent', async () => {
    const shortly = await listen(protocol, { timeoutMs: 50 });
    const other = await openAgent(startAgentProcess().streams);
    const lone = await other.listen({ protocol, port: 0, timeoutMs: 60_000 }, never);
    expect(lone.address).toBe('0.0.0.0');
    other.close();
    for (const { port, nonce } of [shortly, lone]) {
      await waitUntil(
        'nobody to listen',
        () => ask(protocol, port, nonce),
        ({ outcome }) => outcome === 'refused',
      );
    }
  });

  it('does not take a port from another, and says whose business it is', async () => {
    const listening = await listen(protocol);
    const taken = await failureOf(listen(protocol, { port: listening.port }));
    expect(taken).toMatchObject({ code: 'PORT_TAKEN', message: expect.stringContaining(`127.0.0.1:${listening.port}/${protocol}: taken`) });
    listening.close();
    const elsewhere = await failureOf(listen(protocol, { address: '192.0.2.1' }));
    expect(elsewhere).toMatchObject({ code: 'AGENT_FAILED', message: expect.stringContaining('no-such-address') });
  });

  it('listens on an IPv6 address too', async () => {
    const listening = await listen(protocol, { address: '::1' });
    expect(listening.address).toBe('::1');
    expect(await ask(protocol, listening.port, listening.nonce, '::1')).toMatchObject({ outcome: 'answered', address: '::1' });
    listening.close();
  });

  it('is refused where nobody listens, and no name is no answer', async () => {
    expect(await ask(protocol, await freePort(), 'n-1')).toMatchObject({ outcome: 'refused', detail: 'ECONNREFUSED' });
    expect(await ask(protocol, 9, 'n-1', 'nobody.invalid')).toMatchObject({ phase: 'resolve' });
  });
});

describe('who is asked for a nonce', () => {
  it('by TCP and echoes whatever it hears does not pass for a listener, nor does one that is silent', async () => {
    const echo = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
    await once(echo, 'listening');
    const address = echo.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    expect(await ask('tcp', port, 'n-1')).toMatchObject({ outcome: 'timed-out', detail: 'connected, no answer' });
    echo.close();
  });

  it('by UDP is asked in the size that was wished for, and a listener says how much it heard', async () => {
    const listening = await listen('udp');
    const { port, nonce } = listening;
    for (const payloadBytes of [UDP_QUESTION.length, 1472, MAX_UDP_BYTES]) {
      const probe = { host: '127.0.0.1', port, nonce, timeoutMs: 1000, payloadBytes };
      expect(await asker.probeUdp(probe, never)).toMatchObject({ outcome: 'answered', detail: '' });
    }
    listening.close();
    // One that cuts what it hears is no way that carries it.
    const cutting = createSocket('udp4').bind(0, '127.0.0.1');
    cutting.on('message', (message, from) => cutting.send(`n-1 ${message.length - 1}`, from.port, from.address));
    await once(cutting, 'listening');
    const probe = { host: '127.0.0.1', port: cutting.address().port, nonce: 'n-1', timeoutMs: 1000, payloadBytes: 1472 };
    expect(await asker.probeUdp(probe, never)).toMatchObject({ outcome: 'stranger', detail: '"n-1 1471"' });
    cutting.close();
  });

  it('by UDP and echoes whatever it hears is a stranger; one that is silent is not reached', async () => {
    const [echo, silent] = [createSocket('udp4'), createSocket('udp4')];
    echo.on('message', (message, from) => echo.send(message, from.port, from.address));
    for (const socket of [echo, silent]) {
      socket.bind(0, '127.0.0.1');
      await once(socket, 'listening');
    }
    expect(await ask('udp', echo.address().port, 'n-1')).toMatchObject({ outcome: 'stranger', detail: '"pets-console?"' });
    expect(await ask('udp', silent.address().port, 'n-1')).toMatchObject({ outcome: 'timed-out', phase: 'answer' });
    for (const socket of [echo, silent]) socket.close();
  });
});
