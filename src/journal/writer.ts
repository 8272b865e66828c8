import { closeSync, mkdirSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { PetsError } from '../domain/errors.ts';
import type { ConsoleEvent } from '../domain/events.ts';
import { encodeEvent } from './encoding.ts';

export interface JournalWriter {
  readonly path: string;
  readonly write: (event: ConsoleEvent) => void;
  readonly close: () => void;
}

/** A kill -9 may lose what was not flushed: at most this much. */
const FLUSH_MS = 200;
const KEPT_JOURNALS = 200;

/** `$XDG_STATE_HOME/pets-console`, where the contract puts journals. */
export function journalFolder(env: NodeJS.ProcessEnv): string {
  const state = env.XDG_STATE_HOME || join(env.HOME ?? homedir(), '.local', 'state');
  return join(state, 'pets-console');
}

/**
 * Opens the journal of one run, `<run>.jsonl`, readable by its owner only. Oldest journals beyond 200 are removed.
 * A later failure to write is told once to `onLost` and ends the journal.
 * @throws BAD_FILE where the folder cannot be made or written
 */
export function openJournal(folder: string, run: string, onLost: (cause: unknown) => void = () => {}): JournalWriter {
  const path = join(folder, `${run}.jsonl`);
  const file = createJournal(folder, path);
  let pending = '';
  let closed = false;
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (pending === '') return;
    const text = pending;
    pending = '';
    try {
      writeSync(file, text);
    } catch (cause) {
      // A full disk ends the journal, not the run.
      closed = true;
      closeSync(file);
      onLost(cause);
    }
  };
  return {
    path,
    write: (event) => {
      if (closed) return; // what an agent says while it ends comes later than the end
      pending += `${encodeEvent(event)}\n`;
      timer ??= setTimeout(flush, FLUSH_MS).unref();
    },
    close: () => {
      if (closed) return;
      flush();
      if (closed) return; // the last lines could not be written
      closed = true;
      closeSync(file);
    },
  };
}

function createJournal(folder: string, path: string): number {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const file = openSync(path, 'ax', 0o600);
    pruneJournals(folder);
    return file;
  } catch (cause) {
    throw new PetsError('BAD_FILE', {
      message: `${folder}: no journal can be kept there: ${cause instanceof Error ? cause.message : String(cause)}`,
      hint: 'name a folder that can be written: XDG_STATE_HOME=FOLDER pets-console …',
      cause,
    });
  }
}

/** Run names are ULIDs, so names in order are runs in order. */
function pruneJournals(folder: string): void {
  const journals = readdirSync(folder)
    .filter((name) => /^[0-9A-HJKMNP-TV-Z]{26}\.jsonl$/.test(name))
    .sort();
  for (const name of journals.slice(0, Math.max(0, journals.length - KEPT_JOURNALS))) rmSync(join(folder, name), { force: true });
}
