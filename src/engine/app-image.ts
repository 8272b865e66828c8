import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PetsError } from '../domain/errors.ts';
import type { LiveImageState } from '../domain/live.ts';
import { isOwnImage, stageOfOwnImage } from '../domain/own-images.ts';
import type { Engine } from './engine.ts';
import { imageOf, type LiveImage, pullImage } from './images.ts';
import type { OnImageProgress } from './progress.ts';

/** The Pets web server, and the agent that sidecars run. */
export const APP_IMAGE = 'pets-console/web:latest';
/** What a lab offers as the base, since it has no way to a registry. */
const LAB_BASE = 'pets-console/base:lab';
const PUBLIC_BASE = 'node:24-slim';
/** Says from which files an image was made, so that it is made again only when they change. */
const RECIPE_LABEL = 'pets-console.recipe';
/** Says on which base. */
const BASE_LABEL = 'pets-console.base';
/** On what a lab makes: the digest of the files that it was made from, equal on all hosts of a lab. */
export const LAB_DIGEST_LABEL = 'pets-console.lab.digest';
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
      const current = !isOwnImage(reference) || isOfRecipe(image, await readRecipe(engine, signal));
      const { id, content, platform } = image;
      return [[reference, { id, content, platform, current }]];
    }),
  );
  return Object.fromEntries(states.flat());
}

export interface AppImageOptions {
  /** Which of ours; the web server's unless told. */
  readonly reference?: string;
  readonly onProgress?: OnImageProgress | undefined;
}

/** Builds an image of ours where the engine has none of the present recipe: the Dockerfile, the bundles with their pictures, and the base. */
export async function ensureAppImage(
  engine: Engine,
  signal: AbortSignal,
  { reference = APP_IMAGE, onProgress }: AppImageOptions = {},
): Promise<{ readonly id: string; readonly built: boolean }> {
  const [recipe, present] = await Promise.all([readRecipe(engine, signal), imageOf(engine, reference, signal)]);
  if (present !== undefined && isOfRecipe(present, recipe)) return { id: present.id, built: false };
  const { base, contextDir, files } = recipe;
  if (!base.present) await pullImage(engine, base.reference, signal, { onProgress });
  const buildArgs = { BASE: base.reference };
  const labels = { [RECIPE_LABEL]: recipe.hash, [BASE_LABEL]: base.fingerprint };
  const stage = stageOfOwnImage(reference);
  // Loaded here: with its tar it is a tenth of what a bare verb loads, and seldom needed.
  const { buildImage } = await import('./build-image.ts');
  const id = await buildImage(engine, { tag: reference, contextDir, files, buildArgs, labels, stage }, signal, onProgress);
  return { id, built: true };
}

/** A copy from another host may stand on another base: that counts only where there is a base to build on. */
function isOfRecipe({ labels }: LiveImage, { hash, base }: Recipe): boolean {
  return labels[RECIPE_LABEL] === hash && (!base.present || labels[BASE_LABEL] === base.fingerprint);
}

interface Recipe {
  readonly contextDir: string;
  readonly files: readonly string[];
  readonly base: Base;
  readonly hash: string;
}

async function readRecipe(engine: Engine, signal: AbortSignal): Promise<Recipe> {
  const [context, base] = await Promise.all([readContext(), findBase(engine, signal)]);
  return { ...context, base };
}

let beingRead: Promise<Omit<Recipe, 'base'>> | undefined;

/** What is built, the same for every engine: those that ask at once are told from one reading. */
function readContext(): Promise<Omit<Recipe, 'base'>> {
  beingRead ??= readFiles().finally(() => {
    beingRead = undefined;
  });
  return beingRead;
}

async function readFiles(): Promise<Omit<Recipe, 'base'>> {
  const contextDir = await findAppImageFolder();
  const files = await listContext(contextDir);
  return { contextDir, files, hash: await hashFiles(contextDir, files) };
}

interface Base {
  readonly reference: string;
  /** Where it is not, the engine has to pull it first. */
  readonly present: boolean;
  /** What a lab's was made from; its name where it comes from a registry: a moved tag is no reason to build. */
  readonly fingerprint: string;
}

async function findBase(engine: Engine, signal: AbortSignal): Promise<Base> {
  const lab = await imageOf(engine, LAB_BASE, signal);
  if (lab !== undefined) return { reference: LAB_BASE, present: true, fingerprint: lab.labels[LAB_DIGEST_LABEL] ?? lab.id };
  return { reference: PUBLIC_BASE, present: (await imageOf(engine, PUBLIC_BASE, signal)) !== undefined, fingerprint: PUBLIC_BASE };
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

async function hashFiles(contextDir: string, files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) {
    const content = await readFile(join(contextDir, file));
    hash.update(`${file}\n${content.length}\n`).update(content);
  }
  return hash.digest('hex');
}
