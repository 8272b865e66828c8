import type { BoundHost } from '../domain/scenario.ts';
import { didYouMean } from '../domain/suggest.ts';

/** What a scenario may ask about a host: `${host-A.address}`. */
const FACTS = ['address', 'name'] as const;
/** `$$` stands for one `$`, as in Compose. */
const REFERENCE = /\$\$|\$\{([^}]*)\}?/g;

/** What is wrong with the references in a text, each a sentence with the valid ones. */
export function checkReferencesIn(text: string, roles: readonly string[]): readonly string[] {
  const valid = roles.flatMap((role) => FACTS.map((fact) => `${role}.${fact}`));
  return [...text.matchAll(REFERENCE)].flatMap(([written, name]) => {
    if (name === undefined) return [];
    if (!written.endsWith('}')) return [`${written} is not closed with "}"`];
    return valid.includes(name) ? [] : [`\${${name}} is not known; valid: ${valid.join(', ')}.${didYouMean(name, valid)}`];
  });
}

/** The text with each reference replaced by a stand-in of the same kind, to judge its form before hosts are known. */
export function withStandIns(text: string): string {
  return text.replace(REFERENCE, (written) => (written === '$$' ? '$' : '192.0.2.1'));
}

/** Fills in the facts of the hosts that the roles were bound to. One pass: what is filled in is never looked at again. */
export function interpolate(text: string, hostOfRole: ReadonlyMap<string, BoundHost>): string {
  return text.replace(REFERENCE, (written, name: string | undefined) => {
    if (name === undefined) return '$';
    const [role = '', fact] = name.split('.');
    const host = hostOfRole.get(role);
    if (host === undefined) return written;
    return fact === 'address' ? host.address : host.name;
  });
}
