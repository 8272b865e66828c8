import { isReferenceTo } from '../domain/image-reference.ts';
import { LABEL } from '../domain/labels.ts';
import type { LiveEngine } from '../domain/live.ts';
import type { SwarmService } from '../domain/live-swarm.ts';
import { convergenceOf } from '../domain/live-swarm-convergence.ts';
import { own } from '../domain/own.ts';
import type { ServiceWish } from '../domain/scenario.ts';
import { cleanRecord, cleanText } from '../domain/text.ts';
import { portText } from './docker-command.ts';
import { specOf } from './wishes.ts';

/** What it takes to make a live service what is wished. */
export type ServiceDrift =
  | { readonly kind: 'none' }
  | { readonly kind: 'replace'; readonly reason: string }
  | { readonly kind: 'scale'; readonly reason: string }
  // It is as wished, and its tasks are not there yet, or no longer.
  | { readonly kind: 'wait'; readonly reason: string };

/** `networkIds` are those of the wished networks, as they stand, by name; `live` are the hosts that take its tasks, the manager first. */
export function compareService(
  wish: ServiceWish,
  service: SwarmService,
  manager: LiveEngine,
  live: readonly LiveEngine[],
  networkIds: ReadonlyMap<string, string>,
): ServiceDrift {
  const reason = reasonToReplace(wish, service, live, networkIds);
  if (reason !== undefined) return { kind: 'replace', reason };
  if (typeof wish.replicas === 'number' && service.replicas !== wish.replicas)
    return { kind: 'scale', reason: `it has ${service.replicas ?? 0} ${service.replicas === 1 ? 'task' : 'tasks'}, not ${wish.replicas}` };
  const { converged, running, desired, problems } = convergenceOf(service, manager.swarm?.tasks ?? []);
  if (converged) return { kind: 'none' };
  const why = problems[0] === undefined ? '' : `: ${problems[0].error}`;
  return { kind: 'wait', reason: `${running} of ${desired} tasks run${why}` };
}

function reasonToReplace(
  wish: ServiceWish,
  service: SwarmService,
  live: readonly LiveEngine[],
  networkIds: ReadonlyMap<string, string>,
): string | undefined {
  if (service.name !== wish.name) return `it was renamed to ${service.name}`;
  const wishedMode = wish.replicas === 'global' ? 'global' : 'replicated';
  if (service.mode !== wishedMode) return `it is ${service.mode}, not ${wishedMode}`;
  if (service.endpointMode !== wish.endpointMode) return `its endpoint mode is ${service.endpointMode}, not ${wish.endpointMode}`;
  return (
    differingImage(wish, service, live) ??
    differingPort(wish, service) ??
    differingNetwork(wish, service, networkIds) ??
    differingSpec(wish, service, live)
  );
}

/** A swarm knows an image by what pins it; which of our own is current, its recipe tells. */
function differingImage(wish: ServiceWish, { image }: SwarmService, live: readonly LiveEngine[]): string | undefined {
  const known = live.flatMap(({ images }) => own(images, wish.image) ?? []);
  if (known.some(({ current }) => !current)) return `image ${wish.image} is older than its recipe`;
  if (isReferenceTo(image, wish.image) || known.length === 0 || known.some(({ id }) => id === image)) return undefined;
  return image.startsWith('sha256:') ? `image ${wish.image} has changed` : `its image is ${image}, not ${wish.image}`;
}

function differingPort(wish: ServiceWish, { ports }: SwarmService): string | undefined {
  const key = ({ publishedPort, targetPort, protocol, mode }: SwarmService['ports'][number]): string =>
    `${publishedPort}:${targetPort}/${protocol} ${mode}`;
  const missing = wish.ports.find((port) => !ports.some((other) => key(other) === key(port)));
  if (missing !== undefined) return `port ${portText(missing)} is not published in mode ${missing.mode}`;
  const extra = ports.find((port) => !wish.ports.some((other) => key(other) === key(port)));
  return extra === undefined ? undefined : `port ${extra.publishedPort} is published, which the scenario does not say`;
}

/** A network that does not stand yet has no ID: then it is made anew, and so is the service. */
function differingNetwork(wish: ServiceWish, service: SwarmService, ids: ReadonlyMap<string, string>): string | undefined {
  const missing = wish.networks.find(({ network }) => !service.networkIds.includes(ids.get(network) ?? ''));
  if (missing !== undefined) return `it is not on ${missing.network} as it stands`;
  const wished = wish.networks.map(({ network }) => ids.get(network));
  if (service.networkIds.some((id) => !wished.includes(id))) return 'it is on a network which the scenario does not say';
  const renamed = wish.networks.find(({ network, aliases }) => !isSameSet(aliases, own(service.aliases, ids.get(network) ?? '') ?? []));
  return renamed && `its further names on ${renamed.network} differ`;
}

function isSameSet(wished: readonly string[], found: readonly string[]): boolean {
  return [...new Set(wished)].sort().join() === [...new Set(found)].sort().join();
}

/** Names only: a value may be a secret. */
function differingKeys(wished: Readonly<Record<string, string>>, found: Readonly<Record<string, string>>): readonly string[] {
  const names = new Set([...Object.keys(wished), ...Object.keys(found)]);
  return [...names].filter((name) => own(wished, name) !== own(found, name)).sort();
}

function differingSpec(wish: ServiceWish, service: SwarmService, live: readonly LiveEngine[]): string | undefined {
  if (service.labels[LABEL.spec] !== specOf(wish)) return 'the scenario has changed';
  // What an engine tells was cleaned: a line break in a value is a mark there.
  const changed = differingKeys(cleanRecord(wish.environment), service.environment);
  if (changed.length > 0) return `environment differs: ${changed.join(', ')}`;
  if (wish.command.map((word) => cleanText(word)).join('\n') !== service.command.join('\n')) return 'its command differs';
  if (!isSameSet(wish.extraHosts, service.extraHosts)) return 'its extra hosts differ';
  return differingPlacement(wish, service, live);
}

function differingPlacement({ placement }: ServiceWish, service: SwarmService, live: readonly LiveEngine[]): string | undefined {
  const node = live.find(({ host }) => host === placement)?.swarm?.swarm.nodeId;
  const placed = service.constraints.filter((constraint) => constraint.startsWith('node.id=='));
  const wished = node === undefined ? [] : [`node.id==${node}`];
  if (placed.join() !== wished.join()) return `its placement is ${placed.join(', ') || 'any node'}, not ${wished.join(', ') || 'any node'}`;
  // A node that was no host of the scenario when the service was made, and is one now.
  const excluded = live.find(({ swarm }) => service.constraints.includes(`node.id!=${swarm?.swarm.nodeId}`));
  return excluded && `no task of it may come to ${excluded.host}`;
}
