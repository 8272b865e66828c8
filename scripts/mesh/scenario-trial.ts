import type { MeshCommand, MeshTrial } from './trial.ts';

/** What a scenario's trial does beside plan, run's three verbs and the look at what is left. */
interface Additions {
  readonly shows: string;
  /** Whose labels what it makes bears; the scenario's name unless told. */
  readonly project?: string;
  /** Behind `up`: `--scale dog-web=2`. */
  readonly flags?: string;
  /** Before `plan`, with nothing of the scenario there. */
  readonly before?: readonly MeshCommand[];
  /** Between `verify` and `down`, while it stands. */
  readonly standing?: readonly MeshCommand[];
  /** After `down`. */
  readonly after?: readonly MeshCommand[];
}

/** A shipped scenario as a user runs it: plan, up, a second up that changes nothing, verify, down, and nothing of it is left. */
export function fromPlanToDown(scenario: string, additions: Additions): MeshTrial {
  const { shows, project = scenario, flags, before = [], standing = [], after = [] } = additions;
  const verb = (word: string, says: readonly RegExp[] = []): MeshCommand => ({
    name: word,
    line: ['pets-console', word, scenario, '--json', ...(flags === undefined ? [] : [flags])].join(' '),
    withinS: 300,
    says,
  });
  return {
    name: scenario,
    shows,
    commands: [
      { name: 'networks-before', line: 'networks | tee /tmp/networks', withinS: 60 },
      ...before,
      verb('plan'),
      verb('up', [/"type":"run\.finished".*"ok":true/]),
      { ...verb('up', [/"type":"run\.finished".*"changed":0,/]), name: 'up-again' },
      {
        ...verb('verify', [/"type":"run\.finished".*"passed":[1-9]\d*,"failed":0,"uncertain":0/]),
        line: ['verified', scenario, '--json', ...(flags === undefined ? [] : [flags])].join(' '),
      },
      ...standing,
      verb('down', [/"type":"run\.finished".*"ok":true/]),
      { name: 'nothing-left', line: `remains ${project}`, withinS: 60 },
      { name: 'networks-after', line: 'networks | diff /tmp/networks -', withinS: 60 },
      ...after,
    ],
  };
}
