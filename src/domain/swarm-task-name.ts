import { type Labels, ownershipOf } from './labels.ts';
import type { LiveContainer } from './live.ts';

/** Docker names the container of a task `dog-web.1.` and the task's ID, of a global service `dog-web.`, the node's ID and the task's. */
const SERVICE = 'com.docker.swarm.service.name';
const TASK = 'com.docker.swarm.task.name';

/** Whether a container is a task's: its swarm starts another where it ends. */
export function isOfTask(labels: Labels): boolean {
  return labels[TASK] !== undefined;
}

/** Whether a container is an ended task's of a service of ours: a swarm keeps those that it has replaced, with the labels of before. */
export function isOfEndedTask({ labels, state }: Pick<LiveContainer, 'labels' | 'state'>): boolean {
  return ownershipOf(labels)?.resource.startsWith('service/') === true && (state === 'exited' || state === 'dead');
}

/** The name of the task that a container belongs to, as people say it: `dog-web.1`, of a global service `dog-web`. Undefined for any other. */
export function taskNameOf(labels: Labels): string | undefined {
  const [task, service] = [labels[TASK], labels[SERVICE]];
  if (task === undefined || service === undefined) return task;
  const slot = task.slice(service.length + 1).split('.')[0] ?? '';
  return /^\d+$/.test(slot) ? `${service}.${slot}` : service;
}
