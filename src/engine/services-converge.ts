import { PetsError } from '../domain/errors.ts';
import type { SwarmService, SwarmTask } from '../domain/live-swarm.ts';
import { convergenceOf, isRunning, placeOf, type TaskProblem } from '../domain/live-swarm-convergence.ts';
import type { Engine } from './engine.ts';
import { ENGINE_RULES } from './error-rules.ts';
import { listNodes } from './nodes.ts';
import { listServices } from './services.ts';
import { pauseBetweenLooks } from './swarm-pause.ts';
import { listTasks } from './tasks.ts';

export interface ConvergeOptions {
  /** Told when it changes: `dog-db 1/1, dog-web 0/2 (host-mode port already in use on 1 node)`. */
  readonly onProgress?: (text: string, running: number, desired: number) => void;
  /** For how long one and the same slot may fail, however often it is tried: ports are freed, nodes join, images arrive meanwhile. */
  readonly stallMs?: number;
  /** For all of it, of which nothing need be wrong. */
  readonly boundMs?: number;
  /** How long a task is to be seen running: one that ends at once is told as running for 0.1 s, on a busy machine longer (measured). */
  readonly settleMs?: number;
}

const STALL_MS = 10_000;
/** What goes wrong is told by the tasks, long before: on an emulated and busy host tasks were still starting after two minutes. */
const BOUND_MS = 300_000;
const SETTLE_MS = 200;
/** Of a task whose forerunner failed: a program that dies a moment after its start is started again every 5 s. */
const SETTLE_AGAIN_MS = 2_000;
const LOOK_MS = 250;
const WHAT = 'see its services converge';

/**
 * Waits until each of these services has the tasks that it is to have, running, and returns those tasks. No event tells of tasks: it looks
 * every 250 ms, and only while it waits. That a program in them is ready to serve is for its own words to say.
 * @throws IMAGE_MISSING, PORT_TAKEN, ADDRESS_TAKEN and others, as the errors of the tasks say; ENGINE_ERROR where no node takes one;
 * NOT_READY after `boundMs`; OBJECT_MISSING for a service that went meanwhile
 */
export async function waitUntilConverged(
  engine: Engine,
  serviceIds: readonly string[],
  { onProgress, stallMs = STALL_MS, boundMs = BOUND_MS, settleMs = SETTLE_MS }: ConvergeOptions = {},
  signal?: AbortSignal,
): Promise<readonly SwarmTask[]> {
  const deadline = performance.now() + boundMs;
  let seen = NOTHING_SEEN;
  let told = '';
  for (;;) {
    const looks = await look(engine, serviceIds, signal);
    seen = seenWith(looks, seen, settleMs);
    const { problems, unsettled } = seen;
    const text = looks.map((each) => progressOf(each, problems)).join(', ');
    if (text !== told) onProgress?.(text, sum(looks, 'running'), sum(looks, 'desired'));
    told = text;
    if (looks.every(({ converged }) => converged) && unsettled === 0) return looks.flatMap(({ current }) => current);
    if (looks.some((each) => hasStalled(each, problems, stallMs))) throw await stalled(engine, looks, signal);
    if (performance.now() >= deadline) throw await lateOf(engine, looks, boundMs, signal);
    await pauseBetweenLooks(engine, WHAT, LOOK_MS, signal);
  }
}

interface Look extends ReturnType<typeof convergenceOf> {
  readonly service: SwarmService;
}

async function look(engine: Engine, ids: readonly string[], signal: AbortSignal | undefined): Promise<readonly Look[]> {
  if (ids.length === 0) return [];
  // Of a service that is gone the engine lists no tasks: it refuses, with the same code.
  const [services, tasks] = await Promise.all([listServices(engine, signal), listTasks(engine, { services: ids }, signal)]);
  return ids.map((id) => {
    const service = services.find((each) => each.id === id);
    if (service === undefined) {
      throw new PetsError('OBJECT_MISSING', {
        message: `${engine.name}: cannot ${WHAT}: service ${id} is gone`,
        hint: 'services of that swarm: docker service ls',
      });
    }
    return { service, ...convergenceOf(service, tasks) };
  });
}

function sum(looks: readonly Look[], of: 'running' | 'desired'): number {
  return looks.reduce((total, each) => total + each[of], 0);
}

/** A service has no tasks at its very first moment: a problem is told from the second look on. */
function progressOf({ service, running, desired, problems }: Look, since: ReadonlyMap<string, number>): string {
  const first = problems.find((problem) => performance.now() - (since.get(keyOf(service, problem.place)) ?? 0) >= LOOK_MS);
  return `${service.name} ${running}/${desired}${first === undefined ? '' : ` (${first.error})`}`;
}

