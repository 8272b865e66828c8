import { Duplex } from 'node:stream';
import { PetsError } from '../domain/errors.ts';
import type { ChannelEnd, ChannelFrame } from './agent-connection.ts';
import { protocolError } from './fields.ts';
import { CREDIT_STEP_BYTES, type Frame, INITIAL_CREDIT_BYTES, MAX_PAYLOAD_BYTES } from './protocol.ts';

/**
 * The console's end of a tunnel, as a stream. Writing waits for the agent's credit; the agent is granted
 * credit as the stream is read, so neither side buffers without bound.
 */
export class TunnelStream extends Duplex implements ChannelEnd {
  readonly #channel: number;
  readonly #send: (frame: Frame) => void;
  #sendable = INITIAL_CREDIT_BYTES;
  #receivable = INITIAL_CREDIT_BYTES;
  #taken = 0;
  #unsent: { bytes: Buffer; written: () => void } | undefined;
  #closedByAgent = false;

  constructor(channel: number, send: (frame: Frame) => void) {
    super({ allowHalfOpen: true });
    this.#channel = channel;
    this.#send = send;
  }

  /** @throws PROTOCOL when the agent sends more than it was granted. */
  receive(frame: ChannelFrame): void {
    switch (frame.type) {
      case 'data':
        this.#take(frame.bytes);
        break;
      case 'credit':
        this.#sendable += frame.bytes;
        this.#flush();
        break;
      case 'end':
        this.push(null);
        break;
      case 'close':
        this.fail(new PetsError('AGENT_FAILED', { message: `tunnel closed: ${frame.reason} (${frame.message})` }));
        break;
      case 'open':
      case 'opened':
      case 'result':
        throw protocolError(`a ${frame.type} frame in an open tunnel`);
      default:
        frame satisfies never;
    }
  }

  /** Nothing can be sent any more, and readers learn why. */
  fail(error: PetsError): void {
    this.#closedByAgent = true;
    this.destroy(error);
  }

  override _read(): void {
    this.#grant();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, written: () => void): void {
    this.#unsent = { bytes: chunk, written };
    this.#flush();
  }

  override _final(callback: () => void): void {
    this.#send({ type: 'end', channel: this.#channel });
    callback();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    if (!this.#closedByAgent) this.#send({ type: 'close', channel: this.#channel, reason: 'ended', message: '' });
    this.#unsent = undefined;
    callback(error);
  }

  #take(bytes: Buffer): void {
    if (bytes.length > this.#receivable) throw protocolError(`channel ${this.#channel} exceeds its credit`);
    this.#receivable -= bytes.length;
    this.#taken += bytes.length;
    if (this.push(bytes)) this.#grant();
  }

  #grant(): void {
    if (this.#taken < CREDIT_STEP_BYTES || this.destroyed) return;
    this.#receivable += this.#taken;
    this.#send({ type: 'credit', channel: this.#channel, bytes: this.#taken });
    this.#taken = 0;
  }

  #flush(): void {
    while (this.#unsent !== undefined && this.#sendable > 0) {
      const { bytes, written } = this.#unsent;
      const size = Math.min(bytes.length, this.#sendable, MAX_PAYLOAD_BYTES);
      this.#sendable -= size;
      this.#send({ type: 'data', channel: this.#channel, bytes: bytes.subarray(0, size) });
      this.#unsent = size < bytes.length ? { bytes: bytes.subarray(size), written } : undefined;
      if (this.#unsent === undefined) written();
    }
  }
}
