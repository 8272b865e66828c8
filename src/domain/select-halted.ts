import { ownershipOf } from './labels.ts';
import type { LiveContainer } from './live.ts';
import type { ConsoleState } from './state.ts';
import { isOfTask } from './swarm-task-name.ts';

/** A container of ours that does not run, although nobody took it down. */
export interface HaltedContainer {
  readonly host: string;
  readonly name: string;
  readonly project: string;
  readonly scenario: string;
  readonly state: Exclude<LiveContainer['state'], 'running'>;
  readonly exitCode: number;
  /** Since it ended; undefined where the engine tells no time (it tells none for a pause). */
  readonly sinceMs: number | undefined;
  /** IDs of the networks that it is attached to; a stopped one holds no address on them, a paused one does. */
  readonly networkIds: readonly string[];
}

/** The containers of our projects that were stopped, paused or ended by themselves, by host and name. */
export function selectHalted(state: ConsoleState, now: number): readonly HaltedContainer[] {
  return Object.values(state.hosts).flatMap((host) =>
    Object.values(host.containers)
      .flatMap((container) => haltedOn(host.name, container, now))
      .sort((one, other) => (one.name < other.name ? -1 : 1)),
  );
}

function haltedOn(host: string, container: LiveContainer, now: number): readonly HaltedContainer[] {
  const ownership = ownershipOf(container.labels);
  const { state, name, exitCode } = container;
  // Where a task's ended, the swarm has started another: what keeps that from running, its tasks tell.
  if (ownership === undefined || state === 'running' || isOfTask(container.labels)) return [];
  const endedAt = endOf(container);
  const sinceMs = endedAt === undefined ? undefined : Math.max(0, now - endedAt);
  const networkIds = Object.values(container.networks).map(({ networkId }) => networkId);
  const { project, scenario } = ownership;
  return [{ host, name, project, scenario, state, exitCode, sinceMs, networkIds }];
}

/** Epoch milliseconds at which a container that does not run ended, by its engine's clock. */
export function endOf({ state, finishedAt }: LiveContainer): number | undefined {
  if (state !== 'exited' && state !== 'dead') return undefined;
  const endedAt = Date.parse(finishedAt);
  // The year 1 stands for "never".
  return endedAt > 0 ? endedAt : undefined;
}
