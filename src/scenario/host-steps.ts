import type { LiveContainer, LiveNetwork } from '../domain/live.ts';
import { own } from '../domain/own.ts';
import { OWN_IMAGE } from '../domain/own-images.ts';
import type { Step, StepAction } from '../domain/plan.ts';
import type { ContainerWish } from '../domain/scenario.ts';
import type { ContainerDrift } from './compare.ts';
import { hostsThatHave } from './compare-images.ts';
import { containersOn, ownAliases } from './holdings.ts';
import type { ContainerVerdict, HostSituation, Verdicts } from './judge.ts';
import { makeStep, readyStep, stepId } from './steps.ts';
import { resourceOf } from './wishes.ts';

export interface HostSteps {
  /** What has to go, and the networks: told first, for all hosts. */
  readonly groundwork: readonly Step[];
  readonly steps: readonly Step[];
}

/** The fewest steps that make a host what its verdicts ask for. */
export function stepsFor(situation: HostSituation, verdicts: Verdicts): HostSteps {
  const removals = containerRemovals(situation.engine.host, verdicts);
  const leaves = leavesFor(situation, verdicts);
  const networks = networkSteps(situation, verdicts, [...removals, ...leaves]);
  // What goes may hold the name, port or address that what comes needs: it goes first.
  const before = removals.map(({ id }) => id);
  const made = new Map(networks.flatMap(({ id, action }) => (action.kind === 'network.create' ? [[action.wish.name, id] as const] : [])));
  const joins = joinsFor(situation, verdicts, made);
  const containers = verdicts.containers.flatMap((verdict) => containerSteps(situation, verdict, before, made));
  const agents = containers.length === 0 ? [] : ensureSteps(situation, OWN_IMAGE, 'for the agent beside what runs there');
  return { groundwork: [...removals, ...leaves, ...networks], steps: uniqueSteps([...joins, ...containers, ...agents]) };
}

/** Two containers may need the same image, and an agent too: the first who does says why. */
export function uniqueSteps(steps: readonly Step[]): readonly Step[] {
  return steps.filter(({ id }, index) => steps.findIndex((other) => other.id === id) === index);
}

function containerRemovals(host: string, { containers, surplusContainers }: Verdicts): Step[] {
  const replaced = containers.flatMap(({ live, drift }) =>
    live !== undefined && drift.kind === 'replace' ? [{ live, reason: drift.reason }] : [],
  );
  const surplus = surplusContainers.map((live) => ({ live, reason: 'the scenario no longer has it' }));
  return [...replaced, ...surplus].map(({ live, reason }) =>
    makeStep(host, { kind: 'container.remove', id: live.id, name: live.name }, [], reason),
  );
}

/** Containers of other scenarios of the project that are on a network that is made anew: they leave and join again. */
function bystanders(
  { engine, holdings }: HostSituation,
  { networks, containers, surplusContainers }: Verdicts,
): { readonly network: LiveNetwork; readonly container: LiveContainer }[] {
  const ours = new Set(holdings.containers.map(({ live }) => live.id));
  for (const { live } of containers) if (live !== undefined) ours.delete(live.id);
  for (const { id } of surplusContainers) ours.delete(id);
  return networks.flatMap(({ live, renewal }) =>
    live === undefined || renewal === undefined
      ? []
      : containersOn(engine, live)
          .filter(({ id }) => ours.has(id))
          .map((container) => ({ network: live, container })),
  );
}

function leavesFor(situation: HostSituation, verdicts: Verdicts): Step[] {
  const { host } = situation.engine;
  const own = verdicts.containers.flatMap(({ wish, drift }) => {
    if (drift.kind !== 'mend') return [];
    const awake = drift.wake === 'unpause' ? [stepId(host, resourceOf(wish), 'unpause')] : [];
    return drift.disconnect.map((network) =>
      makeStep(host, { kind: 'network.disconnect', network, container: wish.name }, awake, drift.reason),
    );
  });
  const others = bystanders(situation, verdicts).map(({ network, container }) =>
    makeStep(
      host,
      { kind: 'network.disconnect', network: network.name, container: container.name },
      [],
      `network ${network.name} is made anew`,
    ),
  );
  return [...own, ...others];
}

