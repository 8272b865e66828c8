import type { LookAnswer } from '../../src/agent/protocol.ts';
import { ipv4FromHex, ipv4Number, ipv6FromHex, readLines } from './proc-files.ts';

export type Route = LookAnswer['routes'][number];

const UP = 0x1;
const LOCAL = 0x80000000;

/** The routes of this namespace's main table, in the kernel's order. */
export function readRoutes(): readonly Route[] {
  return [...readIpv4Routes(), ...readIpv6Routes()];
}

/** `Iface Destination Gateway Flags RefCnt Use Metric Mask …`; the device of a route to nowhere (blackhole) is `*`. */
function readIpv4Routes(): readonly Route[] {
  const lines = readLines('/proc/net/route').slice(1);
  return lines.flatMap((line) => {
    const [device = '', destination = '', gateway = '', flags = '0', , , , mask = ''] = line.trim().split(/\s+/);
    if ((Number.parseInt(flags, 16) & UP) === 0) return [];
    const prefix = 32 - Math.log2(2 ** 32 - ipv4Number(ipv4FromHex(mask)));
    return [{ destination: `${ipv4FromHex(destination)}/${prefix}`, device, gateway: gateway === '00000000' ? '' : ipv4FromHex(gateway) }];
  });
}

/** `destination prefix source prefix gateway metric refcount use flags device`; the host's own addresses are no routes to others. */
function readIpv6Routes(): readonly Route[] {
  return readLines('/proc/net/ipv6_route').flatMap((line) => {
    const [destination = '', prefix = '', , , gateway = '', , , , flags = '0', device = ''] = line.trim().split(/\s+/);
    const bits = Number.parseInt(flags, 16);
    const isOthers = (bits & UP) !== 0 && (bits & LOCAL) === 0 && device !== 'lo' && !destination.startsWith('ff');
    if (!isOthers) return [];
    const onLink = /^0+$/.test(gateway);
    return [
      { destination: `${ipv6FromHex(destination)}/${Number.parseInt(prefix, 16)}`, device, gateway: onLink ? '' : ipv6FromHex(gateway) },
    ];
  });
}

/** The route that an IPv4 address takes: of those that hold it the most particular. */
export function routeTo(address: string, routes: readonly Route[]): Route | undefined {
  const number = ipv4Number(address);
  const holding = routes.filter(({ destination }) => !destination.includes(':') && isInside(number, destination));
  return holding.sort((left, right) => prefixOf(right) - prefixOf(left))[0];
}

function isInside(number: number, destination: string): boolean {
  const [network = '', prefix = '0'] = destination.split('/');
  const size = 2 ** (32 - Number(prefix));
  return Math.floor(number / size) === Math.floor(ipv4Number(network) / size);
}

export function prefixOf({ destination }: Route): number {
  return Number(destination.split('/')[1]);
}
