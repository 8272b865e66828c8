import { parseAddress, shortestForm } from '../domain/addresses.ts';
import type { HostFacts, HostInterface } from '../domain/host-facts.ts';
import { type Coming, comingTo, type HostsSituation, nodeAddressOf, type Verdict } from './judge-hosts-coming.ts';
import type { WayAnswer } from './swarm-ports.ts';
import { swarmWishesFor } from './wishes.ts';

/** The MTU of the underlay that an overlay is made for: Docker itself takes off what VXLAN and ESP need (measured on 20.10; maxMTU of libnetwork's overlay). */
const MTU_OPTION = 'com.docker.network.driver.mtu';
const DEFAULT_MTU = 1500;
/** What a datagram that carries these bytes has of IP and UDP besides, by family. */
const HEADER_BYTES = { 4: 28, 6: 48 } as const;

/** What a UDP probe from a host has to carry to be as large as the largest packet of an overlay; undefined where the host's own MTU is not known. */
export function fullPayloadBytes(
  { facts }: Pick<Coming, 'facts'>,
  address: string,
  situation: Pick<HostsSituation, 'scenario' | 'live'>,
): number | undefined {
  const device = facts && deviceOf(address, facts);
  const family = parseAddress(address)?.family;
  if (device === undefined || family === undefined) return undefined;
  return Math.min(device.mtu, largestPacket(situation).bytes) - HEADER_BYTES[family];
}

/** The largest packet that an overlay of the scenario, or the routing mesh, puts on the underlay, and the networks that do. */
function largestPacket({ scenario, live }: Pick<HostsSituation, 'scenario' | 'live'>): {
  readonly bytes: number;
  readonly networks: readonly string[];
} {
  const { networks, services } = swarmWishesFor(scenario);
  const ingress = live.flatMap((engine) => engine.networks).find(({ name, scope }) => name === 'ingress' && scope === 'swarm');
  const usesMesh = services.some(({ ports }) => ports.some(({ mode }) => mode === 'ingress'));
  const sizes = [...networks, ...(usesMesh ? [{ name: 'ingress', options: ingress?.options ?? {} }] : [])].map(({ name, options }) => ({
    name,
    bytes: Number(options[MTU_OPTION]) || DEFAULT_MTU,
  }));
  const bytes = Math.max(0, ...sizes.map((size) => size.bytes)) || DEFAULT_MTU;
  return { bytes, networks: sizes.filter((size) => size.bytes === bytes).map(({ name }) => name) };
}

function deviceOf(address: string, { interfaces }: HostFacts): HostInterface | undefined {
  const wanted = shortestForm(address);
  return interfaces.find(({ addresses }) => addresses.some((each) => shortestForm(each.split('/')[0] ?? '') === wanted));
}

/**
 * Ways that carry small packets and lose full ones: names resolve, connections open, and whatever is larger hangs. Where only a host's own interface is smaller,
 * its kernel sends each full packet in two, which works and costs (both measured).
 */
export function judgeMtu(situation: HostsSituation, answers: readonly WayAnswer[]): Verdict {
  const largest = largestPacket(situation);
  const nodes = comingTo(situation).filter(({ swarm }) => swarm !== undefined);
  const devices = nodes.flatMap((coming) => {
    const device = coming.facts && deviceOf(nodeAddressOf(coming), coming.facts);
    return device === undefined ? [] : [{ host: coming.host.name, device }];
  });
  const small = devices.filter(({ device }) => device.mtu < largest.bytes);
  const least = Math.min(...small.map(({ device }) => device.mtu));
  const full = answers.filter(({ payloadBytes }) => payloadBytes !== undefined);
  const lost = full
    .filter((answer) => answer.outcome !== 'answered' && isOpen(answer, answers))
    // What is lost both ways is told once.
    .filter(({ from, to }, index, all) => !all.slice(0, index).some((before) => before.from === to && before.to === from));
  if (lost.length > 0) {
    const hint =
      small.length > 0
        ? smallerOverlays(largest.networks, least)
        : `find what the way carries, on ${lost[0]?.from}: ping -M do -s 1372 ${lost[0]?.address} (and 28 more is its MTU); then ${smallerOverlays(largest.networks)}`;
    return { obstacles: lost.map((answer) => blackHole(answer, hint)), warnings: [] };
  }
  const cut = full.filter(({ detail }) => detail === 'EMSGSIZE');
  return {
    obstacles: [],
    warnings: [
      ...small.map(
        ({ host, device }) =>
          `${device.name} of ${host} has an MTU of ${device.mtu}, and overlays send packets of up to ${largest.bytes} bytes: each full one goes in two pieces; to avoid that, ${smallerOverlays(largest.networks, least)}`,
      ),
      ...cut.map(
        ({ from, to }) =>
          `a router between ${from} and ${to} takes smaller packets than overlays send: each full one is cut; to avoid that, ${smallerOverlays(largest.networks)}`,
      ),
    ],
  };
}

function isOpen({ from, to, port }: WayAnswer, answers: readonly WayAnswer[]): boolean {
  return answers.some(
    (other) =>
      other.from === from && other.to === to && other.port === port && other.payloadBytes === undefined && other.outcome === 'answered',
  );
}

function blackHole({ from, to, address, payloadBytes = 0 }: WayAnswer, hint: string) {
  const bytes = payloadBytes + HEADER_BYTES[parseAddress(address)?.family ?? 4];
  return {
    host: to,
    resource: 'swarm',
    message: `small packets from ${from} arrive at ${address}, and those of ${bytes} bytes are lost on the way (an MTU black hole): connections between tasks would open and then hang`,
    hint,
  };
}

function smallerOverlays(networks: readonly string[], mtu?: number): string {
  const value = mtu === undefined ? 'ITS_MTU' : String(mtu);
  const ours = networks.filter((name) => name !== 'ingress');
  const named = ours.length === 0 ? [] : [`give ${ours.join(', ')} driver_opts: { ${MTU_OPTION}: "${value}" }`];
  const mesh = networks.includes('ingress')
    ? [
        `make ingress anew: docker network rm ingress; docker network create --ingress --driver overlay --opt ${MTU_OPTION}=${value} ingress`,
      ]
    : [];
  return [...named, ...mesh].join(', and ') || `make networks with --opt ${MTU_OPTION}=${value}`;
}
