import { connect, createServer, type Server, type Socket } from 'node:net';
import { interrupted } from './command.ts';

/** What is held until it is released, or until this process ends, however it ends. */
export interface Lock {
  release(): Promise<void>;
}

/**
 * Takes a lock of this machine, waiting for whoever holds it.
 * It is a listening abstract socket: the kernel frees it with its process (kill -9 included), it leaves no file, and a
 * connection to it tells who holds it and ends in the moment it is free.
 * @throws INTERRUPTED
 */
export async function takeLock(name: string, purpose: string, onWait: (holder: string) => void, signal?: AbortSignal): Promise<Lock> {
  for (;;) {
    if (signal?.aborted === true) throw interrupted(signal.reason);
    const lock = await tryLock(name, `${purpose}, process ${process.pid}`);
    if (lock !== undefined) return lock;
    await untilFree(name, onWait, signal);
  }
}

/** Takes a lock if nobody holds it. */
export function tryLock(name: string, holder: string): Promise<Lock | undefined> {
  const waiting = new Set<Socket>();
  const server = createServer((socket) => {
    waiting.add(socket);
    socket.on('error', () => {}).on('close', () => waiting.delete(socket));
    socket.unref();
    socket.write(holder);
  });
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error)));
    server.listen(`\0${name}`, () => {
      server.unref();
      resolve({ release: () => closeServer(server, waiting) });
    });
  });
}

function closeServer(server: Server, waiting: ReadonlySet<Socket>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    for (const socket of waiting) socket.destroy();
  });
}

/** Resolves when the holder lets go: its end of our connection closes. */
function untilFree(name: string, onWait: (holder: string) => void, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ path: `\0${name}` });
    const stop = () => socket.destroy();
    signal?.addEventListener('abort', stop, { once: true });
    socket.setEncoding('utf8').on('data', (holder: string) => onWait(holder));
    socket.on('error', () => {}); // it went away between our try and our question
    socket.on('close', () => {
      signal?.removeEventListener('abort', stop);
      resolve();
    });
  });
}
