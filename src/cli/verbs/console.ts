import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { systemClock } from '../../core/clock.ts';
import { type ConsoleCore, createCore } from '../../core/console-core.ts';
import { createStore } from '../../core/store.ts';
import { EXIT, PetsError } from '../../domain/errors.ts';
import { didYouMean } from '../../domain/suggest.ts';
import { cleanText } from '../../domain/text.ts';
import type { Inventory } from '../../hosts/inventory.ts';
import { scalableServices } from '../../scenario/deploy.ts';
import { listScenarios, type ScenarioList } from '../../scenario/load.ts';
import { parseBinds } from '../flag-values.ts';
import { followHosts } from '../follow-hosts.ts';
import { followKnownProjects } from '../follow-projects.ts';
import { createIntentHandler, type IntentTools } from '../intents.ts';
import { askYes, prepareLab } from '../prepare-lab.ts';
import { type Paint, painter } from '../report-layout.ts';
import { STOPPING, textReporter } from '../report-text.ts';
import { outlineOfScenario, scenarioFolders } from '../scenario-files.ts';
import { type ScenarioWish, scenarioWish } from '../scenario-of-flags.ts';
import { findHosts, openSession, type Session } from '../session.ts';
import type { Flags, VerbAction, VerbContext } from '../verb.ts';
import { createTenantWatcher } from '../watch-tenants.ts';
import { DEFAULT_ENGINES, DEFAULT_LAB } from './lab.ts';

/** The console: watches the engines, shows what it sees, does what it is asked. Needs a terminal. */
export const openConsole: VerbAction = async ([scenario], flags, context) => {
  if (!context.stdout.isTTY || !context.stdin.isTTY) {
    throw new PetsError('NO_TERMINAL', {
      message: 'the console needs a terminal, and standard input or output is none',
      hint: 'without one: pets-console run bridge, or pets-console plan bridge',
    });
  }
  // Each drawing leaves short-lived garbage for which V8 would let its young generation grow: 264 MB after a few runs, so 156 (measured).
  setFlagsFromString('--semi-space-growth-factor=1');
  const inventory = await offerLab(flags, context);
  const wish = scenarioWish(flags, inventory.underlay);
  const listed = await listScenarios(scenarioFolders(context.env));
  const binds = parseBinds(flags.bind);
  refuseUnknown(wish, binds, listed);
  // Most scenarios have no variant of that name: those that have one are shown and run in it.
  const preferring = { ...wish, variant: undefined, preferredVariant: wish.variant };
  const store = createStore(systemClock);
  const session = await openSession('console', flags, context, { sinks: [store.apply], inventory, waitFor: 'any' });
  const noColor = flags.color === false || Boolean(context.env.NO_COLOR);
  const leaving = new AbortController();
  let bug: unknown;
  const stop = (error: unknown) => {
    bug ??= error;
    leaving.abort();
  };
  const tenants = createTenantWatcher(session, leaving.signal, stop);
  const tools: IntentTools = { session, binds, wish: preferring, context, tenants };
  const core = createCore(session.stream, createIntentHandler(tools), stop);
  followKnownProjects(tools, stop);
  const hosts = followHosts(session, leaving.signal, stop);
  try {
    tellScenarios(session, listed, wish);
    const { runApp } = await import('../../tui/run-app.tsx');
    await runApp({
      store,
      dispatch: core.dispatch,
      mode: 'live',
      version: context.version,
      noColor,
      exitSignal: AbortSignal.any([context.signal, leaving.signal]),
      ...(scenario === undefined ? {} : { initialScenario: scenario }),
      initialVariant: wish.variant,
    });
  } finally {
    store.close();
    if (core.underWay() !== undefined) await stopRun(core, session, context.stderr, painter(!noColor));
    leaving.abort();
    // The terminal is whole already; whatever still waits for an engine must not hold the person.
    await Promise.race([Promise.allSettled([core.close(), tenants.ended(), hosts.ended()]), sleep(LEAVING_MS)]);
    await session.close();
  }
  if (bug !== undefined) throw bug;
  return EXIT.ok;
};

const LEAVING_MS = 500;
/** An engine finishes what it was asked for; a hung one must not hold the person for ever. */
const STOPPING_MS = 15_000;

/** Ends the verb that is under way after the steps that are, and says what was left and how to go on. */
async function stopRun(core: ConsoleCore, { stream }: Session, stderr: VerbContext['stderr'], paint: Paint): Promise<void> {
  stderr.write(`${STOPPING}\n`);
  const report = textReporter(stderr, paint);
  stream.subscribe((event) => {
    if (event.type === 'run.finished') report(event);
  });
  await Promise.race([core.close(), sleep(STOPPING_MS)]);
}

function tellScenarios({ stream }: Session, { scenarios, broken }: ScenarioList, { project }: ScenarioWish): void {
  stream.emit({
    type: 'scenarios.listed',
    scenarios: scenarios.map((scenario) => ({ ...outlineOfScenario(scenario), ...(project === undefined ? {} : { project }) })),
    broken: broken.map(({ path, failure }) => ({ path, message: failure.message })),
  });
}

/** One scenario alone may well lack an input or a role; what no scenario has is mistyped. */
function refuseUnknown(
  { set, variant, scale = {} }: ScenarioWish,
  binds: Readonly<Record<string, string>>,
  { scenarios }: ScenarioList,
): void {
  const inputs = scenarios.flatMap((scenario) => Object.keys(scenario.inputs));
  const roles = scenarios.flatMap(({ hosts }) => hosts);
  refuseMistyped('--set', 'input', Object.keys(set), [...new Set(inputs)].sort());
  refuseMistyped('--bind', 'role', Object.keys(binds), [...new Set(roles)].sort());
  const variants = scenarios.flatMap((scenario) => Object.keys(scenario.variants));
  refuseMistyped('--variant', 'variant', variant === undefined ? [] : [variant], [...new Set(variants)].sort());
  const services = scenarios.flatMap((scenario) => scalableServices(scenario.services));
  refuseMistyped('--scale', 'scalable service', Object.keys(scale), [...new Set(services)].sort());
}

function refuseMistyped(flag: string, what: string, given: readonly string[], known: readonly string[]): void {
  const unknown = given.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new PetsError('BAD_USAGE', {
    message: `${flag} ${cleanText(unknown)}: no scenario has that ${what}; ${what}s: ${known.join(', ') || 'none'}.${didYouMean(unknown, known)}`,
    hint: 'pets-console --help',
  });
}

/** Without an engine there is nothing to look at: a person may have one made. */
async function offerLab(flags: Flags, context: VerbContext): Promise<Inventory> {
  try {
    return await findHosts(flags, context);
  } catch (error) {
    if (!(error instanceof PetsError) || error.code !== 'NO_ENGINE') throw error;
    context.stderr.write(`${error.message}\n`);
    if (!(await askYes('Bring up a lab here: two real Docker engines of its own, with no way out?', context))) {
      throw new PetsError('NO_ENGINE', {
        message: 'without an engine there is nothing to show',
        hint: 'name one: pets-console --host ENDPOINT, or make one: pets-console lab up',
      });
    }
    await prepareLab({ name: DEFAULT_LAB, engines: DEFAULT_ENGINES, install: 'ask' }, context);
    return findHosts(flags, context);
  }
}
