import {
  type ChannelRequest,
  type CloseReason,
  encodeFrame,
  type Frame,
  FrameDecoder,
  MAX_CHANNELS,
  MAX_PAYLOAD_BYTES,
  PROTOCOL_VERSION,
  type ProbeResult,
  SILENCE_MS,
} from '../../src/agent/protocol.ts';
import { lookAtHost } from './look-at-host.ts';
import { listenWithNonce, NotListening } from './nonce-listener.ts';
import { probeTcp } from './probe-tcp.ts';
import { probeUdp } from './probe-udp.ts';
import { RawTunnel } from './raw-tunnel.ts';
import { connectTo, NotReached } from './target-connection.ts';

interface Channel {
  readonly cancel: AbortController;
  /** Set once a tunnel's connection stands. */
  tunnel?: RawTunnel;
}

/**
 * One console's conversation with this agent. It ends once, with a reason: the caller closes what
 * is left and leaves. A channel frame for a channel that is gone is ignored: both sides may close at once.
 */
export class AgentSession {
  readonly #write: (bytes: Buffer) => void;
  readonly #onEnded: (reason: string) => void;
  readonly #decoder = new FrameDecoder();
  readonly #channels = new Map<number, Channel>();
  #greeted = false;
  #ended = false;
  #silence: NodeJS.Timeout;

  constructor(write: (bytes: Buffer) => void, onEnded: (reason: string) => void) {
    this.#write = write;
    this.#onEnded = onEnded;
    this.#silence = setTimeout(() => this.end(silenceReason(SILENCE_MS)), SILENCE_MS);
    this.#send({ type: 'hello', protocol: PROTOCOL_VERSION, silenceMs: SILENCE_MS });
  }

  receive(chunk: Buffer): void {
    if (this.#ended) return;
    this.#silence.refresh();
    try {
      for (const frame of this.#decoder.push(chunk)) this.#handle(frame);
    } catch (error) {
      this.#giveUp(error instanceof Error ? error.message : String(error));
    }
  }

  end(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#silence);
    for (const channel of this.#channels.values()) release(channel);
    this.#channels.clear();
    this.#onEnded(reason);
  }

  #handle(frame: Frame): void {
    if (!this.#greeted && frame.type !== 'hello') throw new Error(`the first frame is ${frame.type}, not hello`);
    switch (frame.type) {
      case 'hello':
        this.#greet(frame.protocol, frame.silenceMs);
        break;
      case 'heartbeat':
        this.#send(frame);
        break;
      case 'open':
        this.#open(frame.channel, frame.request);
        break;
      case 'data':
        this.#channels.get(frame.channel)?.tunnel?.receive(frame.bytes);
        break;
      case 'credit':
        this.#channels.get(frame.channel)?.tunnel?.addCredit(frame.bytes);
        break;
      case 'end':
        this.#channels.get(frame.channel)?.tunnel?.receiveEnd();
        break;
      case 'close':
        this.#forget(frame.channel);
        break;
      case 'opened':
      case 'result':
        throw new Error(`a console does not send ${frame.type}`);
      default:
        frame satisfies never;
    }
  }

  #greet(protocol: number, silenceMs: number): void {
    if (protocol !== PROTOCOL_VERSION) throw new Error(`the console speaks protocol ${protocol}, this agent ${PROTOCOL_VERSION}`);
    this.#greeted = true;
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.end(silenceReason(silenceMs)), silenceMs);
  }

  #open(id: number, request: ChannelRequest): void {
    if (id === 0 || this.#channels.has(id)) throw new Error(`channel ${id} cannot be opened`);
    if (this.#channels.size >= MAX_CHANNELS) {
      this.#close(id, 'busy', `${MAX_CHANNELS} channels are open`);
      return;
    }
    const channel: Channel = { cancel: new AbortController() };
    this.#channels.set(id, channel);
    this.#serve(id, channel, request).catch((error: unknown) =>
      this.#giveUp(`bug: ${error instanceof Error ? error.stack : String(error)}`),
    );
  }

  #serve(id: number, channel: Channel, request: ChannelRequest): Promise<void> {
    switch (request.kind) {
      case 'tcp':
        return this.#probe(id, channel, probeTcp(request, channel.cancel.signal));
      case 'udp':
        return this.#probe(id, channel, probeUdp(request, channel.cancel.signal));
      case 'listen':
        return this.#listen(id, channel, request);
      case 'tunnel':
        return this.#tunnel(id, channel, request);
      case 'look':
        return this.#look(id, channel, request);
      default:
        return request satisfies never;
    }
  }

  async #look(id: number, channel: Channel, request: Extract<ChannelRequest, { kind: 'look' }>): Promise<void> {
    const answer = await lookAtHost(request, channel.cancel.signal);
    if (this.#channels.get(id) !== channel) return;
    this.#channels.delete(id);
    for (let at = 0; at < answer.length; at += MAX_PAYLOAD_BYTES)
      this.#send({ type: 'data', channel: id, bytes: answer.subarray(at, at + MAX_PAYLOAD_BYTES) });
    this.#send({ type: 'end', channel: id });
  }

  async #probe(id: number, channel: Channel, asked: Promise<ProbeResult>): Promise<void> {
    const result = await asked;
    if (this.#channels.get(id) !== channel) return;
    this.#channels.delete(id);
    this.#send({ type: 'result', channel: id, result });
  }

  /** It lives as its channel does: both end by the console's word, or when its time is over. */
  async #listen(id: number, channel: Channel, request: Extract<ChannelRequest, { kind: 'listen' }>): Promise<void> {
    try {
      const address = await listenWithNonce(request, channel.cancel.signal);
      if (this.#channels.get(id) !== channel) return;
      this.#send({ type: 'opened', channel: id, address });
      const over = setTimeout(() => {
        this.#forget(id);
        this.#close(id, 'ended', `listened for ${request.timeoutMs} ms`);
      }, request.timeoutMs);
      channel.cancel.signal.addEventListener('abort', () => clearTimeout(over), { once: true });
    } catch (error) {
      if (!(error instanceof NotListening)) throw error;
      if (this.#channels.delete(id)) this.#close(id, error.reason, error.message);
    }
  }

  async #tunnel(id: number, channel: Channel, request: Extract<ChannelRequest, { kind: 'tunnel' }>): Promise<void> {
    try {
      const { socket, address } = await connectTo(request, channel.cancel.signal);
      if (this.#channels.get(id) !== channel) {
        socket.destroy();
        return;
      }
      this.#send({ type: 'opened', channel: id, address });
      channel.tunnel = new RawTunnel(
        id,
        socket,
        (frame) => this.#send(frame),
        () => this.#channels.delete(id),
      );
    } catch (error) {
      if (!(error instanceof NotReached)) throw error;
      if (this.#channels.delete(id)) this.#close(id, error.outcome, `${error.phase}: ${error.message}`);
    }
  }

  #forget(id: number): void {
    const channel = this.#channels.get(id);
    this.#channels.delete(id);
    if (channel !== undefined) release(channel);
  }

  #giveUp(reason: string): void {
    this.#close(0, 'protocol', reason);
    this.end(reason);
  }

  #close(channel: number, reason: CloseReason, message: string): void {
    this.#send({ type: 'close', channel, reason, message });
  }

  #send(frame: Frame): void {
    if (!this.#ended) this.#write(encodeFrame(frame));
  }
}

function release(channel: Channel): void {
  channel.cancel.abort();
  channel.tunnel?.destroy();
}

function silenceReason(silenceMs: number): string {
  return `nothing heard from the console for ${silenceMs} ms`;
}
