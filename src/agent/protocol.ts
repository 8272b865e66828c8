import type { HostFacts } from '../domain/host-facts.ts';
import type { Body } from './fields.ts';
import { choiceField, integerField, numberField, optionalText, parseBody, protocolError, textField, textList } from './fields.ts';

/**
 * The agent's wire: length-prefixed frames on one byte stream, many channels in it, credits against
 * flooding. The only file that console and container share; `app-image/PROTOCOL.md` says it in words.
 */
export const PROTOCOL_VERSION = 3;
/** Largest payload of one frame. A longer announcement is malformed, so a decoder never holds more than this. */
export const MAX_PAYLOAD_BYTES = 64 * 1024;
/** What each side may send on a fresh tunnel before the first credit arrives. */
export const INITIAL_CREDIT_BYTES = 256 * 1024;
/** Credit is granted in portions of this, so that small writes do not cost a frame each way. */
export const CREDIT_STEP_BYTES = 64 * 1024;
/** Channels open at once; the agent closes what exceeds it with reason `busy`. */
export const MAX_CHANNELS = 1024;
/** Either side ends after so long without any frame; the console sends a heartbeat three times as often. */
export const SILENCE_MS = 15_000;

/** What one look may ask for, so that its answer stays small. */
export const MAX_LOOK_ADDRESSES = 256;
export const MAX_LOOK_MODULES = 32;

/** What a UDP probe begins with: a listener answers this and nothing else, so that two never answer each other without end. */
export const UDP_QUESTION = 'pets-console?';
/** What a datagram of IPv4 carries at most. */
export const MAX_UDP_BYTES = 65_507;

const ASKS = ['connect', 'redis-echo', 'redis-client-list', 'http', 'greeting'] as const;
const OUTCOMES = ['answered', 'refused', 'timed-out', 'no-such-name', 'stranger', 'unreachable', 'reset'] as const;
const PHASES = ['resolve', 'connect', 'answer'] as const;
const REFUSALS = ['taken', 'no-such-address', 'forbidden'] as const;
const CLOSE_REASONS = ['ended', 'cancelled', 'busy', 'protocol', ...OUTCOMES, ...REFUSALS] as const;

export type Ask = (typeof ASKS)[number];
export type Outcome = (typeof OUTCOMES)[number];
export type Phase = (typeof PHASES)[number];
/** Why nobody can listen somewhere. */
export type Refusal = (typeof REFUSALS)[number];
export type CloseReason = (typeof CLOSE_REASONS)[number];

export interface TcpProbeRequest {
  readonly kind: 'tcp';
  /** A name, resolved inside the namespace, or an address. */
  readonly host: string;
  readonly port: number;
  /** For everything: name, connection, answer. */
  readonly timeoutMs: number;
  /** What the answer must repeat, so that a stranger at the address is told apart. */
  readonly nonce: string;
  readonly ask: Ask;
}

/** Asks a listener of ours: no other service is known to answer. */
export interface UdpProbeRequest {
  readonly kind: 'udp';
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
  /** What the listener was given to say. */
  readonly nonce: string;
  /** The question filled up to so many bytes, which the listener says back: whether the way carries packets of that size. As small as it can be where absent. */
  readonly payloadBytes?: number;
}

/** Stands in for a service where there is none, so that a way there can be judged. */
export interface ListenRequest {
  readonly kind: 'listen';
  readonly protocol: 'tcp' | 'udp';
  /** Which address of the namespace; `0.0.0.0` for all of IPv4. */
  readonly address: string;
  /** 0 for one that is free. */
  readonly port: number;
  /** Told to whoever comes. */
  readonly nonce: string;
  /** It listens no longer than this, and ends sooner by a `close`. */
  readonly timeoutMs: number;
}

export interface TunnelRequest {
  readonly kind: 'tunnel';
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
}

/** What the namespace itself holds: asked of an agent in a host's own. */
export interface LookRequest {
  readonly kind: 'look';
  /** IPv4 addresses to be asked for on the wire. */
  readonly addresses: readonly string[];
  readonly modules: readonly string[];
  /** For answers on the wire: all are asked at once, and silence takes this long to be told. */
  readonly timeoutMs: number;
}

export type ChannelRequest = TcpProbeRequest | UdpProbeRequest | ListenRequest | TunnelRequest | LookRequest;

/** What a look finds, as it travels: JSON in data frames, within the first credit. */
export type LookAnswer = HostFacts;

