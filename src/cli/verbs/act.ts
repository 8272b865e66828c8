import { EXIT, type Failure, PetsError } from '../../domain/errors.ts';
import type { BoundHost } from '../../domain/scenario.ts';
import { runVerb } from '../../run/run-verb.ts';
import type { ActingVerb } from '../../run/verb-request.ts';
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
  const scenario = await readScenario(verb, name, context);
  const session = await openSession(verb, flags, context, [reporter(flags, context)]);
  context.signal.addEventListener('abort', () => context.stderr.write(`\n${STOPPING}\n`), { once: true });
  try {
    // `down` goes by labels on every host, those that the scenario no longer names too: it needs no roles.
    const bound = scenario === undefined || verb === 'down' ? undefined : bind(scenario, session.hosts, parseBinds(flags.bind));
    const outcome = await runVerb({
      verb,
      scenario: bound?.scenario ?? scenario,
      project: scenario?.project ?? name,
      tenants: bound?.tenants ?? [],
      hosts: bound?.hosts ?? session.hosts,
      engines: enginesOf(session, bound?.hosts),
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

/** A project whose file is gone can still be taken down: its labels are enough. */
async function readScenario(verb: ActingVerb, name: string, context: VerbContext) {
  try {
    return await openScenario(name, context.env);
  } catch (error) {
    if (error instanceof PetsError && error.code === 'NOT_FOUND' && verb === 'down' && !name.includes('/')) return undefined;
    throw error;
  }
}

function enginesOf({ engines }: Session, hosts: readonly BoundHost[] | undefined) {
  return hosts === undefined ? engines : new Map([...engines].filter(([name]) => hosts.some((host) => host.name === name)));
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
