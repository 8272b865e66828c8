import { once } from 'node:events';
import { createServer } from 'node:net';
import { PassThrough } from 'node:stream';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildAppImage } from '../../app-image/build.ts';
import { openAgent } from '../../src/agent/open-agent.ts';
import { encodeFrame, FrameDecoder, PROTOCOL_VERSION } from '../../src/agent/protocol.ts';
import { startAgentProcess } from './agent-process.ts';

const never = new AbortController().signal;
const OPEN_NOWHERE = encodeFrame({ type: 'open', channel: 1, request: { kind: 'tunnel', host: '127.0.0.1', port: 1, timeoutMs: 1000 } });

beforeAll(buildAppImage);

describe('the agent', () => {
  it('ends when its console closes it, without a word of complaint', async () => {
    const process = startAgentProcess();
    const agent = await openAgent(process.streams);
    agent.close();
    expect(await process.exited).toBe(0);
    expect(process.errors()).toBe('');
    expect(await agent.ended).toEqual({ reason: 'closed by the console' });
  });

  it('ends by itself when it hears nothing', async () => {
    const process = startAgentProcess();
    process.stdin.write(encodeFrame({ type: 'hello', protocol: PROTOCOL_VERSION, silenceMs: 200 }));
    expect(await process.exited).toBe(2);
    expect(process.errors()).toBe('agent: nothing heard from the console for 200 ms\n');
  });

  it('outlives its silence limit while heartbeats come', async () => {
    const process = startAgentProcess();
    const agent = await openAgent(process.streams, { silenceMs: 300 });
    // Nothing but heartbeats for four limits.
    const outcome = await Promise.race([agent.ended, new Promise((resolve) => setTimeout(resolve, 1200, 'alive'))]);
    expect(outcome).toBe('alive');
    agent.close();
    await process.exited;
  });

  it('ends by SIGTERM with status 0, and its console learns that', async () => {
    const process = startAgentProcess();
    const agent = await openAgent(process.streams);
    process.kill('SIGTERM');
    expect(await process.exited).toBe(0);
    expect((await agent.ended).reason).toBe('the agent ended: exited with status 0');
  });

  it.each([
    ['bytes that are no frame', Buffer.from('GET / HTTP/1.1\r\n\r\n'), /a frame announces \d+ bytes/],
    ['a frame before hello', encodeFrame({ type: 'heartbeat' }), /the first frame is heartbeat, not hello/],
    [
      'a hello of another version',
      encodeFrame({ type: 'hello', protocol: PROTOCOL_VERSION + 1, silenceMs: 1000 }),
      new RegExp(`the console speaks protocol ${PROTOCOL_VERSION + 1}, this agent ${PROTOCOL_VERSION}`),
    ],
    [
      'a frame that only agents send',
      Buffer.concat([
        encodeFrame({ type: 'hello', protocol: PROTOCOL_VERSION, silenceMs: 5000 }),
        encodeFrame({ type: 'opened', channel: 1, address: '10.1.0.2' }),
      ]),
      /a console does not send opened/,
    ],
    [
      'a channel that is opened twice',
      Buffer.concat([encodeFrame({ type: 'hello', protocol: PROTOCOL_VERSION, silenceMs: 5000 }), OPEN_NOWHERE, OPEN_NOWHERE]),
      /channel 1 cannot be opened/,
    ],
  ])('gives up on %s, tells why on both ways, and leaves', async (_what, bytes, reason) => {
    const process = startAgentProcess();
    const decoder = new FrameDecoder();
    const told: string[] = [];
    process.stdout.on('data', (chunk: Buffer) => {
      for (const frame of decoder.push(chunk)) if (frame.type === 'close') told.push(`${frame.channel} ${frame.reason} ${frame.message}`);
    });
    process.stdin.write(bytes);
    expect(await process.exited).toBe(2);
    expect(process.errors()).toMatch(reason);
    expect(told).toEqual([expect.stringMatching(/^0 protocol /)]);
    expect(told[0]).toMatch(reason);
  });
});

