import { PetsError } from '../domain/errors.ts';
import { cleanText } from '../domain/text.ts';
import { readSshEndpoint } from './ssh-endpoint.ts';

/** Where Docker listens unless told otherwise. */
export const DEFAULT_ENDPOINT = 'unix:///var/run/docker.sock';
/** What a host may be called, so that it fits into step names, flags and labels. */
export const HOST_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/;
const SUPPORTED = 'endpoints: unix:///PATH, tcp://HOST:PORT, ssh://USER@HOST[:PORT]';
const CONTEXT = 'context:';

/** An endpoint's parts that the inventory needs. */
export interface Endpoint {
  /** As engines are opened: `unix:///path`, `tcp://host:port` or `ssh://user@host`. */
  readonly text: string;
  readonly kind: 'unix' | 'tcp' | 'ssh';
  /** Where published ports are reached, unless the inventory says otherwise. */
  readonly address: string;
  /** What the host is called when nobody named it. */
  readonly defaultName: string;
}

/** The name in `context:NAME`, which stands for the endpoint of that docker context; undefined for any other text. */
export function contextNameIn(text: string): string | undefined {
  return text.startsWith(CONTEXT) ? text.slice(CONTEXT.length) : undefined;
}

/** Why a text is no endpoint, in words for whoever wrote it; or the endpoint. */
export function readEndpoint(text: string): Endpoint | { readonly problem: string } {
  // A password that somebody wrote into it is not repeated.
  const shown = cleanText(text.replace(/:[^/:@]+@/, ':…@'));
  if (text.startsWith('unix://')) {
    const path = text.slice('unix://'.length);
    if (path !== '' && !path.startsWith('/')) return { problem: `endpoint '${shown}': the socket's path must begin with /` };
    return { text: path === '' ? DEFAULT_ENDPOINT : text, kind: 'unix', address: '127.0.0.1', defaultName: 'local' };
  }
  if (text.startsWith('ssh://')) {
    const target = readSshEndpoint(text);
    if ('problem' in target) return { problem: `endpoint '${shown}' ${target.problem}` };
    return { text, kind: 'ssh', address: target.host, defaultName: target.host };
  }
  const url = text.startsWith('tcp://') ? URL.parse(text.replace(/^tcp:/, 'http:')) : null;
  if (url === null || url.hostname === '' || url.username !== '' || !/^\/?$/.test(url.pathname + url.search + url.hash)) {
    return { problem: `endpoint '${shown}' is not known; ${SUPPORTED}, context:NAME` };
  }
  const address = url.hostname.replace(/^\[|\]$/g, '');
  return { text, kind: 'tcp', address, defaultName: address };
}

/** @throws BAD_USAGE naming where the text came from */
export function parseEndpoint(source: string, text: string): Endpoint {
  const endpoint = readEndpoint(text);
  if ('problem' in endpoint) throw badEndpoint(source, endpoint.problem);
  return endpoint;
}

function badEndpoint(source: string, problem: string): PetsError {
  return new PetsError('BAD_USAGE', { message: `${source}: ${problem}`, hint: 'see the endpoints of your contexts: docker context ls' });
}
