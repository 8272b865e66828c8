import type { HostFacts } from '../../src/domain/host-facts.ts';
import type { BoundHost } from '../../src/domain/scenario.ts';

export const TWO_HOSTS: readonly BoundHost[] = ['host-A', 'host-B'].map((name, index) => ({
  name,
  role: name,
  endpoint: `unix:///run/${name}.sock`,
  address: `192.168.90.${11 + index}`,
}));

const GIGABYTE = 1_000_000_000;

/** One of these hosts as it is on the wire 192.168.90.0/24, with nothing else. */
export function factsOf(index: number, change: Partial<HostFacts> = {}): HostFacts {
  return {
    interfaces: [
      { name: 'lo', up: true, macAddress: '00:00:00:00:00:00', mtu: 65536, addresses: ['127.0.0.1/8', '::1/128'] },
      {
        ...{ name: 'eth0', up: true, macAddress: `02:00:c0:a8:5a:0${index}`, mtu: 1500 },
        addresses: [`192.168.90.${11 + index}/24`, 'fe80::42/64'],
      },
    ],
    routes: [
      { destination: '0.0.0.0/0', device: 'eth0', gateway: '192.168.90.1' },
      { destination: '192.168.90.0/24', device: 'eth0', gateway: '' },
    ],
    listening: [],
    neighbours: [],
    modules: {},
    kernelVersion: '6.1.0',
    freeBytes: 50 * GIGABYTE,
    truncated: [],
    ...change,
  };
}
