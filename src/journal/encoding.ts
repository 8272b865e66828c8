import { PetsError } from '../domain/errors.ts';
import { type ConsoleEvent, EVENT_VERSION } from '../domain/events.ts';
import { redactDeep } from './redact.ts';

/** One event as one line, for the journal and for `--json` alike: `{"v":1,"at":…,"type":"subject.verb",…}`, redacted. */
export function encodeEvent(event: ConsoleEvent): string {
  const { at, type, ...rest } = event;
  return JSON.stringify(redactDeep({ v: EVENT_VERSION, at, type, ...rest }));
}

/**
 * Reads one line back.
 * @throws BAD_FILE when it is not an event of a version that is known here
 */
export function decodeEvent(line: string, where: string): ConsoleEvent {
  const value = parseObject(line, where);
  const { v, ...event } = value;
  if (v !== EVENT_VERSION) {
    throw new PetsError('BAD_FILE', {
      message: `${where}: event version ${JSON.stringify(v) ?? 'missing'} is not known; versions: ${EVENT_VERSION}`,
      hint: 'it was written by another version of pets-console; use that one',
    });
  }
  if (typeof event.at !== 'number' || typeof event.type !== 'string') {
    throw new PetsError('BAD_FILE', { message: `${where}: an event needs a time (at) and a type`, hint: 'the file is damaged here' });
  }
  // `reduce` is total: an event of an unknown type changes nothing.
  return event as unknown as ConsoleEvent;
}

function parseObject(line: string, where: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Reported below, with its place.
  }
  throw new PetsError('BAD_FILE', {
    message: `${where}: not a JSON object`,
    hint: 'the file is damaged here; what stands before it is sound',
  });
}
