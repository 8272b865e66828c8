import { connect, type Socket } from 'node:net';
import type { Outcome, Phase } from '../../src/agent/protocol.ts';
import { type ResolvedName, resolveName } from './resolve-name.ts';

export interface Target {
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
}

export interface Connected {
  readonly socket: Socket;
  readonly address: string;
  readonly resolveMs: number;
  readonly connectMs: number;
}

/** Why a target was not reached, and what had been measured until then. */
export class NotReached extends Error {
  readonly outcome: Outcome;
  readonly phase: Phase;
  readonly address: string | undefined;
  readonly resolveMs: number;
  readonly connectMs: number;

  constructor(failure: { outcome: Outcome; phase: Phase; address?: string; resolveMs: number; connectMs: number; detail: string }) {
    super(failure.detail);
    this.outcome = failure.outcome;
    this.phase = failure.phase;
    this.address = failure.address;
    this.resolveMs = failure.resolveMs;
    this.connectMs = failure.connectMs;
  }
}

/** Resolves and connects within `timeoutMs`. @throws NotReached, also when `signal` is aborted. */
export async function connectTo(target: Target, signal: AbortSignal): Promise<Connected> {
  const startedAt = performance.now();
  const limit = AbortSignal.any([signal, AbortSignal.timeout(target.timeoutMs)]);
  let resolved: ResolvedName;
  try {
    resolved = await beforeAbort(resolveName(target.host), limit);
  } catch (error) {
    throw new NotReached({ ...resolveFailure(codeOf(error)), phase: 'resolve', resolveMs: performance.now() - startedAt, connectMs: 0 });
  }
  const resolveMs = performance.now() - startedAt;
  try {
    const socket = await openSocket(resolved.address, target.port, limit);
    return { socket, address: resolved.address, resolveMs, connectMs: performance.now() - startedAt - resolveMs };
  } catch (error) {
    const detail = codeOf(error);
    const connectMs = performance.now() - startedAt - resolveMs;
    throw new NotReached({ outcome: outcomeOf(detail), phase: 'connect', address: resolved.address, resolveMs, connectMs, detail });
  }
}

function openSocket(address: string, port: number, limit: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port, allowHalfOpen: true, noDelay: true });
    const giveUp = () => socket.destroy(Object.assign(new Error('no connection in time'), { code: 'ETIMEDOUT' }));
    limit.addEventListener('abort', giveUp, { once: true });
    if (limit.aborted) giveUp();
    const settled = () => limit.removeEventListener('abort', giveUp);
    socket.once('error', (error) => {
      settled();
      reject(error);
    });
    socket.once('connect', () => {
      settled();
      socket.removeAllListeners('error');
      resolve(socket);
    });
  });
}

function beforeAbort<T>(asked: Promise<T>, limit: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(Object.assign(new Error('no name in time'), { code: 'ETIMEOUT' }));
    if (limit.aborted) giveUp();
    limit.addEventListener('abort', giveUp, { once: true });
    asked.then(resolve, reject).finally(() => limit.removeEventListener('abort', giveUp));
  });
}

/** Only a server that says so proves that a name does not exist; silence is not proof. */
export function resolveFailure(detail: string): { outcome: Outcome; detail: string } {
  if (detail === 'ENOTFOUND' || detail === 'ENODATA') return { outcome: 'no-such-name', detail };
  return { outcome: detail === 'ETIMEOUT' ? 'timed-out' : 'unreachable', detail };
}

/** The outcome that a system error stands for once an address was known. */
export function outcomeOf(code: string): Outcome {
  switch (code) {
    case 'ECONNREFUSED':
      return 'refused';
    case 'ETIMEDOUT':
      return 'timed-out';
    case 'ECONNRESET':
    case 'EPIPE':
      return 'reset';
    default:
      return 'unreachable';
  }
}

export function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.message.slice(0, 200) : String(error).slice(0, 200);
}
