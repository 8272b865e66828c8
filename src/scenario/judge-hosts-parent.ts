import { type Cidr, cidrContains, cidrsOverlap, formatCidr, parseAddress, parseCidr } from '../domain/addresses.ts';
import type { HostFacts, HostInterface } from '../domain/host-facts.ts';
import { own } from '../domain/own.ts';
import type { Obstacle } from '../domain/plan.ts';
import type { NetworkWish } from '../domain/scenario.ts';
import { type Coming, parentOf, vlanOf } from './judge-hosts-coming.ts';
import { resourceOf } from './wishes.ts';

/** Module of the kernel that a VLAN sub-interface needs. */
export const VLAN_MODULE = '8021q';

export interface ParentVerdict {
  readonly obstacles: readonly Obstacle[];
  readonly warnings: readonly string[];
}

/** Whether the interfaces that macvlan networks bind to are there, up, and on the wire that the subnet says. */
export function judgeParents({ host, facts, newNetworks }: Coming): ParentVerdict {
  if (facts === undefined) return { obstacles: [], warnings: [] };
  const verdicts = newNetworks
    .filter(({ driver }) => driver === 'macvlan')
    .map((wish): ParentVerdict => {
      const parent = parentOf(wish, host);
      const found = facts.interfaces.find(({ name }) => name === parent);
      return found === undefined ? judgeMissing(wish, parent, facts) : judgeFound(wish, found, facts);
    });
  return { obstacles: verdicts.flatMap(({ obstacles }) => obstacles), warnings: verdicts.flatMap(({ warnings }) => warnings) };
}

function judgeMissing(wish: NetworkWish, parent: string, facts: HostFacts): ParentVerdict {
  const vlan = vlanOf(parent);
  const base = facts.interfaces.find(({ name }) => name === vlan?.base);
  if (vlan === undefined || base === undefined) return refuse(missingParent(wish, vlan?.base ?? parent, facts));
  if (vlan.id < 1 || vlan.id > 4094) {
    const hint = `name a sub-interface such as ${vlan.base}.10`;
    return refuse(obstacle(wish, { message: `parent ${parent}: ${vlan.id} is no VLAN, they are 1 to 4094`, hint }));
  }
  if (!base.up) return refuse(parentDown(wish, base.name));
  const module = own(facts.modules, VLAN_MODULE) ?? 'unknown';
  switch (module) {
    case 'present':
    case 'loadable':
      return ACCEPTED;
    case 'absent':
      return refuse(
        obstacle(wish, {
          message: `the kernel (${facts.kernelVersion}) has no 802.1Q VLANs (module ${VLAN_MODULE}), so sub-interface ${parent} cannot be made`,
          hint: 'run it on a host with a stock kernel, or without a VLAN: pets-console plan macvlan',
        }),
      );
    case 'unknown':
      return {
        obstacles: [],
        warnings: [`whether the kernel of ${wish.host} can make sub-interface ${parent} (module ${VLAN_MODULE}) could not be told`],
      };
    default:
      return module satisfies never;
  }
}

const ACCEPTED: ParentVerdict = { obstacles: [], warnings: [] };

function refuse(refusal: Obstacle): ParentVerdict {
  return { obstacles: [refusal], warnings: [] };
}

function missingParent(wish: NetworkWish, parent: string, { interfaces }: HostFacts): Obstacle {
  const others = interfaces.filter(({ name }) => mayBeParent(name)).map(inWords);
  return obstacle(wish, {
    message: `there is no interface ${parent}, only ${others.length === 0 ? 'some that no network could bind to' : others.join(', ')}`,
    hint: `name the right one as parent of ${wish.host} in the hosts file, or as driver_opts.parent of network ${wish.name}`,
  });
}

/** The loopback and what engines make for their own networks carry no wire. */
function mayBeParent(name: string): boolean {
  return name !== 'lo' && !/^(docker0|docker_gwbridge|br-[0-9a-f]{12}|veth.*)$/.test(name);
}

