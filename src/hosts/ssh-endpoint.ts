/** Where an `ssh://` endpoint leads. Nothing in it can be taken for an option, or for more than one word, by ssh or by a shell. */
export interface SshTarget {
  /** A name or address, or what the user's ssh configuration knows by that word. */
  readonly host: string;
  readonly user?: string;
  readonly port?: number;
  /** The engine's socket over there; looked for where it usually is when left out. */
  readonly socketPath?: string;
}

const HOST = /^(?:[A-Za-z0-9_][A-Za-z0-9_.-]*|\[[0-9A-Fa-f:.]+\])$/;
const USER = /^[A-Za-z0-9_.+@\\][A-Za-z0-9_.+@\\$-]*$/;

/** Paths of sockets that are passed on as they are: ssh expands `%`, `$` and `:`, and a shell far more. */
export const PLAIN_SOCKET_PATH = /^\/[A-Za-z0-9._/@+=,-]+$/;

/** `ssh://[USER@]HOST[:PORT][/PATH/TO/docker.sock]`, or why it is none, in words for whoever wrote it. */
export function readSshEndpoint(text: string): SshTarget | { readonly problem: string } {
  const url = URL.parse(text);
  if (url === null || url.protocol !== 'ssh:' || url.search !== '' || url.hash !== '') return { problem: 'is not ssh://USER@HOST[:PORT]' };
  if (url.password !== '') return { problem: 'holds a password, which others could read; ssh asks for it, or better: use a key' };
  const user = decodePart(url.username);
  if (!HOST.test(url.hostname)) return { problem: 'has no host that ssh could be given' };
  if (user !== '' && !USER.test(user)) return { problem: 'has no user that ssh could be given' };
  const path = url.pathname === '/' ? '' : url.pathname;
  if (path !== '' && !PLAIN_SOCKET_PATH.test(path)) return { problem: "has a socket's path of more than letters, digits and ._/@+=,-" };
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    ...(user === '' ? {} : { user }),
    ...(url.port === '' ? {} : { port: Number(url.port) }),
    ...(path === '' ? {} : { socketPath: path }),
  };
}

function decodePart(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
