import type { Labels } from './labels.ts';
import type { LiveService, SwarmPicture } from './live-swarm.ts';

/**
 * What an engine reports, in our own types. Text fields are cleaned for display; identifiers are raw.
 * `raw` is the body as the engine sent it, cleaned, for `docker network inspect` as users know it.
 */
export interface LiveNetwork {
  readonly id: string;
  readonly name: string;
  readonly driver: string;
  readonly scope: string;
  readonly internal: boolean;
  readonly attachable: boolean;
  readonly enableIPv6: boolean;
  readonly options: Readonly<Record<string, string>>;
  readonly pools: readonly LivePool[];
  readonly labels: Labels;
  /** Running containers only: a stopped container holds no address. Empty in list answers (since API 1.28). */
  readonly endpoints: readonly LiveEndpoint[];
  readonly raw: JsonObject;
}

export interface LivePool {
  readonly subnet: string;
  /** Omitted by the engine when it chose the gateway itself on some drivers; still reserved. */
  readonly gateway?: string;
  readonly ipRange?: string;
  readonly auxAddresses: Readonly<Record<string, string>>;
}

export interface LiveEndpoint {
  readonly containerId: string;
  readonly containerName: string;
  readonly endpointId: string;
  readonly macAddress: string;
  /** Without the prefix length; empty when the endpoint has none. */
  readonly ipv4Address: string;
  readonly ipv6Address: string;
}

export interface LiveContainer {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly imageId: string;
  readonly state: 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';
  readonly exitCode: number;
  readonly startedAt: string;
  /** When the run before this one ended; the year 1 when there was none. */
  readonly finishedAt: string;
  readonly labels: Labels;
  /** Attachments by network name. */
  readonly networks: Readonly<Record<string, LiveAttachment>>;
  readonly networkMode: string;
  readonly ports: readonly LivePort[];
}

export interface LiveAttachment {
  readonly networkId: string;
  readonly ipv4Address: string;
  readonly macAddress: string;
  readonly aliases: readonly string[];
}

export interface LivePort {
  readonly hostIp: string;
  readonly publishedPort: number;
  readonly targetPort: number;
  readonly protocol: string;
}

/** What one engine holds: all networks and all containers, ours and foreign. */
export interface LiveEngine {
  readonly host: string;
  /** `20.10.24`: what an engine refuses differs between generations. */
  readonly version: string;
  readonly networks: readonly LiveNetwork[];
  readonly containers: readonly LiveContainer[];
  /** Of its swarm; none where the engine is no manager of one. */
  readonly services: readonly LiveService[];
  /** What it tells of its swarm; absent where nothing of it matters, and nobody asked. */
  readonly swarm?: SwarmPicture;
  /** What people keep in a swarm that we made and that it manages: `secret db-password`, `config nginx`. */
  readonly stored?: readonly string[];
  /** Images by the reference that was asked for (`redis`, `pets-console/web`); a reference that the engine does not have is absent. */
  readonly images: Readonly<Record<string, LiveImageState>>;
}

export interface LiveImageState {
  /** The config digest, or in containerd's store that of the manifest: `isSameImage` compares hosts. */
  readonly id: string;
  /** A digest of what the image is made of, whatever the store. */
  readonly content?: string;
  /** `linux/amd64`, `linux/arm64/v8`. */
  readonly platform: string;
  /** False when we build this image ourselves and the engine's copy was made from an older recipe. */
  readonly current: boolean;
}

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}
