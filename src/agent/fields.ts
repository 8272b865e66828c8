import { PetsError } from '../domain/errors.ts';

/** Readers for the JSON bodies of frames: a missing or unsuitable field is a PROTOCOL error that names it. */
export type Body = Readonly<Record<string, unknown>>;

const MAX_LISTED_TEXT = 255;

export function parseBody(payload: Buffer): Body {
  try {
    const body: unknown = JSON.parse(payload.toString('utf8'));
    if (isObject(body)) return body;
  } catch {
    // Falls through: text that is not JSON and JSON that is not an object are the same mistake.
  }
  throw protocolError('a frame body is not a JSON object');
}

export function textField(body: Body, key: string, pattern: RegExp, maxLength: number): string {
  const value = body[key];
  if (typeof value === 'string' && value.length <= maxLength && pattern.test(value)) return value;
  throw protocolError(`field '${key}' is missing or unsuitable`);
}

export function optionalText(body: Body, key: string, pattern: RegExp, maxLength: number): string | undefined {
  return body[key] === undefined ? undefined : textField(body, key, pattern, maxLength);
}

export function numberField(body: Body, key: string, min: number, max: number): number {
  const value = body[key];
  if (typeof value === 'number' && value >= min && value <= max) return value;
  throw protocolError(`field '${key}' is not a number from ${min} to ${max}`);
}

export function integerField(body: Body, key: string, min: number, max: number): number {
  const value = numberField(body, key, min, max);
  if (Number.isInteger(value)) return value;
  throw protocolError(`field '${key}' is not a whole number`);
}

export function choiceField<const T extends string>(body: Body, key: string, choices: readonly T[]): T {
  const choice = choices.find((known) => known === body[key]);
  if (choice !== undefined) return choice;
  throw protocolError(`field '${key}' is not one of ${choices.join(', ')}`);
}

export function textList(body: Body, key: string, pattern: RegExp, maxCount: number): readonly string[] {
  const texts = listField(body, key, maxCount);
  if (texts.every((text): text is string => typeof text === 'string' && text.length <= MAX_LISTED_TEXT && pattern.test(text))) return texts;
  throw protocolError(`field '${key}' holds an unsuitable text`);
}

export function objectList<T>(body: Body, key: string, maxCount: number, decode: (member: Body) => T): readonly T[] {
  return listField(body, key, maxCount).map((member) => {
    if (isObject(member)) return decode(member);
    throw protocolError(`field '${key}' holds what is not an object`);
  });
}

function listField(body: Body, key: string, maxCount: number): readonly unknown[] {
  const value = body[key];
  if (Array.isArray(value) && value.length <= maxCount) return value;
  throw protocolError(`field '${key}' is not a list of at most ${maxCount}`);
}

function isObject(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function protocolError(fact: string): PetsError {
  return new PetsError('PROTOCOL', {
    message: `agent protocol: ${fact}`,
    hint: 'console and agent may be of different versions: pets-console up SCENARIO makes the Pets image again',
  });
}