/** What several looks have told, by the clock of `performance.now()`. */
interface Seen {
  /** Since when each place has had a problem. */
  readonly problems: ReadonlyMap<string, number>;
  /** Since when each task has run. */
  readonly running: ReadonlyMap<string, number>;
  /** How many tasks have not run for long enough. */
  readonly unsettled: number;
}

const NOTHING_SEEN: Seen = { problems: new Map(), running: new Map(), unsettled: 0 };

/** A problem stays one until a task of its place has run for a while: a task that is tried again runs for a moment, too. */
function seenWith(looks: readonly Look[], before: Seen, settleMs: number): Seen {
  const now = performance.now();
  const problems = new Map<string, number>();
  const running = new Map<string, number>();
  let unsettled = 0;
  for (const { service, current, problems: told } of looks) {
    for (const { place } of told) problems.set(keyOf(service, place), before.problems.get(keyOf(service, place)) ?? now);
    for (const task of current.filter(isRunning)) {
      const key = keyOf(service, placeOf(task));
      const failedAt = before.problems.get(key);
      const since = before.running.get(task.id) ?? now;
      running.set(task.id, since);
      if (now - since >= (failedAt === undefined ? settleMs : SETTLE_AGAIN_MS)) continue;
      unsettled += 1;
      if (failedAt !== undefined) problems.set(key, failedAt);
    }
  }
  return { problems, running, unsettled };
}

function hasStalled({ service, problems }: Look, since: Seen['problems'], stallMs: number): boolean {
  return problems.some(({ place }) => performance.now() - (since.get(keyOf(service, place)) ?? performance.now()) >= stallMs);
}

/** By its place alone: an error may name the container, which is another one at each try. */
function keyOf({ id }: SwarmService, place: string): string {
  return `${id}/${place}`;
}

async function stalled(engine: Engine, looks: readonly Look[], signal: AbortSignal | undefined): Promise<PetsError> {
  const hosts = new Map((await listNodes(engine, signal)).map(({ id, hostname }) => [id, hostname]));
  const failing = looks.filter(({ problems }) => problems.length > 0);
  const rule = failing
    .flatMap(({ problems }) => problems)
    .flatMap(({ error }) =>
      ENGINE_RULES.flatMap((each) => ({ rule: each, found: each.match.exec(error) })).filter(({ found }) => found !== null),
    )
    .at(0);
  const why = failing.map(({ service, running, desired, problems }) => {
    return `service ${service.name} has ${running} of ${desired} tasks running: ${describeProblems(problems, hosts)}`;
  });
  return new PetsError(rule?.rule.code ?? 'ENGINE_ERROR', {
    message: `${engine.name}: ${why.join('; ')}`,
    hint: rule?.rule.hint.replace('$1', () => rule.found?.[1] ?? '') ?? hintFor(failing[0]),
  });
}

/** A program that ended by itself has said why, if anything has. */
function hintFor(failing: Look | undefined): string {
  const name = failing?.service.name ?? '';
  const hasEnded = failing?.problems.some(({ error }) => error.includes('non-zero exit')) === true;
  return hasEnded ? `see what it said: docker service logs ${name}` : `see its tasks: docker service ps --no-trunc ${name}`;
}

/** Each error once, with the nodes that it came from. */
function describeProblems(problems: readonly TaskProblem[], hosts: ReadonlyMap<string, string>): string {
  return [...Map.groupBy(problems, ({ error }) => error)]
    .map(([error, same]) => {
      const places = [...new Set(same.flatMap(({ nodeId }) => (nodeId === '' ? [] : (hosts.get(nodeId) ?? nodeId))))].sort();
      return places.length === 0 ? error : `${error} (on ${places.join(', ')})`;
    })
    .join('; ');
}

async function lateOf(engine: Engine, looks: readonly Look[], boundMs: number, signal: AbortSignal | undefined): Promise<PetsError> {
  if (looks.some(({ problems }) => problems.length > 0)) return stalled(engine, looks, signal);
  const late = looks.filter(({ converged }) => !converged);
  const states = late.map(({ service, running, desired, current }) => {
    const doing = [...new Set(current.filter(({ state }) => state !== 'running').map(({ state }) => state))];
    return `service ${service.name} has ${running} of ${desired} tasks running${doing.length === 0 ? '' : `, others are ${doing.join(', ')}`}`;
  });
  return new PetsError('NOT_READY', {
    message: `${engine.name}: after ${boundMs / 1000} s ${states.join('; ')}; no task told of an error`,
    hint: `see its tasks: docker service ps --no-trunc ${late[0]?.service.name}`,
  });
}
