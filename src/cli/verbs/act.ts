import { EXIT, type Failure, PetsError } from '../../domain/errors.ts';
import { ownershipOf } from '../../domain/labels.ts';
import { listContainers } from '../../engine/containers.ts';
import { runVerb, unknownProject } from '../../run/run-verb.ts';
import type { ActingVerb } from '../../run/verb-request.ts';
import { isScenarioPath } from '../../scenario/files.ts';
import { jsonReporter } from '../report-json.ts';
import { painter, STOPPING, textReporter } from '../report-text.ts';
import { bind, openScenario } from '../scenario-files.ts';
import { openSession, parseBinds, type Session } from '../session.ts';
import type { Flags, VerbAction, VerbContext } from '../verb.ts';

export const up: VerbAction = (args, flags, context) => act('up', args, flags, context);
export const verify: VerbAction = (args, flags, context) => act('verify', args, flags, context);
export const down: VerbAction = (args, flags, context) => act('down', args, flags, context);
export const run: VerbAction = (args, flags, context) => act('run', args, flags, context);

/** Does a verb that acts: events to the journal and to whoever watches, the end as an exit status. */
async function act(verb: ActingVerb, [name = '']: readonly string[], flags: Flags, context: VerbContext): Promise<number> {
  // What is wrong with the file is told before anything is wrong with an engine.
  const file = await readScenario(verb, name, context);
  const session = await openSession(verb, flags, context, [reporter(flags, context)]);
  context.signal.addEventListener('abort', () => context.stderr.write(`\n${STOPPING}\n`), { once: true });
  try {
    const scenario = file ?? (verb === 'verify' ? await scenarioOfProject(name, session, context) : undefined);
    // `down` goes by labels on every host, those that the scenario no longer names too: it needs no roles.
    const bound = scenario === undefined || verb === 'down' ? undefined : bind(scenario, session.hosts, parseBinds(flags.bind));
    const outcome = await runVerb({
      verb,
      scenario: bound?.scenario ?? scenario,
      project: file?.project ?? name,
      tenants: bound?.tenants ?? [],
      hosts: bound?.hosts ?? session.hosts,
      engines: session.engines,
      lost: session.lost,
      agents: session.agents,
      emit: session.stream.emit,
      signal: session.signal,
      run: session.run,
    });
    return statusOf(outcome.failure);
  } finally {
    await session.close();
  }
}

/**
 * `down` and `verify` take the name of a project too, which only its labels know; and what is up can be taken down whatever has
 * become of its file.
 */
async function readScenario(verb: ActingVerb, name: string, context: VerbContext) {
  try {
    return await openScenario(name, context.env);
  } catch (error) {
    if (!(error instanceof PetsError) || isScenarioPath(name)) throw error;
    if (error.code === 'NOT_FOUND' && (verb === 'down' || verb === 'verify')) return undefined;
    if (error.code !== 'BAD_FILE' || verb !== 'down') throw error;
    context.stderr.write(`${error.message}\nso it goes by the labels of project ${name}\n`);
    return undefined;
  }
}

/** The scenario that a project's containers say they were made from. @throws NOT_FOUND */
async function scenarioOfProject(project: string, { engines, signal }: Session, { env }: VerbContext) {
  for (const engine of engines.values()) {
    const owners = (await listContainers(engine, signal)).map((container) => ownershipOf(container.labels));
    const scenario = owners.find((owner) => owner?.project === project && owner.scenario !== '')?.scenario;
    if (scenario !== undefined && !isScenarioPath(scenario)) return openScenario(scenario, env);
  }
  throw unknownProject(project, [...engines.keys()]);
}

function reporter(flags: Flags, { stdout, stderr, env }: VerbContext) {
  if (flags.json === true) return jsonReporter(stdout);
  return textReporter(stderr, painter(flags.color !== false && stderr.isTTY === true && !env.NO_COLOR));
}

function statusOf(failure: Failure | undefined): number {
  if (failure === undefined) return EXIT.ok;
  if (failure.code === 'BUG') return EXIT.bug;
  return new PetsError(failure.code, { message: failure.message }).exitStatus;
}
