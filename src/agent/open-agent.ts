import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { PetsError } from '../domain/errors.ts';
import type { HostFacts } from '../domain/host-facts.ts';
import { AgentConnection, type AgentStreams, agentFailed, type ChannelFrame } from './agent-connection.ts';
import { decodeFacts } from './decode-facts.ts';
import { parseBody } from './fields.ts';
import {
  type ChannelRequest,
  type ListenRequest,
  type LookRequest,
  type ProbeResult,
  SILENCE_MS,
  type TcpProbeRequest,
  type UdpProbeRequest,
} from './protocol.ts';
import { TunnelStream } from './tunnel-stream.ts';

/** What to ask of a target; a nonce of its own is made for each probe unless one is given. */
export type TcpProbe = Omit<TcpProbeRequest, 'kind' | 'nonce'> & { readonly nonce?: string };

/** Where to ask a listener for its nonce by UDP. */
export type UdpProbe = Omit<UdpProbeRequest, 'kind'>;

/** Where to listen; on all IPv4 addresses unless one is told, and no longer than `timeoutMs`. */
export type ListenWish = Pick<ListenRequest, 'protocol' | 'port' | 'timeoutMs'> & { readonly address?: string };

/** A listener inside a namespace. A probe that asks for its nonce (`greeting`, or by UDP) proves that it reached this one. */
export interface Listening {
  readonly address: string;
  readonly port: number;
  readonly nonce: string;
  /** Safe to call twice. */
  close(): void;
}

/** What to look for besides what is always told; `timeoutMs` is how long an address may take to answer on the wire. */
export type Look = Omit<LookRequest, 'kind'>;

/** Eyes and hands in one network namespace. */
export interface Agent {
  /** What the target does is the result. @throws AGENT_FAILED when the agent is gone or stuck, INTERRUPTED on abort. */
  probeTcp(probe: TcpProbe, signal: AbortSignal): Promise<ProbeResult>;
  /**
   * As `probeTcp`, of a listener behind a UDP address. With `payloadBytes` the question is of that size: one of the interface's MTU less 28 (IPv4) travels as one packet
   * that no router may cut, so its silence, where a small one is answered, is a way that swallows full-size packets. Answered with detail `EMSGSIZE`: a router
   * told that it takes smaller ones only, and then it came in pieces. @throws as `probeTcp` does
   */
  probeUdp(probe: UdpProbe, signal: AbortSignal): Promise<ProbeResult>;
  /**
   * Stands in for a service on a port where nobody listens.
   * @throws PORT_TAKEN where somebody does, AGENT_FAILED where the address is none of the namespace's or the port not for it, INTERRUPTED on abort
   */
  listen(wish: ListenWish, signal: AbortSignal): Promise<Listening>;
  /** A raw connection to `host:port` as the namespace resolves it. @throws AGENT_FAILED when it is not reached, INTERRUPTED on abort. */
  openTunnel(host: string, port: number, signal: AbortSignal): Promise<Duplex>;
  /** What the namespace, its kernel and the wire hold. Without addresses it waits for nothing. @throws as `probeTcp` does */
  look(look: Look, signal: AbortSignal): Promise<HostFacts>;
  /** Ends the agent, and open tunnels with it. Safe to call twice. */
  close(): void;
  /** Resolves, never rejects. */
  readonly ended: Promise<{ readonly reason: string }>;
}

export interface AgentOptions {
  /** Either side ends after so long without a word from the other. */
  readonly silenceMs?: number;
  /** How long the agent may take to say hello. */
  readonly helloTimeoutMs?: number;
  readonly signal?: AbortSignal;
}

const HELLO_TIMEOUT_MS = 10_000;
const TUNNEL_TIMEOUT_MS = 2_000;
/** The agent keeps the request's deadline itself; this much later it is held to be stuck. */
const ANSWER_GRACE_MS = 2_000;
/** A look reads all that a host has, which took a busy one more than 2 s; whoever looks has a deadline of their own. */
const LOOK_GRACE_MS = 20_000;

/** Greets an agent over its streams. @throws AGENT_FAILED when it does not answer, PROTOCOL when it speaks another version. */
export async function openAgent(streams: AgentStreams, options: AgentOptions = {}): Promise<Agent> {
  const connection = new AgentConnection(streams, options.silenceMs ?? SILENCE_MS);
  await connection.greeted(options.helloTimeoutMs ?? HELLO_TIMEOUT_MS, options.signal);
  return {
    ended: connection.ended,
    close: () => connection.close(),
    probeTcp: (probe, signal) => askProbe(connection, { kind: 'tcp', nonce: randomUUID(), ...probe }, signal),
    probeUdp: (probe, signal) => askProbe(connection, { kind: 'udp', ...probe }, signal),
    listen: (wish, signal) => askListener(connection, { kind: 'listen', address: '0.0.0.0', nonce: randomUUID(), ...wish }, signal),
    openTunnel: (host, port, signal) => askTunnel(connection, host, port, signal),
    look: (look, signal) => askLook(connection, { kind: 'look', ...look }, signal),
  };
}

