import { createServer, type Server } from 'node:net';

/** A port of loopback on which nobody listens. */
export async function freePort(): Promise<number> {
  const { port, server } = await startSilentServer();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Takes connections on a port of loopback, and says nothing. */
export async function startSilentServer(): Promise<{ readonly port: number; readonly server: Server }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  return { port: typeof bound === 'object' && bound !== null ? bound.port : 0, server };
}
