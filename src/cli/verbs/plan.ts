import { EXIT } from '../../domain/errors.ts';
import { encodeEvent } from '../../journal/encoding.ts';
import { makePlan, outlinePlan } from '../../run/run-verb.ts';
import { unreachedFailure } from '../../run/unreached.ts';
import { quoteWord } from '../../scenario/docker-command.ts';
import { flagWords, parseBinds } from '../flag-values.ts';
import { painter } from '../report-layout.ts';
import { describePlan } from '../report-plan.ts';
import { bind } from '../scenario-files.ts';
import { findHostsAnd, readWished } from '../scenario-of-flags.ts';
import { boundHosts, openSession } from '../session.ts';
import type { Flags, VerbAction } from '../verb.ts';

/** Shows what `up` would do and changes nothing. One document with `--json`; status 3 when something stands in the way, 4 for a dead host. */
export const plan: VerbAction = async ([name = ''], flags, context) => {
  const [inventory, scenario] = await findHostsAnd(flags, context, (wish) => readWished(name, context.env, wish));
  const bound = bind(scenario, boundHosts(inventory, flags), parseBinds(flags.bind));
  const session = await openSession('plan', flags, context, { inventory, needed: bound.hosts });
  try {
    const { engines, lost, signal, run, stream } = session;
    const { plan: made, live } = await makePlan('up', { ...bound, project: scenario.project, engines, lost, signal, run });
    const outline = outlinePlan(made);
    stream.subscribe((event) => {
      if (flags.json === true) context.stdout.write(`${encodeEvent(event)}\n`);
    });
    stream.emit({ type: 'plan.made', plan: outline });
    const colour = flags.color !== false && context.stdout.isTTY === true && !context.env.NO_COLOR;
    const paint = painter(colour);
    if (flags.json !== true) context.stdout.write(describePlan(outline, paint, context.stdout.columns));
    // Headless it asks the engines only; what the hosts themselves hold takes an agent on each.
    if (flags.json !== true && outline.steps.length > 0) context.stdout.write(`${paint('dim', lookNote(name, flags))}\n`);
    if (unreachedFailure(made, live) !== undefined) return EXIT.engine;
    return made.obstacles.length > 0 ? EXIT.obstacles : EXIT.ok;
  } finally {
    await session.close();
  }
};

function lookNote(scenario: string, flags: Flags): string {
  const doctor = ['pets-console', 'doctor', scenario, ...flagWords(flags)].map(quoteWord).join(' ');
  return `  ports of other processes, routes, parents, kernels and the wire are looked at by: ${doctor}`;
}
