import type { Readable } from 'node:stream';
import { PetsError } from '../domain/errors.ts';
import type { Labels } from '../domain/labels.ts';
import { cleanRecord } from '../domain/text.ts';
import type { Engine } from './engine.ts';
import { messageOf } from './errors.ts';
import type { OnImageProgress } from './progress.ts';
import { followProgress } from './progress.ts';
import { findOnEngine, openEngineStream } from './request.ts';

/** An image that an engine has. */
export interface LiveImage {
  readonly id: string;
  /** `linux/amd64` */
  readonly platform: string;
  readonly labels: Labels;
  readonly sizeBytes: number;
}

export interface RootfsImport {
  readonly repository: string;
  readonly tag: string;
  /** Dockerfile lines: `CMD ["redis-server"]`. */
  readonly changes: readonly string[];
}

/** Until a registry begins to answer, and until a build's context is sent and its first step begins. */
export const TRANSFER_DEADLINE_MS = 120_000;
/** What a registry's refusal is taken for where its words are not known. */
const MISSING: ReadonlySet<string> = new Set(['IMAGE_MISSING', 'ENGINE_ERROR', 'ENGINE_DENIED']);
/** A pull or build as a whole. */
export const WHOLE_TRANSFER_MS = 15 * 60_000;

/** The image of that name or ID, or undefined where the engine has none. */
export async function imageOf(engine: Engine, reference: string, signal?: AbortSignal): Promise<LiveImage | undefined> {
  const request = { what: `inspect image ${reference}`, method: 'GET', path: `/images/${reference}/json` } as const;
  const image = await findOnEngine<ImageAnswer>(engine, request, signal);
  return image && { id: image.Id, platform: platformOf(image), labels: cleanRecord(image.Config?.Labels), sizeBytes: image.Size };
}

function platformOf({ Os = 'linux', Architecture = '', Variant = '' }: ImageAnswer): string {
  return [Os, Architecture, ...(Variant === '' ? [] : [Variant])].join('/');
}

interface ImageAnswer {
  readonly Id: string;
  readonly Os?: string;
  readonly Architecture?: string;
  readonly Variant?: string;
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
function missingImage(host: string, reference: string, cause: unknown): PetsError {
  const reason = cause instanceof PetsError ? messageOf(cause.cause) : messageOf(cause);
  return new PetsError('IMAGE_MISSING', {
    message: `${host}: has no image ${reference} and could not pull it: ${reason}`,
    hint: 'check its name and that the engine reaches the registry; a lab makes its own images: pets-console lab up',
    cause,
  });
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
