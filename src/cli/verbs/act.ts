import { EXIT, type Failure, PetsError } from '../../domain/errors.ts';
import type { Scenario } from '../../domain/scenario.ts';
import { runVerb, unknownProject } from '../../run/run-verb.ts';
import type { ActingVerb } from '../../run/verb-request.ts';
import { isScenarioPath } from '../../scenario/files.ts';
import { bindsOfLabel } from '../../scenario/hosts-of-plan.ts';
import { parseBinds } from '../flag-values.ts';
import { jsonReporter } from '../report-json.ts';
import { painter } from '../report-layout.ts';
import { STOPPING, textReporter } from '../report-text.ts';
import { bind } from '../scenario-files.ts';
import { findHostsAnd, readWished, type ScenarioWish, scenarioWish } from '../scenario-of-flags.ts';
import { boundHosts, openSession, type Session } from '../session.ts';
import { ownerOfProject } from '../standing-project.ts';
import type { Flags, VerbAction, VerbContext } from '../verb.ts';

export const up: VerbAction = (args, flags, context) => act('up', args, flags, context);
export const verify: VerbAction = (args, flags, context) => act('verify', args, flags, context);
export const down: VerbAction = (args, flags, context) => act('down', args, flags, context);
export const run: VerbAction = (args, flags, context) => act('run', args, flags, context);

/** Does a verb that acts: events to the journal and to whoever watches, the end as an exit status. */
async function act(verb: ActingVerb, [name = '']: readonly string[], flags: Flags, context: VerbContext): Promise<number> {
  const [inventory, file] = await findHostsAnd(flags, context, (wish) => readScenario(verb, name, context, wish));
  const hosts = boundHosts(inventory, flags);
  const binds = parseBinds(flags.bind);
  // `down` goes by labels on every host, those that the scenario no longer names too: it needs no roles.
  const planned = file === undefined || verb === 'down' ? undefined : bind(file, hosts, binds);
  const sinks = [reporter(flags, context)];
  const session = await openSession(verb, flags, context, { sinks, inventory, ...(planned && { needed: planned.hosts }) });
  context.signal.addEventListener('abort', () => context.stderr.write(`\n${STOPPING}\n`), { once: true });
  try {
    const standing = verb === 'verify' ? await readStanding(name, file, flags, session, context) : undefined;
    const found = standing?.scenario ?? file;
    const bound = standing === undefined ? planned : bind(standing.scenario, hosts, { ...standing.binds, ...binds });
    const { engines, lost, agents, signal, stream } = session;
    const outcome = await runVerb({
      verb,
      scenario: bound?.scenario ?? found,
      project: found?.project ?? flags.as ?? name,
      tenants: bound?.tenants ?? [],
      hosts: bound?.hosts ?? hosts,
      engines,
      lost,
      agents,
      emit: stream.emit,
      signal,
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
async function readScenario(verb: ActingVerb, name: string, context: VerbContext, wish: ScenarioWish): Promise<Scenario | undefined> {
  try {
    return await readWished(name, context.env, wish);
  } catch (error) {
    if (!(error instanceof PetsError) || isScenarioPath(name)) throw error;
    if (error.code === 'NOT_FOUND' && (verb === 'down' || verb === 'verify')) return undefined;
    if (error.code !== 'BAD_FILE' || verb !== 'down') throw error;
    context.stderr.write(`${error.message}\nso it goes by the labels of project ${wish.project ?? name}\n`);
    return undefined;
  }
}

interface StandingProject {
  readonly scenario: Scenario;
  readonly binds: Readonly<Record<string, string>>;
}

/**
 * The scenario of a project as its containers say that it was made: with the values of its inputs and in its variant, unless the flags choose
 * them; where no file was named, also from which one and on which hosts. Undefined where what was read already is all there is to know.
 * @throws NOT_FOUND
 */
async function readStanding(
  name: string,
  file: Scenario | undefined,
  flags: Flags,
  session: Session,
  { env }: VerbContext,
): Promise<StandingProject | undefined> {
  const wish = scenarioWish(flags, session.underlay);
  // Values that belong together, such as a subnet and its gateway, come from one place.
  const chosen = Object.keys(wish.set).length > 0;
  if (file !== undefined && (chosen || isEmpty(file.inputs)) && (wish.variant !== undefined || isEmpty(file.variants))) return undefined;
  const project = file?.project ?? wish.project ?? name;
  const owner = await ownerOfProject(project, file?.name, session);
  const standing = { ...wish, inForce: chosen ? {} : owner?.inputs, preferredVariant: owner?.variant };
  if (file !== undefined) return owner && { scenario: await readWished(name, env, standing), binds: {} };
  // Anyone can put a label on a container: it may name a scenario, but not choose a file to be read here.
  if (owner === undefined || isScenarioPath(owner.scenario)) throw unknownProject(project, [...session.engines.keys()]);
  const scenario = await readWished(owner.scenario, env, { ...standing, project });
  return { scenario, binds: bindsOfLabel(owner.hosts, scenario.hosts, session.hosts) };
}

function isEmpty(record: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(record).length === 0;
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
