import { PetsError } from '../domain/errors.ts';
import type { Engine } from './engine.ts';
import { callEngine } from './request.ts';

/** The swarm itself changes its objects all the time (a node's address, a service's endpoint): each try takes a few milliseconds. */
const TRIES = 10;

/** A swarm's object as its manager has it; the spec is sent back as it came, so it is not cleaned. */
interface Versioned<Spec> {
  readonly ID: string;
  readonly Version: { readonly Index: number };
  readonly Spec: Spec;
}

/**
 * Changes a node or a service: reads it, and sends the changed spec with the version that was read, again where somebody else came first
 * (`update out of sequence`).
 * @throws OBJECT_MISSING, SWARM_REQUIRED; ENGINE_ERROR where others are faster ten times
 */
export async function updateOnSwarm<Spec>(
  engine: Engine,
  { what, path }: { readonly what: string; readonly path: string },
  change: (spec: Spec) => Spec,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const { Version, Spec } = await callEngine<Versioned<Spec>>(engine, { what, method: 'GET', path }, signal);
    const body = change(Spec) as object;
    const request = { what, method: 'POST', path: `${path}/update`, query: { version: Version.Index }, body, deadlineMs: 20_000 } as const;
    try {
      return await callEngine(engine, request, signal);
    } catch (error) {
      if (tries === TRIES || !isOutOfSequence(error)) throw error;
    }
  }
}

function isOutOfSequence(error: unknown): boolean {
  return error instanceof PetsError && error.message.includes('update out of sequence');
}
