import type { DocumentIssue } from '../domain/document-issues.ts';
import { SWARM } from '../domain/scenario.ts';
import { didYouMean } from '../domain/suggest.ts';
import { OWN_HOST } from './interpolate.ts';
import { entryOf, keysIn, textsIn } from './raw.ts';

/** Where `from` may also ask from: the machine that runs pets-console. */
export const CONSOLE = 'console';

/** The names that may be referred to: those written, also where what they name is broken. */
export interface Names {
  readonly roles: readonly string[];
  readonly networks: readonly string[];
  readonly services: readonly string[];
  readonly tenants: readonly string[];
  readonly inputs: readonly string[];
}

export function namesIn(raw: unknown): Names {
  return {
    roles: textsIn(entryOf(raw, 'hosts')),
    networks: keysIn(entryOf(raw, 'networks')),
    services: keysIn(entryOf(raw, 'services')),
    tenants: keysIn(entryOf(raw, 'tenants')),
    inputs: keysIn(entryOf(raw, 'inputs')),
  };
}

/** An issue unless `name` is one of `valid`. */
export function checkName(
  what: string,
  name: string,
  valid: readonly string[],
  path: readonly PropertyKey[],
  place: 'key' | 'value' = 'value',
): DocumentIssue[] {
  if (valid.includes(name)) return [];
  const known = valid.length === 0 ? 'the file has none' : `valid: ${valid.join(', ')}`;
  return [{ path, place, message: `${what} ${JSON.stringify(name)} is not known; ${known}.${didYouMean(name, valid)}` }];
}

/** Names that would mean two things: where a role, a service or an input may stand for another. */
export function checkMeanings({ roles, services, inputs }: Names): DocumentIssue[] {
  const taken: Readonly<Record<string, string>> = {
    [CONSOLE]: 'the machine that runs pets-console',
    [OWN_HOST]: 'the host that a network or service is on',
    [SWARM]: 'where things are that belong to no host',
  };
  return [
    ...roles.flatMap((role, index) => {
      const meaning = Object.hasOwn(taken, role) ? taken[role] : services.includes(role) ? 'a service of this file' : undefined;
      return meaning === undefined ? [] : [{ path: ['hosts', index], message: `${role} is ${meaning}; call the host something else` }];
    }),
    ...services
      .filter((service) => service === CONSOLE)
      .map((service) => ({
        path: ['services', service],
        place: 'key' as const,
        message: `${CONSOLE} is ${taken[CONSOLE]}; call the service something else`,
      })),
    ...inputs
      .filter((input) => [...roles, OWN_HOST].includes(input.split('.')[0] ?? ''))
      .map((input) => ({
        path: ['inputs', input],
        place: 'key' as const,
        message: `${input} would stand for a fact of ${input.split('.')[0] === OWN_HOST ? taken[OWN_HOST] : `host ${input.split('.')[0]}`}; call the input something else`,
      })),
  ];
}
