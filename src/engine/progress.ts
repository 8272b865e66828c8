import type { IncomingMessage } from 'node:http';
import { PetsError } from '../domain/errors.ts';
import { cleanText } from '../domain/text.ts';
import { engineError } from './errors.ts';
import { readJsonLines } from './json-lines.ts';

/** How far a pull or a build is: `current` and `total` in bytes, over all layers whose size is known. */
export type OnImageProgress = (text: string, current?: number, total?: number) => void;

interface ProgressMessage {
  readonly status?: string;
  readonly stream?: string;
  readonly id?: string;
  readonly error?: string;
  readonly errorDetail?: { readonly message?: string };
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  readonly aux?: { readonly ID?: string };
}

/**
 * Reads the answer of a pull, build or import to its end. An engine reports a failure inside the stream, after a status of 200 (the
 * modem's followProgress resolves on it).
 * @returns the image ID where the engine named one.
 */
export async function followProgress(
  host: string,
  what: string,
  stream: IncomingMessage,
  onProgress: OnImageProgress | undefined,
): Promise<string | undefined> {
  const layers = new Map<string, { current: number; total: number }>();
  let imageId: string | undefined;
  try {
    for await (const message of readJsonLines<ProgressMessage>(stream)) {
      const failure = message.errorDetail?.message ?? message.error;
      if (failure !== undefined) throw Object.assign(new Error(failure), { statusCode: 500 });
      imageId = message.aux?.ID ?? imageIdIn(message.status) ?? imageId;
      noteLayer(layers, message);
      const text = cleanText((message.stream ?? message.status ?? '').trim());
      if (text !== '') onProgress?.(text, ...totalsOf(layers));
    }
  } catch (error) {
    throw error instanceof PetsError ? error : engineError(host, what, error);
  }
  return imageId;
}

function imageIdIn(status: string | undefined): string | undefined {
  return /^sha256:[0-9a-f]{64}$/.exec(status ?? '')?.[0];
}

function noteLayer(layers: Map<string, { current: number; total: number }>, { id, progressDetail }: ProgressMessage): void {
  const { current, total } = progressDetail ?? {};
  // Newer engines count seconds, without a total, while they unpack.
  if (id !== undefined && current !== undefined && total !== undefined && total > 0) layers.set(id, { current, total });
}

function totalsOf(layers: ReadonlyMap<string, { current: number; total: number }>): [] | [current: number, total: number] {
  if (layers.size === 0) return [];
  let current = 0;
  let total = 0;
  for (const layer of layers.values()) {
    current += layer.current;
    total += layer.total;
  }
  return [current, total];
}
