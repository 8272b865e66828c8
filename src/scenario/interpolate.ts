import type { BoundHost } from '../domain/scenario.ts';
import { didYouMean } from '../domain/suggest.ts';

/** What a scenario may ask about a host: `${host-A.address}`, and `${on.parent}` of the one that a network or service is on. */
export const HOST_FACTS = ['address', 'name', 'parent'] as const;
/** The host that the thing itself is on, which no role may be called. */
export const OWN_HOST = 'on';
/** What macvlan networks bind to where the inventory does not say. */
const USUAL_PARENT = 'eth0';
/** `$$` stands for one `$`, as in Compose. */
export const REFERENCE = /\$\$|\$\{([^}]*)\}?/g;

/** What is wrong with the references in a text, each a sentence with the valid ones. */
export function checkReferencesIn(text: string, hosts: readonly string[], inputs: readonly string[]): readonly string[] {
  const valid = [...hosts.flatMap((host) => HOST_FACTS.map((fact) => `${host}.${fact}`)), ...inputs];
  return [...text.matchAll(REFERENCE)].flatMap(([written, name]) => {
    if (name === undefined) return [];
    if (!written.endsWith('}')) return [`${written} is not closed with "}"`];
    // The nth address of an input was filled in, or refused, when the inputs were.
    if (valid.includes(name) || inputs.includes(name.replace(/\.\d+$/, ''))) return [];
    return [`\${${name}} is not known; valid: ${valid.join(', ')}.${didYouMean(name, valid)}`];
  });
}

/** Whether something in a text is known only once hosts are bound. */
export function hasReferences(text: string): boolean {
  return text.includes('${');
}

/** The text with each reference replaced by a stand-in of the same kind, to judge its form before hosts are known. */
export function withStandIns(text: string): string {
  return text.replace(REFERENCE, (written) => (written === '$$' ? '$' : '192.0.2.1'));
}

export type HostsByRole = ReadonlyMap<string, BoundHost>;

/** Hosts by the roles that they were bound to, and the one that a thing is on as `on`. */
export function hostsByRole(hosts: readonly BoundHost[], on?: BoundHost): HostsByRole {
  const own = on === undefined ? [] : [[OWN_HOST, on] as const];
  return new Map([...hosts.map((host) => [host.role ?? host.name, host] as const), ...own]);
}

/** Fills in the facts of the hosts that the roles were bound to. One pass: what is filled in is never looked at again. */
export function interpolate(text: string, hosts: HostsByRole): string {
  return text.replace(REFERENCE, (written, name: string | undefined, offset: number) => {
    if (name === undefined) return '$';
    const [role = '', fact] = name.split('.');
    const host = hosts.get(role);
    if (host === undefined) return written;
    const address = isBeforePortOrInUrl(text, offset, written) ? bracketed(host.address) : host.address;
    const facts = { address, name: host.name, parent: host.parent ?? USUAL_PARENT };
    return Object.hasOwn(facts, fact ?? '') ? facts[fact as keyof typeof facts] : written;
  });
}

/** Where an IPv6 address has to stand in brackets, or its end would not be known. */
function isBeforePortOrInUrl(text: string, offset: number, written: string): boolean {
  return text.startsWith(':', offset + written.length) || text.slice(0, offset).endsWith('://');
}

/** `[fd00::1]`: as an IPv6 address stands before a port. */
export function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
