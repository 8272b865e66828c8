import type { z } from 'zod';
import { didYouMean } from './suggest.ts';
import type { Place } from './yaml-source.ts';

/** One thing that is wrong in a document, at a path of keys and indices. */
export interface DocumentIssue {
  readonly path: readonly PropertyKey[];
  /** Whether the entry's name is wrong or what it is set to; a value unless told. */
  readonly place?: Place;
  readonly message: string;
}

/** A document with what it leaves open filled in, and what is wrong with that. */
export interface PreparedDocument {
  readonly value: unknown;
  readonly issues: readonly DocumentIssue[];
  /** What was filled in at a place, for whatever is found wrong there: `input underlay.subnet is "x", from --set`; empty where nothing was. */
  noteAt(path: readonly PropertyKey[]): string;
  /** Whether what was filled in there is one of the issues: whatever else is wrong there follows from it. */
  isToldAlready(path: readonly PropertyKey[]): boolean;
}

type Issue = z.core.$ZodIssue;
type RawIssue = z.core.$ZodRawIssue;

const WORDS: Readonly<Record<string, string>> = {
  object: 'a map',
  record: 'a map',
  array: 'a list',
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
};

/**
 * Words for what zod found, as zod's error map of one parse. Only here does an issue still know its schema, so the message of
 * an unknown key is the bare list of keys that would have been valid; `flattenIssues` puts the sentence around it.
 */
export function describeIssue(issue: RawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined
        ? 'missing'
        : `expected ${WORDS[issue.expected] ?? issue.expected}, found ${describeValue(issue.input)}`;
    case 'invalid_value': {
      const valid = issue.values.map(String);
      return `${describeValue(issue.input)} is not known here; valid: ${valid.join(', ')}.${didYouMean(String(issue.input), valid)}`;
    }
    case 'unrecognized_keys':
      return keysOf(issue.inst).join(', ');
    case 'too_small':
      return `expected ${amount(issue.origin, `at least ${issue.minimum}`)}, found ${describeValue(issue.input)}`;
    case 'too_big':
      return `expected ${amount(issue.origin, `at most ${issue.maximum}`)}, found ${describeValue(issue.input)}`;
    default:
      return undefined;
  }
}

/** Turns zod's nested issues into a flat list, one entry for each thing that a reader has to change. */
export function flattenIssues(issues: readonly Issue[], prefix: readonly PropertyKey[] = []): DocumentIssue[] {
  return issues.flatMap((issue): DocumentIssue[] => {
    const path = [...prefix, ...issue.path];
    switch (issue.code) {
      case 'unrecognized_keys':
        return issue.keys.map((key) => ({ path: [...path, key], place: 'key', message: unknownKey(key, issue.message) }));
      case 'invalid_key':
        return issue.issues.map(({ message }) => ({ path, place: 'key', message }));
      case 'invalid_union':
        return flattenUnion(issue, path);
      case 'invalid_type': {
        if (issue.message !== 'missing') return [{ path, message: issue.message }];
        const key = String(path.at(-1) ?? 'document');
        return [{ path: path.slice(0, -1), place: 'key', message: `${key} is missing` }];
      }
      default:
        return [{ path, message: issue.message }];
    }
  });
}

function unknownKey(key: string, valid: string): string {
  return `unknown key ${JSON.stringify(key)}; valid here: ${valid}.${didYouMean(key, valid.split(', '))}`;
}

/** Of several forms that a value may take, the one that the author meant is the one whose kind fits. */
function flattenUnion(issue: z.core.$ZodIssueInvalidUnion, path: readonly PropertyKey[]): DocumentIssue[] {
  const kindDiffers = (branch: readonly Issue[]): boolean =>
    branch.some(({ code, path: [first] }) => code === 'invalid_type' && first === undefined);
  const meant = issue.errors.filter((branch) => !kindDiffers(branch));
  // A list that has one bad entry is no bad value of the form without a list.
  const inside = meant.filter((branch) => branch.length > 0 && branch.every(({ path: { length } }) => length > 0));
  const flat = (inside.length > 0 ? inside : meant).map((branch) => flattenIssues(branch, path));
  const [best] = flat.sort((left, right) => left.length - right.length);
  if (best !== undefined) return best;
  const kinds = issue.errors.flatMap((branch) => branch.flatMap((each) => (each.code === 'invalid_type' ? [each.expected] : [])));
  const found = issue.errors.flat().find(({ code }) => code === 'invalid_type')?.message ?? '';
  if (found === 'missing') return [{ path: path.slice(0, -1), place: 'key', message: `${String(path.at(-1))} is missing` }];
  const words = [...new Set(kinds.map((kind) => WORDS[kind] ?? kind))];
  return [{ path, message: `expected ${words.join(' or ')}${found.replace(/^expected .*?, found/, ', found')}` }];
}

/** A value in a few words, safe to print and never longer than a line. */
function describeValue(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return Object.keys(value).length === 0 ? 'an empty map' : 'a map';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…"` : text;
}

function amount(origin: string, bound: string): string {
  const one = bound.endsWith(' 1');
  if (origin === 'string') return `text of ${bound} ${one ? 'character' : 'characters'}`;
  if (origin === 'array' || origin === 'object' || origin === 'record') return `${bound} ${one ? 'entry' : 'entries'}`;
  return `a number of ${bound}`;
}

function keysOf(schema: unknown): readonly string[] {
  const shape = (schema as { readonly _zod?: { readonly def?: { readonly shape?: object } } } | undefined)?._zod?.def?.shape;
  return Object.keys(shape ?? {});
}
