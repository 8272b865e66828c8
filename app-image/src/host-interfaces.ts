import { readdirSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import type { LookAnswer } from '../../src/agent/protocol.ts';
import { prefixOf, type Route, routeTo } from './host-routes.ts';
import { ipv6FromHex, readLines, readWord } from './proc-files.ts';

export type Interface = LookAnswer['interfaces'][number];

const IFF_UP = 0x1;
const WITHOUT_CARRIER: ReadonlySet<string> = new Set(['down', 'lowerlayerdown', 'notpresent']);

/** Every interface of this namespace, those that are down too. One that was switched off shows no IPv4 address to anybody. */
export function readInterfaces(routes: readonly Route[]): readonly Interface[] {
  const addresses = readAddresses(routes);
  return namesOfInterfaces().map((name) => {
    const folder = `/sys/class/net/${name}`;
    const switchedOn = (Number(readWord(`${folder}/flags`)) & IFF_UP) !== 0;
    return {
      name,
      up: switchedOn && !WITHOUT_CARRIER.has(readWord(`${folder}/operstate`)),
      macAddress: readWord(`${folder}/address`),
      mtu: Number(readWord(`${folder}/mtu`)),
      addresses: addresses.get(name) ?? [],
      ...kindOf(folder),
    };
  });
}

/** `DEVTYPE=vxlan`; an Ethernet card, a veth and the loopback have none. */
function kindOf(folder: string): Pick<Interface, 'kind'> {
  const kind = /^DEVTYPE=(\S+)$/m.exec(readWord(`${folder}/uevent`))?.[1];
  return kind === undefined ? {} : { kind };
}

function namesOfInterfaces(): readonly string[] {
  try {
    return readdirSync('/sys/class/net').filter((name) => name !== 'bonding_masters');
  } catch {
    return Object.keys(networkInterfaces());
  }
}

/** By interface, with their prefix. */
function readAddresses(routes: readonly Route[]): ReadonlyMap<string, readonly string[]> {
  const addresses = new Map<string, string[]>();
  const note = (device: string, cidr: string) => addresses.set(device, [...(addresses.get(device) ?? []), cidr]);
  const told = new Set<string>();
  for (const [device, known] of Object.entries(networkInterfaces())) {
    for (const { family, address, cidr } of known ?? []) {
      if (family !== 'IPv4' || cidr === null) continue;
      note(device, cidr);
      told.add(address);
    }
  }
  // Node leaves out what has no carrier, such as a bridge without containers: those stand in the kernel's table of local addresses,
  // and the route to their network names device and prefix.
  for (const address of readLocalAddresses().filter((local) => !told.has(local))) {
    const route = routeTo(address, routes);
    if (route !== undefined && route.gateway === '') note(route.device, `${address}/${prefixOf(route)}`);
  }
  for (const line of readLines('/proc/net/if_inet6')) {
    const [address = '', , prefix = '', , , device = ''] = line.trim().split(/\s+/);
    note(device, `${ipv6FromHex(address)}/${Number.parseInt(prefix, 16)}`);
  }
  return addresses;
}

/** `|-- 172.17.0.1`, and below it `/32 host LOCAL`. */
function readLocalAddresses(): readonly string[] {
  let address = '';
  const local = new Set<string>();
  for (const line of readLines('/proc/net/fib_trie')) {
    address = /\|-- (\S+)/.exec(line)?.[1] ?? address;
    if (/\/32 host LOCAL/.test(line)) local.add(address);
  }
  return [...local];
}
