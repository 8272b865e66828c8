import { createHash } from 'node:crypto';
import { PetsError } from '../domain/errors.ts';

export const DEFAULT_LAB = 'lab';
export const RUN_ROOT = '/run/pets-console';
export const DATA_ROOT = '/var/lib/pets-console';

/** The most hosts of one lab: host-A to host-Z. */
const MAX_ENGINES = 26;

/** Where one lab keeps everything it makes; `down` removes all of it. */
export interface LabPaths {
  readonly run: string;
  readonly data: string;
  readonly stateFile: string;
  /** The hosts file that the inventory reads. */
  readonly hostsFile: string;
}

/** Where one namespace of the lab (the router, or a host) lives. */
export interface NodePaths {
  readonly dir: string;
  /** The network namespace, held by a bind mount on this file. */
  readonly netns: string;
  readonly log: string;
  readonly socket: string;
  readonly data: string;
}

/**
 * Refuses a name that could leave its folder or that a link cannot bear.
 * @throws BAD_USAGE
 */
export function checkLabName(name: string): void {
  if (/^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/.test(name)) return;
  throw new PetsError('BAD_USAGE', {
    message: `lab name '${name}' is not valid: 1 to 32 of a-z, 0-9 and -, beginning and ending with a letter or digit`,
    hint: 'pets-console lab up --name my-lab',
  });
}

/** The names of a lab's hosts, as in the guide: host-A, host-B, … */
export function hostNames(engines: number): string[] {
  if (!Number.isInteger(engines) || engines < 1 || engines > MAX_ENGINES) {
    throw new PetsError('BAD_USAGE', {
      message: `a lab has 1 to ${MAX_ENGINES} engines, not ${engines}`,
      hint: 'pets-console lab up --engines 2',
    });
  }
  return Array.from({ length: engines }, (_, index) => `host-${String.fromCharCode(65 + index)}`);
}

export function labPaths(name: string): LabPaths {
  const run = `${RUN_ROOT}/${name}`;
  return { run, data: `${DATA_ROOT}/${name}`, stateFile: `${run}/lab.json`, hostsFile: `${run}/hosts.json` };
}

export function nodePaths(lab: string, node: string): NodePaths {
  const dir = `${RUN_ROOT}/${lab}/${node}`;
  return { dir, netns: `${dir}/netns`, log: `${dir}/log`, socket: `${dir}/docker.sock`, data: `${DATA_ROOT}/${lab}/${node}` };
}

/** The one link that a lab adds to the machine's own namespace. Links bear at most 15 characters, so a long name is shortened by a hash. */
export function consoleLink(lab: string): string {
  const readable = `pets-${lab}`;
  return readable.length <= 15 ? readable : `pets-${createHash('sha256').update(lab).digest('hex').slice(0, 10)}`;
}

/** Every process of a lab carries this variable: what bears it is ours to end, however the lab that started it died. */
export const PROCESS_MARK = 'PETS_CONSOLE_LAB_PROCESS';

export function processMark(lab: string, node: string): string {
  return `${PROCESS_MARK}=${lab}/${node}`;
}
