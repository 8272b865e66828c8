import type { Readable, Writable } from 'node:stream';
import { PetsError } from '../domain/errors.ts';
import { protocolError } from './fields.ts';
import { type ChannelRequest, encodeFrame, type Frame, FrameDecoder, PROTOCOL_VERSION } from './protocol.ts';

/** The streams of an agent's process, wherever it runs. */
export interface AgentStreams {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Resolves when the process is gone. */
  readonly ended: Promise<{ readonly reason: string }>;
}

export type ChannelFrame = Exclude<Frame, { type: 'hello' | 'heartbeat' }>;

/** Whoever owns a channel: gets its frames, and the reason when the agent is lost. */
export interface ChannelEnd {
  receive(frame: ChannelFrame): void;
  fail(error: PetsError): void;
}

const HEARTBEATS_PER_SILENCE = 3;

/** The console's side of one agent's byte stream: greeting, heartbeats, and the table of channels. */
export class AgentConnection {
  readonly #streams: AgentStreams;
  readonly #decoder = new FrameDecoder();
  readonly #channels = new Map<number, ChannelEnd>();
  readonly #greeting = Promise.withResolvers<void>();
  readonly #ending = Promise.withResolvers<{ readonly reason: string }>();
  readonly #heartbeat: NodeJS.Timeout;
  readonly #silence: NodeJS.Timeout;
  /** Channels that the console opens are odd, so that an agent may one day open even ones. */
  #nextChannel = 1;
  #failure: PetsError | undefined;

  constructor(streams: AgentStreams, silenceMs: number) {
    this.#streams = streams;
    // Whoever awaits the greeting sees its failure; an agent that ends later must not become an unhandled rejection.
    this.#greeting.promise.catch(() => undefined);
    this.#heartbeat = setInterval(() => this.send({ type: 'heartbeat' }), silenceMs / HEARTBEATS_PER_SILENCE);
    this.#silence = setTimeout(() => this.#end(agentFailed(`the agent was silent for ${silenceMs} ms`)), silenceMs);
    // Neither timer is a reason for a finished console to stay.
    this.#heartbeat.unref();
    this.#silence.unref();
    streams.stdout.on('data', (chunk: Buffer) => this.#receive(chunk));
    for (const stream of [streams.stdin, streams.stdout]) {
      stream.on('error', (error: Error) => this.#end(agentFailed(`the way to the agent broke: ${error.message}`, error)));
    }
    streams.ended.then(
      ({ reason }) => this.#end(agentFailed(`the agent ended: ${reason}`)),
      (error: unknown) => this.#end(agentFailed('the agent was lost', error)),
    );
    this.send({ type: 'hello', protocol: PROTOCOL_VERSION, silenceMs });
  }

  get ended(): Promise<{ readonly reason: string }> {
    return this.#ending.promise;
  }

  async greeted(timeoutMs: number, signal: AbortSignal | undefined): Promise<void> {
    const timer = setTimeout(() => this.#end(agentFailed(`the agent said nothing for ${timeoutMs} ms`)), timeoutMs);
    const onAbort = () =>
      this.#end(new PetsError('INTERRUPTED', { message: 'interrupted while the agent started', cause: signal?.reason }));
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted === true) onAbort();
    try {
      await this.#greeting.promise;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** Opens a channel for `end`. @throws what ended the agent, when it is gone. */
  open(request: ChannelRequest, end: ChannelEnd): number {
    if (this.#failure !== undefined) throw this.#failure;
    const channel = this.#nextChannel;
    this.#nextChannel += 2;
    this.#channels.set(channel, end);
    this.send({ type: 'open', channel, request });
    return channel;
  }

  /** Hands an open channel to another owner. */
  handOver(channel: number, end: ChannelEnd): void {
    this.#channels.set(channel, end);
  }

  forget(channel: number): void {
    this.#channels.delete(channel);
  }

  send(frame: Frame): void {
    if (this.#failure === undefined) this.#streams.stdin.write(encodeFrame(frame));
  }

  close(): void {
    this.#end(agentFailed('closed by the console'));
  }

  #receive(chunk: Buffer): void {
    if (this.#failure !== undefined) return;
    this.#silence.refresh();
    try {
      for (const frame of this.#decoder.push(chunk)) this.#handle(frame);
    } catch (error) {
      this.#end(error instanceof PetsError ? error : protocolError(String(error)));
    }
  }

  #handle(frame: Frame): void {
    if (frame.type === 'heartbeat') return;
    if (frame.type === 'hello') {
      if (frame.protocol !== PROTOCOL_VERSION) throw protocolError(`the agent speaks version ${frame.protocol}, not ${PROTOCOL_VERSION}`);
      this.#greeting.resolve();
    } else if (frame.channel === 0) {
      throw protocolError(frame.type === 'close' ? `the agent gave up: ${frame.message}` : `a ${frame.type} frame on channel 0`);
    } else {
      // Not found is no mistake: both sides may close a channel at the same moment.
      this.#channels.get(frame.channel)?.receive(frame);
    }
  }

  #end(failure: PetsError): void {
    if (this.#failure !== undefined) return;
    this.#failure = failure;
    clearInterval(this.#heartbeat);
    clearTimeout(this.#silence);
    this.#streams.stdin.end();
    this.#greeting.reject(failure);
    for (const end of this.#channels.values()) end.fail(failure);
    this.#channels.clear();
    this.#ending.resolve({ reason: failure.message });
  }
}

export function agentFailed(message: string, cause?: unknown): PetsError {
  return new PetsError('AGENT_FAILED', {
    message,
    hint: 'does the engine answer, and has it room for one more container? docker info',
    cause,
  });
}
