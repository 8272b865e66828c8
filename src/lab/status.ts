import { checkSubnet, planAddresses } from './addresses.ts';
import { isDnsWhole } from './dns.ts';
import { exists } from './files.ts';
import { pingSocket } from './host.ts';
import { checkLabName, labPaths, nodePaths } from './names.ts';
import { currentBootId, type LabState, namesOfLabs, readState } from './state.ts';
import type { Suite } from './suites.ts';

/** A lab as it stands now: what was written down, and whether it answers. */
export interface LabStatus {
  readonly name: string;
  /** `broken`: it was up, or half up, and something of it does not answer; `lab up` repairs it. */
  readonly phase: 'up' | 'broken';
  readonly subnet: string;
  /** The router, where the lab's DNS answers. */
  readonly router: string;
  /** This machine's own address on the wire. */
  readonly console: string;
  readonly dns: boolean;
  /** For the inventory: `--hosts` of this path. */
  readonly hostsFile: string;
  readonly hosts: readonly LabHostStatus[];
}

export interface LabHostStatus {
  readonly name: string;
  readonly address: string;
  readonly endpoint: string;
  readonly answers: boolean;
  /** As `28.5.2`; absent when the engine does not answer. */
  readonly engineVersion?: string;
  /** Debian's suite that the engine is of; absent: this machine's own. */
  readonly suite?: Suite;
}

/** How a lab stands, asked of its engines and its DNS; undefined when there is none of that name. */
export async function labStatus(name: string): Promise<LabStatus | undefined> {
  checkLabName(name);
  const state = await readState(name);
  return state === undefined ? undefined : observeLab(state);
}

/** Every lab of this machine. */
export async function listLabs(): Promise<LabStatus[]> {
  const found = await Promise.all((await namesOfLabs()).map(labStatus));
  return found.filter((status) => status !== undefined);
}

export async function observeLab(state: LabState): Promise<LabStatus> {
  const plan = planAddresses(checkSubnet(state.subnet));
  const { hostsFile } = labPaths(state.name);
  const isOfThisBoot = state.bootId === (await currentBootId());
  const [dns, hosts, listed] = await Promise.all([
    isOfThisBoot && isDnsWhole(state, plan.router),
    Promise.all(state.hosts.map((host) => observeHost(state.name, host))),
    exists(hostsFile),
  ]);
  const isWhole = state.phase === 'up' && dns && listed && hosts.every(({ answers }) => answers);
  const { subnet, router, console } = plan;
  return { name: state.name, phase: isWhole ? 'up' : 'broken', subnet, router, console, dns, hostsFile, hosts };
}

async function observeHost(lab: string, { name, address, suite }: LabState['hosts'][number]): Promise<LabHostStatus> {
  const { socket } = nodePaths(lab, name);
  const engineVersion = await pingSocket(socket);
  return {
    name,
    address,
    endpoint: `unix://${socket}`,
    answers: engineVersion !== undefined,
    ...(engineVersion !== undefined && { engineVersion }),
    ...(suite !== undefined && { suite }),
  };
}
