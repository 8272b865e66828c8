import type { Writable } from 'node:stream';
import type { ConsoleEvent } from '../domain/events.ts';
import { encodeEvent } from '../journal/encoding.ts';

/** Writes one event a line: the encoding of the journal. */
export function jsonReporter(out: Writable): (event: ConsoleEvent) => void {
  return (event) => {
    out.write(`${encodeEvent(event)}\n`);
  };
}