it('the agent gives up on a console that sends more than it was granted', async () => {
  const server = createServer((socket) => socket.pause().on('error', () => undefined)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const process = startAgentProcess();
  // What the agent no longer reads cannot be written: that is its right.
  process.stdin.on('error', () => undefined);
  process.stdout.resume();
  process.stdin.write(encodeFrame({ type: 'hello', protocol: PROTOCOL_VERSION, silenceMs: 10_000 }));
  process.stdin.write(encodeFrame({ type: 'open', channel: 1, request: { kind: 'tunnel', host: '127.0.0.1', port, timeoutMs: 1000 } }));
  await once(server, 'connection');
  // Far more than the kernel takes off the agent's hands.
  for (let piece = 0; piece < 512; piece += 1)
    process.stdin.write(encodeFrame({ type: 'data', channel: 1, bytes: Buffer.alloc(64 * 1024) }));
  expect(await process.exited).toBe(2);
  expect(process.errors()).toBe('agent: channel 1 exceeds its credit\n');
  server.close();
});

describe('the console', () => {
  it('fails what is open when the agent is killed, and says so from then on', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const process = startAgentProcess();
    const agent = await openAgent(process.streams);
    const tunnel = await agent.openTunnel('127.0.0.1', port, never);
    const failed = once(tunnel, 'error');
    const probing = agent.probeTcp({ host: '127.0.0.1', port, timeoutMs: 5000, ask: 'redis-echo' }, never);
    const refused = expect(probing).rejects.toMatchObject({ code: 'AGENT_FAILED' });
    process.kill('SIGKILL');
    await refused;
    expect((await failed)[0]).toMatchObject({ code: 'AGENT_FAILED' });
    await expect(agent.openTunnel('127.0.0.1', port, never)).rejects.toMatchObject({ code: 'AGENT_FAILED' });
    server.close();
  });

  it('survives losing a tunnel that nobody uses', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const process = startAgentProcess();
    const agent = await openAgent(process.streams);
    const tunnel = await agent.openTunnel('127.0.0.1', port, never);
    const closed = new Promise((resolve) => tunnel.once('close', resolve));
    agent.close();
    await closed;
    expect(tunnel.listenerCount('error')).toBeGreaterThan(0);
    expect(tunnel.errored).toMatchObject({ code: 'AGENT_FAILED', message: 'closed by the console' });
    await process.exited;
    server.close();
  });

  it('gives up on a program that is no agent', async () => {
    const stdout = new PassThrough();
    const opening = openAgent({ stdin: new PassThrough(), stdout, ended: new Promise(() => undefined) });
    stdout.write('Usage: node [options]\n');
    await expect(opening).rejects.toMatchObject({ code: 'PROTOCOL' });
  });

  it('refuses the agent of an older image, and says which and what makes a new one', async () => {
    const stdout = new PassThrough();
    const opening = openAgent({ stdin: new PassThrough(), stdout, ended: new Promise(() => undefined) });
    stdout.write(encodeFrame({ type: 'hello', protocol: 1, silenceMs: 15_000 }));
    await expect(opening).rejects.toMatchObject({
      code: 'PROTOCOL',
      message: `agent protocol: the agent speaks version 1, not ${PROTOCOL_VERSION}`,
      hint: expect.stringContaining('pets-console up'),
    });
  });

  it('gives up on an agent that says nothing, in bounded time', async () => {
    const streams = { stdin: new PassThrough(), stdout: new PassThrough(), ended: new Promise<never>(() => undefined) };
    await expect(openAgent(streams, { helloTimeoutMs: 50 })).rejects.toMatchObject({ code: 'AGENT_FAILED' });
  });

  it('gives up on a stopped agent by its silence', async () => {
    const process = startAgentProcess();
    const agent = await openAgent(process.streams, { silenceMs: 300 });
    process.kill('SIGSTOP');
    expect((await agent.ended).reason).toBe('the agent was silent for 300 ms');
    process.kill('SIGKILL');
    await process.exited;
  });
});
