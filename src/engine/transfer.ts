import { PetsError } from '../domain/errors.ts';

/** Until a registry begins to answer, until an engine begins to hand an image out, and until a build's context is sent and its first step begins. */
export const TRANSFER_DEADLINE_MS = 120_000;
/** A pull, build or copy as a whole. */
export const WHOLE_TRANSFER_MS = 15 * 60_000;
/** Longer than an engine is silent while it checks, unpacks or commits a layer; an emulated one on a busy machine took more than 30 s. */
export const SILENCE_MS = 90_000;

export interface Bounds {
  /** Aborted by the caller's signal, after `WHOLE_TRANSFER_MS`, and after `silenceMs` in which nothing moved. */
  readonly signal: AbortSignal;
  /** Something moved; silence is measured from the first time on. */
  moved(): void;
}

/**
 * Does a transfer within bounds: a registry or engine that hangs half-way sends neither an end nor an error.
 * `what` is what is tried: `pull image redis`.
 * @throws ENGINE_TIMEOUT, INTERRUPTED, else what `work` throws
 */
export async function boundTransfer<Result>(
  { host, what, silenceMs = SILENCE_MS }: { readonly host: string; readonly what: string; readonly silenceMs?: number | undefined },
  signal: AbortSignal,
  work: (bounds: Bounds) => Promise<Result>,
): Promise<Result> {
  const late = new AbortController();
  const end = (fact: string) =>
    late.abort(
      new PetsError('ENGINE_TIMEOUT', { message: `${host}: cannot ${what}: ${fact}`, hint: 'does the engine answer? docker version' }),
    );
  const whole = setTimeout(() => end(`it did not end within ${WHOLE_TRANSFER_MS / 60_000} minutes`), WHOLE_TRANSFER_MS);
  let silence: NodeJS.Timeout | undefined;
  const moved = () => {
    silence ??= setTimeout(() => end(`nothing moved for ${silenceMs / 1000} s`), silenceMs);
    silence.refresh();
  };
  try {
    return await work({ signal: AbortSignal.any([signal, late.signal]), moved });
  } catch (error) {
    if (signal.aborted) {
      if (signal.reason instanceof PetsError) throw signal.reason;
      throw new PetsError('INTERRUPTED', { message: `${host}: interrupted while trying to ${what}`, cause: signal.reason });
    }
    throw late.signal.aborted ? late.signal.reason : error;
  } finally {
    clearTimeout(whole);
    clearTimeout(silence);
  }
}
