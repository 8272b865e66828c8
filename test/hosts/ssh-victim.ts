import { type EngineTarget, openEngine } from '../../src/engine/engine.ts';
import { watchEvents } from '../../src/engine/events.ts';

/** Opens an engine, watches its events, and waits to be killed. */
const engine = await openEngine(JSON.parse(process.argv[2] ?? '') as EngineTarget);
const watch = watchEvents(engine, new AbortController().signal);
await watch.opened;
process.stdout.write('watching\n');
for await (const _ of watch);