function askProbe(connection: AgentConnection, request: TcpProbeRequest | UdpProbeRequest, signal: AbortSignal): Promise<ProbeResult> {
  return openChannel(connection, request, signal, (frame, channel) => {
    connection.forget(channel);
    if (frame.type !== 'result') throw agentFailed(`no probe of ${request.host}:${request.port}: ${refusalOf(frame)}`);
    return frame.result;
  });
}

function askListener(connection: AgentConnection, request: ListenRequest, signal: AbortSignal): Promise<Listening> {
  return openChannel(connection, request, signal, (frame, channel) => {
    connection.forget(channel);
    if (frame.type !== 'opened') throw notListening(request, frame);
    const at = frame.address.lastIndexOf(':');
    return {
      address: frame.address.slice(0, at),
      port: Number(frame.address.slice(at + 1)),
      nonce: request.nonce,
      close: () => connection.send({ type: 'close', channel, reason: 'ended', message: '' }),
    };
  });
}

function notListening({ protocol, address, port }: ListenRequest, frame: ChannelFrame): PetsError {
  const message = `no listener on ${address}:${port}/${protocol}: ${refusalOf(frame)}`;
  if (frame.type !== 'close' || frame.reason !== 'taken') return agentFailed(message);
  return new PetsError('PORT_TAKEN', { message, hint: 'somebody listens there already: ask that one' });
}

function askTunnel(connection: AgentConnection, host: string, port: number, signal: AbortSignal): Promise<Duplex> {
  const request = { kind: 'tunnel', host, port, timeoutMs: TUNNEL_TIMEOUT_MS } as const;
  return openChannel(connection, request, signal, (frame, channel) => {
    if (frame.type !== 'opened') {
      connection.forget(channel);
      throw agentFailed(`no tunnel to ${host}:${port}: ${refusalOf(frame)}`);
    }
    return streamOf(connection, channel);
  });
}

/** The answer may be larger than a frame, so it comes as the bytes of a tunnel do, within the first credit. */
async function askLook(connection: AgentConnection, request: LookRequest, signal: AbortSignal): Promise<HostFacts> {
  const stream = await openChannel(connection, request, signal, (frame, channel) => {
    if (frame.type !== 'data') {
      connection.forget(channel);
      throw agentFailed(`no look at the host: ${refusalOf(frame)}`);
    }
    const answer = streamOf(connection, channel);
    answer.receive(frame);
    return answer;
  });
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return decodeFacts(parseBody(Buffer.concat(chunks)));
}

function streamOf(connection: AgentConnection, channel: number): TunnelStream {
  const stream = new TunnelStream(channel, (answer) => connection.send(answer));
  connection.handOver(channel, stream);
  stream.once('close', () => connection.forget(channel));
  // Whoever reads or writes learns of a lost tunnel; one that lies idle must not bring the console down.
  stream.on('error', () => undefined);
  return stream;
}

/**
 * Opens a channel and waits for its first frame. `accept` runs at once when that arrives, not a
 * microtask later: the next frame may stand in the same chunk.
 */
function openChannel<T>(
  connection: AgentConnection,
  request: ChannelRequest,
  signal: AbortSignal,
  accept: (frame: ChannelFrame, channel: number) => T,
): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) throw interrupted(request, signal);
    const settle = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    };
    const giveUp = (error: PetsError) => {
      settle();
      connection.forget(channel);
      connection.send({ type: 'close', channel, reason: 'cancelled', message: '' });
      reject(error);
    };
    const onAbort = () => giveUp(interrupted(request, signal));
    const graceMs = request.kind === 'look' ? LOOK_GRACE_MS : ANSWER_GRACE_MS;
    const timer = setTimeout(() => giveUp(agentFailed('the agent does not answer')), request.timeoutMs + graceMs);
    signal.addEventListener('abort', onAbort, { once: true });
    const fail = (error: unknown) => {
      settle();
      reject(error);
    };
    const receive = (frame: ChannelFrame) => {
      settle();
      try {
        resolve(accept(frame, channel));
      } catch (error) {
        reject(error);
      }
    };
    let channel = 0;
    try {
      channel = connection.open(request, { receive, fail });
    } catch (error) {
      fail(error);
    }
  });
}

function refusalOf(frame: ChannelFrame): string {
  return frame.type === 'close' ? `${frame.reason} (${frame.message})` : `the agent sent ${frame.type}`;
}

function interrupted(request: ChannelRequest, signal: AbortSignal): PetsError {
  return new PetsError('INTERRUPTED', { message: `${inWords(request)} was interrupted`, cause: signal.reason });
}

function inWords(request: ChannelRequest): string {
  if (request.kind === 'look') return 'the look at the host';
  return `${request.kind} to ${request.kind === 'listen' ? request.address : request.host}:${request.port}`;
}
