import type { Failure } from '../domain/errors.ts';
import type { LiveEngine } from '../domain/live.ts';
import type { Obstacle, Plan, Step } from '../domain/plan.ts';
import type { BoundHost } from '../domain/scenario.ts';
import { containersOn, type Holdings, holdingsOf } from './holdings.ts';
import { hostsInLabel, isLabelled, type LabelledHost, reasonOf } from './hosts-of-plan.ts';
import { strangersOn } from './obstacles.ts';
import { planSwarmDown } from './plan-swarm-down.ts';
import { makeStep } from './steps.ts';

/**
 * The steps that remove a project, from labels alone. Pure. `silent` says why hosts without an entry in `live` have none.
 * What keeps something standing is an obstacle and has no step: foreign containers on a network, a host that is read-only, does not
 * answer, or is known from labels only. The steps may be executed all the same.
 */
export function planDown(
  project: string,
  hosts: readonly BoundHost[],
  live: readonly LiveEngine[],
  silent: ReadonlyMap<string, Failure> = new Map(),
): Plan {
  const parts = live.map((engine) => ({ engine, holdings: holdingsOf(engine, project) }));
  const readOnly = new Set(hosts.filter((host) => host.readOnly === true).map(({ name }) => name));
  const downs = parts.map(({ engine, holdings }) =>
    readOnly.has(engine.host) ? leaveAlone(project, engine, holdings) : takeDown(project, engine, holdings),
  );
  const inSwarm = planSwarmDown(project, hosts, live);
  const owners = parts.flatMap(({ holdings }) => [...everythingOf(holdings), ...holdings.tasks]).map(({ owner }) => owner);
  const labelled = hostsOfLabels(owners.map((owner) => owner.hosts));
  const unheard = hosts.filter(({ name }) => !live.some(({ host }) => host === name));
  return {
    verb: 'down',
    scenario: [...new Set(owners.map(({ scenario }) => scenario))]
      .filter((name) => name !== '')
      .sort()
      .join(', '),
    project,
    hosts,
    steps: [...downs.flatMap(({ steps }) => steps), ...inSwarm.steps],
    unchanged: [],
    obstacles: [
      ...downs.flatMap(({ obstacles }) => obstacles),
      ...inSwarm.obstacles,
      ...parts.flatMap(({ engine, holdings }) => unmanagedTasks(project, engine, holdings, live)),
      ...unheard.map((host) => notReached(project, host, silent.get(host.name), labelled)),
      ...absentHosts(hosts, labelled).map((name) => notKnown(project, name)),
    ],
    warnings: inSwarm.warnings,
  };
}

interface TakeDown {
  readonly steps: readonly Step[];
  readonly obstacles: readonly Obstacle[];
}

function takeDown(project: string, engine: LiveEngine, holdings: Holdings): TakeDown {
  const removals = new Map(
    holdings.containers.map(({ live: { id, name } }) => [id, makeStep(engine.host, { kind: 'container.remove', id, name })]),
  );
  const agents = holdings.sidecars.map(({ live: { id, name }, owner }) =>
    makeStep(engine.host, { kind: 'agent.end', id, name, beside: owner.resource.replace(/^sidecar\//, '') }),
  );
  const networks = [...holdings.networks, ...holdings.leftBridges].map(({ live }) => ({
    live,
    strangers: strangersOn(live, engine, project),
  }));
  const free = networks.filter(({ strangers }) => strangers.length === 0);
  const networkRemovals = free.map(({ live }) => {
    const needs = containersOn(engine, live).flatMap(({ id }) => removals.get(id)?.id ?? []);
    return makeStep(engine.host, { kind: 'network.remove', id: live.id, name: live.name }, needs);
  });
  return { steps: [...agents, ...removals.values(), ...networkRemovals], obstacles: networks.flatMap(({ strangers }) => strangers) };
}

/** Nothing is changed on a read-only host, not even an agent of ours that was forgotten there. */
function leaveAlone(project: string, { host }: LiveEngine, holdings: Holdings): TakeDown {
  const things = everythingOf(holdings).map(({ owner }) => owner.resource);
  const stays: Obstacle = {
    host,
    resource: `host/${host}`,
    message: `it is read-only, so what project ${project} has there stays: ${things.join(', ')}`,
    hint: `leave out --read-only, or readOnly in the hosts file, then: pets-console down ${project}`,
  };
  return { steps: [], obstacles: things.length === 0 ? [] : [stays] };
}

function everythingOf({ networks, leftBridges, containers, sidecars }: Holdings) {
  return [...containers, ...networks, ...leftBridges, ...sidecars];
}

/** Tasks whose swarm none of these hosts manages: removed by hand they would be run again. */
function unmanagedTasks(
  project: string,
  { host, swarm }: LiveEngine,
  { tasks }: Holdings,
  live: readonly LiveEngine[],
): readonly Obstacle[] {
  const nodeId = swarm?.swarm.nodeId;
  if (tasks.length === 0 || live.some((engine) => engine.swarm?.nodes.some(({ id }) => id === nodeId))) return [];
  const managers = swarm?.swarm.managerAddresses.join(', ') ?? '';
  return [
    {
      host,
      resource: 'swarm',
      message: `${tasks.map(({ live: { name } }) => name).join(', ')} of project ${project} stay: a swarm runs them, and no manager of it (${managers}) was reached`,
      hint: `name the manager's host: pets-console down ${project} --hosts FILE`,
    },
  ];
}

/** Every host that the labels of a project's things name. */
function hostsOfLabels(labels: readonly string[]): readonly LabelledHost[] {
  return [...new Set(labels)].flatMap(hostsInLabel);
}

/** Names of labelled hosts that are not in this inventory, neither by name nor by endpoint. */
function absentHosts(hosts: readonly BoundHost[], labelled: readonly LabelledHost[]): readonly string[] {
  const absent = labelled.filter((entry) => !hosts.some((host) => isLabelled(host, entry)));
  return [...new Set(absent.map(({ name }) => name))];
}

function notReached(project: string, host: BoundHost, failure: Failure | undefined, labelled: readonly LabelledHost[]): Obstacle {
  const { name, endpoint } = host;
  const reason = failure === undefined ? `the engine at ${endpoint} said nothing` : reasonOf(name, failure);
  const stays = labelled.some((entry) => isLabelled(host, entry))
    ? `what project ${project} has there stays`
    : `if project ${project} has anything there, it stays`;
  return {
    host: name,
    resource: `host/${name}`,
    message: `not reached, so ${stays}: ${reason}`,
    hint: `once it is back: pets-console down ${project}`,
  };
}

function notKnown(project: string, name: string): Obstacle {
  return {
    host: name,
    resource: `host/${name}`,
    message: `project ${project} runs there too, and it is not among the hosts known here, so what it has there stays`,
    hint: `name all of its hosts: pets-console down ${project} --hosts FILE, or --host ${name}=ENDPOINT`,
  };
}
