import type { IncomingMessage } from 'node:http';
import { bytesText } from '../domain/bytes.ts';
import { PetsError } from '../domain/errors.ts';
import { engineError } from './errors.ts';
import { readJsonLines } from './json-lines.ts';

/** How far a pull, build or copy is: a few words, and `current` of `total` bytes where that is known. */
export type OnImageProgress = (text: string, current?: number, total?: number) => void;

/** One line of what an engine says of its work. */
export interface ProgressMessage {
  readonly status?: string;
  readonly stream?: string;
  readonly id?: string;
  readonly error?: string;
  readonly errorDetail?: { readonly message?: string };
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  readonly aux?: { readonly ID?: string };
}

/** A few a second are enough for eyes, and keep journals small. */
const TOLD_EVERY_MS = 250;

/**
 * Reads the answer of a pull, build, load or import to its end. An engine reports a failure inside the stream, after a status of 200 (the
 * modem's followProgress resolves on it).
 */
export async function readProgress(
  host: string,
  what: string,
  stream: IncomingMessage,
  onMessage: (message: ProgressMessage) => void,
): Promise<void> {
  try {
    for await (const message of readJsonLines<ProgressMessage>(stream)) {
      const failure = message.errorDetail?.message ?? message.error;
      if (failure !== undefined) throw Object.assign(new Error(failure), { statusCode: 500 });
      onMessage(message);
    }
  } catch (error) {
    throw error instanceof PetsError ? error : engineError(host, what, error);
  }
}

/** Tells how many bytes have moved, a few times a second and never fewer than before; a new phase is told at once. */
export function tellBytes(onProgress: OnImageProgress | undefined): (phase: string, current: number, total: number) => void {
  let told = { phase: '', at: 0, current: 0, total: 0 };
  return (phase, current, total) => {
    const at = performance.now();
    const largest = { total: Math.max(told.total, total), current: Math.max(told.current, Math.min(current, total)) };
    const isEnd = largest.current === largest.total && told.current !== told.total;
    if (phase === told.phase && at - told.at < TOLD_EVERY_MS && !isEnd) return;
    told = { phase, at, ...largest };
    onProgress?.(`${phase}, ${bytesText(told.current)} of ${bytesText(told.total)}`, told.current, told.total);
  };
}

/** The sum over a pull's layers: bytes that came, of those that are known to come. */
export interface LayerSum {
  /** Whether it says anything new: containerd's image store says the same ten times a second while nothing comes (measured on 28.5). */
  note(message: ProgressMessage): boolean;
  readonly current: number;
  readonly total: number;
}

export function sumLayers(): LayerSum {
  const layers = new Map<string, { current: number; total: number }>();
  const heard = new Map<string, string>();
  const sum = (part: 'current' | 'total') => Array.from(layers.values(), (layer) => layer[part]).reduce((left, right) => left + right, 0);
  return {
    note: ({ id = '', status = '', progressDetail: { current, total = 0 } = {} }) => {
      const words = `${status} ${current}`;
      const isNew = heard.get(id) !== words;
      heard.set(id, words);
      const known = layers.get(id);
      if (status === 'Downloading' && current !== undefined && total > 0) layers.set(id, { current, total });
      // While it is unpacked a layer is counted from zero again (by newer engines in seconds), though all of it came.
      else if (known !== undefined && /^(Verifying|Download complete|Extracting|Pull complete)/.test(status)) known.current = known.total;
      return isNew;
    },
    get current() {
      return sum('current');
    },
    get total() {
      return sum('total');
    },
  };
}
