import type { Json, JsonObject } from './live.ts';

/** One line of `docker network inspect`, with the parts that a screen may tell apart. */
export interface InspectLine {
  readonly indent: number;
  readonly key: string | undefined;
  /** Everything after the key: the value or the bracket that opens it, and the comma. */
  readonly rest: string;
  /** New or different since the body before; a closing bracket never is. */
  readonly changed: boolean;
}

/** The CLI indents by four. */
export const INSPECT_INDENT = 4;

/**
 * A body as `docker network inspect` prints it: a list of one, keys in the engine's order, indented by four.
 * `previous` is the body before the last change; without it nothing counts as changed.
 */
export function inspectText(body: JsonObject, previous: JsonObject | undefined): readonly InspectLine[] {
  const lines: InspectLine[] = [{ indent: 0, key: undefined, rest: '[', changed: false }];
  writeValue(lines, { value: body, previous: previous ?? body, key: undefined, indent: 1, comma: '' });
  lines.push({ indent: 0, key: undefined, rest: ']', changed: false });
  return lines;
}

interface Place {
  readonly value: Json;
  /** What stood at this place before; undefined where nothing did. */
  readonly previous: Json | undefined;
  readonly key: string | undefined;
  readonly indent: number;
  readonly comma: string;
}

function writeValue(lines: InspectLine[], place: Place): void {
  const { value, previous, key, indent, comma } = place;
  const members = membersOf(value);
  if (members === undefined || members.length === 0) {
    const rest = members === undefined ? JSON.stringify(value) : Array.isArray(value) ? '[]' : '{}';
    lines.push({ indent, key, rest: rest + comma, changed: JSON.stringify(previous) !== JSON.stringify(value) });
    return;
  }
  const before = new Map(previous === undefined ? [] : membersOf(previous));
  const [open, close] = Array.isArray(value) ? (['[', ']'] as const) : (['{', '}'] as const);
  lines.push({ indent, key, rest: open, changed: previous === undefined || lostMember(members, before) });
  for (const [index, [name, member]] of members.entries()) {
    writeValue(lines, {
      value: member,
      previous: before.get(name),
      key: Array.isArray(value) ? undefined : name,
      indent: indent + 1,
      comma: index === members.length - 1 ? '' : ',',
    });
  }
  lines.push({ indent, key: undefined, rest: `${close}${comma}`, changed: false });
}

/** What was taken away has no line of its own: the line that opens its parent is marked instead. */
function lostMember(members: readonly (readonly [string, Json])[], before: ReadonlyMap<string, Json>): boolean {
  const names = new Set(members.map(([name]) => name));
  return [...before.keys()].some((name) => !names.has(name));
}

function membersOf(value: Json): readonly (readonly [string, Json])[] | undefined {
  if (value === null || typeof value !== 'object') return undefined;
  return Object.entries(value);
}
