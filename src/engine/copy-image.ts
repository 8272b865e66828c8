import type { IncomingMessage } from 'node:http';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { PetsError } from '../domain/errors.ts';
import { isSameImage } from '../domain/same-image.ts';
import type { Engine } from './engine.ts';
import { engineError } from './errors.ts';
import { enginePlatform, imageOf, type LiveImage, type PullOptions } from './images.ts';
import { readProgress, tellBytes } from './progress.ts';
import { openEngineStream } from './request.ts';
import { type Bounds, boundTransfer, TRANSFER_DEADLINE_MS, WHOLE_TRANSFER_MS } from './transfer.ts';

export interface CopiedImage {
  /** On the engine that it was copied to. */
  readonly id: string;
  /** What went over the wire. */
  readonly sizeBytes: number;
}

/**
 * Copies an image between two engines, as `docker save | docker load` does: one stream through this process, no file, as fast as the
 * slower side takes it. An end of either side ends both. The copy bears the reference and must be the same image: the same ID (config digest) where both keep images in one kind of store.
 * @throws IMAGE_MISSING where there is nothing that could be copied, ENGINE_TIMEOUT where nothing moved, ENGINE_ERROR where the copy differs
 */
export async function copyImage(
  from: Engine,
  to: Engine,
  reference: string,
  signal: AbortSignal,
  { onProgress, silenceMs }: PullOptions = {},
): Promise<CopiedImage> {
  const image = await imageToCopy(from, to, reference, signal);
  const what = `copy image ${reference} from ${from.name}`;
  const tell = tellBytes(onProgress);
  const onBytes = (bytes: number, isAll: boolean) =>
    isAll ? tell('unpacking', image.sizeBytes, image.sizeBytes) : tell(`copying from ${from.name}`, bytes, image.sizeBytes);
  const sizeBytes = await boundTransfer({ host: to.name, what, silenceMs }, signal, (bounds) =>
    streamImage(from, to, { reference, what }, bounds, onBytes),
  );
  const copied = await imageOf(to, reference, signal);
  if (copied !== undefined && isSameImage(copied, image)) return { id: copied.id, sizeBytes };
  throw new PetsError('ENGINE_ERROR', {
    message: `${to.name}: cannot ${what}: what arrived is ${copied?.id ?? 'not there'}, not ${image.id}`,
    hint: `see what both have: docker image inspect ${reference}`,
  });
}

async function imageToCopy(from: Engine, to: Engine, reference: string, signal: AbortSignal): Promise<LiveImage> {
  const [image, platform] = await Promise.all([imageOf(from, reference, signal), enginePlatform(to, signal)]);
  const refusal =
    image === undefined
      ? `${from.name} does not have it`
      : // A variant (`linux/arm/v7`) is told of images only.
        image.platform !== platform && !image.platform.startsWith(`${platform}/`)
        ? `it is for ${image.platform}, and the engine for ${platform}`
        : reference.includes('@')
          ? 'a digest is a name that only a pull gives'
          : undefined;
  if (image !== undefined && refusal === undefined) return image;
  const message = `${to.name}: cannot copy image ${reference} from ${from.name}: ${refusal}`;
  throw new PetsError('IMAGE_MISSING', { message, hint: 'see which images an engine has: docker images' });
}

/** Resolves with the bytes that moved once the engine has loaded them. */
async function streamImage(
  from: Engine,
  to: Engine,
  { reference, what }: { readonly reference: string; readonly what: string },
  { signal, moved }: Bounds,
  onBytes: (bytes: number, isAll: boolean) => void,
): Promise<number> {
  const saved = await openEngineStream(from, saveRequest(reference), signal);
  let bytes = 0;
  const upload = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      bytes += chunk.length;
      moved();
      onBytes(bytes, false);
      done(null, chunk);
    },
    flush: (done) => {
      onBytes(bytes, true);
      done();
    },
  });
  // Its failure is told by the source's own error below.
  const reading = pipeline(saved, upload).catch(() => undefined);
  try {
    const loading = await openEngineStream(to, { ...LOAD_REQUEST, what, upload }, signal);
    await readProgress(to.name, what, loading, moved);
    return bytes;
  } catch (error) {
    throw lostSource(from, reference, saved) ?? error;
  } finally {
    // Neither is left open, whichever ended first: a request that is sent its body by a stream does not end that.
    saved.destroy();
    upload.destroy();
    await reading;
  }
}

function saveRequest(reference: string) {
  const what = `hand out image ${reference}`;
  // 20.10 collects the whole image before it sends its first byte.
  return { what, method: 'GET', path: '/images/get', query: { names: reference }, deadlineMs: TRANSFER_DEADLINE_MS } as const;
}

/** Not quiet: what it unpacks shows that it is alive. It answers only once it has everything, so silence bounds it, no deadline. */
const LOAD_REQUEST = { method: 'POST', path: '/images/load', query: { quiet: false }, deadlineMs: WHOLE_TRANSFER_MS } as const;

/** A broken source breaks the upload, and would be told as the other engine's failure. */
function lostSource(from: Engine, reference: string, saved: IncomingMessage): PetsError | undefined {
  return saved.errored === null ? undefined : engineError(from.name, saveRequest(reference).what, saved.errored);
}
