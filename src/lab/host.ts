import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { PetsError } from '../domain/errors.ts';
import type { AddressPlan } from './addresses.ts';
import { cgroupParent } from './cgroups.ts';
import { stopIfAborted } from './command.ts';
import { HOST_SCRIPT } from './host-script.ts';
import { unmountBelow } from './mounts.ts';
import { type NodePaths, nodePaths, processMark } from './names.ts';
import { makeNetns } from './namespaces.ts';
import { findMarked, killMarked, startDetached } from './processes.ts';
import { suiteRoot } from './suite-roots.ts';
import type { Suite } from './suites.ts';
import { isPlugged, plugHost, unplugHost } from './wire.ts';

/** One engine of a lab, by name and address. */
export interface LabHost {
  readonly name: string;
  readonly address: string;
  /** Whose engine it runs; absent: this machine's own. */
  readonly suite?: Suite | undefined;
}

const OWN_ROOT = '/';
/** One that gives up ends, and is told at once: this is for a machine that is slow or busy. Emulated and busy it took 70 s. */
const READY_WITHIN_MS = 180_000;

/** Makes one host: namespace, plug, engine; resolves when its engine answers. */
export async function makeHost(lab: string, host: LabHost, plan: AddressPlan, signal: AbortSignal): Promise<void> {
  const paths = nodePaths(lab, host.name);
  await makeNetns(paths);
  await plugHost(lab, host.name, host.address, plan);
  await mkdir(paths.data, { recursive: true, mode: 0o710 });
  await writeFile(rootFile(paths), rootOf(host));
  await writeFile(`${paths.dir}/daemon.json`, `${JSON.stringify(engineSettings(lab, host.name), null, 2)}\n`);
  const engine = startDetached({ lab, node: host.name, log: paths.log }, 'nsenter', [
    `--net=${paths.netns}`,
    ...['unshare', '--mount', '--uts', '--ipc', '--pid', '--fork', '--kill-child', 'sh', '-c', HOST_SCRIPT, 'host'],
    ...[host.name, host.address, plan.router, paths.dir, paths.data, rootOf(host)],
  ]);
  await waitUntilReady(lab, host, engine.exited, signal);
}

/** Ends a host and removes what it made; what never came to be is passed over. */
export async function reapHost(lab: string, name: string): Promise<void> {
  const paths = nodePaths(lab, name);
  await killMarked(processMark(lab, name));
  await unplugHost(lab, name);
  await unmountBelow(paths.dir);
  await Promise.all([rm(paths.dir, { recursive: true, force: true }), rm(paths.data, { recursive: true, force: true })]);
}

/** Whether a host is as `makeHost` leaves it. */
export async function isHostWhole(lab: string, host: LabHost, plan: AddressPlan): Promise<boolean> {
  const paths = nodePaths(lab, host.name);
  const running = await findMarked(processMark(lab, host.name));
  const root = await readFile(rootFile(paths), 'utf8').catch(() => OWN_ROOT); // a host of an earlier version has no such file
  const isAsMade = running.length > 0 && root === rootOf(host) && (await isPlugged(lab, host.name, host.address, plan));
  return isAsMade && (await pingSocket(paths.socket)) !== undefined;
}

/** Asks an engine's unversioned `/_ping` over its socket for its version; undefined when nothing answers OK within 2 s. */
export function pingSocket(socketPath: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const asked = request({ socketPath, path: '/_ping', timeout: 2_000 }, (response) => {
      response.resume();
      response.on('error', () => resolve(undefined));
      response.on('end', () => resolve(response.statusCode === 200 ? versionIn(String(response.headers.server ?? '')) : undefined));
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(undefined));
    asked.on('close', () => resolve(undefined)); // no effect once it answered
    asked.end();
  });
}

/** `Docker/28.5.2+dfsg4 (linux)`, of which Debian's own suffix is left out; empty when the engine does not say. */
function versionIn(server: string): string {
  return /^Docker\/([\d.]+)/.exec(server)?.[1] ?? '';
}

/** What the host's root lies over: a host that is to have another engine is made anew. */
function rootOf({ suite }: LabHost): string {
  return suite === undefined ? OWN_ROOT : suiteRoot(suite);
}

function rootFile({ dir }: NodePaths): string {
  return `${dir}/root-below`;
}

/**
 * The settings of a lab's engine; its folders are the defaults, since its root is its own.
 * cgroupfs, since systemd of the machine would otherwise be asked to make the groups, far away from ours.
 */
function engineSettings(lab: string, name: string): object {
  return {
    hosts: [`unix://${nodePaths(lab, name).socket}`, 'unix:///var/run/docker.sock'],
    'cgroup-parent': cgroupParent(lab, name),
    'exec-opts': ['native.cgroupdriver=cgroupfs'],
  };
}

async function waitUntilReady(lab: string, host: LabHost, exited: Promise<number | null>, signal: AbortSignal): Promise<void> {
  const { socket, log } = nodePaths(lab, host.name);
  let hasExited = false;
  void exited.then(() => {
    hasExited = true;
  });
  const deadline = Date.now() + READY_WITHIN_MS;
  while ((await pingSocket(socket)) === undefined) {
    stopIfAborted(signal);
    if (hasExited || Date.now() > deadline) {
      const said = (await readFile(log, 'utf8').catch(() => '')).trim().split('\n').slice(-3).join('; ');
      const fact = hasExited ? 'ended while it started' : `did not answer within ${READY_WITHIN_MS / 1000} s`;
      throw new PetsError('LAB_FAILED', { message: `the engine of ${host.name} ${fact}: ${said}`, hint: `see ${log}` });
    }
    await delay(25);
  }
}