export interface ProbeResult {
  readonly outcome: Outcome;
  /** How far it came: the phase that failed, or the last one that was asked for. */
  readonly phase: Phase;
  /** The address that was tried; absent when the name gave none. */
  readonly address?: string;
  readonly resolveMs: number;
  readonly connectMs: number;
  readonly answerMs: number;
  /** Who answered an `http` ask, by its own account. */
  readonly servedBy?: string;
  /** The address, without its port, that the database saw a `redis-client-list` ask come from. */
  readonly seenAs?: string;
  /** The system's own word for a failure, `ECONNREFUSED`, or what a stranger said; may be empty. */
  readonly detail: string;
}

export type Frame =
  | { readonly type: 'hello'; readonly protocol: number; readonly silenceMs: number }
  | { readonly type: 'heartbeat' }
  | { readonly type: 'open'; readonly channel: number; readonly request: ChannelRequest }
  | { readonly type: 'opened'; readonly channel: number; readonly address: string }
  | { readonly type: 'data'; readonly channel: number; readonly bytes: Buffer }
  | { readonly type: 'credit'; readonly channel: number; readonly bytes: number }
  | { readonly type: 'end'; readonly channel: number }
  | { readonly type: 'result'; readonly channel: number; readonly result: ProbeResult }
  | { readonly type: 'close'; readonly channel: number; readonly reason: CloseReason; readonly message: string };

const TYPE_BYTE = { hello: 1, heartbeat: 2, open: 3, opened: 4, data: 5, credit: 6, end: 7, result: 8, close: 9 } as const;
const LENGTH_BYTES = 4;
/** Type and channel, which the announced length covers together with the payload. */
const HEAD_BYTES = 5;

const HOST = /^[A-Za-z0-9_.:%-]+$/;
const NONCE = /^[A-Za-z0-9_-]+$/;
const IPV4 = /^(25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}$/;
const MODULE = /^[A-Za-z0-9_-]+$/;
const ANY_TEXT = /^/;

/** One frame as bytes. @throws PROTOCOL when its payload exceeds MAX_PAYLOAD_BYTES. */
export function encodeFrame(frame: Frame): Buffer {
  const payload = payloadOf(frame);
  if (payload.length > MAX_PAYLOAD_BYTES) throw protocolError(`a ${frame.type} frame of ${payload.length} bytes is too large`);
  const bytes = Buffer.allocUnsafe(LENGTH_BYTES + HEAD_BYTES + payload.length);
  bytes.writeUInt32BE(HEAD_BYTES + payload.length, 0);
  bytes.writeUInt8(TYPE_BYTE[frame.type], LENGTH_BYTES);
  bytes.writeUInt32BE('channel' in frame ? frame.channel : 0, LENGTH_BYTES + 1);
  payload.copy(bytes, LENGTH_BYTES + HEAD_BYTES);
  return bytes;
}

function payloadOf(frame: Frame): Buffer {
  switch (frame.type) {
    case 'heartbeat':
    case 'end':
      return Buffer.alloc(0);
    case 'data':
      return frame.bytes;
    case 'credit': {
      const payload = Buffer.alloc(4);
      payload.writeUInt32BE(frame.bytes);
      return payload;
    }
    case 'open':
      return toJson(frame.request);
    case 'result':
      return toJson(frame.result);
    case 'opened':
      return toJson({ address: frame.address });
    case 'hello':
      return toJson({ protocol: frame.protocol, silenceMs: frame.silenceMs });
    case 'close':
      return toJson({ reason: frame.reason, message: frame.message.slice(0, 500) });
    default:
      return frame satisfies never;
  }
}

function toJson(body: object): Buffer {
  return Buffer.from(JSON.stringify(body), 'utf8');
}

/** Cuts a byte stream into frames, whatever the pieces in which it arrives. */
export class FrameDecoder {
  #rest: Buffer = Buffer.alloc(0);

  /** The frames that `chunk` completes. @throws PROTOCOL on bytes that are no frame; the stream is then lost. */
  push(chunk: Buffer): Frame[] {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const frames: Frame[] = [];
    let at = 0;
    while (bytes.length - at >= LENGTH_BYTES) {
      const length = bytes.readUInt32BE(at);
      if (length < HEAD_BYTES || length > HEAD_BYTES + MAX_PAYLOAD_BYTES) throw protocolError(`a frame announces ${length} bytes`);
      if (bytes.length - at < LENGTH_BYTES + length) break;
      frames.push(decodeFrame(bytes.subarray(at + LENGTH_BYTES, at + LENGTH_BYTES + length)));
      at += LENGTH_BYTES + length;
    }
    this.#rest = bytes.subarray(at);
    return frames;
  }
}

