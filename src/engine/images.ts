import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pack } from 'tar-stream';
import { PetsError } from '../domain/errors.ts';
import type { Labels } from '../domain/labels.ts';
import { cleanRecord } from '../domain/text.ts';
import type { Engine } from './engine.ts';
import { messageOf, statusOf } from './errors.ts';
import type { OnImageProgress } from './progress.ts';
import { followProgress } from './progress.ts';
import { findOnEngine, openEngineStream } from './request.ts';

/** An image that an engine has. */
export interface LiveImage {
  readonly id: string;
  readonly labels: Labels;
  readonly sizeBytes: number;
}

export interface ImageRecipe {
  readonly tag: string;
  readonly contextDir: string;
  /** Paths below `contextDir`; `Dockerfile` among them. */
  readonly files: readonly string[];
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly labels: Labels;
}

export interface RootfsImport {
  readonly repository: string;
  readonly tag: string;
  /** Dockerfile lines: `CMD ["redis-server"]`. */
  readonly changes: readonly string[];
}

/** Until a registry begins to answer, and until a build's context is sent and its first step begins. */
const TRANSFER_DEADLINE_MS = 120_000;
/** What a registry's refusal is taken for where its words are not known. */
const MISSING: ReadonlySet<string> = new Set(['IMAGE_MISSING', 'ENGINE_ERROR', 'ENGINE_DENIED']);
/** A pull or build as a whole. */
const WHOLE_TRANSFER_MS = 15 * 60_000;

/** The image of that name or ID, or undefined where the engine has none. */
export async function imageOf(engine: Engine, reference: string, signal?: AbortSignal): Promise<LiveImage | undefined> {
  const request = { what: `inspect image ${reference}`, method: 'GET', path: `/images/${reference}/json` } as const;
  const image = await findOnEngine<ImageAnswer>(engine, request, signal);
  return image && { id: image.Id, labels: cleanRecord(image.Config?.Labels), sizeBytes: image.Size };
}

interface ImageAnswer {
  readonly Id: string;
  readonly Size: number;
  readonly Config?: { readonly Labels?: Record<string, string> | null } | null;
}

/** Pulls an image by tag (`latest` where none is named) or digest. @throws IMAGE_MISSING where the registry has none or is out of reach. */
export async function pullImage(engine: Engine, reference: string, signal: AbortSignal, onProgress?: OnImageProgress): Promise<void> {
  const what = `pull image ${reference}`;
  const query = { fromImage: hasTag(reference) ? reference : `${reference}:latest` };
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(WHOLE_TRANSFER_MS)]);
  try {
    const request = { what, method: 'POST', path: '/images/create', query, deadlineMs: TRANSFER_DEADLINE_MS } as const;
    const stream = await openEngineStream(engine, request, bounded);
    await followProgress(engine.name, what, stream, onProgress);
  } catch (error) {
    // Whatever the registry's words, they come down to this; 20.10 says 404 or 500, and 200 with an error in the stream.
    if (signal.aborted || !(error instanceof PetsError) || !MISSING.has(error.code)) throw error;
    throw missingImage(engine.name, reference, error);
  }
}

/** The failure where an image can neither be found nor got. */
export function missingImage(host: string, reference: string, cause: unknown): PetsError {
  const reason = cause instanceof PetsError ? messageOf(cause.cause) : messageOf(cause);
  return new PetsError('IMAGE_MISSING', {
    message: `${host}: has no image ${reference} and could not pull it: ${reason}`,
    hint: 'check its name and that the engine reaches the registry; a lab makes its own images: pets-console lab up',
    cause,
  });
}

/** Builds an image from files of a folder and returns its ID. @throws BUILD_FAILED with the builder's words. */
export async function buildImage(engine: Engine, recipe: ImageRecipe, signal: AbortSignal, onProgress?: OnImageProgress): Promise<string> {
  const what = `build image ${recipe.tag}`;
  const query = {
    t: recipe.tag,
    buildargs: JSON.stringify(recipe.buildArgs),
    labels: JSON.stringify(recipe.labels),
    rm: true,
    forcerm: true,
    // The classic builder: BuildKit needs a session of its own, and the recipe none of what it adds.
    version: '1',
  };
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(WHOLE_TRANSFER_MS)]);
  const upload = packContext(await findContextFiles(engine.name, recipe), bounded);
  const request = { what, method: 'POST', path: '/build', query, upload, deadlineMs: TRANSFER_DEADLINE_MS } as const;
  try {
    const stream = await openEngineStream(engine, request, bounded);
    const imageId = await followProgress(engine.name, what, stream, onProgress);
    if (imageId !== undefined) return imageId;
  } catch (error) {
    // What the builder refuses is the recipe's; a lost or hung engine is not.
    if (!(error instanceof PetsError) || statusOf(error) === undefined) throw error;
    const hint = 'the same by hand shows every line: docker build app-image';
    throw new PetsError('BUILD_FAILED', { message: error.message, hint, cause: error });
  }
  const built = await imageOf(engine, recipe.tag, signal);
  if (built !== undefined) return built.id;
  throw new PetsError('BUILD_FAILED', { message: `${engine.name}: cannot ${what}: the engine named no image`, hint: 'docker images' });
}

/** Makes an image of one layer from the tar of a root file system and returns its ID. */
export async function importRootfs(engine: Engine, tar: Readable, image: RootfsImport, signal: AbortSignal): Promise<string> {
  const what = `import image ${image.repository}:${image.tag}`;
  const query = { fromSrc: '-', repo: image.repository, tag: image.tag, changes: image.changes };
  const request = { what, method: 'POST', path: '/images/create', query, upload: tar, deadlineMs: TRANSFER_DEADLINE_MS } as const;
  const stream = await openEngineStream(engine, request, signal);
  const imageId = await followProgress(engine.name, what, stream, undefined);
  if (imageId === undefined) throw new PetsError('BUILD_FAILED', { message: `${engine.name}: cannot ${what}: the engine named no image` });
  return imageId;
}

/** A colon after the last slash is a tag; one before it is a registry's port. */
function hasTag(reference: string): boolean {
  return reference.includes('@') || reference.lastIndexOf(':') > reference.lastIndexOf('/');
}

interface ContextFile {
  readonly name: string;
  readonly path: string;
  readonly size: number;
  readonly mode: number;
}

function findContextFiles(host: string, recipe: ImageRecipe): Promise<readonly ContextFile[]> {
  return Promise.all(
    recipe.files.map(async (name) => {
      const path = join(recipe.contextDir, name);
      try {
        const { size, mode } = await stat(path);
        return { name, path, size, mode };
      } catch (cause) {
        const message = `${host}: cannot build image ${recipe.tag}: its file ${path} cannot be read`;
        throw new PetsError('BUILD_FAILED', { message, hint: 'npm run build', cause });
      }
    }),
  );
}

/** The tar of a build context. Times are fixed, so that the builder's cache sees content only. */
function packContext(files: readonly ContextFile[], signal: AbortSignal): Readable {
  const tar = pack();
  const fill = async () => {
    for (const { name, path, size, mode } of files) {
      const entry = tar.entry({ name, size, mode: mode & 0o755, mtime: new Date(0) });
      await pipeline(createReadStream(path), entry, { signal });
    }
    tar.finalize();
  };
  fill().catch((error: unknown) => tar.destroy(error instanceof Error ? error : new Error(String(error))));
  return Readable.from(tar);
}
