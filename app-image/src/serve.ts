import type { Server } from 'node:http';

const BAD_SETTINGS_STATUS = 2;
/** Requests in flight get this long once the container is told to stop. */
const GRACE_MS = 600;

/** Ends the program for a value that it cannot work with, with the one line that says which. */
export function refuseToServe(line: string): void {
  console.error(line);
  process.exitCode = BAD_SETTINGS_STATUS;
}

/** Listens until the container is told to stop, then lets `onStop` close what would keep the process alive. */
export function serve(server: Server, port: number, onListening: () => void, onStop: () => Promise<void> | void): void {
  server.on('error', (error: NodeJS.ErrnoException) => {
    console.error(`pets: cannot listen on port ${port}: ${error.code ?? error.message}`);
    process.exit(1);
  });
  server.listen(port, onListening);
  const stop = () => {
    server.close();
    setTimeout(() => server.closeAllConnections(), GRACE_MS).unref();
    void onStop();
  };
  // As process 1 of a container Node would ignore both signals otherwise.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, stop);
}
