import { EXIT } from '../../domain/errors.ts';
import { encodeEvent } from '../../journal/encoding.ts';
import { makePlan, outlinePlan } from '../../run/run-verb.ts';
import { unreachedFailure } from '../../run/unreached.ts';
import { describePlan, painter } from '../report-text.ts';
import { bind, openScenario } from '../scenario-files.ts';
import { openSession, parseBinds } from '../session.ts';
import type { VerbAction } from '../verb.ts';

/** Shows what `up` would do and changes nothing. One document with `--json`; status 3 when something stands in the way. */
export const plan: VerbAction = async ([name = ''], flags, context) => {
  const scenario = await openScenario(name, context.env);
  const session = await openSession('plan', flags, context);
  try {
    const bound = bind(scenario, session.hosts, parseBinds(flags.bind));
    const { plan: made, live } = await makePlan('up', {
      ...bound,
      project: scenario.project,
      engines: session.engines,
      lost: session.lost,
      signal: session.signal,
      run: session.run,
    });
    const outline = outlinePlan(made);
    session.stream.subscribe((event) => {
      if (flags.json === true) context.stdout.write(`${encodeEvent(event)}\n`);
    });
    session.stream.emit({ type: 'plan.made', plan: outline });
    const colour = flags.color !== false && context.stdout.isTTY === true && !context.env.NO_COLOR;
    if (flags.json !== true) context.stdout.write(describePlan(outline, painter(colour)));
    if (unreachedFailure(made, live) !== undefined) return EXIT.engine;
    return made.obstacles.length > 0 ? EXIT.obstacles : EXIT.ok;
  } finally {
    await session.close();
  }
};
