import type { NetworkInspectInfo } from 'dockerode';
import { PetsError } from '../domain/errors.ts';
import type { Labels } from '../domain/labels.ts';
import type { JsonObject, LiveEndpoint, LiveNetwork, LivePool } from '../domain/live.ts';
import type { IpamPool, NetworkWish } from '../domain/scenario.ts';
import { cleanDeep, cleanRecord, cleanText } from '../domain/text.ts';
import type { Engine } from './engine.ts';
import { callEngine, findOnEngine } from './request.ts';
import { shownName } from './shown-name.ts';
import { pauseBetweenLooks } from './swarm-pause.ts';

/** A static address and further names of a container on one network. */
export interface Attachment {
  readonly ipv4Address?: string;
  readonly aliases: readonly string[];
}

/** The parts of a network's inspect body that the published types lack. */
type NetworkAnswer = Omit<NetworkInspectInfo, 'Containers' | 'IPAM'> & {
  readonly IPAM?: { readonly Config?: readonly PoolAnswer[] | null } | null;
  readonly Containers?: Readonly<Record<string, EndpointAnswer>> | null;
};

interface EndpointAnswer {
  readonly Name?: string;
  readonly EndpointID?: string;
  readonly MacAddress?: string;
  readonly IPv4Address?: string;
  readonly IPv6Address?: string;
}

/** As long as a container's start: on an emulated and busy host 20 s were too short for docker_gwbridge. */
const NETWORK_CHANGE_MS = 60_000;

/** A leader allocates a network within milliseconds; a manager that asks its leader, on a busy host, takes longer. */
const ALLOCATED_MS = 10_000;
const ALLOCATED_POLL_MS = 20;

/** Every network of an engine, without endpoints: since API 1.28 only inspect tells them. */
export async function listNetworks(engine: Engine, signal?: AbortSignal): Promise<LiveNetwork[]> {
  const request = { what: 'list networks', method: 'GET', path: '/networks' } as const;
  const networks = await callEngine<readonly NetworkAnswer[]>(engine, request, signal);
  return networks.map(readNetwork);
}

/** One network with its endpoints, or undefined where there is none of that name or ID. */
export async function inspectNetwork(engine: Engine, idOrName: string, signal?: AbortSignal): Promise<LiveNetwork | undefined> {
  const request = {
    what: `inspect network ${shownName(idOrName)}`,
    method: 'GET',
    path: `/networks/${encodeURIComponent(idOrName)}`,
  } as const;
  const network = await findOnEngine<NetworkAnswer>(engine, request, signal);
  return network && readNetwork(network);
}

/**
 * Makes a network and returns its ID; one of a swarm has its pools and options by then.
 * @throws NAME_TAKEN, POOL_OVERLAPS, POOLS_EXHAUSTED, PARENT_TAKEN, PARENT_MISSING, DRIVER_MISSING, SWARM_REQUIRED, NOT_READY
 */
export async function createNetwork(engine: Engine, wish: NetworkWish, labels: Labels, signal?: AbortSignal): Promise<string> {
  const body = {
    Name: wish.name,
    // Engines before 25 allow two networks of one name unless asked not to.
    CheckDuplicate: true,
    Driver: wish.driver,
    Internal: wish.internal,
    Attachable: wish.attachable === true,
    EnableIPv6: wish.enableIPv6,
    Options: wish.options,
    Labels: labels,
    IPAM: { Driver: 'default', Config: wish.ipam.map(poolConfig) },
  };
  const request = { what: `create network ${wish.name}`, method: 'POST', path: '/networks/create', body } as const;
  const { Id } = await callEngine<{ readonly Id: string }>(engine, { ...request, deadlineMs: NETWORK_CHANGE_MS }, signal);
  if (wish.driver === 'overlay') await waitUntilAllocated(engine, { id: Id, name: wish.name }, signal);
  return Id;
}

/** A swarm answers with the ID before it has allocated the network: until then its inspect body has no driver, no pools, no options. */
async function waitUntilAllocated(engine: Engine, { id, name }: { readonly id: string; readonly name: string }, signal?: AbortSignal) {
  const deadline = performance.now() + ALLOCATED_MS;
  while ((await inspectNetwork(engine, id, signal))?.driver !== 'overlay') {
    if (performance.now() > deadline) {
      throw new PetsError('NOT_READY', {
        message: `${engine.name}: the swarm made network ${shownName(name)} and has not allocated it after ${ALLOCATED_MS / 1000} s`,
        hint: `does it have a leader? docker node ls; what it has of the network: docker network inspect ${shownName(name)}`,
      });
    }
    await pauseBetweenLooks(engine, `see network ${shownName(name)} allocated`, ALLOCATED_POLL_MS, signal);
  }
}

