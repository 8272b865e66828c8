import type { Failure } from '../domain/errors.ts';
import type { LiveEngine } from '../domain/live.ts';
import type { Obstacle, Plan } from '../domain/plan.ts';
import { SWARM } from '../domain/scenario.ts';
import { reasonOf } from '../scenario/hosts-of-plan.ts';

/** The plan with the reason of each host that did not answer, and how to go on without it. */
export function explainSilence(plan: Plan, silent: ReadonlyMap<string, Failure>): Plan {
  const explain = (obstacle: Obstacle): Obstacle => {
    const failure = silent.get(obstacle.host);
    if (failure === undefined) return obstacle;
    const { role = obstacle.host } = plan.hosts.find(({ name }) => name === obstacle.host) ?? {};
    const again = `pets-console ${plan.verb} ${plan.scenario}`;
    return {
      ...obstacle,
      message: `it does not answer, and ${plan.scenario} needs it: ${reasonOf(obstacle.host, failure)}`,
      hint: `once it is back: ${again}; or on another host: ${again} --bind ${role}=HOST`,
    };
  };
  return { ...plan, obstacles: plan.obstacles.map(explain) };
}

/** How a verb ends for which hosts were not reached; undefined where all were. It comes before all other obstacles: an engine failed. */
export function unreachedFailure({ obstacles }: Pick<Plan, 'obstacles'>, live: readonly LiveEngine[]): Failure | undefined {
  const unreached = obstacles.filter(({ host }) => host !== SWARM && !live.some((engine) => engine.host === host));
  const [first] = unreached;
  if (first === undefined) return undefined;
  return { code: 'ENGINE_UNREACHABLE', message: unreached.map(({ host, message }) => `${host}: ${message}`).join('\n'), hint: first.hint };
}
