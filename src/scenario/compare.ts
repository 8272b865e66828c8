import { LABEL } from '../domain/labels.ts';
import type { LiveContainer, LiveEngine, LiveNetwork } from '../domain/live.ts';
import type { ContainerWish, NetworkWish, PublishedPort, ServiceAttachment } from '../domain/scenario.ts';
import { portText } from './docker-command.ts';
import { isActive } from './holdings.ts';
import { specOf } from './wishes.ts';

/** Why a live network cannot be made what is wished except by making it anew; empty when it is as wished. */
export function compareNetwork(wish: NetworkWish, live: LiveNetwork): readonly string[] {
  const reasons: string[] = [];
  const differs = (what: string, is: unknown, wished: unknown): void => {
    if (is !== wished) reasons.push(`${what} is ${String(is)}, not ${String(wished)}`);
  };
  differs('name', live.name, wish.name);
  differs('driver', live.driver, wish.driver);
  differs('internal', live.internal, wish.internal);
  differs('IPv6', live.enableIPv6, wish.enableIPv6);
  // Engines add options of their own, so only the wished ones are compared; likewise a pool that the engine chose itself.
  for (const [name, value] of Object.entries(wish.options)) differs(`option ${name}`, wordOf(live.options[name]), wordOf(value));
  for (const pool of wish.ipam) {
    const found = live.pools.find(({ subnet }) => subnet === pool.subnet);
    if (found === undefined) reasons.push(`subnet ${pool.subnet} is missing`);
    if (found === undefined) continue;
    if (pool.gateway !== undefined) differs('gateway', found.gateway ?? 'not set', pool.gateway);
    if (pool.ipRange !== undefined) differs('range', found.ipRange ?? 'not set', pool.ipRange);
    for (const [name, address] of Object.entries(pool.auxAddresses ?? {})) {
      differs(`auxiliary address ${name}`, found.auxAddresses[name] ?? 'not set', address);
    }
  }
  if (reasons.length === 0 && live.labels[LABEL.spec] !== specOf(wish)) reasons.push('the scenario has changed');
  return reasons;
}

/** An option that is a switch, such as `encrypted`, has an empty value where it is set. */
function wordOf(value: string | undefined): string {
  return value === '' ? 'set' : (value ?? 'not set');
}

/** What it takes to make a live container what is wished. */
export type ContainerDrift =
  | { readonly kind: 'none' }
  | { readonly kind: 'replace'; readonly reason: string }
  | {
      readonly kind: 'mend';
      readonly wake: 'start' | 'unpause' | undefined;
      readonly connect: readonly ServiceAttachment[];
      /** Names of networks to leave, those to join again with another address included. */
      readonly disconnect: readonly string[];
      readonly reason: string;
    };

/** `renewed` are the networks that this plan makes anew and that the container has to leave and join again. */
export function compareContainer(wish: ContainerWish, live: LiveContainer, engine: LiveEngine, renewed: readonly string[]): ContainerDrift {
  const reason = reasonToReplace(wish, live, engine, renewed);
  if (reason !== undefined) return { kind: 'replace', reason };
  const wished = new Map(attachmentsWished(wish).map((attachment) => [attachment.network, attachment]));
  const rejoin = [...wished.values()].filter((attachment) => renewed.includes(attachment.network) || hasOtherAddress(attachment, live));
  const missing = [...wished.values()].filter(({ network }) => live.networks[network] === undefined);
  const extra = Object.keys(live.networks).filter((network) => !wished.has(network));
  const wake = live.state === 'paused' ? 'unpause' : live.state === 'running' ? undefined : 'start';
  const connect = [...new Set([...missing, ...rejoin])];
  const disconnect = [...extra, ...rejoin.filter(({ network }) => live.networks[network] !== undefined).map(({ network }) => network)];
  if (wake === undefined && connect.length === 0 && disconnect.length === 0) return { kind: 'none' };
  const reasons = [
    ...(wake === 'start' ? [`it is ${live.state}`] : wake === 'unpause' ? ['it is paused'] : []),
    ...missing.map(({ network }) => `it is not on ${network}`),
    ...extra.map((network) => `it is on ${network}, which the scenario does not say`),
    ...rejoin.map(({ network }) => (renewed.includes(network) ? `network ${network} is made anew` : `its address on ${network} differs`)),
  ];
  return { kind: 'mend', wake, connect, disconnect, reason: reasons.join('; ') };
}

function reasonToReplace(wish: ContainerWish, live: LiveContainer, engine: LiveEngine, renewed: readonly string[]): string | undefined {
  if (live.state === 'dead' || live.state === 'removing' || live.state === 'restarting') return `it is ${live.state}`;
  if (live.name !== wish.name) return `it was renamed to ${live.name}`;
  const image = engine.images[wish.image];
  if (image?.current === false) return `image ${wish.image} is older than its recipe`;
  if (image !== undefined && image.id !== live.imageId) return `image ${wish.image} has changed`;
  // Stopped, or off its network, a container publishes nothing: it will again once it is back.
  const publishes = isActive(live) && attachmentsWished(wish).every(({ network }) => live.networks[network] !== undefined);
  const differing = publishes ? differingPort(wish.ports, live) : undefined;
  if (differing !== undefined) return differing;
  if (live.labels[LABEL.spec] !== specOf(wish))
    return live.image === wish.image ? 'the scenario has changed' : `its image is ${live.image}, not ${wish.image}`;
  // A container remembers its networks by ID: one that is gone can neither be left nor started on.
  const gone = Object.entries(live.networks).find(
    ([name, { networkId }]) => networkId !== '' && !renewed.includes(name) && !engine.networks.some(({ id }) => id === networkId),
  );
  return gone === undefined ? undefined : `network ${gone[0]} was removed under it`;
}

function differingPort(wished: readonly PublishedPort[], live: LiveContainer): string | undefined {
  const matches = (port: PublishedPort, { hostIp, publishedPort, targetPort, protocol }: LiveContainer['ports'][number]): boolean =>
    port.publishedPort === publishedPort &&
    port.targetPort === targetPort &&
    port.protocol === protocol &&
    (port.hostIp === hostIp || port.hostIp === '');
  const missing = wished.find((port) => !live.ports.some((other) => matches(port, other)));
  if (missing !== undefined) return `port ${portText(missing)} is not published`;
  const extra = live.ports.find((other) => other.publishedPort > 0 && !wished.some((port) => matches(port, other)));
  return extra === undefined ? undefined : `port ${extra.publishedPort} is published, which the scenario does not say`;
}

/** Without a network of its own a container is on Docker's default one. */
function attachmentsWished(wish: ContainerWish): readonly ServiceAttachment[] {
  return wish.networks.length === 0 ? [{ network: 'bridge', aliases: [] }] : wish.networks;
}

/** A stopped container holds no address, not even a static one. */
function hasOtherAddress({ network, ipv4Address }: ServiceAttachment, live: LiveContainer): boolean {
  const address = live.networks[network]?.ipv4Address ?? '';
  return ipv4Address !== undefined && address !== '' && address !== ipv4Address;
}
