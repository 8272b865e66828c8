import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pack } from 'tar-stream';
import { PetsError } from '../domain/errors.ts';
import type { Labels } from '../domain/labels.ts';
import { cleanText } from '../domain/text.ts';
import type { Engine } from './engine.ts';
import { statusOf } from './errors.ts';
import { imageOf } from './images.ts';
import type { OnImageProgress } from './progress.ts';
import { readProgress, tellBytes } from './progress.ts';
import { openEngineStream } from './request.ts';
import { type Bounds, boundTransfer, TRANSFER_DEADLINE_MS } from './transfer.ts';

export interface ImageRecipe {
  readonly tag: string;
  readonly contextDir: string;
  /** Paths below `contextDir`; `Dockerfile` among them. */
  readonly files: readonly string[];
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly labels: Labels;
  /** The stage of the Dockerfile; its last unless told. */
  readonly stage?: string | undefined;
}

/** Builds an image from files of a folder and returns its ID. @throws BUILD_FAILED with the builder's words. */
export async function buildImage(engine: Engine, recipe: ImageRecipe, signal: AbortSignal, onProgress?: OnImageProgress): Promise<string> {
  const what = `build image ${recipe.tag}`;
  const query = {
    t: recipe.tag,
    buildargs: JSON.stringify(recipe.buildArgs),
    labels: JSON.stringify(recipe.labels),
    ...(recipe.stage === undefined ? {} : { target: recipe.stage }),
    rm: true,
    forcerm: true,
    // The classic builder: BuildKit needs a session of its own, and the recipe none of what it adds.
    version: '1',
  };
  const files = await findContextFiles(engine.name, recipe);
  try {
    const imageId = await boundTransfer({ host: engine.name, what }, signal, async (bounds) => {
      const upload = packContext(files, bounds, onProgress);
      const request = { what, method: 'POST', path: '/build', query, upload, deadlineMs: TRANSFER_DEADLINE_MS } as const;
      const stream = await openEngineStream(engine, request, bounds.signal);
      let made: string | undefined;
      await readProgress(engine.name, what, stream, ({ aux, stream: said = '' }) => {
        bounds.moved();
        made = aux?.ID ?? made;
        const step = cleanText(said.trim());
        if (step.startsWith('Step ')) onProgress?.(step);
      });
      return made;
    });
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
function packContext(files: readonly ContextFile[], { signal, moved }: Bounds, onProgress: OnImageProgress | undefined): Readable {
  const tar = pack();
  const total = files.reduce((sum, { size }) => sum + size, 0);
  const tell = tellBytes(onProgress);
  let sent = 0;
  const fill = async () => {
    for (const { name, path, size, mode } of files) {
      const entry = tar.entry({ name, size, mode: mode & 0o755, mtime: new Date(0) });
      await pipeline(createReadStream(path), entry, { signal });
      sent += size;
      moved();
      tell('sending what it is built from', sent, total);
    }
    tar.finalize();
  };
  fill().catch((error: unknown) => tar.destroy(error instanceof Error ? error : new Error(String(error))));
  return Readable.from(tar);
}
