import { BlockList, isIP } from 'node:net';

/** `10.1.0.0/24`, checked. */
export interface Subnet {
  readonly text: string;
  readonly base: string;
  readonly prefixLength: number;
  readonly family: 'ipv4' | 'ipv6';
}

export function parseSubnet(text: string): Subnet | undefined {
  const [base = '', length = '', ...rest] = text.split('/');
  const version = isIP(base);
  const prefixLength = /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN;
  if (rest.length > 0 || version === 0 || !(prefixLength <= (version === 4 ? 32 : 128))) return undefined;
  return { text, base, prefixLength, family: version === 4 ? 'ipv4' : 'ipv6' };
}

export function containsAddress(subnet: Subnet, address: string): boolean {
  if (familyOf(address) !== subnet.family) return false;
  const block = new BlockList();
  block.addSubnet(subnet.base, subnet.prefixLength, subnet.family);
  return block.check(address, subnet.family);
}

export function containsSubnet(outer: Subnet, inner: Subnet): boolean {
  return inner.prefixLength >= outer.prefixLength && containsAddress(outer, inner.base);
}

export function subnetsOverlap(left: Subnet, right: Subnet): boolean {
  return containsAddress(left, right.base) || containsAddress(right, left.base);
}

/** The first address of the subnet when the one written has bits set beyond its prefix, as in 10.1.0.5/24. IPv4 only. */
export function strayHostBits(subnet: Subnet): string | undefined {
  if (subnet.family === 'ipv6') return undefined;
  const first = toText(boundsOf(subnet)[0]);
  return subnet.base === first ? undefined : `${first}/${subnet.prefixLength}`;
}

/** Whether an address is the subnet's own, or its broadcast: no container can have either. IPv4 only. */
export function isNetworkOrBroadcast(subnet: Subnet, address: string): boolean {
  return subnet.family === 'ipv4' && subnet.prefixLength < 31 && boundsOf(subnet).map(toText).includes(address);
}

function familyOf(address: string): Subnet['family'] | undefined {
  const version = isIP(address);
  return version === 0 ? undefined : version === 4 ? 'ipv4' : 'ipv6';
}

function boundsOf({ base, prefixLength }: Subnet): [number, number] {
  const size = 2 ** (32 - prefixLength);
  const value = base.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const first = Math.floor(value / size) * size;
  return [first, first + size - 1];
}

function toText(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}
