import type { Readable } from 'node:stream';
import { digestOf } from '../domain/canonical.ts';
import { PetsError } from '../domain/errors.ts';
import type { Labels } from '../domain/labels.ts';
import { cleanRecord } from '../domain/text.ts';
import type { Engine } from './engine.ts';
import { messageOf } from './errors.ts';
import type { OnImageProgress } from './progress.ts';
import { readProgress, sumLayers, tellBytes } from './progress.ts';
import { callEngine, findOnEngine, openEngineStream } from './request.ts';
import { boundTransfer, TRANSFER_DEADLINE_MS, WHOLE_TRANSFER_MS } from './transfer.ts';

/** An image that an engine has. */
export interface LiveImage {
  readonly id: string;
  /** A digest of what it is made of; the ID is one only in the older of an engine's two stores. */
  readonly content: string;
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

/** What a registry's refusal is taken for where its words are not known. */
const REFUSED: ReadonlySet<string> = new Set(['IMAGE_MISSING', 'ENGINE_ERROR', 'ENGINE_DENIED']);

/** The image of that name or ID, or undefined where the engine has none. */
export async function imageOf(engine: Engine, reference: string, signal?: AbortSignal): Promise<LiveImage | undefined> {
  const request = { what: `inspect image ${reference}`, method: 'GET', path: `/images/${reference}/json` } as const;
  const image = await findOnEngine<ImageAnswer>(engine, request, signal);
  if (image === undefined) return undefined;
  const [platform, content] = [platformOf(image), contentOf(image)];
  return { id: image.Id, content, platform, labels: cleanRecord(image.Config?.Labels), sizeBytes: image.Size };
}

/** The parts of an image's configuration that engines of all ages and both stores tell alike; one leaves out what another says is empty. */
function contentOf({ Created, RootFS, Config, ...platform }: ImageAnswer): string {
  const { Env, Cmd, Entrypoint, User, WorkingDir, Labels } = Config ?? {};
  const told = Object.entries({ Env, Cmd, Entrypoint, User, WorkingDir, Labels });
  const config = Object.fromEntries(told.filter(([, value]) => value !== undefined && value !== null && Object.keys(value).length > 0));
  return digestOf({ platform: platformOf(platform), created: Created ?? '', layers: RootFS?.Layers ?? [], config });
}

function platformOf({ Os = 'linux', Arch = '', Architecture = Arch, Variant = '' }: PlatformAnswer): string {
  return [Os, Architecture, ...(Variant === '' ? [] : [Variant])].join('/');
}

/** An image says `Architecture`, an engine `Arch`: the same words. */
interface PlatformAnswer {
  readonly Os?: string;
  readonly Arch?: string;
  readonly Architecture?: string;
  readonly Variant?: string;
}

interface ImageAnswer extends PlatformAnswer {
  readonly Id: string;
  readonly Created?: string;
  readonly Size: number;
  readonly RootFS?: { readonly Layers?: readonly string[] };
  readonly Config?: {
    readonly Env?: readonly string[] | null;
    readonly Cmd?: readonly string[] | null;
    readonly Entrypoint?: readonly string[] | null;
    readonly User?: string;
    readonly WorkingDir?: string;
    readonly Labels?: Record<string, string> | null;
  } | null;
}

/** The platform that an engine runs images of, as `LiveImage` words it, without a variant: engines do not tell theirs. */
export async function enginePlatform(engine: Engine, signal?: AbortSignal): Promise<string> {
  const request = { what: "ask the engine's platform", method: 'GET', path: '/version' } as const;
  return platformOf(await callEngine<PlatformAnswer>(engine, request, signal));
}

export interface PullOptions {
  readonly onProgress?: OnImageProgress | undefined;
  /** How long a registry may be silent once it has begun; `SILENCE_MS` where nothing is said. */
  readonly silenceMs?: number | undefined;
}

/**
 * Pulls an image by tag (`latest` where none is named) or digest, and says how many bytes came.
 * @throws IMAGE_MISSING where the registry has none or is out of reach, ENGINE_TIMEOUT where it hangs
 */
export async function pullImage(
  engine: Engine,
  reference: string,
  signal: AbortSignal,
  { onProgress, silenceMs }: PullOptions = {},
): Promise<number> {
  const what = `pull image ${reference}`;
  const query = { fromImage: hasTag(reference) ? reference : `${reference}:latest` };
  const layers = sumLayers();
  const tell = tellBytes(onProgress);
  try {
    await boundTransfer({ host: engine.name, what, silenceMs }, signal, async (bounds) => {
      const request = { what, method: 'POST', path: '/images/create', query, deadlineMs: TRANSFER_DEADLINE_MS } as const;
      const stream = await openEngineStream(engine, request, bounds.signal);
      await readProgress(engine.name, what, stream, (message) => {
        if (layers.note(message)) bounds.moved();
        const { current, total } = layers;
        if (total > 0) tell(current < total ? 'pulling' : 'unpacking', current, total);
      });
    });
    return layers.total;
  } catch (error) {
    // Whatever the registry's words, they come down to this; 20.10 says 404 or 500, and 200 with an error in the stream.
    if (!(error instanceof PetsError) || !REFUSED.has(error.code)) throw error;
    throw new PetsError('IMAGE_MISSING', {
      message: `${engine.name}: cannot ${what}: ${messageOf(error.cause)}`,
      hint: 'check its name and that the engine reaches the registry; a lab makes its own images: pets-console lab up',
      cause: error,
    });
  }
}

/** Makes an image of one layer from the tar of a root file system and returns its ID. */
export async function importRootfs(engine: Engine, tar: Readable, image: RootfsImport, signal: AbortSignal): Promise<string> {
  const what = `import image ${image.repository}:${image.tag}`;
  const query = { fromSrc: '-', repo: image.repository, tag: image.tag, changes: image.changes };
  const request = { what, method: 'POST', path: '/images/create', query, upload: tar, deadlineMs: WHOLE_TRANSFER_MS } as const;
  const stream = await openEngineStream(engine, request, signal);
  let imageId: string | undefined;
  await readProgress(engine.name, what, stream, ({ status = '' }) => {
    imageId = /^sha256:[0-9a-f]{64}$/.exec(status)?.[0] ?? imageId;
  });
  if (imageId === undefined) throw new PetsError('BUILD_FAILED', { message: `${engine.name}: cannot ${what}: the engine named no image` });
  return imageId;
}

/** A colon after the last slash is a tag; one before it is a registry's port. */
function hasTag(reference: string): boolean {
  return reference.includes('@') || reference.lastIndexOf(':') > reference.lastIndexOf('/');
}
