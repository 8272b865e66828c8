import type { Failure } from '../domain/errors.ts';
import type { LiveEngine } from '../domain/live.ts';
import type { Obstacle } from '../domain/plan.ts';
import { reasonOf } from '../scenario/hosts-of-plan.ts';
import type { Execution } from './execute.ts';
import { unreachedFailure } from './unreached.ts';
import type { VerbRequest } from './verb-request.ts';

/** How a verb ends that obstacles stopped, or left something standing. A host that does not answer comes first: an engine failed. */
export function obstruction(obstacles: readonly Obstacle[], live: readonly LiveEngine[]): Failure {
  const unreached = unreachedFailure({ obstacles }, live);
  if (unreached !== undefined) return unreached;
  const message = obstacles.map((obstacle) => `${obstacle.host}: ${obstacle.message}`).join('\n');
  return { code: 'OBSTACLES', message, hint: obstacles[0]?.hint ?? '' };
}

/** The first failure in full, and on which hosts there were more. */
export function failedSteps(
  verb: string,
  { scenario, project }: Pick<VerbRequest, 'scenario' | 'project'>,
  failed: Execution['failed'],
): Failure {
  const name = scenario?.name ?? project;
  const [first, ...others] = failed;
  const hosts = [...new Set(others.map(({ step }) => hostOf(step)))].join(', ');
  const more = others.length === 0 ? '' : ` (and ${others.length} more failed on ${hosts})`;
  return {
    code: first?.failure.code ?? 'ENGINE_ERROR',
    message: `${first?.step}: ${first?.failure.message}${more}`,
    hint: `what was done stands; go on with: pets-console ${verb} ${name}${verb === 'up' ? `, or take it back: pets-console down ${name}` : ''}`,
  };
}

/** Every step's id begins with its host. */
function hostOf(step: string): string {
  return step.split('/')[0] ?? step;
}

/** Hosts that said nothing rank before checks: what could not be asked of them is not known, whatever the others answered. */
export function silence({ scenario, project }: Pick<VerbRequest, 'scenario' | 'project'>, silent: ReadonlyMap<string, Failure>): Failure {
  const [first] = silent.values();
  return {
    code: first?.code ?? 'ENGINE_UNREACHABLE',
    message: [...silent].map(([host, failure]) => `${host} could not be asked: ${reasonOf(host, failure)}`).join('\n'),
    hint: `once it answers: pets-console verify ${scenario?.name ?? project}`,
  };
}

export function interruption({ verb, scenario, project, signal }: VerbRequest): Failure {
  const name = scenario?.name ?? project;
  const late = signal.reason instanceof DOMException && signal.reason.name === 'TimeoutError';
  return {
    code: late ? 'ENGINE_TIMEOUT' : 'INTERRUPTED',
    message: `${verb} ${late ? 'did not end in the time that --timeout gave' : 'was interrupted'}; what was done stands`,
    hint: `go on: pets-console ${verb} ${name}${verb === 'down' ? '' : `, or take it back: pets-console down ${name}`}`,
  };
}
