import type { z } from 'zod';
import { type DocumentIssue, describeIssue, flattenIssues, type PreparedDocument } from './document-issues.ts';
import { LARGEST_DOCUMENT_BYTES } from './document-limits.ts';
import { PetsError } from './errors.ts';
import { cleanText } from './text.ts';
import { locate, readYaml, type SourceProblem, type YamlSource } from './yaml-source.ts';

const MOST_PROBLEMS_SHOWN = 50;
const WIDEST_EXCERPT = 120;

/** What a schema cannot say: that the parts of a document fit together. */
export interface References<S> {
  /** Those parts, each of them optional, so that they can be compared even when another part of the file is broken. */
  readonly schema: z.ZodType<S>;
  /** `raw` is the whole document before parsing: an entry that is broken still exists, and may be referred to. */
  check(parts: S, raw: unknown): readonly DocumentIssue[];
}

export interface ParseOptions<S> {
  /** Fills in what the document leaves open, before anything is checked: every check sees final values. */
  readonly prepare?: (raw: unknown) => PreparedDocument;
  readonly references?: References<S>;
  /** The next command for somebody whose file was refused. */
  readonly hint?: string;
}

/** Bytes of a file as text. @throws BAD_FILE when it is over 1 MB or not UTF-8 */
export function decodeDocument(path: string, bytes: Uint8Array): string {
  if (bytes.byteLength > LARGEST_DOCUMENT_BYTES) throw badFile(`${path}: the file is over 1 MB; no document of ours is that large`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw badFile(`${path}: the file is not UTF-8 text`, { hint: 'is it the right file? Save it as UTF-8 and try again', cause });
  }
}

/**
 * A YAML or JSON text as a value of `schema`. Everything that is wrong is reported at once, in order, each as
 * `path:line:column: message` with its line and a caret under the place.
 * @throws BAD_FILE
 */
export function parseDocument<T, S = never>(path: string, text: string, schema: z.ZodType<T>, options: ParseOptions<S> = {}): T {
  if (Buffer.byteLength(text) > LARGEST_DOCUMENT_BYTES) throw badFile(`${path}: the text is over 1 MB; no document of ours is that large`);
  const { source, problems } = readYaml(text);
  if (problems.length > 0) throw reportProblems(path, source, problems, options.hint);
  const { value, issues: told, noteAt, isToldAlready } = options.prepare?.(source.value) ?? asWritten(source.value);
  const parsed = schema.safeParse(value, { error: describeIssue });
  const found = parsed.success ? [] : flattenIssues(parsed.error.issues);
  if (options.references !== undefined) found.push(...checkReferences(value, options.references));
  const issues = [...told, ...found.filter((issue) => !isToldAlready(issue.path))];
  if (parsed.success && issues.length === 0) return parsed.data;
  const located = issues.map(({ path: place, place: part, message }) => {
    const note = part === 'key' ? '' : noteAt(place);
    return { ...locate(source, place, part ?? 'value'), message: note === '' ? message : `${message} (${note})` };
  });
  throw reportProblems(path, source, located, options.hint);
}

function asWritten(value: unknown): PreparedDocument {
  return { value, issues: [], noteAt: () => '', isToldAlready: () => false };
}

/** Leaves out what is malformed, entry by entry, until what remains can be compared. */
function checkReferences<S>(value: unknown, { schema, check }: References<S>): readonly DocumentIssue[] {
  const remaining: unknown = structuredClone(value);
  for (;;) {
    const parsed = schema.safeParse(remaining);
    if (parsed.success) return check(parsed.data, value);
    const removed = parsed.error.issues.map((issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => removeEntry(remaining, [...issue.path, key])).includes(true)
        : removeEntry(remaining, issue.path),
    );
    if (!removed.includes(true)) return [];
  }
}

/** Removes the entry at a path, or the nearest enclosing one that is still there; lists go whole, so that indices keep their meaning. */
function removeEntry(root: unknown, path: readonly PropertyKey[]): boolean {
  for (let length = path.length; length > 0; length--) {
    let parent: unknown = root;
    for (const step of path.slice(0, length - 1))
      parent = isMapping(parent) || Array.isArray(parent) ? Reflect.get(parent, step) : undefined;
    const key = path[length - 1];
    if (isMapping(parent) && key !== undefined && Object.hasOwn(parent, key)) return Reflect.deleteProperty(parent, key);
  }
  return false;
}

function isMapping(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function reportProblems(path: string, source: YamlSource, problems: readonly SourceProblem[], hint: string | undefined): PetsError {
  const ordered = problems.toSorted((left, right) => left.offset - right.offset || left.message.localeCompare(right.message));
  const blocks = [...new Set(ordered.map((problem) => describeProblem(path, source, problem)))];
  const more = blocks.length - MOST_PROBLEMS_SHOWN;
  const shown = blocks.slice(0, MOST_PROBLEMS_SHOWN);
  return badFile([...shown, ...(more > 0 ? [`${path}: and ${more} more`] : [])].join('\n'), { hint });
}

/** `path:line:column: message`, the line of the text, and a caret under the place. */
function describeProblem(path: string, { text, lines }: YamlSource, { offset, length, message }: SourceProblem): string {
  // At the very end of a file that ends in a line feed there is no line left to show; the last one is what the reader sees.
  const shownOffset = offset > 0 && offset >= text.length && text.endsWith('\n') ? text.length - 1 : offset;
  const { line, col } = lines.linePos(shownOffset);
  const start = shownOffset - (col - 1);
  const end = text.indexOf('\n', start);
  const whole = text.slice(start, end === -1 ? text.length : end);
  const cut = Math.max(0, col - 1 - WIDEST_EXCERPT / 2);
  const excerpt = whole.slice(cut, cut + WIDEST_EXCERPT);
  const indent = col - 1 - cut;
  const carets = '^'.repeat(Math.max(1, Math.min(length, excerpt.trimEnd().length - indent)));
  const number = String(line).padStart(4);
  return `${cleanText(path)}:${line}:${col}: ${showPlain(message)}\n${number} | ${showPlain(excerpt)}\n     | ${' '.repeat(indent)}${carets}`;
}

/** One mark for each character that a terminal would not print as itself, so that the caret stays under its place. */
function showPlain(text: string): string {
  return text.replaceAll('\t', ' ').replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu, '�');
}

function badFile(message: string, detail: { readonly hint?: string | undefined; readonly cause?: unknown } = {}): PetsError {
  return new PetsError('BAD_FILE', {
    message,
    hint: detail.hint ?? 'correct the file, then run the same command again',
    cause: detail.cause,
  });
}
