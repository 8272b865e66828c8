import { connect } from 'node:net';
import type { Endpoint } from './endpoints.ts';

/** An engine found by guessing is only taken if it takes a connection within this time. */
const ANSWER_MS = 1000;

/** Whether something takes connections at an endpoint. That it is an engine, and which, is found when it is opened. */
export function answers(endpoint: Endpoint, deadlineMs = ANSWER_MS): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketAddress(endpoint));
    const settle = (answered: boolean) => {
      socket.destroy();
      resolve(answered);
    };
    socket.setTimeout(deadlineMs, () => settle(false));
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}

function socketAddress({ kind, text, address }: Endpoint): { path: string } | { host: string; port: number } {
  if (kind === 'unix') return { path: text.slice('unix://'.length) };
  return { host: address, port: Number(/:(\d+)\/?$/.exec(text)?.[1] ?? 2375) };
}
