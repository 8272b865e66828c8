import { ownershipOf } from '../domain/labels.ts';
import type { SwarmService } from '../domain/live-swarm.ts';
import { own } from '../domain/own.ts';
import { SWARM } from '../domain/scenario.ts';
import type { Scene } from './scene.ts';

/** The service of that name in the swarm, if it is the project's. */
export function ownServiceOf(service: string, { swarm, ownership }: Scene): SwarmService | undefined {
  return swarm?.picture.services.find(({ name, labels }) => name === service && ownershipOf(labels)?.project === ownership.project);
}

/** What the service writes: `docker logs cat-db`, of a swarm's `docker service logs dog-web`. */
export function logsCommand(service: string, scene: Scene): string {
  return commandAt(service, `docker ${isOnSwarm(service, scene) ? 'service ' : ''}logs ${service}`, scene);
}

/** What keeps the tasks of a swarm's service from running. */
export function tasksCommand(service: string, scene: Scene): string {
  return commandAt(service, `docker service ps --no-trunc ${service}`, scene);
}

/** What networks a service is on; of two of a swarm, which they share. */
export function networksCommand(service: string, other: string | undefined, scene: Scene): string {
  if (!isOnSwarm(service, scene)) return commandAt(service, `docker inspect ${service}`, scene);
  const both = other !== undefined && isOnSwarm(other, scene) ? `${other} ${service}` : service;
  return commandAt(service, `docker service inspect --pretty ${both}`, scene);
}

/** A command inside the service; of several tasks, inside the first. */
export function execCommand(service: string, command: string, scene: Scene): string {
  const [first] = scene.placed.get(service) ?? [];
  if (first === undefined || !first.isTask) return commandAt(service, `docker exec ${service} ${command}`, scene);
  return onHost(first.host, `docker exec ${first.container.name} ${command}`, scene);
}

function isOnSwarm(service: string, { scenario }: Scene): boolean {
  return own(scenario.services, service)?.on === SWARM;
}

/** With the host where there are several: of a swarm's service one that manages the swarm. */
function commandAt(service: string, command: string, scene: Scene): string {
  const { scenario, placed, swarm } = scene;
  if (isOnSwarm(service, scene)) return swarm === undefined ? `on a manager: ${command}` : onHost(swarm.toldBy, command, scene);
  return onHost(placed.get(service)?.[0]?.host ?? own(scenario.services, service)?.on, command, scene);
}

function onHost(host: string | undefined, command: string, { hosts }: Scene): string {
  return hosts.length > 1 && host !== undefined ? `on ${host}: ${command}` : command;
}
