import { describe, expect, it } from 'vitest';
import { SILENCE_MS } from '../../src/agent/protocol.ts';
import type { EngineLab } from '../support/engine-lab.ts';
import { waitUntil } from '../support/wait-until.ts';
import { bringUp, takeDown } from './bridge-project.ts';
import type { OpenConsole } from './open-console.ts';

export function describeKills(lab: EngineLab, open: OpenConsole): void {
  const isSidecar = (name: string) => name !== 'cat-db' && name !== 'cat-web';

  describe('killed with no chance to clean up', () => {
    it.each(['run cat-db', 'wait for cat-web'])('while it runs “%s”, leaves nothing that down does not find', async (step) => {
      await takeDown(lab);
      const terminal = await open();
      await terminal.press('Enter');
      await terminal.see('enter runs it');
      await terminal.press('Enter');
      await terminal.see(new RegExp(`${step} .* ms ◐`));
      process.kill(await terminal.pid(), 'SIGKILL');
      expect(await terminal.ended()).toBe(137);
      expect((await lab.everything()).networks).toEqual(['catnet']);
      // An engine finishes what it was asked for: what appears after the first `down` the next one takes.
      await waitUntil(
        'nothing to be left',
        async () => {
          expect(await lab.console('down', 'bridge')).toMatchObject({ status: expect.toSatisfy((status) => status === 0 || status === 2) });
          return lab.everything();
        },
        ({ containers, networks }) => containers.length + networks.length === 0,
      );
    });

    it('while it counts hits, its agent ends by itself and its sidecar is gone', async () => {
      await bringUp(lab);
      const terminal = await open();
      await terminal.press('5');
      await terminal.see(/cat +\d+ hits/);
      expect((await lab.everything()).containers.filter(isSidecar)).toHaveLength(1);
      process.kill(await terminal.pid(), 'SIGKILL');
      await waitUntil('the sidecar to be gone', lab.everything, ({ containers }) => !containers.some(isSidecar), SILENCE_MS + 2_000);
      expect((await lab.everything()).containers).toEqual(['cat-db', 'cat-web']);
    });
  });
}
