import type { SwarmService, SwarmTask } from './live-swarm.ts';

/** How far a service is from what was wished, and why. */
export interface Convergence {
  /** Of a job the tasks that are done. */
  readonly running: number;
  readonly desired: number;
  readonly converged: boolean;
  /** The task of each slot, or node, that counts now: the newest. */
  readonly current: readonly SwarmTask[];
  /** What keeps it from running, one for each slot that has told of something. */
  readonly problems: readonly TaskProblem[];
}

export interface TaskProblem {
  /** The slot, or the node of a global service's task: the same as long as the same task is tried again. */
  readonly place: string;
  /** The task that does not run now; empty for a problem of the service as a whole. */
  readonly taskId: string;
  /** Empty where the swarm found none. */
  readonly nodeId: string;
  /** In Docker's words, but where Docker has none. */
  readonly error: string;
}

const ENDED: ReadonlySet<SwarmTask['state']> = new Set(['complete', 'shutdown', 'failed', 'rejected', 'remove', 'orphaned']);

/** Judges a service by its tasks; those of other services are passed over. */
export function convergenceOf(service: SwarmService, tasks: readonly SwarmTask[]): Convergence {
  const isJob = service.mode === 'replicated-job' || service.mode === 'global-job';
  const isAsWished = isJob ? isDone : isRunning;
  const isWanted = ({ desiredState }: SwarmTask) => (isJob && desiredState === 'complete') || !ENDED.has(desiredState);
  const slots = slotsOf(tasks.filter(({ serviceId }) => serviceId === service.id));
  const wanted = [...slots.values()].filter(([newest]) => newest !== undefined && isWanted(newest));
  const current = wanted.flatMap(([newest]) => newest ?? []);
  const running = current.filter(isAsWished).length;
  const desired = service.replicas ?? current.length;
  // Of a global service that no node takes there is no task, and so no error either.
  const taken = service.replicas !== undefined || current.length > 0;
  return {
    running,
    desired,
    converged: taken && running === desired && current.length === desired && service.update === undefined,
    current,
    problems: [...(taken ? [] : [noNodeFor(service)]), ...updateProblem(service), ...wanted.flatMap((slot) => problemOf(slot, isAsWished))],
  };
}

/** The tasks of each slot, newest first. */
function slotsOf(tasks: readonly SwarmTask[]): ReadonlyMap<string, readonly SwarmTask[]> {
  const newestFirst = tasks.toSorted((one, other) => other.createdAt - one.createdAt);
  return Map.groupBy(newestFirst, placeOf);
}

/** The slot, or the node of a task of a global service. */
export function placeOf({ slot, nodeId }: SwarmTask): string {
  return slot === 0 ? nodeId : String(slot);
}

export function isRunning({ state, desiredState }: SwarmTask): boolean {
  return state === 'running' && desiredState === 'running';
}

/** A job's task is wished to end; once it has, its state says so. */
function isDone({ state }: SwarmTask): boolean {
  return state === 'complete';
}

/** A task that is tried again has not failed yet: what its forerunner failed of is why it is tried. */
function problemOf([newest, ...before]: readonly SwarmTask[], isAsWished: (task: SwarmTask) => boolean): readonly TaskProblem[] {
  if (newest === undefined || isAsWished(newest)) return [];
  const told =
    newest.error === '' ? before.find(({ state, error }) => error !== '' && (state === 'failed' || state === 'rejected')) : newest;
  return told === undefined ? [] : [{ place: placeOf(newest), taskId: newest.id, nodeId: told.nodeId, error: told.error }];
}

function noNodeFor({ constraints }: SwarmService): TaskProblem {
  const why = constraints.length === 0 ? 'none is ready and active' : `none that is ready and active meets ${constraints.join(', ')}`;
  return { place: '', taskId: '', nodeId: '', error: `no suitable node: ${why}` };
}

function updateProblem({ update }: SwarmService): readonly TaskProblem[] {
  return update?.state === 'paused' ? [{ place: 'update', taskId: '', nodeId: '', error: `its update is paused: ${update.message}` }] : [];
}