/** Removes a network; one that is gone already is as good. @throws NETWORK_IN_USE */
export async function removeNetwork(engine: Engine, id: string, signal?: AbortSignal): Promise<void> {
  const request = { what: `remove network ${shownName(id)}`, method: 'DELETE', path: `/networks/${encodeURIComponent(id)}` } as const;
  await findOnEngine(engine, { ...request, deadlineMs: NETWORK_CHANGE_MS }, signal);
}

/** Attaches a container. @throws ADDRESS_TAKEN, ADDRESS_OUTSIDE_SUBNET, NO_ADDRESS_LEFT, NETWORK_MISSING, OBJECT_MISSING */
export async function connectNetwork(
  engine: Engine,
  network: string,
  container: string,
  attachment: Attachment,
  signal?: AbortSignal,
): Promise<void> {
  const body = { Container: container, EndpointConfig: endpointConfig(attachment) };
  const path = `/networks/${encodeURIComponent(network)}/connect`;
  const request = { what: `connect ${shownName(container)} to network ${shownName(network)}`, method: 'POST', path, body } as const;
  await callEngine(engine, { ...request, deadlineMs: NETWORK_CHANGE_MS }, signal);
}

/** Detaches a container, running or not. */
export async function disconnectNetwork(engine: Engine, network: string, container: string, signal?: AbortSignal): Promise<void> {
  const body = { Container: container, Force: false };
  const path = `/networks/${encodeURIComponent(network)}/disconnect`;
  const request = { what: `disconnect ${shownName(container)} from network ${shownName(network)}`, method: 'POST', path, body } as const;
  await callEngine(engine, { ...request, deadlineMs: NETWORK_CHANGE_MS }, signal);
}

/** An attachment as the Engine API words it, at create as at connect. */
export function endpointConfig({ ipv4Address, aliases }: Attachment): object {
  return { Aliases: aliases, ...(ipv4Address === undefined ? {} : { IPAMConfig: { IPv4Address: ipv4Address } }) };
}

function poolConfig(pool: IpamPool): object {
  return {
    Subnet: pool.subnet,
    ...(pool.gateway === undefined ? {} : { Gateway: pool.gateway }),
    ...(pool.ipRange === undefined ? {} : { IPRange: pool.ipRange }),
    ...(pool.auxAddresses === undefined ? {} : { AuxiliaryAddresses: pool.auxAddresses }),
  };
}

function readNetwork(network: NetworkAnswer): LiveNetwork {
  return {
    id: network.Id,
    name: cleanText(network.Name),
    driver: cleanText(network.Driver),
    scope: cleanText(network.Scope),
    internal: network.Internal,
    attachable: network.Attachable,
    enableIPv6: network.EnableIPv6,
    options: cleanRecord(network.Options),
    pools: (network.IPAM?.Config ?? []).map(readPool),
    labels: cleanRecord(network.Labels),
    endpoints: Object.entries(network.Containers ?? {}).map(readEndpoint),
    raw: cleanDeep(network) as JsonObject,
  };
}

interface PoolAnswer {
  readonly Subnet?: string;
  readonly Gateway?: string;
  readonly IPRange?: string;
  readonly AuxiliaryAddresses?: Readonly<Record<string, string>> | null;
}

function readPool(pool: PoolAnswer): LivePool {
  return {
    subnet: cleanText(pool.Subnet ?? ''),
    // Some engines print the gateway with a mask; an address is an address.
    ...(pool.Gateway ? { gateway: withoutPrefix(pool.Gateway) } : {}),
    ...(pool.IPRange ? { ipRange: cleanText(pool.IPRange) } : {}),
    auxAddresses: cleanRecord(pool.AuxiliaryAddresses),
  };
}

function readEndpoint([containerId, endpoint]: [string, EndpointAnswer]): LiveEndpoint {
  return {
    containerId,
    containerName: cleanText(endpoint.Name ?? ''),
    endpointId: endpoint.EndpointID ?? '',
    macAddress: cleanText(endpoint.MacAddress ?? ''),
    ipv4Address: withoutPrefix(endpoint.IPv4Address ?? ''),
    ipv6Address: withoutPrefix(endpoint.IPv6Address ?? ''),
  };
}

function withoutPrefix(address: string): string {
  return cleanText(address.split('/')[0] ?? '');
}
