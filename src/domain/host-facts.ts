/**
 * What an agent in a host's own network namespace sees: everything that a preflight is judged by. Addresses as text, text as the kernel
 * words it, cleaned for display at ingest.
 */
export interface HostFacts {
  readonly interfaces: readonly HostInterface[];
  readonly routes: readonly HostRoute[];
  readonly listening: readonly ListeningSocket[];
  /** One for each address that was asked for on the wire, whoever answered. */
  readonly neighbours: readonly Neighbour[];
  /** By the name of the module: `8021q`, `ip_vs`. */
  readonly modules: Readonly<Record<string, ModuleState>>;
  readonly kernelVersion: string;
  /** Free space where the engine keeps images and containers, bytes. */
  readonly freeBytes: number;
  /** Lists that were cut because a host had more: what is not in them is not free. */
  readonly truncated: readonly string[];
}

export interface HostInterface {
  /** `eth0`; a VLAN sub-interface is `eth0.10`. */
  readonly name: string;
  /** Switched on and with a carrier: it can carry traffic now. */
  readonly up: boolean;
  readonly macAddress: string;
  readonly mtu: number;
  /** With their prefix: `192.168.0.11/24`. */
  readonly addresses: readonly string[];
  /** As the kernel words it: `bridge`, `vlan`, `vxlan`, `wlan`; absent where it has no word, as for an Ethernet card or a veth. */
  readonly kind?: string;
}

export interface HostRoute {
  /** `10.0.0.0/8`; `0.0.0.0/0` is the default route. */
  readonly destination: string;
  readonly device: string;
  /** Empty where the destination is on the link. */
  readonly gateway: string;
}

export interface ListeningSocket {
  readonly protocol: 'tcp' | 'udp';
  /** `0.0.0.0` and `::` are every address. */
  readonly address: string;
  readonly port: number;
  /** User id of the process; which one it is, only a look with more rights tells. */
  readonly uid: number;
}

export interface Neighbour {
  readonly address: string;
  /** Who answers for it on the wire; undefined where nobody did within the time given. */
  readonly macAddress: string | undefined;
  /** Who answered for it once, as the kernel remembers, but not now: gone, or a machine that answers to nothing. */
  readonly lastMacAddress?: string;
  /** The interface that the address lies behind; empty where none of the host's links leads to it directly. */
  readonly device: string;
}

/** `present`: loaded or built in. `loadable`: on disk. `absent`: neither, and it would be seen. `unknown`: nothing tells. */
export type ModuleState = 'present' | 'loadable' | 'absent' | 'unknown';

/**
 * The number of an overlay network on the wire, by the name that Docker gives its vxlan interface (`vx-001001-x7k2p`: 4097); undefined for any other name. One that
 * stands on a host while no engine has such a network was left behind, and takes the number from the network that gets it next: `file exists`.
 */
export function vxlanIdOf(name: string): number | undefined {
  const hex = /^vx-([0-9a-f]{6})-[0-9a-z]{5}$/.exec(name)?.[1];
  return hex === undefined ? undefined : Number.parseInt(hex, 16);
}
