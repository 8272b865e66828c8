import { homedir } from 'node:os';
import { join } from 'node:path';
import { PetsError } from '../domain/errors.ts';
import type { Underlay } from '../domain/scenario.ts';
import type { Attempt, Finding, HostEntry, HostFlags, Surroundings } from './finding.ts';
import { findCurrentContext, findEnvironment, findFlags, findHostsFile, findLab } from './sources.ts';

export type { HostEntry };

export interface HostQuestion {
  readonly flags: HostFlags;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly home?: string;
  /** Where labs say that they are. */
  readonly labsFolder?: string;
}

export interface Inventory {
  /** `--host`, `DOCKER_HOST`, `context colima`, `lab lab`: every screen says it. */
  readonly source: string;
  readonly hosts: readonly HostEntry[];
  /** The network that the hosts share, where the source tells. */
  readonly underlay?: Underlay;
  readonly tried: readonly Attempt[];
}

/**
 * Where the hosts come from. The first source that has any wins, and nothing is merged: flags, a hosts file named or lying here,
 * DOCKER_HOST or DOCKER_CONTEXT, the user's hosts file, the current docker context if it answers, a running lab.
 * @throws NO_ENGINE with all that was tried, BAD_USAGE, BAD_FILE, NOT_FOUND for a source that is there but wrong
 */
export async function resolveHosts(question: HostQuestion): Promise<Inventory> {
  const home = question.home ?? question.env.HOME ?? homedir();
  const surroundings: Surroundings = {
    flags: question.flags,
    env: question.env,
    cwd: question.cwd,
    home,
    dockerConfig: question.env.DOCKER_CONFIG || join(home, '.docker'),
    labsFolder: question.labsFolder ?? '/run/pets-console',
  };
  const userConfig = join(question.env.XDG_CONFIG_HOME || join(home, '.config'), 'pets-console');
  const { hostsFile } = question.flags;
  const sources: (() => Promise<Finding>)[] = [
    () => findFlags(surroundings),
    () => findHostsFile(surroundings, { source: '--hosts', path: hostsFile, required: true }),
    () => findHostsFile(surroundings, { source: './hosts.yaml', path: join(question.cwd, 'hosts.yaml'), required: false }),
    () => findEnvironment(surroundings),
    () => findHostsFile(surroundings, { source: join(userConfig, 'hosts.yaml'), path: join(userConfig, 'hosts.yaml'), required: false }),
    () => findCurrentContext(surroundings),
    () => findLab(surroundings),
  ];
  const tried: Attempt[] = [];
  for (const look of sources) {
    const finding = await look();
    if ('hosts' in finding) return { ...finding, tried };
    tried.push(finding);
  }
  throw noEngine(tried);
}

function noEngine(tried: readonly Attempt[]): PetsError {
  const width = Math.max(...tried.map(({ source }) => source.length));
  const lines = tried.map(({ source, outcome }) => `  ${source.padEnd(width)}  ${outcome}`);
  return new PetsError('NO_ENGINE', {
    message: `no Docker engine was found\n${lines.join('\n')}`,
    hint: 'bring one up on this machine: npm start, or pets-console lab up',
  });
}
