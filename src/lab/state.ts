import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import * as z from 'zod';
import { PetsError } from '../domain/errors.ts';
import { checkSubnet, planAddresses } from './addresses.ts';
import { labPaths, nodePaths, RUN_ROOT } from './names.ts';
import { SUITES } from './suites.ts';

/**
 * What a lab wrote down before it made anything: from then on, whatever bears these names is its own to reap.
 * `making` and `removing` mean that somebody is at it, or was when it was killed.
 */
const labState = z.strictObject({
  version: z.literal(1),
  name: z.string(),
  phase: z.enum(['making', 'up', 'removing']),
  /** A state of an earlier boot describes nothing that still exists, except files. */
  bootId: z.string(),
  subnet: z.string(),
  /** A host without a suite runs this machine's own engine. */
  hosts: z.array(z.strictObject({ name: z.string(), address: z.string(), suite: z.enum(SUITES).optional() })),
});

export type LabState = z.infer<typeof labState>;

/** @throws LAB_FAILED when the file is not one of ours */
export async function readState(name: string): Promise<LabState | undefined> {
  const { stateFile } = labPaths(name);
  const text = await readFile(stateFile, 'utf8').catch(ignoreMissing);
  if (text === undefined) return undefined;
  const parsed = labState.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new PetsError('LAB_FAILED', {
    message: `${stateFile} is not the state of a lab of this version`,
    hint: 'take the lab down with the version that made it, or restart the machine',
  });
}

export async function writeState(state: LabState): Promise<void> {
  const { run, stateFile } = labPaths(state.name);
  await mkdir(run, { recursive: true, mode: 0o755 });
  await replaceFile(stateFile, `${JSON.stringify(state, null, 2)}\n`);
}

/** Tells the inventory where the lab's engines answer, and the network that they share. */
export async function writeHostsFile(state: LabState): Promise<void> {
  const { subnet } = state;
  const hosts = state.hosts.map(({ name, address }) => {
    return { name, endpoint: `unix://${nodePaths(state.name, name).socket}`, address, parent: 'eth0' };
  });
  const underlay = { subnet, gateway: planAddresses(checkSubnet(subnet)).router };
  await replaceFile(labPaths(state.name).hostsFile, `${JSON.stringify({ underlay, hosts }, null, 2)}\n`);
}

/** The names of all labs that left a state on this machine. */
export async function namesOfLabs(): Promise<string[]> {
  const folders = (await readdir(RUN_ROOT, { withFileTypes: true }).catch(ignoreMissing)) ?? [];
  const names = folders.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const states = await Promise.all(names.map((name) => readFile(labPaths(name).stateFile).catch(ignoreMissing)));
  return names.filter((_, index) => states[index] !== undefined).sort();
}

export async function currentBootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
}

/** A reader sees the old file or the new one, never half of one, even if we are killed while writing. */
async function replaceFile(path: string, text: string): Promise<void> {
  const half = `${path}.${process.pid}.tmp`;
  await writeFile(half, text, { mode: 0o644 });
  await rename(half, path);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the schema then says what it is not
  }
}

function ignoreMissing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
  throw error;
}
