import type { PublishedPort } from '../domain/scenario.ts';

/** `[HOST_IP:]PUBLISHED:TARGET[/PROTOCOL]`, or what is wrong with it. */
export function parseShortPort(written: string): PublishedPort | string {
  const [, address, published, target, protocol = 'tcp'] = /^(?:(.+):)?([^:/]+):([^:/]+)(?:\/(.*))?$/.exec(written) ?? [];
  if (published === undefined || target === undefined) {
    return 'expected PUBLISHED:TARGET, such as "8000:5000"; a port alone would be published on one that nobody knows';
  }
  const hostIp = address?.replace(/^\[(.*)\]$/, '$1') ?? '';
  for (const port of [published, target]) {
    if (/^\d+-\d+$/.test(port)) return 'a range of ports is not known here; write one entry for each port';
    if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65535) return `${JSON.stringify(port)} is not a port from 1 to 65535`;
  }
  if (protocol !== 'tcp' && protocol !== 'udp') return `protocol ${JSON.stringify(protocol)} is not known; valid: tcp, udp`;
  return { hostIp, publishedPort: Number(published), targetPort: Number(target), protocol };
}

/** Whether two published addresses cannot both have the same port: one of them is "every address" of the other's family, or they are equal. */
export function hostIpsMeet(left: string, right: string): boolean {
  return left === right || holdsEvery(left, right) || holdsEvery(right, left);
}

/** A socket on `::` takes IPv4 too, one on 0.0.0.0 leaves IPv6 alone; where no address is named, Docker publishes on both. */
function holdsEvery(hostIp: string, other: string): boolean {
  if (hostIp === '0.0.0.0') return other === '' || other === '::' || !other.includes(':');
  return hostIp === '' || hostIp === '::';
}

/** Whether only the machine itself reaches an address. */
export function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}
