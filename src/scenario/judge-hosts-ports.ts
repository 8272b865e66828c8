import type { ListeningSocket } from '../domain/host-facts.ts';
import type { LiveEngine } from '../domain/live.ts';
import type { Obstacle } from '../domain/plan.ts';
import type { ContainerWish, PublishedPort } from '../domain/scenario.ts';
import { portText } from './docker-command.ts';
import { isActive } from './holdings.ts';
import type { Coming } from './judge-hosts-coming.ts';
import { hostIpsMeet } from './published-port.ts';
import { resourceOf } from './wishes.ts';

/** A port that a coming container is to publish and that a process of the host, no container, listens on. */
export interface PortConflict {
  readonly host: string;
  readonly container: ContainerWish;
  readonly port: PublishedPort;
  readonly socket: ListeningSocket;
}

export function portConflicts({ host, engine, facts, containers }: Coming): readonly PortConflict[] {
  if (facts === undefined) return [];
  return containers.flatMap((container) =>
    container.ports.flatMap((port) => {
      const socket = facts.listening.find((each) => sameSocket(each, port) && !isPublished(each, engine));
      return socket === undefined ? [] : [{ host: host.name, container, port, socket }];
    }),
  );
}

function sameSocket(socket: ListeningSocket, { protocol, publishedPort, hostIp }: PublishedPort): boolean {
  return socket.protocol === protocol && socket.port === publishedPort && hostIpsMeet(socket.address, hostIp);
}

/** An engine's own proxy listens for what a container publishes: that container was named from what the engine tells. */
function isPublished({ address, port, protocol }: ListeningSocket, engine: LiveEngine | undefined): boolean {
  return (engine?.containers ?? []).some(
    (container) =>
      isActive(container) &&
      container.ports.some((held) => held.publishedPort === port && held.protocol === protocol && hostIpsMeet(held.hostIp, address)),
  );
}

/** `holder` is the process, where a look with more rights could name it. */
export function portObstacle(
  { host, container, port, socket }: PortConflict,
  holder: { readonly pid: number; readonly name: string } | undefined,
): Obstacle {
  const filter = `${port.protocol === 'tcp' ? '-ltnp' : '-lunp'} sport = :${port.publishedPort}`;
  const end = holder === undefined ? `see which: sudo ss ${filter}` : `end it: sudo kill ${holder.pid}`;
  return {
    host,
    resource: resourceOf(container),
    message: `port ${port.publishedPort}/${port.protocol} (${portText(port)}) is taken: a process listens on ${shown(socket)}`,
    owner: holder === undefined ? `a process of user ${socket.uid}` : `process ${holder.name} (pid ${holder.pid}, user ${socket.uid})`,
    hint: `on ${host}, ${end}; or publish another port`,
  };
}

function shown({ address, port }: ListeningSocket): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
