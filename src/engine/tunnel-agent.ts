import { Agent } from 'node:http';
import type { Socket } from 'node:net';

/** An agent whose connections are those of a tunnel. What a tunnel throws is what the call fails with. */
export function makeTunnelAgent(connect: () => Promise<Socket>): Agent {
  const agent = new Agent({ keepAlive: true });
  agent.createConnection = (_options, done) => {
    connect().then(
      (socket) => done?.(null, socket),
      (error: Error) => done?.(error, undefined as never),
    );
    return undefined;
  };
  return agent;
}
