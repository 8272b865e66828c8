import { Resolver } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { isIP, isIPv4, type LookupFunction } from 'node:net';

/** One try: where the upstream resolver is out of reach, the system's own lookup holds a name for 10 s. */
const DNS_TIMEOUT_MS = 400;

export interface ResolvedName {
  readonly address: string;
  readonly family: 4 | 6;
}

/**
 * The address of a name as this namespace sees it: an address itself, /etc/hosts, then its DNS servers
 * (Docker's own at 127.0.0.11 in a container). IPv4 first. Rejects with the resolver's error, `code` ENOTFOUND and others.
 */
export async function resolveName(name: string): Promise<ResolvedName> {
  const literal = isIP(name.split('%')[0] ?? '');
  if (literal !== 0) return { address: name, family: literal === 4 ? 4 : 6 };
  const known = await readHostsFile(name);
  if (known !== undefined) return { address: known, family: isIPv4(known) ? 4 : 6 };
  // A resolver of its own each time: it reads resolv.conf anew, and one slow query delays no other.
  const resolver = new Resolver({ timeout: DNS_TIMEOUT_MS, tries: 1 });
  const ipv4 = resolver.resolve4(name);
  const ipv6 = resolver.resolve6(name);
  // Both are asked at once; the second answer is only awaited when the first has nothing.
  ipv6.catch(() => undefined);
  try {
    return { address: firstOf(await ipv4), family: 4 };
  } catch (error) {
    try {
      return { address: firstOf(await ipv6), family: 6 };
    } catch {
      throw error;
    }
  }
}

function firstOf(addresses: readonly string[]): string {
  const [address] = addresses;
  if (address === undefined) throw Object.assign(new Error('no address'), { code: 'ENODATA' });
  return address;
}

async function readHostsFile(name: string): Promise<string | undefined> {
  const text = await readFile('/etc/hosts', 'utf8').catch(() => '');
  const wanted = name.toLowerCase();
  const addresses = text.split('\n').flatMap((line) => {
    const [address, ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    return address !== undefined && names.some((known) => known.toLowerCase() === wanted) ? [address] : [];
  });
  return addresses.find((address) => isIPv4(address)) ?? addresses[0];
}

/** `resolveName` in the form that `net.connect` takes. */
export const lookupName: LookupFunction = (name, options, callback) => {
  resolveName(name).then(
    ({ address, family }) => (options.all === true ? callback(null, [{ address, family }]) : callback(null, address, family)),
    (error: NodeJS.ErrnoException) => callback(error, '', 0),
  );
};
