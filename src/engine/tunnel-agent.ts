import { Agent } from 'node:http';
import type { SshTunnel } from '../hosts/ssh-tunnel.ts';

/** An agent whose connections are those of a tunnel. What a tunnel throws is what the call fails with. */
export function makeTunnelAgent(tunnel: SshTunnel): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets: tunnel.mostAtOnce });
  agent.createConnection = (_options, done) => {
    tunnel.connect().then(
      (socket) => {
        // An attached stream is the agent's no more, yet it takes one of the tunnel's places for as long as it lives.
        socket.once('agentRemove', () => {
          agent.maxSockets = Math.max(1, agent.maxSockets - 1);
          socket.once('close', () => {
            agent.maxSockets = Math.min(tunnel.mostAtOnce, agent.maxSockets + 1);
          });
        });
        done?.(null, socket);
      },
      (error: Error) => done?.(error, undefined as never),
    );
    return undefined;
  };
  return agent;
}
