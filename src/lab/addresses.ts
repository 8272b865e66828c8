import { PetsError } from '../domain/errors.ts';

/** An IPv4 network in numbers: `base` is its first address. */
export interface Subnet {
  readonly base: number;
  readonly prefix: number;
}

/** Who has which address on the lab's wire. */
export interface AddressPlan {
  readonly subnet: string;
  readonly prefix: number;
  /** The first address, as in the guide: the router, where DNS answers. */
  readonly router: string;
  /** The last address: this machine's own seat on the wire, from which a console or a browser reaches every host. */
  readonly console: string;
  /** Host n (from 0) has the address n + 11, as in the guide. */
  host(index: number): string;
}

const PRIVATE: readonly Subnet[] = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'].map(knownSubnet);

export function parseAddress(text: string): number | undefined {
  const octets = text.split('.');
  if (octets.length !== 4 || !octets.every((octet) => /^(?:0|[1-9]\d{0,2})$/.test(octet) && Number(octet) <= 255)) return undefined;
  return octets.reduce((sum, octet) => sum * 256 + Number(octet), 0);
}

export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

/** Reads `a.b.c.d/n`, or `a.b.c.d` as a network of one address; undefined when it is neither. */
export function parseSubnet(text: string): Subnet | undefined {
  const [address = '', length = '32', ...rest] = text.split('/');
  const base = parseAddress(address);
  const prefix = /^\d{1,2}$/.test(length) ? Number(length) : 33;
  return base === undefined || prefix > 32 || rest.length > 0 ? undefined : { base, prefix };
}

export function sizeOf(subnet: Subnet): number {
  return 2 ** (32 - subnet.prefix);
}

export function overlaps(one: Subnet, other: Subnet): boolean {
  return one.base < other.base + sizeOf(other) && other.base < one.base + sizeOf(one);
}

/**
 * Checks what a user typed after `--subnet`.
 * @throws BAD_USAGE
 */
export function checkSubnet(text: string): Subnet {
  const subnet = parseSubnet(text);
  const refuse = (fact: string): never => {
    throw new PetsError('BAD_USAGE', { message: `subnet '${text}' ${fact}`, hint: 'pets-console lab up --subnet 192.168.50.0/24' });
  };
  if (subnet === undefined || !text.includes('/')) return refuse('is not an IPv4 network; write it as 192.168.50.0/24');
  if (subnet.base % sizeOf(subnet) !== 0) return refuse(`has host bits set; its network is ${formatSubnet(networkOf(subnet))}`);
  if (subnet.prefix < 16 || subnet.prefix > 26) return refuse('must be between /16 and /26: hosts begin at the eleventh address');
  if (!PRIVATE.some((range) => overlaps(range, subnet))) {
    return refuse('is not private; a lab uses 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16');
  }
  return subnet;
}

export function formatSubnet(subnet: Subnet): string {
  return `${formatAddress(subnet.base)}/${subnet.prefix}`;
}

export function planAddresses(subnet: Subnet): AddressPlan {
  return {
    subnet: formatSubnet(subnet),
    prefix: subnet.prefix,
    router: formatAddress(subnet.base + 1),
    console: formatAddress(subnet.base + sizeOf(subnet) - 2),
    host: (index) => formatAddress(subnet.base + 11 + index),
  };
}

/** The guide's 192.168.0.0/24 if the machine has no route or address in it, else the next free one; undefined when none is. */
export function firstFreeSubnet(taken: readonly Subnet[]): Subnet | undefined {
  for (let third = 0; third < 256; third += 1) {
    const candidate = knownSubnet(`192.168.${third}.0/24`);
    if (!taken.some((other) => overlaps(candidate, other))) return candidate;
  }
  return undefined;
}

function networkOf(subnet: Subnet): Subnet {
  return { ...subnet, base: subnet.base - (subnet.base % sizeOf(subnet)) };
}

function knownSubnet(text: string): Subnet {
  const subnet = parseSubnet(text);
  if (subnet === undefined) throw new Error(`not a subnet: ${text}`);
  return subnet;
}
