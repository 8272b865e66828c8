import { type Labels, labelsFor } from '../domain/labels.ts';
import type { LiveEngine } from '../domain/live.ts';
import { own } from '../domain/own.ts';
import { isOwnImage } from '../domain/own-images.ts';
import type { Plan, Step } from '../domain/plan.ts';
import type { BoundHost, Scenario, Wish } from '../domain/scenario.ts';
import { isSecret } from '../domain/secrets.ts';
import { imageWarnings } from './compare-images.ts';
import { holdingsOf } from './holdings.ts';
import { uniqueSteps } from './host-steps.ts';
import { doubledEngines, hostsLabel, unanswered } from './hosts-of-plan.ts';
import { judge } from './judge.ts';
import { openDatabases } from './open-databases.ts';
import { otherUnderlays } from './other-underlays.ts';
import { type HostJudgement, leavingOf, planHost } from './plan-host.ts';
import { planSwarm } from './plan-swarm.ts';
import { splitCounts } from './split-counts.ts';
import { resourceOf, specOf, swarmWishesFor, wishesFor } from './wishes.ts';

/**
 * The steps that make what is live equal to what a scenario wishes: none where it already is. Pure.
 * `scenario` is bound to `hosts` (`bindHosts`, `bindScenario`), `live` holds one entry for each of them, `run` is the ULID for the labels.
 * The steps of a plan with obstacles are what would be done without them: such a plan must not be executed.
 */
export function planUp(scenario: Scenario, hosts: readonly BoundHost[], live: readonly LiveEngine[], run: string): Plan {
  const variant = scenario.variant === undefined ? {} : { variant: scenario.variant };
  const labelsOn = (resource: string, spec: string): Labels =>
    labelsFor({
      project: scenario.project,
      scenario: scenario.name,
      resource,
      spec,
      run,
      hosts: hostsLabel(hosts),
      inputs: Object.fromEntries(Object.entries(scenario.inputs).filter(([name, value]) => !isSecret(name, value))),
      ...variant,
    });
  const labelsOf = (wish: Wish): Labels => labelsOn(resourceOf(wish), specOf(wish));
  const names = { scenario: scenario.name, project: scenario.project };
  const judged = hosts.flatMap((host): HostJudgement[] => {
    const engine = live.find((each) => each.host === host.name);
    if (engine === undefined) return [];
    const holdings = holdingsOf(engine, scenario.project);
    const situation = { ...names, host, engine, live, holdings, wishes: wishesFor(scenario, host, hosts), labelsOf };
    return [{ situation, verdicts: judge(situation) }];
  });
  const leaving = new Set(judged.flatMap(({ verdicts }) => [...leavingOf(verdicts)]));
  const onHosts = judged.map((judgement) => planHost(judgement, leaving));
  const parts = scenario.needsSwarm
    ? [...onHosts, planSwarm({ ...names, hosts, live, wishes: swarmWishesFor(scenario), labelsOf, labelsOfSwarm: labelsOn('swarm', '') })]
    : onHosts;
  const silent = hosts.filter(({ name }) => !live.some(({ host }) => host === name));
  return {
    verb: 'up',
    scenario: scenario.name,
    project: scenario.project,
    ...variant,
    hosts,
    steps: afterDatabases(
      uniqueSteps([...parts.flatMap(({ groundwork }) => groundwork), ...parts.flatMap(({ steps }) => steps)]),
      scenario,
    ),
    unchanged: parts.flatMap(({ unchanged }) => unchanged),
    obstacles: [...silent.map(unanswered), ...doubledEngines(live), ...parts.flatMap(({ obstacles }) => obstacles)],
    warnings: [...warningsOf(scenario, hosts, live), ...parts.flatMap(({ warnings }) => warnings)],
  };
}

/** Our front end says that it is ready once its database answers: where that failed, waiting for it would be in vain. */
function afterDatabases(steps: readonly Step[], { services, tenants }: Scenario): readonly Step[] {
  const isOwn = (service: string): boolean => isOwnImage(own(services, service)?.image ?? '');
  const fronts = Object.values(tenants).filter(({ web, db }) => isOwn(web) && !isOwn(db));
  return steps.map((step) => {
    const { action } = step;
    const isWait = action.kind === 'container.ready' || action.kind === 'service.converge';
    if (!isWait) return step;
    const databases = fronts.filter(({ web }) => web === action.name).map(({ db }) => db);
    const answers = steps.filter((each) => each.action.kind === action.kind && databases.includes(each.action.name));
    return { ...step, needs: [...new Set([...step.needs, ...answers.map(({ id }) => id)])] };
  });
}

/** What does not stand in the way, and is better known before. */
function warningsOf(scenario: Scenario, hosts: readonly BoundHost[], live: readonly LiveEngine[]): readonly string[] {
  const wishes = hosts.map((host) => wishesFor(scenario, host, hosts));
  const networks = wishes.flatMap((wish) => wish.networks);
  const containers = wishes.flatMap((wish) => wish.containers);
  const { services } = swarmWishesFor(scenario);
  const images = [...containers, ...hosts.flatMap(({ name: host }) => services.map(({ image }) => ({ host, image })))];
  return [
    ...openDatabases(containers, networks, services),
    ...splitCounts(scenario),
    ...otherUnderlays(hosts, networks),
    ...imageWarnings(live, images),
  ];
}
