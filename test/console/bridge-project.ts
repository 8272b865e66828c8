import { expect } from 'vitest';
import type { EngineLab } from '../support/engine-lab.ts';
import { waitUntil } from '../support/wait-until.ts';

/** `up`, which changes nothing where the project is up already. */
export async function bringUp(lab: EngineLab): Promise<void> {
  const { status, stderr } = await lab.console('up', 'bridge');
  expect(status, stderr).toBe(0);
}

export async function takeDown(lab: EngineLab): Promise<void> {
  const { status, stderr } = await lab.console('down', 'bridge');
  expect(status, stderr).toBe(0);
}

export async function waitForNothing(lab: EngineLab): Promise<void> {
  await waitUntil('nothing to be left', lab.everything, ({ containers, networks }) => containers.length + networks.length === 0);
}
