import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import type { Ended, EngineLab, LabHost } from '../../support/engine-lab.ts';
import { layWire, type Wire } from '../../support/wire.ts';

/** A scenario with things of its own on each of two hosts: what befalls one of them leaves the other alone. */
export const TWO_HOSTS = 'test/models/many-hosts/two-hosts.yaml';
export const ON_A = { containers: ['cat-db', 'cat-web'], networks: ['catnet'] };
export const ON_B = { containers: ['owl-db', 'owl-web'], networks: ['owlnet'] };
export const NOTHING = { containers: [], networks: [] };

export interface Event {
  readonly type: string;
  readonly [field: string]: unknown;
}

export function eventsOf({ stdout }: Ended): readonly Event[] {
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Event);
}

export function endOf(ended: Ended): Event {
  const end = eventsOf(ended).at(-1);
  expect(end, ended.stderr).toMatchObject({ type: 'run.finished' });
  return end as Event;
}

/** A verb that must succeed. */
export async function succeed(lab: EngineLab, ...args: readonly string[]): Promise<Ended> {
  const ended = await lab.console(...args);
  expect(ended, ended.stdout + ended.stderr).toMatchObject({ status: 0 });
  return ended;
}

export async function both(lab: EngineLab) {
  const [a, b] = await Promise.all([lab.everything('host-A'), lab.everything('host-B')]);
  return { a, b };
}

export type ListedHost = Partial<LabHost> & { readonly name: string; readonly readOnly?: boolean };

/** A hosts file with these hosts; what is left out of one is as the lab has it. */
export function hostsFile(lab: EngineLab, hosts: readonly ListedHost[]): string {
  const path = join(newFolder(), 'hosts.json');
  const listed = hosts.map((host) => ({ ...lab.hosts.find(({ name }) => name === host.name), ...host }));
  writeFileSync(
    path,
    JSON.stringify({ hosts: listed.map(({ name, endpoint, address, readOnly }) => ({ name, endpoint, address, readOnly })) }),
  );
  return path;
}

/** A faulty wire in front of a host of the lab, and a hosts file that leads through it. */
export async function wireTo(lab: EngineLab, name: string, rewrite?: (text: string) => string): Promise<{ wire: Wire; file: string }> {
  const host = lab.hosts.find((each) => each.name === name);
  const socket = host?.endpoint.replace('unix://', '') ?? '';
  const path = join(newFolder(), 'docker.sock');
  const wire = await layWire(socket, { path }, rewrite === undefined ? {} : { rewrite });
  const others = lab.hosts.filter((each) => each.name !== name);
  return { wire, file: hostsFile(lab, [...others, { name, endpoint: wire.endpoint, address: host?.address ?? '' }]) };
}

const folders: string[] = [];

/** A folder that goes when the tests of the file are over. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pets-hosts-'));
  folders.push(folder);
  return folder;
}

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
