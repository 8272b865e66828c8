import { spawn } from 'node:child_process';
import { createServer, type Socket } from 'node:net';

/** Servers take ten sessions on one connection (MaxSessions), and one is ours already. */
export const MOST_AT_ONCE = 8;

export interface StdioBridge {
  close(): void;
  /** The last that a companion said about itself. */
  lastWords(): string;
}

/**
 * Listens at a socket of this machine and gives each connection a companion on the ssh connection that runs `docker system dial-stdio` over
 * there. At most eight at once; the others wait their turn.
 */
export async function bridgeStdio(path: string, companion: readonly string[]): Promise<StdioBridge> {
  const active = new Set<Socket>();
  const waiting: Socket[] = [];
  let words = '';
  const next = () => {
    while (active.size < MOST_AT_ONCE) {
      const socket = waiting.shift();
      if (socket === undefined) return;
      if (!socket.destroyed) accompany(socket);
    }
  };
  const accompany = (socket: Socket) => {
    active.add(socket);
    const child = spawn('ssh', companion, { stdio: ['pipe', 'pipe', 'pipe'] });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      words = (words + chunk).slice(-1024);
    });
    for (const stream of [child.stdin, child.stdout]) stream.on('error', () => socket.destroy());
    child.on('error', () => socket.destroy());
    socket.pipe(child.stdin);
    child.stdout.pipe(socket);
    socket.once('close', () => {
      child.kill();
      active.delete(socket);
      next();
    });
  };
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    waiting.push(socket);
    next();
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve));
  server.unref();
  const close = () => {
    server.close();
    for (const socket of [...waiting, ...active]) socket.destroy();
  };
  return { close, lastWords: () => words };
}
