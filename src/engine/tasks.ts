import { type SwarmTask, TASK_STATES, type TaskState } from '../domain/live-swarm.ts';
import { cleanText } from '../domain/text.ts';
import type { Engine } from './engine.ts';
import { callEngine } from './request.ts';

interface TaskAnswer {
  readonly ID: string;
  readonly CreatedAt?: string;
  readonly ServiceID?: string;
  readonly Slot?: number;
  readonly NodeID?: string;
  readonly DesiredState?: string;
  readonly Status?: {
    readonly Timestamp?: string;
    readonly State?: string;
    readonly Message?: string;
    readonly Err?: string;
    readonly ContainerStatus?: { readonly ContainerID?: string } | null;
  };
  readonly NetworksAttachments?: readonly AttachmentAnswer[] | null;
}

interface AttachmentAnswer {
  readonly Network?: { readonly ID?: string; readonly Spec?: { readonly Name?: string } };
  readonly Addresses?: readonly string[] | null;
}

/** Tasks of the swarm, of these services or of all, those that ended too, oldest first. @throws SWARM_REQUIRED */
export async function listTasks(
  engine: Engine,
  { services }: { readonly services?: readonly string[] } = {},
  signal?: AbortSignal,
): Promise<SwarmTask[]> {
  const query = services === undefined ? {} : { filters: JSON.stringify({ service: services }) };
  const tasks = await callEngine<readonly TaskAnswer[]>(engine, { what: 'list tasks', method: 'GET', path: '/tasks', query }, signal);
  // Attachments that containers make by hand are tasks too, but of no service.
  return tasks
    .filter(({ ServiceID }) => ServiceID !== undefined && ServiceID !== '')
    .map(readTask)
    .sort((one, other) => one.createdAt - other.createdAt);
}

function readTask({ ID: id, Status, ...task }: TaskAnswer): SwarmTask {
  return {
    id,
    serviceId: task.ServiceID ?? '',
    slot: task.Slot ?? 0,
    nodeId: task.NodeID ?? '',
    state: readState(Status?.State),
    desiredState: readState(task.DesiredState),
    message: cleanText(Status?.Message ?? ''),
    error: cleanText(Status?.Err ?? ''),
    createdAt: Date.parse(task.CreatedAt ?? '') || 0,
    changedAt: Date.parse(Status?.Timestamp ?? '') || 0,
    containerId: Status?.ContainerStatus?.ContainerID ?? '',
    addresses: (task.NetworksAttachments ?? []).flatMap(({ Network, Addresses }) =>
      (Addresses ?? []).map((address) => ({
        networkId: Network?.ID ?? '',
        network: cleanText(Network?.Spec?.Name ?? ''),
        address: cleanText(address.split('/')[0] ?? ''),
      })),
    ),
  };
}

/** A state that Docker may add one day counts as one of a task that does not run yet. */
function readState(state = 'new'): TaskState {
  return TASK_STATES.find((known) => known === state) ?? 'new';
}
