import { type Cidr, cidrSize, cidrsOverlap, formatAddress, formatCidr, parseAddress, parseCidr } from '../domain/addresses.ts';
import { PetsError } from '../domain/errors.ts';

/** Who has which address on the lab's wire. */
export interface AddressPlan {
  readonly subnet: string;
  readonly prefix: number;
  /** The first address, as in the guide: the router, where DNS answers. */
  readonly router: string;
  /** The last address: this machine's own seat on the wire, from which a console or a browser reaches every host. */
  readonly console: string;
  /** What leads nowhere from any host. */
  readonly sinks: readonly string[];
  /** Host n (from 0) has the address n + 11, as in the guide. */
  host(index: number): string;
}

const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'].map(knownSubnet);

/**
 * The guide's overlay networks. A container of one that calls an address of the other sends through its host. In a real network nothing comes back;
 * without a sink the kernel says at once that there is no way, which is not what a denial looks like. With a way out it would leave the lab.
 */
const SINKS = ['10.1.0.0/24', '10.2.0.0/24'].map(knownSubnet);

/**
 * Checks what a user typed after `--subnet`.
 * @throws BAD_USAGE
 */
export function checkSubnet(text: string): Cidr {
  const subnet = parseCidr(text);
  const refuse = (fact: string): never => {
    throw new PetsError('BAD_USAGE', { message: `subnet '${text}' ${fact}`, hint: 'pets-console lab up --subnet 192.168.50.0/24' });
  };
  if (subnet === undefined || subnet.family !== 4) return refuse('is not an IPv4 network; write it as 192.168.50.0/24');
  if (parseAddress(text.split('/')[0] ?? '')?.value !== subnet.first) {
    return refuse(`has host bits set; its network is ${formatCidr(subnet)}`);
  }
  if (subnet.prefix < 16 || subnet.prefix > 26) return refuse('must be between /16 and /26: hosts begin at the eleventh address');
  if (!PRIVATE.some((range) => cidrsOverlap(range, subnet))) {
    return refuse('is not private; a lab uses 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16');
  }
  return subnet;
}

export function planAddresses(subnet: Cidr): AddressPlan {
  const nth = (index: bigint) => formatAddress({ family: 4, value: subnet.first + index });
  return {
    subnet: formatCidr(subnet),
    prefix: subnet.prefix,
    router: nth(1n),
    console: nth(cidrSize(subnet) - 2n),
    sinks: SINKS.filter((sink) => !cidrsOverlap(sink, subnet)).map(formatCidr), // a lab on such a subnet keeps its wire
    host: (index) => nth(11n + BigInt(index)),
  };
}

/**
 * The MAC address that goes with an address on the wire. Always the same one: the kernel gives a bridge the lowest of its ports', and a new
 * link a random one, so that after a repair the neighbours would send to an address that is gone for up to half a minute.
 */
export function macAddressOf(address: string): string {
  const octets = address.split('.').map((octet) => Number(octet).toString(16).padStart(2, '0'));
  return ['02', '00', ...octets].join(':');
}

/** The guide's 192.168.0.0/24 if the machine has no route or address in it, else the next free one; undefined when none is. */
export function firstFreeSubnet(taken: readonly Cidr[]): Cidr | undefined {
  for (let third = 0; third < 256; third += 1) {
    const candidate = knownSubnet(`192.168.${third}.0/24`);
    if (!taken.some((other) => cidrsOverlap(candidate, other))) return candidate;
  }
  return undefined;
}

function knownSubnet(text: string): Cidr {
  const subnet = parseCidr(text);
  if (subnet === undefined) throw new Error(`not a subnet: ${text}`);
  return subnet;
}
