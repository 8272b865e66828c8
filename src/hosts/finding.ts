import type { HostTls } from './tls.ts';

/** A host of the inventory: one Docker engine with a name and an address. */
export interface HostEntry {
  readonly name: string;
  /** `unix:///path` or `tcp://host:port`. */
  readonly endpoint: string;
  /** The address on which its published ports are reached. */
  readonly address: string;
  readonly tls?: HostTls;
}

export interface HostFlags {
  /** `[NAME=]ENDPOINT` */
  readonly host?: readonly string[];
  readonly context?: string;
  readonly hostsFile?: string;
}

/** A source that had nothing, and why. */
export interface Attempt {
  readonly source: string;
  readonly outcome: string;
}

/** What one source says: its hosts, or why it has none. */
export type Finding = { readonly source: string; readonly hosts: readonly HostEntry[] } | Attempt;

/** The question with everything filled in. */
export interface Surroundings {
  readonly flags: HostFlags;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Docker's own: `~/.docker`, or DOCKER_CONFIG. */
  readonly dockerConfig: string;
  readonly labsFolder: string;
}
