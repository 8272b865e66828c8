import type { Json } from './live.ts';

/** Longest text that a display field keeps; an engine's own texts are far shorter. */
const MAX_TEXT_LENGTH = 4096;
/** Deeper than any answer of an engine, shallow enough for any stack. */
const MAX_DEPTH = 64;

/**
 * What a terminal would obey or hide instead of show: control characters (C0, DEL, C1), line and paragraph separators, bidirectional
 * overrides, zero-width characters, tags and variation selectors.
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * Text from outside, made safe to print on one line: what a terminal would obey becomes a visible mark (`␛`, `␊`, `⟨U+202E⟩`), and what
 * is longer than `maxLength` UTF-16 units ends in `…`. For display only: identity stays the raw ID.
 */
export function cleanText(text: string, maxLength = MAX_TEXT_LENGTH): string {
  const marked = text
    .slice(0, maxLength + 1)
    .toWellFormed()
    .replace(UNSAFE, visibleMark);
  if (marked.length <= maxLength) return marked;
  return `${marked.slice(0, maxLength - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** Several lines from outside (a log, a build's output): each cleaned, the line breaks kept. */
export function cleanLines(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => cleanText(line))
    .join('\n');
}

/** A JSON value from outside with each of its texts cleaned, keys included; two keys never merge. What is not JSON becomes null. */
export function cleanDeep(value: unknown, depth = 0): Json {
  if (typeof value === 'string') return cleanText(value);
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return value;
  if (typeof value !== 'object') return null;
  if (depth >= MAX_DEPTH) return '…';
  if (Array.isArray(value)) return value.map((element) => cleanDeep(element, depth + 1));
  const cleaned = new Map<string, Json>();
  for (const [key, member] of Object.entries(value)) {
    cleaned.set(distinctKey(cleanText(key), cleaned), cleanDeep(member, depth + 1));
  }
  return Object.fromEntries(cleaned);
}

/** A record of texts (labels, options, driver options), cleaned. */
export function cleanRecord(record: Readonly<Record<string, string>> | null | undefined): Record<string, string> {
  const cleaned = new Map<string, string>();
  for (const [key, text] of Object.entries(record ?? {})) cleaned.set(distinctKey(cleanText(key), cleaned), cleanText(String(text)));
  return Object.fromEntries(cleaned);
}

function distinctKey(key: string, taken: ReadonlyMap<string, unknown>): string {
  let candidate = key;
  for (let count = 2; taken.has(candidate); count += 1) candidate = `${key} (${count})`;
  return candidate;
}

function visibleMark(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return '␡';
  return `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
}