function joinsFor(situation: HostSituation, verdicts: Verdicts, made: ReadonlyMap<string, string>): Step[] {
  const { host } = situation.engine;
  return bystanders(situation, verdicts).map(({ network, container }) => {
    const action: StepAction = {
      kind: 'network.connect',
      network: network.name,
      container: container.name,
      aliases: ownAliases(container, network.name),
    };
    return makeStep(host, action, needsOf(made, [network.name]), `network ${network.name} is made anew`);
  });
}

/** `clearing` are the steps that take containers off networks. */
function networkSteps({ engine, labelsOf }: HostSituation, { networks, surplusNetworks }: Verdicts, clearing: readonly Step[]): Step[] {
  const remove = (live: LiveNetwork, reason: string): Step => {
    const attached = new Set(containersOn(engine, live).map(({ name }) => `container/${name}`));
    const needs = clearing.filter(
      ({ resource, action }) =>
        attached.has(resource) &&
        (action.kind === 'container.remove' || (action.kind === 'network.disconnect' && action.network === live.name)),
    );
    return makeStep(
      engine.host,
      { kind: 'network.remove', id: live.id, name: live.name },
      needs.map(({ id }) => id),
      reason,
    );
  };
  const removals = [
    ...networks.flatMap(({ live, renewal }) => (live === undefined || renewal === undefined ? [] : [remove(live, renewal)])),
    ...surplusNetworks.map((live) => remove(live, 'the scenario no longer has it')),
  ];
  const creations = networks
    .filter(({ live, renewal }) => live === undefined || renewal !== undefined)
    .map(({ wish, renewal }) =>
      // A network that goes may hold the subnet of one that comes.
      makeStep(
        engine.host,
        { kind: 'network.create', wish, labels: labelsOf(wish) },
        removals.map(({ id }) => id),
        renewal,
      ),
    );
  return [...removals, ...creations];
}

function containerSteps(
  situation: HostSituation,
  verdict: ContainerVerdict,
  before: readonly string[],
  made: ReadonlyMap<string, string>,
): Step[] {
  const { wish, live, drift } = verdict;
  if (live !== undefined && drift.kind === 'none') return [];
  if (live !== undefined && drift.kind === 'mend') return mendSteps(situation.engine.host, wish, live, drift, before, made);
  const ensure = ensureSteps(situation, wish.image);
  const needs = [
    ...ensure.map(({ id }) => id),
    ...before,
    ...needsOf(
      made,
      wish.networks.map(({ network }) => network),
    ),
  ];
  const reason = drift.kind === 'replace' ? drift.reason : undefined;
  const run = makeStep(wish.host, { kind: 'container.run', wish, labels: situation.labelsOf(wish) }, needs, reason);
  return [...ensure, run, readyStep(wish, [run.id])];
}

/** Gets an image where the engine lacks it, or has an older one of ours. */
export function ensureSteps({ engine, live }: Pick<HostSituation, 'engine' | 'live'>, image: string, why?: string): Step[] {
  const known = own(engine.images, image);
  if (known?.current === true) return [];
  const from = hostsThatHave(image, live, engine.host);
  return [makeStep(engine.host, { kind: 'image.ensure', image, from }, [], known === undefined ? why : 'its recipe has changed')];
}

function mendSteps(
  host: string,
  wish: ContainerWish,
  live: LiveContainer,
  { wake, connect, disconnect, reason }: Extract<ContainerDrift, { kind: 'mend' }>,
  before: readonly string[],
  made: ReadonlyMap<string, string>,
): Step[] {
  const left = disconnect.map((network) => stepId(host, resourceOf(wish), `disconnect-${network}`));
  const wakeAction: StepAction = { kind: 'container.start', id: live.id, name: live.name, unpause: wake === 'unpause' };
  const unpause = wake === 'unpause' ? [makeStep(host, wakeAction, [], reason)] : [];
  const awake = unpause.map(({ id }) => id);
  const joins = connect.map(({ network, ...attachment }) =>
    makeStep(
      host,
      { kind: 'network.connect', network, container: wish.name, ...attachment },
      [...awake, ...left, ...before, ...needsOf(made, [network])],
      reason,
    ),
  );
  const joined = joins.map(({ id }) => id);
  const start = wake === 'start' ? [makeStep(host, wakeAction, [...left, ...joined, ...before], reason)] : [];
  return [...unpause, ...joins, ...start, readyStep(wish, [...awake, ...left, ...joined, ...start.map(({ id }) => id)])];
}

function needsOf(made: ReadonlyMap<string, string>, networks: readonly string[]): readonly string[] {
  return networks.flatMap((network) => made.get(network) ?? []);
}
