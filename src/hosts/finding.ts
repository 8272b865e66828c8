import type { Underlay } from '../domain/scenario.ts';
import type { HostTls } from './tls.ts';

/** A host of the inventory: one Docker engine with a name and an address. An engine is opened with it as it is. */
export interface HostEntry {
  readonly name: string;
  /** `unix:///path`, `tcp://host:port` or `ssh://user@host`. */
  readonly endpoint: string;
  /** The address on which its published ports are reached. */
  readonly address: string;
  readonly tls?: HostTls;
  readonly ssh?: SshFiles;
  /** The interface that macvlan networks bind to; `eth0` where the inventory does not say. */
  readonly parent?: string;
  /** Nothing may be changed there. */
  readonly readOnly?: true;
}

/** Files that ssh is given beside those of the user's own configuration; absolute, or beginning with `~`. */
export interface SshFiles {
  readonly identityFile?: string;
  readonly knownHostsFile?: string;
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

/** What a source that has hosts says. */
export interface Found {
  readonly source: string;
  readonly hosts: readonly HostEntry[];
  readonly underlay?: Underlay;
}

/** What one source says: its hosts, or why it has none. */
export type Finding = Found | Attempt;

/** The question with everything filled in. */
export interface Surroundings {
  readonly flags: HostFlags;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly home: string;
  /** Docker's own: `~/.docker`, or DOCKER_CONFIG. */
  readonly dockerConfig: string;
  readonly labsFolder: string;
}
