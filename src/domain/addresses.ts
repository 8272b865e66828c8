/** Address arithmetic on IPv4 and IPv6. Addresses are numbers (bigint) with their family; a bad text is undefined, never a default. */

export interface Address {
  readonly family: 4 | 6;
  readonly value: bigint;
}

/** A block of addresses: `first` is the network address, `last` the one with all host bits set. */
export interface Cidr {
  readonly family: 4 | 6;
  readonly prefix: number;
  readonly first: bigint;
  readonly last: bigint;
}

const BITS = { 4: 32, 6: 128 } as const;

/** `172.18.0.2`, `fd00::2`; leading zeros, zones and masks are refused. */
export function parseAddress(text: string): Address | undefined {
  if (text.includes(':')) return parseIpv6(text);
  const value = parseIpv4(text);
  return value === undefined ? undefined : { family: 4, value };
}

/** `172.18.0.0/16`; host bits may be set, as Docker allows: the block is what counts. */
export function parseCidr(text: string): Cidr | undefined {
  const [addressText = '', prefixText = '', ...rest] = text.split('/');
  const address = parseAddress(addressText);
  if (address === undefined || rest.length > 0 || !/^(0|[1-9]\d{0,2})$/.test(prefixText)) return undefined;
  const prefix = Number(prefixText);
  const bits = BITS[address.family];
  if (prefix > bits) return undefined;
  const hostBits = BigInt(bits - prefix);
  const first = (address.value >> hostBits) << hostBits;
  return { family: address.family, prefix, first, last: first + (1n << hostBits) - 1n };
}

/** The shortest text; IPv6 as RFC 5952 has it. */
export function formatAddress({ family, value }: Address): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.');
  const groups = Array.from({ length: 8 }, (_, index) => ((value >> BigInt(16 * (7 - index))) & 0xffffn).toString(16));
  const run = longestRunOfZeros(groups);
  if (run.length < 2) return groups.join(':');
  return `${groups.slice(0, run.start).join(':')}::${groups.slice(run.start + run.length).join(':')}`;
}

/** An address or a block as engines tell it, IPv6 in its shortest form; what is neither stays as it is. */
export function shortestForm(text: string): string {
  const [written = '', ...prefix] = text.split('/');
  const address = parseAddress(written);
  return address === undefined ? text : [formatAddress(address), ...prefix].join('/');
}

export function formatCidr({ family, first, prefix }: Cidr): string {
  return `${formatAddress({ family, value: first })}/${prefix}`;
}

/** How many addresses a block has, network and broadcast address included. */
export function cidrSize({ first, last }: Cidr): bigint {
  return last - first + 1n;
}

export function cidrContains(cidr: Cidr, inner: Address | Cidr): boolean {
  if (cidr.family !== inner.family) return false;
  const [first, last] = 'value' in inner ? [inner.value, inner.value] : [inner.first, inner.last];
  return cidr.first <= first && last <= cidr.last;
}

export function cidrsOverlap(left: Cidr, right: Cidr): boolean {
  return left.family === right.family && left.first <= right.last && right.first <= left.last;
}

/** The address after this one, or undefined after the last of its family. */
export function nextAddress({ family, value }: Address): Address | undefined {
  return value + 1n < 1n << BigInt(BITS[family]) ? { family, value: value + 1n } : undefined;
}

/** Order by family, then by number: for sorting. */
export function compareAddresses(left: Address, right: Address): number {
  if (left.family !== right.family) return left.family - right.family;
  return left.value < right.value ? -1 : Number(left.value > right.value);
}

function parseIpv4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let value = 0n;
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    value = (value << 8n) | BigInt(part);
  }
  return value;
}

function parseIpv6(text: string): Address | undefined {
  const halves = withoutDottedTail(text)?.split('::') ?? [];
  if (halves.length === 0 || halves.length > 2) return undefined;
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => '0'), ...tail];
  let value = 0n;
  for (const group of groups) {
    if (!/^[0-9a-f]{1,4}$/i.test(group)) return undefined;
    value = (value << 16n) | BigInt(`0x${group}`);
  }
  return { family: 6, value };
}

/** `::ffff:10.0.0.1` with its last 32 bits written as two groups. */
function withoutDottedTail(text: string): string | undefined {
  if (!text.includes('.')) return text;
  const cut = text.lastIndexOf(':') + 1;
  const value = parseIpv4(text.slice(cut));
  if (value === undefined) return undefined;
  return `${text.slice(0, cut)}${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`;
}

function longestRunOfZeros(groups: readonly string[]): { readonly start: number; readonly length: number } {
  let longest = { start: 0, length: 0 };
  let length = 0;
  groups.forEach((group, index) => {
    length = group === '0' ? length + 1 : 0;
    if (length > longest.length) longest = { start: index - length + 1, length };
  });
  return longest;
}
