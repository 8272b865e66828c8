import { describe, expect, it } from 'vitest';
import { encodeFrame, type Frame, FrameDecoder, MAX_PAYLOAD_BYTES, PROTOCOL_VERSION } from '../../src/agent/protocol.ts';

const FRAMES: readonly Frame[] = [
  { type: 'hello', protocol: PROTOCOL_VERSION, silenceMs: 15_000 },
  { type: 'heartbeat' },
  {
    type: 'open',
    channel: 1,
    request: { kind: 'tcp', host: 'cat-db', port: 6379, timeoutMs: 1000, nonce: 'n-1', ask: 'redis-echo' },
  },
  { type: 'open', channel: 3, request: { kind: 'tunnel', host: 'fd00::1', port: 6379, timeoutMs: 2000 } },
  { type: 'open', channel: 5, request: { kind: 'look', addresses: ['192.168.0.5'], modules: ['8021q'], timeoutMs: 250 } },
  { type: 'open', channel: 7, request: { kind: 'udp', host: '10.1.0.2', port: 4789, timeoutMs: 250, nonce: 'n-1' } },
  {
    type: 'open',
    channel: 9,
    request: { kind: 'udp', host: '10.1.0.2', port: 4789, timeoutMs: 250, nonce: 'n-1', payloadBytes: 1472 },
  },
  { type: 'opened', channel: 3, address: 'fd00::1' },
  { type: 'data', channel: 3, bytes: Buffer.from([0, 1, 2, 255]) },
  { type: 'credit', channel: 3, bytes: 65_536 },
  { type: 'end', channel: 3 },
  {
    type: 'result',
    channel: 1,
    result: { outcome: 'answered', phase: 'answer', address: '10.1.0.2', resolveMs: 0.4, connectMs: 0.2, answerMs: 0.1, detail: '' },
  },
  {
    type: 'result',
    channel: 7,
    result: {
      outcome: 'answered',
      phase: 'answer',
      address: '10.1.0.2',
      resolveMs: 0,
      connectMs: 0.2,
      answerMs: 0.1,
      seenAs: 'fd00::7',
      detail: '',
    },
  },
  { type: 'close', channel: 0xffff_ffff, reason: 'refused', message: 'ECONNREFUSED' },
];

/** A frame made by hand: what a faulty or hostile side could send. */
function rawFrame(type: number, channel: number, payload: Buffer | string): Buffer {
  const body = Buffer.from(payload);
  const head = Buffer.alloc(9);
  head.writeUInt32BE(5 + body.length, 0);
  head.writeUInt8(type, 4);
  head.writeUInt32BE(channel, 5);
  return Buffer.concat([head, body]);
}

describe('frames', () => {
  it('come back as they were sent, in one piece or byte by byte', () => {
    const bytes = Buffer.concat(FRAMES.map(encodeFrame));
    expect(new FrameDecoder().push(bytes)).toEqual(FRAMES);
    const decoder = new FrameDecoder();
    expect([...bytes].flatMap((byte) => decoder.push(Buffer.from([byte])))).toEqual(FRAMES);
  });

  it('carry up to the largest payload and no more', () => {
    const largest: Frame = { type: 'data', channel: 1, bytes: Buffer.alloc(MAX_PAYLOAD_BYTES, 7) };
    expect(new FrameDecoder().push(encodeFrame(largest))).toEqual([largest]);
    expect(() => encodeFrame({ ...largest, bytes: Buffer.alloc(MAX_PAYLOAD_BYTES + 1) })).toThrow(/too large/);
  });
});

describe('malformed bytes are a PROTOCOL error', () => {
  it.each([
    ['a length that is too large, before its bytes arrive', Buffer.from([0x7f, 0, 0, 0])],
    ['a length that is too small', Buffer.from([0, 0, 0, 4, 1, 0, 0, 0, 0])],
    ['an unknown type', rawFrame(99, 1, '')],
    ['a body that is not JSON', rawFrame(3, 1, '{"kind":')],
    ['a body that is an array', rawFrame(3, 1, '[]')],
    ['an unknown kind', rawFrame(3, 1, '{"kind":"exec","host":"a","port":1,"timeoutMs":1}')],
    ['a host with a control byte', rawFrame(3, 1, '{"kind":"tunnel","host":"a\\u001b[2J","port":1,"timeoutMs":1}')],
    ['a host that is too long', rawFrame(3, 1, JSON.stringify({ kind: 'tunnel', host: 'a'.repeat(256), port: 1, timeoutMs: 1 }))],
    ['a look for what is no address', rawFrame(3, 1, '{"kind":"look","addresses":["192.168.0.256"],"modules":[],"timeoutMs":1}')],
    ['a look for a name', rawFrame(3, 1, '{"kind":"look","addresses":["cat-db"],"modules":[],"timeoutMs":1}')],
    ['a look for a module outside of its folder', rawFrame(3, 1, '{"kind":"look","addresses":[],"modules":["../x"],"timeoutMs":1}')],
    [
      'a look for too many addresses',
      rawFrame(3, 1, JSON.stringify({ kind: 'look', addresses: Array(257).fill('10.0.0.1'), modules: [], timeoutMs: 1 })),
    ],
    ['a port out of range', rawFrame(3, 1, '{"kind":"tunnel","host":"a","port":65536,"timeoutMs":1}')],
    ['a deadline that is no whole number', rawFrame(3, 1, '{"kind":"tunnel","host":"a","port":1,"timeoutMs":1.5}')],
    ['a nonce that could break a line', rawFrame(3, 1, '{"kind":"tcp","host":"a","port":1,"timeoutMs":1,"nonce":"a\\r\\n","ask":"http"}')],
    ['a question too small to be one', rawFrame(3, 1, '{"kind":"udp","host":"a","port":1,"timeoutMs":1,"nonce":"n","payloadBytes":12}')],
    [
      'a question that no datagram holds',
      rawFrame(3, 1, '{"kind":"udp","host":"a","port":1,"timeoutMs":1,"nonce":"n","payloadBytes":65508}'),
    ],
    ['a credit without an amount', rawFrame(6, 1, '')],
    ['a hello without a version', rawFrame(1, 0, '{"silenceMs":1000}')],
    ['a result with an unknown outcome', rawFrame(8, 1, '{"outcome":"fine"}')],
    ['a close with an unknown reason', rawFrame(9, 1, '{"reason":"bored","message":""}')],
  ])('%s', (_what, bytes) => {
    expect(() => new FrameDecoder().push(bytes)).toThrow(expect.objectContaining({ code: 'PROTOCOL' }));
  });

  it('10,000 mutated streams end in frames or that error, never in anything else', () => {
    const bytes = Buffer.concat(FRAMES.map(encodeFrame));
    let seed = 20_260_101;
    const random = (below: number) => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      return (seed >>> 8) % below;
    };
    let refused = 0;
    for (let round = 0; round < 10_000; round += 1) {
      const mutated = Buffer.from(bytes);
      for (let change = 0; change <= random(4); change += 1) mutated.writeUInt8(random(256), random(mutated.length));
      try {
        new FrameDecoder().push(mutated);
      } catch (error) {
        expect(error).toMatchObject({ code: 'PROTOCOL' });
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(1000);
  });
});