function inWords({ name, addresses, up }: HostInterface): string {
  const facts = [...addresses.filter((address) => !address.includes(':')), ...(up ? [] : ['down'])];
  return facts.length === 0 ? name : `${name} (${facts.join(', ')})`;
}

function parentDown(wish: NetworkWish, parent: string): Obstacle {
  return obstacle(wish, {
    message: `parent ${parent} is down: containers on it would reach nobody`,
    hint: `on ${wish.host}: sudo ip link set ${parent} up`,
  });
}

function judgeFound(wish: NetworkWish, parent: HostInterface, facts: HostFacts): ParentVerdict {
  if (!parent.up) return refuse(parentDown(wish, parent.name));
  const own = parent.addresses.filter((address) => !address.includes(':'));
  for (const { subnet: written } of wish.ipam) {
    const subnet = parseCidr(written);
    if (subnet === undefined || subnet.family === 6) continue;
    if (own.some((address) => meets(address, written)) || isOnLink(subnet, parent.name, facts)) continue;
    const elsewhere = facts.interfaces.find(
      ({ name, addresses }) => mayBeParent(name) && addresses.some((address) => meets(address, written)),
    );
    if (elsewhere !== undefined) return refuse(wrongParent(wish, parent, elsewhere, written));
    if (own.length > 0) return refuse(wrongSubnet(wish, parent, own, written, facts));
    // A wire of its own for containers, where the host itself has no address, is usual.
    return {
      obstacles: [],
      warnings: [`parent ${parent.name} of ${wish.host} has no address: whether ${written} is what its wire carries could not be told`],
    };
  }
  return ACCEPTED;
}

/** A wire may carry networks that the host has a route to but no address in. */
function isOnLink(subnet: Cidr, device: string, { routes }: HostFacts): boolean {
  return routes.some((route) => {
    const block = route.device === device && route.gateway === '' ? parseCidr(route.destination) : undefined;
    return block !== undefined && block.prefix > 0 && cidrContains(block, subnet);
  });
}

function meets(address: string, subnet: string): boolean {
  const [left, right] = [parseCidr(address), parseCidr(subnet)];
  return left !== undefined && right !== undefined && cidrsOverlap(left, right);
}

function wrongParent(wish: NetworkWish, parent: HostInterface, right: HostInterface, subnet: string): Obstacle {
  return obstacle(wish, {
    message: `subnet ${subnet} of network ${wish.name} is on ${inWords(right)}, not on parent ${inWords(parent)}`,
    owner: `interface ${right.name}`,
    hint: `set parent: ${right.name} for ${wish.host} in the hosts file, or as driver_opts.parent of network ${wish.name}`,
  });
}

function wrongSubnet(wish: NetworkWish, parent: HostInterface, addresses: readonly string[], subnet: string, facts: HostFacts): Obstacle {
  const [network = ''] = addresses.flatMap((address) => {
    const block = parseCidr(address);
    return block === undefined ? [] : [formatCidr(block)];
  });
  const gateway = gatewayIn(network, facts);
  return obstacle(wish, {
    message: `parent ${inWords(parent)} is not in subnet ${subnet} of network ${wish.name}: its wire carries ${network}`,
    hint: `name the wire's own network: --set underlay.subnet=${network}${gateway === undefined ? '' : ` --set underlay.gateway=${gateway}`}`,
  });
}

/** The router by which the host itself leaves that network. */
function gatewayIn(network: string, { routes }: HostFacts): string | undefined {
  const block = parseCidr(network);
  return routes.find(({ gateway }) => {
    const address = parseAddress(gateway);
    return address !== undefined && block !== undefined && cidrContains(block, address);
  })?.gateway;
}

function obstacle(wish: NetworkWish, told: Pick<Obstacle, 'message' | 'owner' | 'hint'>): Obstacle {
  return { host: wish.host, resource: resourceOf(wish), ...told };
}
