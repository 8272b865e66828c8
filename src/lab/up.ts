import { PetsError } from '../domain/errors.ts';
import { type AddressPlan, checkSubnet, planAddresses } from './addresses.ts';
import { stopIfAborted } from './command.ts';
import { isDnsWhole, startDns } from './dns.ts';
import { isHostWhole, type LabHost, makeHost, reapHost } from './host.ts';
import { makeLabImages } from './images.ts';
import { takeLock } from './lock.ts';
import { checkLabName, consoleLink, hostNames, labPaths, PROCESS_MARK, processMark } from './names.ts';
import { refuseObstacles } from './obstacles.ts';
import { findMarked, killMarked } from './processes.ts';
import { currentBootId, type LabState, readState, writeHostsFile, writeState } from './state.ts';
import { type LabStatus, observeLab } from './status.ts';
import { chooseSubnet } from './subnet.ts';
import { ensureSuiteRoot, hasSuiteRoot } from './suite-roots.ts';
import { DEBOOTSTRAP, foreignSuite, type Suite, type SuiteWish } from './suites.ts';
import { reapLab } from './teardown.ts';
import { hasConsoleLink, isWireWhole, makeWire, ROUTER } from './wire.ts';

export interface LabOptions extends SuiteWish {
  readonly name: string;
  /** 1 to 26. */
  readonly engines: number;
  /** As `192.168.50.0/24`; left out, the guide's or the next free one. */
  readonly subnet?: string | undefined;
  readonly onProgress: (text: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Brings a lab up, or what of it is missing: real engines, each in namespaces of its own, on one wire with a router and DNS and no
 * way out. A lab that is whole is left as it is; one that was killed half-way is reaped and repaired.
 * @throws LAB_UNSUPPORTED what stands in the way on this machine · BAD_USAGE · LAB_FAILED · INTERRUPTED
 */
export async function labUp(options: LabOptions): Promise<LabStatus> {
  const { name, signal, onProgress } = options;
  checkLabName(name);
  const names = hostNames(options.engines);
  if (options.subnet !== undefined) checkSubnet(options.subnet);
  const suite = await foreignSuite(options, options.engines);
  await refuseObstacles(suite === undefined || (await hasSuiteRoot(suite)) ? [] : [DEBOOTSTRAP]);
  const wait = (holder: string) => onProgress(`waiting for another ${holder}`);
  const lock = await takeLock(labLock(name), `lab ${name}`, wait, signal);
  try {
    const state = await makeNetwork(options, names, suite);
    const plan = planAddresses(checkSubnet(state.subnet));
    // Only now: a root that a lab's state names is not purged.
    for (const each of suitesOf(state)) await ensureSuiteRoot(each, onProgress, signal);
    await makeHosts(state, plan, options);
    await makeLabImages(state, onProgress, signal);
    await writeHostsFile(state);
    const up: LabState = { ...state, phase: 'up' };
    if (state.phase !== 'up') await writeState(up);
    return await observeLab(up);
  } finally {
    await lock.release();
  }
}

/** The name of the lock under which a lab is made or removed. */
export function labLock(lab: string): string {
  return `pets-console/lab/${lab}`;
}

/** Subnets are chosen one lab at a time: a second lab must see the first one's route. */
async function makeNetwork(options: LabOptions, names: readonly string[], suite: Suite | undefined): Promise<LabState> {
  const { name, signal, onProgress } = options;
  const wait = (holder: string) => onProgress(`waiting for ${holder}`);
  const lock = await takeLock('pets-console/lab-subnets', `lab ${name}`, wait, signal);
  try {
    const state = await wishedState(options, names, suite);
    const plan = planAddresses(checkSubnet(state.subnet));
    if (await isWireWhole(name, plan)) {
      await makeDns(state, plan, onProgress);
      return state;
    }
    await reapLab(name);
    stopIfAborted(signal);
    await makeWire(name, plan);
    await startDns(state, plan.router);
    onProgress(`wire ${plan.subnet}: router and DNS ${plan.router}, this machine ${plan.console}, no way out`);
    return state;
  } finally {
    await lock.release();
  }
}

async function makeDns(state: LabState, plan: AddressPlan, onProgress: (text: string) => void): Promise<void> {
  if (await isDnsWhole(state, plan.router)) return;
  await killMarked(processMark(state.name, ROUTER));
  await startDns(state, plan.router);
  onProgress(`DNS ${plan.router} knows ${state.hosts.map(({ name }) => name).join(', ')}`);
}

/** What the lab is to be, written down before anything is made, so that whatever half of it is found later is known as ours. */
async function wishedState(options: LabOptions, names: readonly string[], suite: Suite | undefined): Promise<LabState> {
  const { name } = options;
  const found = await readState(name);
  const bootId = await currentBootId();
  if (found === undefined) await refuseForeign(name);
  if (found?.phase === 'removing') await reapLab(name); // a removal that was killed
  const reusable = found !== undefined && found.phase !== 'removing' && found.bootId === bootId;
  if (reusable && options.subnet !== undefined && options.subnet !== found.subnet) {
    throw new PetsError('LAB_FAILED', {
      message: `lab ${name} is on ${found.subnet}, not on ${options.subnet}`,
      hint: `pets-console lab down --name ${name}, then up again`,
    });
  }
  const subnet = reusable ? checkSubnet(found.subnet) : await chooseSubnet(options.subnet, options.onProgress);
  const plan = planAddresses(subnet);
  const suiteAt = options.suite === undefined ? keptSuites(reusable ? found.hosts : []) : wishedSuites(suite, options.mixed === true);
  const hosts = names.map((host, index) => {
    const its = suiteAt(index);
    return { name: host, address: plan.host(index), ...(its !== undefined && { suite: its }) };
  });
  const isSame = reusable && found.phase === 'up' && JSON.stringify(found.hosts) === JSON.stringify(hosts);
  if (isSame) return found;
  const state: LabState = { version: 1, name, phase: 'making', bootId, subnet: plan.subnet, hosts };
  await writeState(state);
  await reapSurplus(found, state, options.onProgress);
  return state;
}

/** Without a wish each host keeps the engine that it has, and one more is like the last. */
function keptSuites(found: LabState['hosts']): (index: number) => Suite | undefined {
  return (index) => (found[index] ?? found.at(-1))?.suite;
}

function wishedSuites(suite: Suite | undefined, isMixed: boolean): (index: number) => Suite | undefined {
  return (index) => (isMixed && index === 0 ? undefined : suite);
}

function suitesOf({ hosts }: LabState): ReadonlySet<Suite> {
  return new Set(hosts.flatMap(({ suite }) => (suite === undefined ? [] : [suite])));
}

/** Hosts that the lab had and is no longer to have. */
async function reapSurplus(found: LabState | undefined, wished: LabState, onProgress: (text: string) => void): Promise<void> {
  const surplus = (found?.hosts ?? []).filter((host) => !wished.hosts.some(({ name }) => name === host.name));
  for (const { name } of surplus) {
    await reapHost(wished.name, name);
    onProgress(`${name} removed`);
  }
}

/** Without a state of ours, nothing that bears our names is ours. */
async function refuseForeign(name: string): Promise<void> {
  if (await hasConsoleLink(name)) {
    throw new PetsError('LAB_FAILED', {
      message: `this machine already has a link ${consoleLink(name)} that no lab made`,
      hint: `remove it (ip link delete ${consoleLink(name)}) or choose another name: pets-console lab up --name other`,
    });
  }
  const processes = await findMarked(`${PROCESS_MARK}=${name}/`);
  if (processes.length > 0) {
    throw new PetsError('LAB_FAILED', {
      message: `processes ${processes.join(', ')} belong to a lab ${name} whose ${labPaths(name).stateFile} was removed`,
      hint: `pets-console lab down --name ${name}`,
    });
  }
}

async function makeHosts(state: LabState, plan: AddressPlan, { onProgress, signal }: LabOptions): Promise<void> {
  // All settle before the first failure is told, so that no host is still being made when the lock is released.
  const made = await Promise.allSettled(state.hosts.map((host) => ensureHost(state.name, host, plan, onProgress, signal)));
  for (const result of made) if (result.status === 'rejected') throw result.reason;
}

async function ensureHost(
  lab: string,
  host: LabHost,
  plan: AddressPlan,
  onProgress: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  if (await isHostWhole(lab, host, plan)) return;
  stopIfAborted(signal);
  await reapHost(lab, host.name);
  const begunAt = performance.now();
  await makeHost(lab, host, plan, signal);
  onProgress(`${host.name} ${host.address}: ${engineName(host)} ready after ${((performance.now() - begunAt) / 1000).toFixed(1)} s`);
}

function engineName({ suite }: LabHost): string {
  return suite === undefined ? 'engine' : `engine of Debian ${suite}`;
}
