import { closeSync, openSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { PetsError } from '../domain/errors.ts';
import type { HostEntry } from './finding.ts';
import { openSshConnection, type SshConnection } from './ssh-connection.ts';
import { readSshEndpoint } from './ssh-endpoint.ts';
import { connectionLost, SshFailure, type SshWay } from './ssh-failures.ts';

/** The way to one host's engine over ssh: one connection, which is made anew after it was lost. */
export interface SshTunnel {
  /** A connection to the engine's socket. @throws ENGINE_UNREACHABLE, ENGINE_DENIED, ENGINE_TIMEOUT */
  connect(): Promise<Socket>;
  /** How many connections it carries; more wait until one is closed. */
  readonly mostAtOnce: number;
  close(): void;
}

/** A host that refused is not asked again before this time: each look of a console would be another login in its log. */
const RETRY_MS = 2_000;

/**
 * Connects over ssh. With `mayAsk`, ssh may ask for a passphrase or about a host's key, now and never again: on the terminal, or through
 * SSH_ASKPASS. Any number of hosts is connected to at once, but only one at a time asks.
 * @throws BAD_USAGE, ENGINE_UNREACHABLE, ENGINE_DENIED, ENGINE_TIMEOUT
 */
export async function openSshTunnel(
  host: Pick<HostEntry, 'name' | 'endpoint' | 'ssh'>,
  { mayAsk, signal }: { readonly mayAsk: boolean; readonly signal: AbortSignal },
): Promise<SshTunnel> {
  const way = wayTo(host);
  const closing = new AbortController();
  let current: Promise<SshConnection> | undefined;
  let failed: { readonly at: number; readonly error: unknown } | undefined;

  const adopt = (attempt: Promise<SshConnection>) => {
    current = attempt;
    const forget = () => {
      if (current === attempt) current = undefined;
    };
    attempt.then(
      ({ ended }) => ended.then(forget, forget),
      (error: unknown) => {
        failed = { at: performance.now(), error };
        forget();
      },
    );
    return attempt;
  };
  const reopen = () => {
    if (closing.signal.aborted) throw connectionLost(way);
    if (failed !== undefined && performance.now() - failed.at < RETRY_MS) throw failed.error;
    return adopt(openSshConnection(way, false, closing.signal));
  };
  const { mostAtOnce } = await adopt(openAsking(way, mayAsk, signal));
  return {
    mostAtOnce,
    connect: async () => {
      const standing = current;
      const { socketPath } = await (standing ?? reopen());
      try {
        return await connectTo(socketPath);
      } catch {
        // It ended, and its end has not been told yet.
        if (current === standing) current = undefined;
        const again = await (current ?? reopen());
        return connectTo(again.socketPath).catch(() => {
          throw connectionLost(way);
        });
      }
    },
    close: () => {
      closing.abort(connectionLost(way));
      current?.then(
        (connection) => connection.close(),
        () => undefined,
      );
    },
  };
}

function wayTo({ name, endpoint, ssh }: Pick<HostEntry, 'name' | 'endpoint' | 'ssh'>): SshWay {
  const target = readSshEndpoint(endpoint);
  if (!('problem' in target)) return { name, target, files: ssh ?? {} };
  throw new PetsError('BAD_USAGE', { message: `${name}: endpoint ${target.problem}`, hint: 'ssh://USER@HOST[:PORT]' });
}

/** Those that ask wait for each other. */
let lastAsked: Promise<unknown> = Promise.resolve();

async function openAsking(way: SshWay, mayAsk: boolean, signal: AbortSignal): Promise<SshConnection> {
  try {
    return await openSshConnection(way, false, signal);
  } catch (error) {
    if (!(error instanceof SshFailure) || !error.canBeAsked || !mayAsk || !isAnyoneThere()) throw error;
  }
  const asked = lastAsked.then(() => openSshConnection(way, true, signal));
  lastAsked = asked.catch(() => undefined);
  return asked;
}

/** As ssh looks for somebody: a terminal of this process, or a program that asks in its stead. */
function isAnyoneThere(): boolean {
  const { SSH_ASKPASS, SSH_ASKPASS_REQUIRE, DISPLAY, WAYLAND_DISPLAY } = process.env;
  if (SSH_ASKPASS && (/^(?:force|prefer)$/.test(SSH_ASKPASS_REQUIRE ?? '') || DISPLAY || WAYLAND_DISPLAY)) return true;
  try {
    closeSync(openSync('/dev/tty', 'r+'));
    return true;
  } catch {
    return false;
  }
}

function connectTo(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}