function decodeFrame(bytes: Buffer): Frame {
  const channel = bytes.readUInt32BE(1);
  const payload = bytes.subarray(HEAD_BYTES);
  switch (bytes.readUInt8(0)) {
    case TYPE_BYTE.hello:
      return decodeHello(parseBody(payload));
    case TYPE_BYTE.heartbeat:
      return { type: 'heartbeat' };
    case TYPE_BYTE.open:
      return { type: 'open', channel, request: decodeRequest(parseBody(payload)) };
    case TYPE_BYTE.opened:
      return { type: 'opened', channel, address: textField(parseBody(payload), 'address', HOST, 255) };
    case TYPE_BYTE.data:
      return { type: 'data', channel, bytes: payload };
    case TYPE_BYTE.credit:
      if (payload.length !== 4) throw protocolError('a credit frame has no amount');
      return { type: 'credit', channel, bytes: payload.readUInt32BE(0) };
    case TYPE_BYTE.end:
      return { type: 'end', channel };
    case TYPE_BYTE.result:
      return { type: 'result', channel, result: decodeResult(parseBody(payload)) };
    case TYPE_BYTE.close:
      return { type: 'close', channel, ...decodeClose(parseBody(payload)) };
    default:
      throw protocolError(`frame type ${bytes.readUInt8(0)} is not known`);
  }
}

function decodeHello(body: Body): Frame {
  return {
    type: 'hello',
    protocol: integerField(body, 'protocol', 1, 0xffff),
    silenceMs: integerField(body, 'silenceMs', 100, 600_000),
  };
}

function decodeClose(body: Body): { reason: CloseReason; message: string } {
  return { reason: choiceField(body, 'reason', CLOSE_REASONS), message: textField(body, 'message', ANY_TEXT, 500) };
}

function decodeRequest(body: Body): ChannelRequest {
  const kind = choiceField(body, 'kind', ['tcp', 'udp', 'listen', 'tunnel', 'look']);
  const timeoutMs = integerField(body, 'timeoutMs', 1, 60_000);
  if (kind === 'look') {
    const addresses = textList(body, 'addresses', IPV4, MAX_LOOK_ADDRESSES);
    return { kind, timeoutMs, addresses, modules: textList(body, 'modules', MODULE, MAX_LOOK_MODULES) };
  }
  if (kind === 'listen') return { kind, timeoutMs, nonce: textField(body, 'nonce', NONCE, 64), ...decodeListener(body) };
  const target = { host: textField(body, 'host', HOST, 255), port: integerField(body, 'port', 1, 65_535), timeoutMs };
  if (kind === 'tunnel') return { kind, ...target };
  const nonce = textField(body, 'nonce', NONCE, 64);
  return kind === 'udp'
    ? { kind, ...target, nonce, ...decodePayload(body) }
    : { kind, ...target, nonce, ask: choiceField(body, 'ask', ASKS) };
}

function decodePayload(body: Body): Pick<UdpProbeRequest, 'payloadBytes'> {
  return body.payloadBytes === undefined ? {} : { payloadBytes: integerField(body, 'payloadBytes', UDP_QUESTION.length, MAX_UDP_BYTES) };
}

function decodeListener(body: Body): Pick<ListenRequest, 'protocol' | 'address' | 'port'> {
  return {
    protocol: choiceField(body, 'protocol', ['tcp', 'udp']),
    address: textField(body, 'address', HOST, 255),
    port: integerField(body, 'port', 0, 65_535),
  };
}

function decodeResult(body: Body): ProbeResult {
  const address = optionalText(body, 'address', HOST, 255);
  const servedBy = optionalText(body, 'servedBy', ANY_TEXT, 255);
  const seenAs = optionalText(body, 'seenAs', HOST, 255);
  return {
    outcome: choiceField(body, 'outcome', OUTCOMES),
    phase: choiceField(body, 'phase', PHASES),
    ...(address === undefined ? {} : { address }),
    resolveMs: numberField(body, 'resolveMs', 0, 600_000),
    connectMs: numberField(body, 'connectMs', 0, 600_000),
    answerMs: numberField(body, 'answerMs', 0, 600_000),
    ...(servedBy === undefined ? {} : { servedBy }),
    ...(seenAs === undefined ? {} : { seenAs }),
    detail: textField(body, 'detail', ANY_TEXT, 500),
  };
}
