import { cidrSize, formatAddress, parseCidr } from '../domain/addresses.ts';
import type { PreparedDocument } from '../domain/document-issues.ts';
import { PetsError } from '../domain/errors.ts';
import type { Underlay } from '../domain/scenario.ts';
import { didYouMean } from '../domain/suggest.ts';
import { REFERENCE } from './interpolate.ts';
import { entriesIn, entryOf } from './raw.ts';

/** How the swarm is to run what the file describes. */
export interface GivenDeployment {
  /** From `--variant NAME`. */
  readonly variant?: string;
  /** Taken where nothing else is said and the scenario has it: of what stands already, from its labels. */
  readonly preferredVariant?: string;
  /** From `--scale SERVICE=N`. */
  readonly scale?: Readonly<Record<string, number>>;
}

/** What is known from outside of a file about what it lets its user choose. */
export interface GivenInputs extends GivenDeployment {
  /** From `--set NAME=VALUE`. */
  readonly set: Readonly<Record<string, string>>;
  /** Of what stands already, from its labels; what the scenario has no input for is left out. */
  readonly inForce?: Readonly<Record<string, string>>;
  /** From the inventory: the value of `underlay.subnet` and `underlay.gateway` unless they are set. */
  readonly underlay?: Underlay;
}

export const NOTHING_GIVEN: GivenInputs = { set: {} };

export interface InputValue {
  readonly value: string;
  /** `--set`, `what stands`, `the inventory`, `its default`. */
  readonly from: string;
  /** The inputs that its default names. */
  readonly uses: readonly Use[];
}

export interface ResolvedDocument extends PreparedDocument {
  readonly inputs: Readonly<Record<string, InputValue>>;
}

/** A value stands in for at most this many characters wherever it is used: a name, a subnet, a port. */
export const LONGEST_INPUT = 256;
/** The most tasks that a service may be asked to have. */
export const MOST_REPLICAS = 1000;
/** Their texts are looked at again when hosts are bound, where `$$` is one `$`: a value is never taken for a reference there. */
const BOUND_SECTIONS: readonly PropertyKey[] = ['networks', 'services', 'tenants', 'expect'];

/**
 * A document as it was read, with the value of its input wherever one is named: `${underlay.subnet}`, and `${underlay.subnet.4}` for the
 * fourth address of one that is a subnet. References to hosts stay; what is malformed stays too, for the schema to refuse.
 * @throws BAD_USAGE for an input that is set and that the document does not have
 */
export function resolveInputs(raw: unknown, given: GivenInputs): ResolvedDocument {
  const inputs = readInputs(raw, given);
  refuseUnknown(raw, Object.keys(inputs), given);
  const usedAt = new Map<string, readonly Use[]>();
  const replace = (value: unknown, path: readonly PropertyKey[]): unknown => {
    if (typeof value !== 'object' || value === null) return typeof value === 'string' ? replaceIn(value, path) : value;
    if (Array.isArray(value)) return value.map((part, index) => replace(part, [...path, index]));
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, replace(part, [...path, key])]));
  };
  const replaceIn = (text: string, path: readonly PropertyKey[]): string => {
    if (!text.includes('${') || path[0] === 'inputs') return text;
    const { text: replaced, uses } = substitute(text, inputs, BOUND_SECTIONS.includes(path[0] ?? ''));
    if (uses.length > 0) usedAt.set(keyOf(path), uses);
    return replaced;
  };
  const value = replace(raw, []);
  const faults = faultsOf(inputs, [...usedAt.values()].flat());
  const namesAt = (path: readonly PropertyKey[]): readonly string[] => [...new Set(usedAt.get(keyOf(path))?.map(({ name }) => name))];
  return {
    value,
    inputs,
    issues: [...faults].map(([name, message]) => ({ path: ['inputs', name], place: 'key', message })),
    noteAt: (path) =>
      namesAt(path)
        .map((name) => describeInput(name, inputs[name]))
        .join('; '),
    isToldAlready: (path) => namesAt(path).some((name) => faults.has(name) || inputs[name]?.uses.some((use) => faults.has(use.name))),
  };
}

/** An input in a text, and which address of it, if it is one of its addresses that is wanted. */
interface Use {
  readonly name: string;
  readonly index: string | undefined;
}

function substitute(text: string, inputs: Readonly<Record<string, InputValue>>, isBound: boolean): { text: string; uses: Use[] } {
  const uses: Use[] = [];
  const replaced = text.replace(REFERENCE, (written: string, reference: string | undefined) => {
    const [, name = '', index] = /^(.*?)(?:\.(\d+))?$/.exec(reference ?? '') ?? [];
    const input = written.endsWith('}') && Object.hasOwn(inputs, name) ? inputs[name] : undefined;
    if (input === undefined) return written;
    uses.push({ name, index });
    const value = index === undefined ? input.value : (nthAddress(input.value, index) ?? written);
    return isBound && value !== written ? value.replaceAll('$', '$$$$') : value;
  });
  return { text: replaced, uses };
}

/** What is wrong with an input for the ways that it is used in: told once, where it is declared, and not at every use. */
function faultsOf(inputs: Readonly<Record<string, InputValue>>, uses: readonly Use[]): ReadonlyMap<string, string> {
  const all = [...Object.values(inputs).flatMap((input) => input.uses), ...uses];
  const faults = new Map<string, string>();
  for (const [name, input] of Object.entries(inputs)) {
    const wanted = [...new Set(all.flatMap((use) => (use.name === name ? (use.index ?? []) : [])))];
    const missing = wanted.filter((index) => nthAddress(input.value, index) === undefined);
    if (missing.length === 0) continue;
    const isSubnet = parseCidr(input.value) !== undefined;
    const fault = isSubnet ? `it has no address ${missing.join(', ')}, which the scenario uses` : 'a subnet such as 10.1.0.0/24 is needed';
    faults.set(name, `${describeInput(name, input)}; ${fault}`);
  }
  return faults;
}

/** `192.168.0.0/24`, 4 → `192.168.0.4`. */
function nthAddress(subnet: string, index: string): string | undefined {
  const cidr = parseCidr(subnet);
  const offset = BigInt(index);
  if (cidr === undefined || offset >= cidrSize(cidr)) return undefined;
  return formatAddress({ family: cidr.family, value: cidr.first + offset });
}

/** In the order of the file: a default may name the inputs before it. */
function readInputs(raw: unknown, given: GivenInputs): Readonly<Record<string, InputValue>> {
  const inputs: Record<string, InputValue> = {};
  for (const [name, entry] of entriesIn(entryOf(raw, 'inputs'))) {
    const written = entryOf(entry, 'default');
    const known = givenValue(name, given);
    if (known !== undefined) inputs[name] = { ...known, uses: [] };
    else if (typeof written === 'string' || typeof written === 'number') {
      const { text, uses } = substitute(String(written), inputs, false);
      inputs[name] = { value: text, from: 'its default', uses };
    }
  }
  return inputs;
}

function givenValue(name: string, { set, inForce = {}, underlay }: GivenInputs): Omit<InputValue, 'uses'> | undefined {
  const value = Object.hasOwn(set, name) ? set[name] : undefined;
  if (value !== undefined) return { value, from: '--set' };
  const standing = Object.hasOwn(inForce, name) ? inForce[name] : undefined;
  if (standing !== undefined) return { value: standing, from: 'what stands' };
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
