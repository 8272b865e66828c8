import { repositoryOf } from '../domain/image-reference.ts';
import type { Labels } from '../domain/labels.ts';
import type { LiveServicePort } from '../domain/live-swarm.ts';
import { isOwnImage } from '../domain/own-images.ts';
import type { Engine } from './engine.ts';
import { callEngine, findOnEngine } from './request.ts';
import { updateOnSwarm } from './swarm-update.ts';

/** A service as it is to be, all of it resolved: networks by ID, the image by what pins it. */
export interface ServiceSpec {
  readonly name: string;
  /** As its user knows it, `redis`: it tells whether the image is one of ours. */
  readonly image: string;
  /** What the swarm is told instead, so that every node runs the same: `pinnedImage`. */
  readonly pinnedImage: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly networks: readonly { readonly network: string; readonly aliases: readonly string[] }[];
  readonly ports: readonly LiveServicePort[];
  /** `name:address`, as `--add-host` and `--host` take it. */
  readonly extraHosts: readonly string[];
  /** A number of tasks, or one on each node. */
  readonly replicas: number | 'global';
  readonly endpointMode: 'vip' | 'dnsrr';
  /** `node.id==uv120zms…` */
  readonly constraints: readonly string[];
}

/** The engine looks an image up in its registry before it answers, unless it is pinned. */
const CREATE_MS = 60_000;

/**
 * Makes a service and returns its ID; that its tasks run is seen by `waitUntilConverged`. The labels are on the service and on the
 * containers of its tasks, so that these are found on each engine without the manager.
 * @throws NAME_TAKEN, PORT_TAKEN for one that the routing mesh has, NETWORK_MISSING, SWARM_REQUIRED; ENGINE_ERROR for ingress ports with dnsrr
 */
export async function createService(engine: Engine, spec: ServiceSpec, labels: Labels, signal?: AbortSignal): Promise<string> {
  const body = specBody(spec, labels);
  const what = `create service ${spec.name}`;
  const request = { what, method: 'POST', path: '/services/create', body, deadlineMs: CREATE_MS } as const;
  return (await callEngine<{ readonly ID: string }>(engine, request, signal)).ID;
}

function specBody(spec: ServiceSpec, labels: Labels): object {
  return {
    Name: spec.name,
    Labels: labels,
    TaskTemplate: {
      ContainerSpec: containerSpec(spec, labels),
      Networks: spec.networks.map(({ network, aliases }) => ({ Target: network, Aliases: aliases })),
      Placement: { Constraints: spec.constraints },
    },
    Mode: spec.replicas === 'global' ? { Global: {} } : { Replicated: { Replicas: spec.replicas } },
    EndpointSpec: { Mode: spec.endpointMode, Ports: spec.ports.map(portConfig) },
  };
}

function containerSpec(spec: ServiceSpec, labels: Labels): object {
  return {
    Image: spec.pinnedImage,
    Labels: labels,
    Env: Object.entries(spec.environment).map(([name, value]) => `${name}=${value}`),
    ...(spec.command.length === 0 ? {} : { Args: spec.command }),
    ...(spec.extraHosts.length === 0 ? {} : { Hosts: spec.extraHosts.map(hostLine) }),
    ...(isOwnImage(spec.image) ? HARDENED : {}),
  };
}

/** As containers of ours are; an engine before 26 knows no `NoNewPrivileges` of services, and passes it over. */
const HARDENED = { ReadOnly: true, CapabilityDrop: ['ALL'], Privileges: { NoNewPrivileges: true } };

/** Services take the lines of a hosts file, address first. */
function hostLine(extraHost: string): string {
  const colon = extraHost.indexOf(':');
  return `${extraHost.slice(colon + 1)} ${extraHost.slice(0, colon)}`;
}

function portConfig({ protocol, targetPort, publishedPort, mode }: LiveServicePort): object {
  return { Protocol: protocol, TargetPort: targetPort, PublishedPort: publishedPort, PublishMode: mode };
}

/**
 * What pins an image for a swarm: the digest that a registry knows it by under that name, else its ID, which needs the image on each node.
 * Undefined where the engine has none of that name. In containerd's store an image has a digest that is its ID, whether or not a registry
 * ever saw it.
 */
export async function pinnedImage(engine: Engine, reference: string, signal?: AbortSignal): Promise<string | undefined> {
  const request = { what: `inspect image ${reference}`, method: 'GET', path: `/images/${reference}/json` } as const;
  const image = await findOnEngine<{ readonly Id: string; readonly RepoDigests?: readonly string[] | null }>(engine, request, signal);
  const digests = image?.RepoDigests?.filter((digest) => repositoryOf(digest) === repositoryOf(reference));
  return image && (digests?.find((digest) => !digest.endsWith(image.Id)) ?? image.Id);
}

/** Scales a replicated service. @throws OBJECT_MISSING, SWARM_REQUIRED; ENGINE_ERROR for one that is not replicated */
export async function scaleService(engine: Engine, id: string, replicas: number, signal?: AbortSignal): Promise<void> {
  await updateOnSwarm<Record<string, unknown>>(
    engine,
    { what: `scale service ${id} to ${replicas}`, path: servicePath(id) },
    (spec) => ({ ...spec, Mode: { Replicated: { Replicas: replicas } } }),
    signal,
  );
}

/** Removes a service; its tasks' containers go in their own time. One that is gone already is as good. @throws SWARM_REQUIRED */
export async function removeService(engine: Engine, id: string, signal?: AbortSignal): Promise<void> {
  const request = { what: `remove service ${id}`, method: 'DELETE', path: servicePath(id) } as const;
  await findOnEngine(engine, request, signal);
}

function servicePath(id: string): string {
  return `/services/${encodeURIComponent(id)}`;
}
