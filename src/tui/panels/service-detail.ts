import type { SwarmRow, SwarmServiceRow, SwarmTaskRow } from '../../domain/select-swarm.ts';
import { capital, idText, imageText } from '../../domain/swarm-text.ts';
import { cell, cut, type Line, type Span, span, widthOf } from '../line.ts';
import { GUTTER, gutter } from '../panel.ts';
import type { Scene } from '../scene.ts';

/** Rows that say more of the selected one: fixed, so that the list above never moves. */
const DETAIL = 3;

/** A slot keeps its row while its task is tried again. */
export function taskKey({ serviceId, slot, nodeId, id }: SwarmTaskRow): string {
  return `${serviceId}/${slot > 0 ? slot : nodeId || id}`;
}

/** Virtual IPs, by the network that each is on; with dnsrr the name leads to the tasks themselves. */
export function virtualIpWords({ virtualIps, endpointMode }: SwarmServiceRow, swarm: SwarmRow, scene: Scene): string {
  const ips = Object.entries(virtualIps).map(([network, address]) => `${networkName(network, swarm, scene)} ${address}`);
  if (ips.length > 0) return ips.join(', ');
  return endpointMode === 'dnsrr' ? 'no virtual IP' : '';
}

function networkName(id: string, { tasks }: SwarmRow, { networks }: Scene): string {
  const known = networks.find(({ live }) => live.id === id)?.live.name;
  return known ?? tasks.flatMap(({ addresses }) => addresses).find(({ networkId }) => networkId === id)?.network ?? idText(id, 12);
}

/** More of the selected one than its row has room for, and the command that tells it. */
export function detailLines(scene: Scene, selected: string | undefined, width: number): readonly Line[] {
  const found = scene.swarms.swarms.flatMap((swarm) => [
    ...swarm.services.filter(({ id }) => id === selected).map((service) => serviceDetail(service, swarm, scene)),
    ...swarm.tasks.filter((task) => taskKey(task) === selected).map((task) => taskDetail(task, swarm)),
  ])[0];
  const lines = packed(found?.facts ?? [], width - GUTTER)
    .slice(0, DETAIL - 1)
    .map((text): Line => [...gutter(), span(cut(text, width - GUTTER), 'dim')]);
  const command: Line = found === undefined ? [] : [...gutter(), ...commandSpans(found.toldBy, found.command)];
  return [...lines, command, ...new Array<Line>(DETAIL - 1 - lines.length).fill([])];
}

/** Facts side by side, as many in a row as fit. */
function packed(facts: readonly string[], width: number): readonly string[] {
  const rows: string[] = [];
  for (const fact of facts.filter((each) => each !== '')) {
    const last = rows.at(-1);
    const joined = `${last}   ${fact}`;
    if (last !== undefined && widthOf(joined) <= width) rows[rows.length - 1] = joined;
    else rows.push(fact);
  }
  return rows;
}

interface Detail {
  readonly facts: readonly string[];
  readonly toldBy: string;
  readonly command: string;
}

function serviceDetail(service: SwarmServiceRow, swarm: SwarmRow, scene: Scene): Detail {
  const ips = virtualIpWords(service, swarm, scene);
  const networks = service.networkIds.map((id) => networkName(id, swarm, scene)).join(', ');
  return {
    toldBy: swarm.toldBy,
    command: `docker service ps --no-trunc ${service.name}`,
    facts: [
      `endpoint mode ${service.endpointMode}`,
      ips,
      networks === '' ? '' : `on ${networks}`,
      portDetail(service),
      `image ${imageText(service.image)}`,
      ...service.constraints,
      service.update === undefined ? '' : `update ${service.update.state}: ${service.update.message}`,
    ],
  };
}

function portDetail({ ports }: SwarmServiceRow): string {
  return ports
    .map(
      ({ publishedPort, mode }) =>
        `port ${publishedPort} ${mode === 'host' ? 'on the hosts that run a task' : 'on every node, through the routing mesh'}`,
    )
    .join(', ');
}

function taskDetail(task: SwarmTaskRow, swarm: SwarmRow): Detail {
  const container = task.containerId === '' ? 'no container yet' : `container ${idText(task.containerId, 12)}`;
  const where = task.place === '' ? 'on no node yet' : `on ${task.place}`;
  return {
    toldBy: swarm.toldBy,
    command: `docker inspect --type task ${idText(task.id)}`,
    facts: [
      `${task.name} ${where}`,
      task.message === '' ? capital(task.state) : `${capital(task.state)}: ${task.message}`,
      `desired ${capital(task.desiredState)}`,
      container,
      ...task.addresses.map(({ network, address }) => `${network} ${address}`),
    ],
  };
}

function commandSpans(host: string, command: string): readonly Span[] {
  const prompt = `${host} $ `;
  return [cell(prompt, widthOf(prompt), 'accent'), span(command, 'dim')];
}
