import { failureOf, PetsError } from '../domain/errors.ts';
import type { Intent } from '../domain/events.ts';
import type { EventStream } from './stream.ts';

/** What is done for an intent, given by the composition root. Everything it has to tell goes to the stream. */
export type IntentHandler = (intent: Intent, signal: AbortSignal) => Promise<void>;

export interface ConsoleCore {
  /** Records the intent and sees that it is carried out; never throws, never waits. */
  readonly dispatch: (intent: Intent) => void;
  /** The verb that is under way, if one is. */
  readonly underWay: () => Intent | undefined;
  /** Stops what is under way and resolves once it has stopped. */
  readonly close: () => Promise<void>;
}

/** Verbs change engines: one at a time. Looking and hitting go on beside them. */
const EXCLUSIVE: ReadonlySet<Intent['kind']> = new Set(['run', 'verify', 'down']);

export function createCore(stream: EventStream, handle: IntentHandler, onBug: (error: unknown) => void): ConsoleCore {
  const running = new Set<Promise<void>>();
  const everything = new AbortController();
  let verb: { readonly intent: Intent; readonly controller: AbortController } | undefined;

  const refuse = (intent: Intent, error: unknown) => stream.emit({ type: 'intent.failed', intent, failure: failureOf(error) });

  const carryOut = (intent: Intent) => {
    const controller = new AbortController();
    const signal = AbortSignal.any([everything.signal, controller.signal]);
    if (EXCLUSIVE.has(intent.kind)) verb = { intent, controller };
    const work = handle(intent, signal)
      .catch((error: unknown) => {
        if (error instanceof PetsError) refuse(intent, error);
        else if (error !== signal.reason) onBug(error);
      })
      .finally(() => {
        running.delete(work);
        if (verb?.controller === controller) verb = undefined;
      });
    running.add(work);
  };

  return {
    dispatch: (intent) => {
      stream.emit({ type: 'intent.received', intent });
      if (intent.kind === 'cancel') verb?.controller.abort();
      else if (verb !== undefined && EXCLUSIVE.has(intent.kind)) refuse(intent, busyWith(verb.intent));
      else carryOut(intent);
    },
    underWay: () => verb?.intent,
    close: async () => {
      everything.abort();
      await Promise.allSettled(running);
    },
  };
}

function busyWith(intent: Intent): PetsError {
  return new PetsError('BAD_USAGE', { message: `'${intent.kind}' is still under way`, hint: 'wait for its end, or stop it with ctrl-x' });
}
