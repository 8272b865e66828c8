import { cidrSize, formatAddress, parseCidr } from '../domain/addresses.ts';
import type { DocumentIssue, PreparedDocument } from '../domain/document-issues.ts';
import { PetsError } from '../domain/errors.ts';
import type { Underlay } from '../domain/scenario.ts';
import { didYouMean } from '../domain/suggest.ts';
import { REFERENCE } from './interpolate.ts';
import { entriesIn, entryOf } from './raw.ts';

/** What is known from outside of a file about what it lets its user choose. */
export interface GivenInputs {
  /** From `--set NAME=VALUE`. */
  readonly set: Readonly<Record<string, string>>;
  /** From the inventory: the value of `underlay.subnet` and `underlay.gateway` unless they are set. */
  readonly underlay?: Underlay;
}

export const NOTHING_GIVEN: GivenInputs = { set: {} };

export interface InputValue {
  readonly value: string;
  /** `--set`, `the inventory`, `its default`. */
  readonly from: string;
}

export interface ResolvedDocument extends PreparedDocument {
  readonly inputs: Readonly<Record<string, InputValue>>;
}

/** A value stands in for at most this many characters wherever it is used: a name, a subnet, a port. */
export const LONGEST_INPUT = 256;
/** Their texts are looked at again when hosts are bound, where `$$` is one `$`: a value is never taken for a reference there. */
const BOUND_SECTIONS: readonly PropertyKey[] = ['networks', 'services', 'tenants', 'expect'];

/**
 * A document as it was read, with the value of its input wherever one is named: `${underlay.subnet}`, and `${underlay.subnet.4}` for the
 * fourth address of one that is a subnet. References to hosts stay; what is malformed stays too, for the schema to refuse.
 * @throws BAD_USAGE for an input that is set and that the document does not have
 */
export function resolveInputs(raw: unknown, given: GivenInputs): ResolvedDocument {
  const { inputs, issues } = readInputs(raw, given);
  refuseUnknown(raw, Object.keys(inputs), given);
  const notes = new Map<string, string>();
  const replace = (value: unknown, path: readonly PropertyKey[]): unknown => {
    if (typeof value === 'string') return replaceIn(value, path);
    if (Array.isArray(value)) return value.map((part, index) => replace(part, [...path, index]));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, replace(part, [...path, key])]));
  };
  const replaceIn = (text: string, path: readonly PropertyKey[]): string => {
    if (!text.includes('${') || path[0] === 'inputs') return text;
    const { text: replaced, used, faults } = substitute(text, inputs, BOUND_SECTIONS.includes(path[0] ?? ''));
    issues.push(...faults.map((message) => ({ path, message })));
    if (used.length > 0) notes.set(keyOf(path), used.map((name) => describeInput(name, inputs[name])).join('; '));
    return replaced;
  };
  return { value: replace(raw, []), inputs, issues, noteAt: (path) => notes.get(keyOf(path)) };
}

interface Substitution {
  readonly text: string;
  /** Names of the inputs that stood in it. */
  readonly used: readonly string[];
  readonly faults: readonly string[];
}

function substitute(text: string, inputs: Readonly<Record<string, InputValue>>, isBound: boolean): Substitution {
  const used = new Set<string>();
  const faults: string[] = [];
  const replaced = text.replace(REFERENCE, (written: string, reference: string | undefined) => {
    const [, name = '', index] = /^(.*?)(?:\.(\d+))?$/.exec(reference ?? '') ?? [];
    const input = written.endsWith('}') && Object.hasOwn(inputs, name) ? inputs[name] : undefined;
    if (input === undefined) return written;
    used.add(name);
    const value = index === undefined ? input.value : nthAddress(input.value, index);
    if (value !== undefined) return isBound ? value.replaceAll('$', '$$$$') : value;
    const what = parseCidr(input.value) === undefined ? 'needs a subnet such as 10.1.0.0/24' : 'is not among its addresses';
    faults.push(`${written} ${what}`);
    return written;
  });
  return { text: replaced, used: [...used], faults };
}

/** `192.168.0.0/24`, 4 → `192.168.0.4`. */
function nthAddress(subnet: string, index: string): string | undefined {
  const cidr = parseCidr(subnet);
  const offset = BigInt(index);
  if (cidr === undefined || offset >= cidrSize(cidr)) return undefined;
  return formatAddress({ family: cidr.family, value: cidr.first + offset });
}

/** In the order of the file: a default may name the inputs before it. */
function readInputs(raw: unknown, { set, underlay }: GivenInputs) {
  const inputs: Record<string, InputValue> = {};
  const issues: DocumentIssue[] = [];
  for (const [name, entry] of entriesIn(entryOf(raw, 'inputs'))) {
    const written = entryOf(entry, 'default');
    const known = givenValue(name, set, underlay);
    if (known !== undefined) inputs[name] = known;
    else if (typeof written === 'string' || typeof written === 'number') {
      const { text, faults } = substitute(String(written), inputs, false);
      issues.push(...faults.map((message) => ({ path: ['inputs', name, 'default'], message })));
      inputs[name] = { value: text, from: 'its default' };
    }
  }
  return { inputs, issues };
}

function givenValue(name: string, set: GivenInputs['set'], underlay: Underlay | undefined): InputValue | undefined {
  const value = Object.hasOwn(set, name) ? set[name] : undefined;
  if (value !== undefined) return { value, from: '--set' };
  // A gateway belongs to its subnet: with another subnet than the inventory's, the inventory's gateway is somebody else's.
  const isElsewhere = Object.hasOwn(set, 'underlay.subnet') && set['underlay.subnet'] !== underlay?.subnet;
  const known = { 'underlay.subnet': underlay?.subnet, 'underlay.gateway': isElsewhere ? undefined : underlay?.gateway };
  const found = Object.hasOwn(known, name) ? known[name as keyof typeof known] : undefined;
  return found === undefined ? undefined : { value: found, from: 'the inventory' };
}

function refuseUnknown(raw: unknown, names: readonly string[], { set }: GivenInputs): void {
  const scenario = entryOf(raw, 'name');
  const what = typeof scenario === 'string' ? `scenario ${scenario}` : 'the scenario';
  const known = names.length === 0 ? 'it has none' : `inputs: ${names.join(', ')}`;
  const unknown = Object.keys(set).filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    throw new PetsError('BAD_USAGE', {
      message: unknown.map((name) => `${what} has no input ${JSON.stringify(name)}; ${known}.${didYouMean(name, names)}`).join('\n'),
      hint: names.length === 0 ? 'leave --set out' : `--set ${names[0]}=VALUE`,
    });
  }
  for (const [name, value] of Object.entries(set)) {
    if (value !== '' && value.length <= LONGEST_INPUT) continue;
    const message = `--set ${name}: a value of 1 to ${LONGEST_INPUT} characters is needed, found ${value.length}`;
    throw new PetsError('BAD_USAGE', { message, hint: `--set ${name}=VALUE` });
  }
}

function describeInput(name: string, input: InputValue | undefined): string {
  return `input ${name} is ${JSON.stringify(input?.value)}, from ${input?.from}`;
}

function keyOf(path: readonly PropertyKey[]): string {
  return JSON.stringify(path.map(String));
}
