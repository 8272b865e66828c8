import { bytesText } from '../domain/bytes.ts';
import { PetsError } from '../domain/errors.ts';
import { isOwnImage } from '../domain/own-images.ts';
import { ensureAppImage, imageStates } from './app-image.ts';
import { copyImage } from './copy-image.ts';
import type { Engine } from './engine.ts';
import { type PullOptions, pullImage } from './images.ts';

export interface EnsureOptions extends PullOptions {
  /** Engines to copy from, asked for one after another; the next may be one that is only now getting it. */
  readonly sources?: AsyncIterable<Engine> | undefined;
}

/**
 * Makes sure that an engine has an image, and says in a few words what that took. Ours is built, any other pulled; where that fails, it is
 * copied from another host.
 * @throws IMAGE_MISSING, BUILD_FAILED or ENGINE_TIMEOUT with each way and why it failed
 */
export async function ensureImage(engine: Engine, reference: string, signal: AbortSignal, options: EnsureOptions = {}): Promise<string> {
  if (await isCurrent(engine, reference, signal)) return 'present';
  try {
    return await (isOwnImage(reference) ? build(engine, reference, signal, options) : pull(engine, reference, signal, options));
  } catch (error) {
    if (!isOfTheWay(error)) throw error;
    const why = `not ${isOwnImage(reference) ? 'built' : 'pulled'}: ${reasonOf(error, engine, reference)}`;
    options.onProgress?.(`${why}; looking for a host that has it`);
    return copyFromAny(engine, reference, signal, options, { why, error });
  }
}

async function build(engine: Engine, reference: string, signal: AbortSignal, { onProgress }: EnsureOptions): Promise<string> {
  await ensureAppImage(engine, signal, { reference, onProgress });
  return 'built';
}

async function pull(engine: Engine, reference: string, signal: AbortSignal, options: EnsureOptions): Promise<string> {
  const pulledBytes = await pullImage(engine, reference, signal, options);
  return pulledBytes === 0 ? 'pulled' : `pulled, ${bytesText(pulledBytes)}`;
}

async function copyFromAny(
  engine: Engine,
  reference: string,
  signal: AbortSignal,
  options: EnsureOptions,
  first: { readonly why: string; readonly error: PetsError },
): Promise<string> {
  const failures = [first.why];
  for await (const source of options.sources ?? []) {
    try {
      return `${await copy(source, engine, reference, signal, options)} (${first.why})`;
    } catch (error) {
      if (!isOfTheWay(error) && !isLost(error, source)) throw error;
      const why = `not copied from ${source.name}: ${reasonOf(error, engine, reference)}`;
      failures.push(why);
      options.onProgress?.(`${why}; looking for another host`);
    }
  }
  // Those that were waited for were interrupted too.
  if (signal.aborted) throw new PetsError('INTERRUPTED', { message: `${engine.name}: interrupted while looking for image ${reference}` });
  if (failures.length === 1) failures.push('not copied: no other host here has it');
  throw new PetsError(first.error.code, {
    message: `${engine.name}: has no image ${reference} and cannot get it; ${failures.join('; ')}`,
    hint: first.error.hint ?? `or copy it by hand: docker save ${reference} | docker --host ENDPOINT load`,
    cause: first.error,
  });
}

async function copy(from: Engine, to: Engine, reference: string, signal: AbortSignal, options: EnsureOptions): Promise<string> {
  if (isOwnImage(reference) && !(await isCurrent(from, reference, signal))) {
    throw new PetsError('IMAGE_MISSING', { message: `${from.name}: has none of the present recipe` });
  }
  const begunAt = performance.now();
  const { sizeBytes } = await copyImage(from, to, reference, signal, options);
  return `copied from ${from.name}, ${bytesText(sizeBytes)} in ${((performance.now() - begunAt) / 1000).toFixed(1)} s`;
}

async function isCurrent(engine: Engine, reference: string, signal: AbortSignal): Promise<boolean> {
  return (await imageStates(engine, [reference], signal))[reference]?.current === true;
}

/** Whether another way may still lead there: not where the engine itself is lost, and not for a bug of ours. */
function isOfTheWay(error: unknown): error is PetsError {
  return error instanceof PetsError && error.code !== 'INTERRUPTED' && error.code !== 'ENGINE_UNREACHABLE';
}

/** Whether it is the source that is lost. */
function isLost(error: unknown, source: Engine): error is PetsError {
  return error instanceof PetsError && error.code === 'ENGINE_UNREACHABLE' && error.message.startsWith(`${source.name}:`);
}

/** The fact alone, where the host and the image are named beside it. */
function reasonOf(error: PetsError, { name }: Engine, reference: string): string {
  const own = error.message.replace(`${name}: `, '');
  return own.replace(/^cannot (?:pull|copy) image (\S+)(?: from \S+)?: /, (all, image) => (image === reference ? '' : all));
}
