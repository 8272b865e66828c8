import type { LiveEngine } from '../domain/live.ts';
import type { Obstacle, Plan, Step } from '../domain/plan.ts';
import type { BoundHost } from '../domain/scenario.ts';
import { containersOn, type Holdings, holdingsOf } from './holdings.ts';
import { fingerprintOf, unanswered } from './hosts-of-plan.ts';
import { strangersOn } from './obstacles.ts';
import { makeStep } from './steps.ts';

/**
 * The steps that remove a project, from labels alone. Pure.
 * A network that foreign containers are on is an obstacle and has no step; the other steps may be executed all the same.
 */
export function planDown(project: string, hosts: readonly BoundHost[], live: readonly LiveEngine[]): Plan {
  const parts = live.map((engine) => ({ engine, holdings: holdingsOf(engine, project) }));
  const downs = parts.map(({ engine, holdings }) => takeDown(project, engine, holdings));
  const owners = parts
    .flatMap(({ holdings: { networks, containers, sidecars } }) => [...networks, ...containers, ...sidecars])
    .map(({ owner }) => owner);
  const silent = hosts.filter(({ name }) => !live.some(({ host }) => host === name));
  return {
    verb: 'down',
    scenario: [...new Set(owners.map(({ scenario }) => scenario))]
      .filter((name) => name !== '')
      .sort()
      .join(', '),
    project,
    hosts,
    steps: downs.flatMap(({ steps }) => steps),
    unchanged: [],
    obstacles: [...downs.flatMap(({ obstacles }) => obstacles), ...silent.map(unanswered)],
    warnings: absentHosts(
      hosts,
      owners.map((owner) => owner.hosts),
    ).map((name) => `project ${project} also runs on host ${name}, which is not among the hosts known here: what it has there stays`),
  };
}

function takeDown(
  project: string,
  engine: LiveEngine,
  holdings: Holdings,
): { readonly steps: readonly Step[]; readonly obstacles: readonly Obstacle[] } {
  const removals = new Map(
    holdings.containers.map(({ live: { id, name } }) => [id, makeStep(engine.host, { kind: 'container.remove', id, name })]),
  );
  const agents = holdings.sidecars.map(({ live: { id, name }, owner }) =>
    makeStep(engine.host, { kind: 'agent.end', id, name, beside: owner.resource.replace(/^sidecar\//, '') }),
  );
  const networks = holdings.networks.map(({ live }) => ({ live, strangers: strangersOn(live, engine, project) }));
  const free = networks.filter(({ strangers }) => strangers.length === 0);
  const networkRemovals = free.map(({ live }) => {
    const needs = containersOn(engine, live).flatMap(({ id }) => removals.get(id)?.id ?? []);
    return makeStep(engine.host, { kind: 'network.remove', id: live.id, name: live.name }, needs);
  });
  return { steps: [...agents, ...removals.values(), ...networkRemovals], obstacles: networks.flatMap(({ strangers }) => strangers) };
}

/** Names in `hosts` labels of hosts that are not in this inventory, neither by name nor by endpoint. */
function absentHosts(hosts: readonly BoundHost[], labels: readonly string[]): readonly string[] {
  const names = new Set(hosts.map(({ name }) => name));
  const fingerprints = new Set(hosts.map(({ endpoint }) => fingerprintOf(endpoint)));
  const labelled = new Set(labels.flatMap((label) => label.split(',')).filter((entry) => entry.includes('=')));
  return [...labelled].flatMap((entry) => {
    const [name = '', fingerprint = ''] = entry.split('=');
    return names.has(name) || fingerprints.has(fingerprint) ? [] : [name];
  });
}
