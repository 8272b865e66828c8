import type { ListeningSocket } from '../domain/host-facts.ts';
import type { LiveEngine } from '../domain/live.ts';
import type { Obstacle } from '../domain/plan.ts';
import type { ContainerWish, PublishedPort, ServiceWish } from '../domain/scenario.ts';
import { portText } from './docker-command.ts';
import { isActive } from './holdings.ts';
import type { Coming, Verdict } from './judge-hosts-coming.ts';
import { hostIpsMeet } from './published-port.ts';
import { MANAGEMENT, memberPorts, type SwarmPort, vxlanPortOf } from './swarm-ports.ts';
import { resourceOf } from './wishes.ts';

/** A port that is to be taken on a host, by a container, a service or the engine itself. */
export interface PortNeed extends Pick<PublishedPort, 'hostIp' | 'publishedPort' | 'protocol'> {
  /** `container/web`, `service/dog-web`, `swarm`. */
  readonly resource: string;
  /** `port 8000/tcp (8000:5000)`: what it is for. */
  readonly words: string;
  /** What comes of it where that is not plain. */
  readonly consequence?: string;
  /** It is what the kernel listens on for VXLAN. */
  readonly ofKernel?: true;
  /** What to do if whoever listens has to stay. */
  readonly otherwise?: string;
}

/** A port that is to be taken and that a process of the host, no container, listens on. */
export interface PortConflict {
  readonly host: string;
  readonly need: PortNeed;
  readonly socket: ListeningSocket;
}

export function portConflicts(coming: Coming, live: readonly LiveEngine[]): readonly PortConflict[] {
  const { host, engine, facts } = coming;
  if (facts === undefined) return [];
  return portNeeds(coming, vxlanPortOf(live)).flatMap((need) => {
    const socket = facts.listening.find((each) => sameSocket(each, need) && !isPublished(each, engine) && !isOfMesh(each, live));
    return socket === undefined || isVxlan(need, coming) ? [] : [{ host: host.name, need, socket }];
  });
}

function portNeeds({ host, containers, swarm }: Coming, vxlanPort: number): readonly PortNeed[] {
  const published = containers.flatMap((container) => container.ports.map((port) => publishedNeed(container, port)));
  if (swarm === undefined) return published;
  const served = swarm.services.flatMap(({ wish, nodes }) =>
    wish.ports
      .filter(({ mode }) => mode === 'ingress' || nodes.includes(host.name))
      .map((port) => ({ ...publishedNeed(wish, port), ...(port.mode === 'ingress' ? EVERY_NODE : {}) })),
  );
  const node = swarm.newNodes.get(host.name);
  const own = node === undefined ? [] : memberPorts(vxlanPort).filter((port) => port !== MANAGEMENT || node.manager === undefined);
  return [...published, ...served, ...own.map(nodeNeed)];
}

/** Docker takes a port of the mesh on every node, and where it cannot it only logs that (moby, libnetwork/service_linux.go). */
const EVERY_NODE = { consequence: 'the routing mesh would not answer here' };

function publishedNeed(wish: ContainerWish | ServiceWish, port: PublishedPort): PortNeed {
  const { hostIp, publishedPort, protocol } = port;
  const words = `port ${publishedPort}/${protocol} (${portText(port)})`;
  return { hostIp, publishedPort, protocol, resource: resourceOf(wish), words, otherwise: 'publish another port' };
}

function nodeNeed({ port, protocol, name, whenTaken, ofKernel }: SwarmPort): PortNeed {
  const words = `port ${port}/${protocol} (${name})`;
  return { hostIp: '', publishedPort: port, protocol, resource: 'swarm', words, consequence: whenTaken, ...(ofKernel ? { ofKernel } : {}) };
}

function sameSocket(socket: ListeningSocket, { protocol, publishedPort, hostIp }: PortNeed): boolean {
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

/** Each node's engine listens for what a service publishes; only managers tell which service that is, and it was named from what they tell. */
function isOfMesh({ port, protocol }: ListeningSocket, live: readonly LiveEngine[]): boolean {
  return live.some(({ services }) =>
    services.some(({ ports }) =>
      ports.some((held) => held.mode === 'ingress' && held.publishedPort === port && held.protocol === protocol),
    ),
  );
}

/** The kernel listens for all VXLAN interfaces of one port at once: one that is not Docker's does not keep Docker from it. */
function isVxlan({ ofKernel }: PortNeed, { facts }: Coming): boolean {
  return ofKernel === true && facts?.interfaces.some(({ kind }) => kind === 'vxlan') === true;
}

/** `holder` is the process, where a look with more rights could name it. */
export function judgePort(conflict: PortConflict, holder: PortHolder | undefined): Verdict {
  const { host, need } = conflict;
  // The kernel listens for the VXLAN of an overlay in whatever namespace that is; Docker clears one of old away once it is started anew and needs its number.
  if (holder === undefined && need.ofKernel)
    return {
      obstacles: [],
      warnings: [
        `${need.words} of ${host} is taken by no process that is seen, maybe by an overlay that was left behind: if tasks there are rejected with "error creating vxlan interface", restart its engine: sudo systemctl restart docker`,
      ],
    };
  return { obstacles: [portObstacle(conflict, holder)], warnings: [] };
}

interface PortHolder {
  readonly pid: number;
  readonly name: string;
}

function portObstacle({ host, need, socket }: PortConflict, holder: PortHolder | undefined): Obstacle {
  const { resource, words, publishedPort, protocol, consequence, otherwise } = need;
  const filter = `${protocol === 'tcp' ? '-ltnp' : '-lunp'} sport = :${publishedPort}`;
  const end = holder === undefined ? `see which: sudo ss ${filter}` : endOf(holder);
  return {
    host,
    resource,
    message: `${words} is taken: a process listens on ${shown(socket)}${consequence === undefined ? '' : `, so ${consequence}`}`,
    owner: holder === undefined ? `a process of user ${socket.uid}` : `process ${holder.name} (pid ${holder.pid}, user ${socket.uid})`,
    hint: `on ${host}, ${end}${otherwise === undefined ? '' : `; or ${otherwise}`}`,
  };
}

function shown({ address, port }: ListeningSocket): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/**
 * 20.10 goes on holding the port of its gossip where its farewell took more than 1 s ("Could not close DB: timeout waiting for leave
 * broadcast" in its log): about one leave in a hundred of the last but one node, more on a busy host.
 */
function endOf({ name, pid }: PortHolder): string {
  return name === 'dockerd'
    ? 'restart the engine, which holds it since it left a swarm: sudo systemctl restart docker; in a lab: pets-console lab down, then lab up'
    : `end it: sudo kill ${pid}`;
}
