import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PetsError } from '../domain/errors.ts';
import type { LiveImageState } from '../domain/live.ts';
import { isOwnImage } from '../domain/own-images.ts';
import type { Engine } from './engine.ts';
import { imageOf, pullImage } from './images.ts';
import type { OnImageProgress } from './progress.ts';

/** The one image of ours: the Pets web server, and the agent that sidecars run. */
export const APP_IMAGE = 'pets-console/web:latest';
/** What a lab offers as the base, since it has no way to a registry. */
const LAB_BASE = 'pets-console/base:lab';
const PUBLIC_BASE = 'node:24-slim';
/** Says what an image was made from, so that it is made again only when that changes. */
const RECIPE_LABEL = 'pets-console.recipe';
/** The pictures are in `dist` by then. */
const CONTEXT_PARTS = ['Dockerfile', 'dist'] as const;

/** Which of the wanted images an engine has, and whether its copy of ours is of the present recipe. */
export async function imageStates(
  engine: Engine,
  references: readonly string[],
  signal: AbortSignal,
): Promise<Readonly<Record<string, LiveImageState>>> {
  const states = await Promise.all(
    references.map(async (reference): Promise<[string, LiveImageState][]> => {
      const image = await imageOf(engine, reference, signal);
      if (image === undefined) return [];
      const current = !isOwnImage(reference) || image.labels[RECIPE_LABEL] === (await readRecipe(engine, signal)).hash;
      return [[reference, { id: image.id, platform: image.platform, current }]];
    }),
  );
  return Object.fromEntries(states.flat());
}

/**
 * Makes sure that an engine has an image, and says what that took: ours is built, any other pulled where it is missing.
 * @throws IMAGE_MISSING, BUILD_FAILED
 */
export async function ensureImage(engine: Engine, reference: string, signal: AbortSignal, onProgress?: OnImageProgress): Promise<string> {
  if (isOwnImage(reference)) {
    const { built } = await ensureAppImage(engine, signal, onProgress);
    return built ? 'built' : 'present';
  }
  if ((await imageOf(engine, reference, signal)) !== undefined) return 'present';
  await pullImage(engine, reference, signal, onProgress);
  return 'pulled';
}

/** Builds the Pets image where the engine has none of the present recipe: the Dockerfile, the bundles with their pictures, and the base. */
export async function ensureAppImage(
  engine: Engine,
  signal: AbortSignal,
  onProgress?: OnImageProgress,
): Promise<{ readonly id: string; readonly built: boolean }> {
  const [recipe, present] = await Promise.all([readRecipe(engine, signal), imageOf(engine, APP_IMAGE, signal)]);
  if (present?.labels[RECIPE_LABEL] === recipe.hash) return { id: present.id, built: false };
  const { base, contextDir, files } = recipe;
  if (base.id === undefined) await pullImage(engine, base.reference, signal, onProgress);
  const buildArgs = { BASE: base.reference };
  const labels = { [RECIPE_LABEL]: recipe.hash };
  // Loaded here: with its tar it is a tenth of what a bare verb loads, and seldom needed.
  const { buildImage } = await import('./build-image.ts');
  const id = await buildImage(engine, { tag: APP_IMAGE, contextDir, files, buildArgs, labels }, signal, onProgress);
  return { id, built: true };
}

interface Recipe {
  readonly contextDir: string;
  readonly files: readonly string[];
  readonly base: Base;
  readonly hash: string;
}

async function readRecipe(engine: Engine, signal: AbortSignal): Promise<Recipe> {
  const contextDir = await findAppImageFolder();
  const [files, base] = await Promise.all([listContext(contextDir), findBase(engine, signal)]);
  return { contextDir, files, base, hash: await hashRecipe(contextDir, files, base) };
}

interface Base {
  readonly reference: string;
  /** Undefined where the engine has to pull it first. */
  readonly id: string | undefined;
}

async function findBase(engine: Engine, signal: AbortSignal): Promise<Base> {
  const lab = await imageOf(engine, LAB_BASE, signal);
  if (lab !== undefined) return { reference: LAB_BASE, id: lab.id };
  return { reference: PUBLIC_BASE, id: (await imageOf(engine, PUBLIC_BASE, signal))?.id };
}

/** The package's own folder `app-image`, from `src/` as from a bundle in `dist/`. */
async function findAppImageFolder(): Promise<string> {
  for (let folder = dirname(fileURLToPath(import.meta.url)); folder !== dirname(folder); folder = dirname(folder)) {
    if (await isOurPackage(folder)) return join(folder, 'app-image');
  }
  throw new PetsError('BUILD_FAILED', {
    message: 'the files of the Pets image are missing from this installation',
    hint: 'install it again',
  });
}

async function isOurPackage(folder: string): Promise<boolean> {
  try {
    const manifest: unknown = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    return typeof manifest === 'object' && manifest !== null && 'name' in manifest && manifest.name === 'pets-console';
  } catch {
    return false;
  }
}

async function listContext(contextDir: string): Promise<string[]> {
  const entries = await readdir(contextDir, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(contextDir.length + 1));
  const wanted = files.filter((file) => CONTEXT_PARTS.some((part) => file === part || file.startsWith(`${part}/`))).sort();
  for (const part of CONTEXT_PARTS) {
    if (wanted.some((file) => file.startsWith(part))) continue;
    const message = `the Pets image cannot be built: ${join(contextDir, part)} is missing`;
    throw new PetsError('BUILD_FAILED', { message, hint: 'npm run build' });
  }
  return wanted;
}

/** The base counts too: its ID where a lab made it, its name where it comes from a registry (a moved tag is no reason to build). */
async function hashRecipe(contextDir: string, files: readonly string[], base: Base): Promise<string> {
  const hash = createHash('sha256').update(`${base.reference}\n${base.reference === LAB_BASE ? base.id : ''}\n`);
  for (const file of files) {
    const content = await readFile(join(contextDir, file));
    hash.update(`${file}\n${content.length}\n`).update(content);
  }
  return hash.digest('hex');
}
