import { parseAddress } from '../domain/addresses.ts';
import type { Obstacle } from '../domain/plan.ts';
import { type Coming, comingTo, type HostsSituation, nodeAddressOf, type SwarmComing } from './judge-hosts-coming.ts';
import { fullPayloadBytes } from './judge-hosts-mtu.ts';
import { holdsAddress } from './judge-hosts-node.ts';
import { isLoopback } from './published-port.ts';
import { MANAGEMENT, memberPorts, type SwarmPort, vxlanPortOf, type WayAnswer, type WayQuestion } from './swarm-ports.ts';

/** Beyond so many hosts not each pair is asked: each then asks the managers, is asked by them, and asks its neighbours in a ring. */
const ALL_PAIRS_HOSTS = 8;

/** The ways that a swarm needs between the hosts that were looked at; none where nothing comes to a swarm. Pure. */
export function waysToAsk(situation: HostsSituation): readonly WayQuestion[] {
  const all = comingTo(situation);
  const [swarm] = all.flatMap((coming) => coming.swarm ?? []);
  if (swarm === undefined) return [];
  const seats = all.flatMap((coming) => seatOf(coming, swarm));
  const ports = memberPorts(vxlanPortOf(situation.live));
  return pairsOf(seats).flatMap(({ from, to }) => {
    const joins = swarm.newNodes.get(from.coming.host.name)?.manager === to.coming.host.name;
    const way = { from: from.coming.host.name, to: to.coming.host.name, address: to.address };
    const payloadBytes = fullPayloadBytes(from.coming, from.address, situation);
    return ports
      .filter((port) => (port !== MANAGEMENT || joins) && !isHeld(port, to, swarm))
      .flatMap((port): readonly WayQuestion[] => [
        { ...way, port },
        ...(port.ofKernel && payloadBytes !== undefined ? [{ ...way, port, payloadBytes }] : []),
      ]);
  });
}

interface Seat {
  readonly coming: Coming;
  readonly address: string;
  readonly isManager: boolean;
}

/** Where the others reach a host as a node; one whose address cannot be that is told elsewhere. */
function seatOf(coming: Coming, { newNodes }: SwarmComing): readonly Seat[] {
  const { host, engine, facts } = coming;
  const address = nodeAddressOf(coming);
  const node = newNodes.get(host.name);
  if (facts === undefined || parseAddress(address) === undefined || isLoopback(address)) return [];
  if (node !== undefined && !holdsAddress(facts, address)) return [];
  return [{ coming, address, isManager: engine?.swarm?.swarm.isManager === true || (node !== undefined && node.manager === undefined) }];
}

/** Where a node is still to be, whoever listens is in its way, and told as that. */
function isHeld({ port, protocol }: SwarmPort, { coming: { host, facts } }: Seat, { newNodes }: SwarmComing): boolean {
  return newNodes.has(host.name) && facts?.listening.some((socket) => socket.port === port && socket.protocol === protocol) === true;
}

function pairsOf(seats: readonly Seat[]): readonly { readonly from: Seat; readonly to: Seat }[] {
  const isNear = (one: number, other: number) => [1, seats.length - 1].includes(Math.abs(one - other));
  return seats.flatMap((from, here) =>
    seats
      .filter((to, there) => to !== from && (seats.length <= ALL_PAIRS_HOSTS || from.isManager || to.isManager || isNear(here, there)))
      .map((to) => ({ from, to })),
  );
}

/** Closed ways, each host's together: one firewall closes several. */
export function judgeWays(answers: readonly WayAnswer[]): readonly Obstacle[] {
  const closed = answers.filter(
    ({ payloadBytes, outcome }) => payloadBytes === undefined && outcome !== 'answered' && outcome !== 'unchecked',
  );
  const pairs = Map.groupBy(closed, ({ from, to, outcome }) => `${from} ${to} ${outcome}`);
  const alike = Map.groupBy(pairs.values(), ([first, ...rest]) => {
    return `${first?.to} ${first?.outcome} ${[first, ...rest].map((each) => portWords(each?.port)).join(' ')}`;
  });
  return [...alike.values()].flatMap((group) => {
    const [answers = []] = group;
    const [first] = answers;
    if (first === undefined) return [];
    const askers = group.flatMap(([each]) => (each === undefined ? [] : [each.from]));
    return [
      closedObstacle(
        first,
        answers.map(({ port }) => port),
        askers,
      ),
    ];
  });
}

function closedObstacle({ to, address, outcome }: WayAnswer, ports: readonly SwarmPort[], askers: readonly string[]): Obstacle {
  const places = ports.map((port) => `${portWords(port)} (${port.name})`).join(', ');
  const follows = [...new Set(ports.map(({ whenClosed }) => whenClosed))].join('; ');
  const many = askers.length > 1;
  return {
    host: to,
    resource: 'swarm',
    message: `${askers.join(', ')} ${many ? PLURAL[outcome] : SINGULAR[outcome]} at ${address}, ${places}: ${follows}`,
    hint: outcome === 'stranger' ? `is ${address} an address of ${to}? see there: ip -brief address` : openingHint(to, ports, outcome),
  };
}

const SINGULAR: Readonly<Record<WayAnswer['outcome'], string>> = {
  answered: 'gets an answer',
  unchecked: 'asks nothing',
  stranger: 'is answered by somebody else',
  refused: 'is refused',
  reset: 'is refused',
  'timed-out': 'gets no answer',
  unreachable: 'finds no way to it',
  'no-such-name': 'finds no such name',
};
const PLURAL: typeof SINGULAR = {
  answered: 'get an answer',
  unchecked: 'ask nothing',
  stranger: 'are answered by somebody else',
  refused: 'are refused',
  reset: 'are refused',
  'timed-out': 'get no answer',
  unreachable: 'find no way to it',
  'no-such-name': 'find no such name',
};

function openingHint(host: string, ports: readonly SwarmPort[], outcome: WayAnswer['outcome']): string {
  const rules = ports.map(({ port, protocol }) => `sudo iptables -I INPUT -p ${protocol} --dport ${port} -j ACCEPT`);
  const route = outcome === 'unreachable' ? '; is there a route? ip route' : '';
  return `on ${host}: ${rules.join('; ')}; in a cloud, allow it in the security group${route}`;
}

function portWords(port: SwarmPort | undefined): string {
  return port === undefined ? '' : `${port.port}/${port.protocol}`;
}
