import { PetsError } from '../domain/errors.ts';
import { cleanRecord, cleanText } from '../domain/text.ts';
import type { Engine } from './engine.ts';
import { engineError } from './errors.ts';
import { readJsonLines } from './json-lines.ts';
import { openEngineStream } from './request.ts';

/** Something that an engine says has changed. No event tells of addresses: look again. */
export interface EngineChange {
  /** Epoch milliseconds, by the engine's clock. */
  readonly at: number;
  /** `network`, `container`, `image`, … */
  readonly type: string;
  /** `create`, `connect`, `start`, `die`, … */
  readonly action: string;
  readonly id: string;
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Changes as they happen. */
export interface EngineWatch extends AsyncIterable<EngineChange> {
  /** Settles once the engine reports changes: what is looked at after that, and every change from then on, misses nothing. */
  readonly opened: Promise<void>;
}

interface EventAnswer {
  readonly Type?: string;
  readonly Action?: string;
  readonly Actor?: { readonly ID?: string; readonly Attributes?: Record<string, string> };
  readonly time?: number;
  readonly timeNano?: number;
}

/**
 * Watches an engine from now on. It ends when `signal` aborts and throws when the engine ends it: the engine does not replay what was
 * missed, so look at everything again after that. A hung engine is silent: ping it.
 */
export function watchEvents(engine: Engine, signal: AbortSignal): EngineWatch {
  const stream = openEngineStream(engine, { what: 'watch events', method: 'GET', path: '/events' }, signal);
  const opened = stream.then(() => undefined);
  // Whoever iterates learns of a failure there; `opened` alone must not end the process.
  opened.catch(() => undefined);
  return { opened, [Symbol.asyncIterator]: () => readChanges(engine, stream, signal) };
}

async function* readChanges(
  engine: Engine,
  opening: ReturnType<typeof openEngineStream>,
  signal: AbortSignal,
): AsyncGenerator<EngineChange, void> {
  try {
    for await (const event of readJsonLines<EventAnswer>(await opening)) yield readChange(event);
  } catch (error) {
    if (signal.aborted) return;
    throw engineError(engine.name, 'watch events', error);
  }
  if (signal.aborted) return;
  throw new PetsError('ENGINE_UNREACHABLE', {
    message: `${engine.name}: the engine ended its stream of events`,
    hint: 'does the engine still answer? docker version',
  });
}

function readChange({ Type, Action, Actor, time, timeNano }: EventAnswer): EngineChange {
  const attributes = cleanRecord(Actor?.Attributes);
  return {
    at: timeNano === undefined ? (time ?? 0) * 1000 : Math.floor(timeNano / 1e6),
    type: cleanText(Type ?? ''),
    action: cleanText(Action ?? ''),
    id: Actor?.ID ?? '',
    name: attributes.name ?? '',
    attributes,
  };
}
