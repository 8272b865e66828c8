import { writeFile } from 'node:fs/promises';
import { type Cidr, parseCidr } from '../domain/addresses.ts';
import { PetsError } from '../domain/errors.ts';
import { type AddressPlan, macAddressOf } from './addresses.ts';
import { askIp, runIp } from './command.ts';
import { consoleLink, nodePaths } from './names.ts';
import { makeNetns } from './namespaces.ts';

/** The bridge that plays the physical network, in the router's namespace. */
const WIRE = 'wire';
/** The namespace that holds the wire, the router's address and DNS. */
export const ROUTER = 'router';

/** Below every other route: a network that a host makes itself in such a block goes before the sink. */
const SINK_METRIC = 9999;

/** What `ip -j address` says of a link, as far as it is used here. */
interface Link {
  readonly ifname: string;
  readonly operstate: string;
  readonly addr_info: readonly { readonly local: string; readonly prefixlen: number }[];
}

/**
 * Makes the wire and this machine's seat on it.
 *
 * The bridge has a namespace of its own: with one in the machine's, the machine's firewall would filter the lab's frames
 * (br_netfilter; a Docker on the machine sets FORWARD to DROP). And nothing there has a way out: no default route, no forwarding.
 */
export async function makeWire(lab: string, plan: AddressPlan): Promise<void> {
  const router = nodePaths(lab, ROUTER);
  const link = consoleLink(lab);
  await makeNetns(router);
  await runIp([`link add ${link} address ${macAddressOf(plan.console)} type veth peer name console netns ${router.netns}`]);
  await refuseForwarding(link);
  await runIp(
    [
      'link set lo up',
      `link add ${WIRE} address ${macAddressOf(plan.router)} type bridge`,
      `address add ${plan.router}/${plan.prefix} dev ${WIRE}`,
      `link set console master ${WIRE} up`,
      `link set ${WIRE} up`,
    ],
    router.netns,
  );
  await runIp([`address add ${plan.console}/${plan.prefix} dev ${link}`, `link set ${link} alias "pets-console lab ${lab}" up`]);
}

/** Plugs a host's namespace into the wire; what its containers send to a sink is dropped without a word. */
export async function plugHost(lab: string, host: string, address: string, plan: AddressPlan): Promise<void> {
  const { netns } = nodePaths(lab, host);
  const router = nodePaths(lab, ROUTER).netns;
  await runIp([`link add ${host} type veth peer name eth0 netns ${netns}`, `link set ${host} master ${WIRE} up`], router);
  await runIp(
    [
      'link set lo up',
      `link set eth0 address ${macAddressOf(address)}`,
      `address add ${address}/${plan.prefix} dev eth0`,
      'link set eth0 up',
      ...plan.sinks.map((subnet) => `route add blackhole ${subnet} metric ${SINK_METRIC}`),
    ],
    netns,
  );
}

/** Pulls a host's plug. The kernel removes links of a dying namespace later, when it pleases: a new one of the same name would not wait. */
export async function unplugHost(lab: string, host: string): Promise<void> {
  const router = nodePaths(lab, ROUTER).netns;
  if ((await linkOf(host, router)) !== undefined) await runIp([`link delete ${host}`], router);
}

export async function removeConsoleLink(lab: string): Promise<boolean> {
  const link = consoleLink(lab);
  if ((await linkOf(link)) === undefined) return false;
  await runIp([`link delete ${link}`]);
  return true;
}

export async function hasConsoleLink(lab: string): Promise<boolean> {
  return (await linkOf(consoleLink(lab))) !== undefined;
}

/** Whether bridge, router's address and this machine's seat are all as `makeWire` leaves them. */
export async function isWireWhole(lab: string, plan: AddressPlan): Promise<boolean> {
  const [wire, console] = await Promise.all([linkOf(WIRE, nodePaths(lab, ROUTER).netns), linkOf(consoleLink(lab))]);
  return hasAddress(wire, plan.router) && hasAddress(console, plan.console);
}

/** Whether a host's plug, its address and its sinks are as `plugHost` leaves them. */
export async function isPlugged(lab: string, host: string, address: string, plan: AddressPlan): Promise<boolean> {
  const { netns } = nodePaths(lab, host);
  const [port, eth0, blackholes] = await Promise.all([
    linkOf(host, nodePaths(lab, ROUTER).netns),
    linkOf('eth0', netns),
    askIp(['-4', 'route', 'show', 'type', 'blackhole'], netns) as Promise<{ dst?: string }[] | undefined>,
  ]);
  const hasSinks = plan.sinks.every((subnet) => blackholes?.some(({ dst }) => dst === subnet));
  return port?.operstate === 'UP' && hasAddress(eth0, address) && hasSinks;
}

/** Every IPv4 network that this machine has a route to or an address in, the default route left out. */
export async function takenSubnets(): Promise<{ readonly subnet: Cidr; readonly device: string }[]> {
  const routes = (await askIp(['-4', 'route', 'show', 'table', 'all'])) as { dst?: string; dev?: string }[] | undefined;
  if (routes === undefined) throw new PetsError('LAB_FAILED', { message: 'ip route could not list the routes of this machine' });
  return routes.flatMap(({ dst, dev }) => {
    // A route to a single address is written without a prefix.
    const subnet = dst === undefined || dst === 'default' ? undefined : parseCidr(dst.includes('/') ? dst : `${dst}/32`);
    return subnet === undefined || subnet.prefix === 0 ? [] : [{ subnet, device: dev ?? '(no device)' }];
  });
}

/** Even on a machine that forwards, nothing that comes from the lab goes further, and no router advertisement of the lab is believed. */
async function refuseForwarding(link: string): Promise<void> {
  await writeFile(`/proc/sys/net/ipv4/conf/${link}/forwarding`, '0');
  for (const setting of ['forwarding', 'accept_ra']) {
    await writeFile(`/proc/sys/net/ipv6/conf/${link}/${setting}`, '0').catch(ignoreMissingIpv6);
  }
}

function ignoreMissingIpv6(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}

async function linkOf(name: string, netns?: string): Promise<Link | undefined> {
  const links = (await askIp(['address', 'show', 'dev', name], netns)) as Link[] | undefined;
  return links?.find((link) => link.ifname === name);
}

function hasAddress(link: Link | undefined, address: string): boolean {
  return link?.operstate === 'UP' && link.addr_info.some((held) => held.local === address);
}
