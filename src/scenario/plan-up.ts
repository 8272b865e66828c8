import { type Labels, labelsFor } from '../domain/labels.ts';
import type { LiveEngine } from '../domain/live.ts';
import type { Plan } from '../domain/plan.ts';
import type { BoundHost, Scenario, Wish } from '../domain/scenario.ts';
import { imageWarnings } from './compare-images.ts';
import { holdingsOf } from './holdings.ts';
import { hostsLabel, unanswered } from './hosts-of-plan.ts';
import { judge } from './judge.ts';
import { openDatabases } from './open-databases.ts';
import { otherUnderlays } from './other-underlays.ts';
import { type HostJudgement, leavingOf, planHost } from './plan-host.ts';
import { resourceOf, specOf, wishesFor } from './wishes.ts';

/**
 * The steps that make what is live equal to what a scenario wishes: none where it already is. Pure.
 * `scenario` is bound to `hosts` (`bindHosts`, `bindScenario`), `live` holds one entry for each of them, `run` is the ULID for the labels.
 * The steps of a plan with obstacles are what would be done without them: such a plan must not be executed.
 */
export function planUp(scenario: Scenario, hosts: readonly BoundHost[], live: readonly LiveEngine[], run: string): Plan {
  const labelsOf = (wish: Wish): Labels =>
    labelsFor({
      project: scenario.project,
      scenario: scenario.name,
      resource: resourceOf(wish),
      spec: specOf(wish),
      run,
      hosts: hostsLabel(hosts),
    });
  const judged = hosts.flatMap((host): HostJudgement[] => {
    const engine = live.find((each) => each.host === host.name);
    if (engine === undefined) return [];
    const holdings = holdingsOf(engine, scenario.project);
    const names = { scenario: scenario.name, project: scenario.project };
    const situation = { ...names, host, engine, live, holdings, wishes: wishesFor(scenario, host, hosts), labelsOf };
    return [{ situation, verdicts: judge(situation) }];
  });
  const leaving = new Set(judged.flatMap(({ verdicts }) => [...leavingOf(verdicts)]));
  const parts = judged.map((judgement) => planHost(judgement, leaving));
  const silent = hosts.filter(({ name }) => !live.some(({ host }) => host === name));
  return {
    verb: 'up',
    scenario: scenario.name,
    project: scenario.project,
    hosts,
    steps: [...parts.flatMap(({ groundwork }) => groundwork), ...parts.flatMap(({ steps }) => steps)],
    unchanged: parts.flatMap(({ unchanged }) => unchanged),
    obstacles: [...silent.map(unanswered), ...parts.flatMap(({ obstacles }) => obstacles)],
    warnings: warningsOf(scenario, hosts, live),
  };
}

/** What does not stand in the way, and is better known before. */
function warningsOf(scenario: Scenario, hosts: readonly BoundHost[], live: readonly LiveEngine[]): readonly string[] {
  const wishes = hosts.map((host) => wishesFor(scenario, host, hosts));
  const networks = wishes.flatMap((wish) => wish.networks);
  const containers = wishes.flatMap((wish) => wish.containers);
  return [...openDatabases(containers, networks), ...otherUnderlays(hosts, networks), ...imageWarnings(live, containers)];
}
