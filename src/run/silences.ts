import type { Failure } from '../domain/errors.ts';
import type { SwarmTask } from '../domain/live-swarm.ts';
import { own } from '../domain/own.ts';
import { SWARM } from '../domain/scenario.ts';
import { ownServiceOf, tasksCommand } from './hints.ts';
import type { Asker } from './places.ts';
import type { Scene } from './scene.ts';
import { aimOf, splitTarget } from './targets.ts';

/** Why nothing is known of the host that a target lies on, where its engine does not answer. */
export function silenceOf(target: string, asker: Asker, scene: Scene): Failure | undefined {
  const service = aimOf(target, asker, scene)?.service;
  const { host } = splitTarget(target);
  const named = scene.hosts.find(({ name, address }) => name === host || address === host)?.name;
  return silenceAt(service, scene) ?? scene.silent.get(named ?? '');
}

/** Why a service is not known, or not whole: its host does not answer, or one that may hold tasks of it. */
export function silenceAt(service: string | undefined, scene: Scene): Failure | undefined {
  const declared = service === undefined ? undefined : own(scene.scenario.services, service);
  if (service === undefined || declared === undefined) return undefined;
  return declared.on === SWARM ? silenceOfTasks(service, declared.deploy?.placement, scene) : scene.silent.get(declared.on);
}

/** A manager tells where each task is; while none answers, every silent host may hold one. */
function silenceOfTasks(service: string, placement: string | undefined, scene: Scene): Failure | undefined {
  const { swarm, silent, placed } = scene;
  if (swarm === undefined) return placement === undefined ? [...silent.values()][0] : silent.get(placement);
  const id = ownServiceOf(service, scene)?.id;
  const seen = new Set(placed.get(service)?.map(({ container }) => container.id));
  const unseen = swarm.picture.tasks.find(
    (task) => task.serviceId === id && task.state === 'running' && task.desiredState === 'running' && !seen.has(task.containerId),
  );
  if (unseen === undefined) return undefined;
  return [...silent.values()][0] ?? notFound(service, unseen, scene);
}

/** A swarm may have more nodes than the inventory has hosts, and a container may be paused behind its back. */
function notFound(service: string, { slot, nodeId }: SwarmTask, scene: Scene): Failure {
  const node = scene.swarm?.picture.nodes.find(({ id }) => id === nodeId)?.hostname ?? nodeId;
  const task = slot === 0 ? service : `${service}.${slot}`;
  return {
    code: 'OBJECT_MISSING',
    message: `task ${task} is said to run on node ${node}, but no running container of it was found on the hosts`,
    hint: tasksCommand(service, scene),
  };
}
