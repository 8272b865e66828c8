import type { Socket } from 'node:net';
import { CREDIT_STEP_BYTES, type Frame, INITIAL_CREDIT_BYTES, MAX_PAYLOAD_BYTES } from '../../src/agent/protocol.ts';
import { codeOf, outcomeOf } from './target-connection.ts';

/**
 * One TCP connection carried in a channel. Neither side sends more than the other has room for:
 * the socket is paused while the console has granted nothing, the console gets credit only for bytes
 * that the socket has taken.
 */
export class RawTunnel {
  readonly #channel: number;
  readonly #socket: Socket;
  readonly #send: (frame: Frame) => void;
  readonly #onClosed: () => void;
  #sendable = INITIAL_CREDIT_BYTES;
  #receivable = INITIAL_CREDIT_BYTES;
  #taken = 0;
  #held: Buffer[] = [];
  #socketEnded = false;
  #socketClosed = false;
  #endSent = false;

  constructor(channel: number, socket: Socket, send: (frame: Frame) => void, onClosed: () => void) {
    this.#channel = channel;
    this.#socket = socket;
    this.#send = send;
    this.#onClosed = onClosed;
    socket.on('data', (bytes: Buffer) => {
      this.#held.push(bytes);
      this.#flush();
    });
    socket.on('end', () => {
      this.#socketEnded = true;
      this.#flush();
    });
    socket.on('error', (error) => {
      const code = codeOf(error);
      this.#send({ type: 'close', channel, reason: outcomeOf(code), message: code });
      onClosed();
    });
    // After an error the close frame has been sent already. A clean close is told by both ends, the
    // second of which may still wait for credit.
    socket.on('close', (hadError: boolean) => {
      this.#socketClosed = true;
      if (!hadError) this.#flush();
    });
  }

  /** Bytes from the console. Throws when it sends more than it was granted. */
  receive(bytes: Buffer): void {
    if (bytes.length > this.#receivable) throw new Error(`channel ${this.#channel} exceeds its credit`);
    this.#receivable -= bytes.length;
    this.#socket.write(bytes, () => this.#grant(bytes.length));
  }

  receiveEnd(): void {
    this.#socket.end();
  }

  addCredit(bytes: number): void {
    this.#sendable += bytes;
    this.#flush();
  }

  destroy(): void {
    this.#held = [];
    this.#socket.destroy();
  }

  #grant(bytes: number): void {
    this.#taken += bytes;
    if (this.#taken < CREDIT_STEP_BYTES || this.#socket.destroyed) return;
    this.#receivable += this.#taken;
    this.#send({ type: 'credit', channel: this.#channel, bytes: this.#taken });
    this.#taken = 0;
  }

  #flush(): void {
    while (this.#sendable > 0) {
      const next = this.#held.shift();
      if (next === undefined) break;
      const size = Math.min(next.length, this.#sendable, MAX_PAYLOAD_BYTES);
      if (size < next.length) this.#held.unshift(next.subarray(size));
      this.#sendable -= size;
      this.#send({ type: 'data', channel: this.#channel, bytes: next.subarray(0, size) });
    }
    if (this.#held.length > 0) {
      this.#socket.pause();
      return;
    }
    if (this.#socketEnded) this.#sendEnd();
    if (this.#socketClosed) this.#onClosed();
    else this.#socket.resume();
  }

  #sendEnd(): void {
    if (this.#endSent) return;
    this.#endSent = true;
    this.#send({ type: 'end', channel: this.#channel });
  }
}
