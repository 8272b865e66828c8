import { connect } from 'node:net';
import { PetsError } from '../domain/errors.ts';
import { cleanText } from '../domain/text.ts';
import type { HostEntry } from './finding.ts';

/** An engine found by guessing is only taken if it takes a connection within this time. */
const ANSWER_MS = 1000;
/** The same over ssh, with a key exchange, a login and a shell on the way. */
const SSH_ANSWER_MS = 5000;

/**
 * Why nothing takes connections at a host's endpoint; undefined where something does. That it is an engine, and which, is found when it
 * is opened. Nobody is asked anything.
 */
export async function whySilent({ name, endpoint, address, ssh }: HostEntry): Promise<string | undefined> {
  if (endpoint.startsWith('ssh://')) return whySshIsSilent({ name, endpoint, ...(ssh === undefined ? {} : { ssh }) });
  const place = endpoint.startsWith('unix://')
    ? { path: endpoint.slice('unix://'.length) }
    : { host: addressIn(endpoint) ?? address, port: Number(/:(\d+)\/?$/.exec(endpoint)?.[1] ?? 2375) };
  return (await takesConnections(place)) ? undefined : `nothing answers at ${cleanText(endpoint)}`;
}

/** The endpoint's own address: the host's may be that of another network. */
function addressIn(endpoint: string): string | undefined {
  return URL.parse(endpoint.replace(/^tcp:/, 'http:'))?.hostname.replace(/^\[|\]$/g, '');
}

function takesConnections(place: { path: string } | { host: string; port: number }): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(place);
    const settle = (answered: boolean) => {
      socket.destroy();
      resolve(answered);
    };
    socket.setTimeout(ANSWER_MS, () => settle(false));
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}

async function whySshIsSilent(host: Pick<HostEntry, 'name' | 'endpoint' | 'ssh'>): Promise<string | undefined> {
  const { openSshTunnel } = await import('./ssh-tunnel.ts');
  try {
    const tunnel = await openSshTunnel(host, { mayAsk: false, signal: AbortSignal.timeout(SSH_ANSWER_MS) });
    tunnel.close();
    return undefined;
  } catch (error) {
    return error instanceof PetsError ? error.message : `nothing answers at ${cleanText(host.endpoint)} within ${SSH_ANSWER_MS / 1000} s`;
  }
}
