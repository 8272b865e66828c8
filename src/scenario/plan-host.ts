import type { Obstacle } from '../domain/plan.ts';
import type { BoundHost } from '../domain/scenario.ts';
import { containerObstacles } from './container-obstacles.ts';
import { type HostSteps, stepsFor } from './host-steps.ts';
import type { ContainerVerdict, HostSituation, Verdicts } from './judge.ts';
import { type Leaving, networkObstacles, strangersOn } from './obstacles.ts';
import { resourceOf } from './wishes.ts';

/** What one host needs, and what the whole plan is made of. */
export interface HostPlan extends HostSteps {
  readonly warnings: readonly string[];
  readonly unchanged: readonly string[];
  readonly obstacles: readonly Obstacle[];
}

/** What is decided about one host, and on what grounds. */
export interface HostJudgement {
  readonly situation: HostSituation;
  readonly verdicts: Verdicts;
}

/** IDs of all that goes on a host, and therefore holds nothing any more. */
export function leavingOf({ networks, containers, surplusNetworks, surplusContainers }: Verdicts): Leaving {
  const replaced = containers.filter(({ drift }) => drift.kind === 'replace');
  const renewed = networks.filter(({ renewal }) => renewal !== undefined);
  const live = [...replaced, ...renewed].flatMap((verdict) => verdict.live ?? []);
  return new Set([...live, ...surplusNetworks, ...surplusContainers].map(({ id }) => id));
}

/** The fewest steps that make what is there equal to what is wished. `leaving` is what goes on all hosts. */
export function planHost({ situation, verdicts }: HostJudgement, leaving: Leaving): HostPlan {
  const unchanged = [
    ...verdicts.networks.filter(({ live, renewal }) => live !== undefined && renewal === undefined),
    ...verdicts.containers.filter(({ drift, live }) => live !== undefined && drift.kind === 'none'),
  ];
  const plan = stepsFor(situation, verdicts);
  const changes = [...plan.groundwork, ...plan.steps].filter(({ action }) => action.kind !== 'container.ready').length;
  return {
    ...plan,
    warnings: [],
    unchanged: unchanged.map(({ wish }) => `${wish.host}/${resourceOf(wish)}`),
    // What else is in the way there is no matter: nothing is going to be made.
    obstacles:
      situation.host.readOnly === true && changes > 0 ? [readOnly(situation.host, changes)] : obstaclesFor(situation, verdicts, leaving),
  };
}

function readOnly({ name }: BoundHost, changes: number): Obstacle {
  return {
    host: name,
    resource: `host/${name}`,
    message: `it is read-only, and ${changes === 1 ? 'one change is' : `${changes} changes are`} needed there`,
    owner: 'readOnly in the hosts file, or --read-only',
    hint: `bind its role to another host, --bind ROLE=HOST, or allow changes on ${name}`,
  };
}

function obstaclesFor({ engine, live, wishes, project }: HostSituation, verdicts: Verdicts, leaving: Leaving): readonly Obstacle[] {
  const { networks, containers, surplusNetworks } = verdicts;
  const renewed = networks.flatMap((verdict) => (verdict.renewal === undefined ? [] : (verdict.live ?? [])));
  return [
    ...networks
      .filter(({ live: there, renewal }) => there === undefined || renewal !== undefined)
      .flatMap(({ wish }) => networkObstacles(wish, engine, leaving)),
    ...[...renewed, ...surplusNetworks].flatMap((network) => strangersOn(network, engine, project)),
    ...containers.filter(comes).flatMap(({ wish, live: there }) => {
      const gone = there === undefined ? leaving : new Set([...leaving, there.id]);
      return containerObstacles(wish, wishes.networks, live, gone);
    }),
  ];
}

/** Whether a container is run, started or joined again: what it needs must be free. */
function comes({ live, drift }: ContainerVerdict): boolean {
  return live === undefined || drift.kind === 'replace' || (drift.kind === 'mend' && (drift.wake === 'start' || drift.connect.length > 0));
}
