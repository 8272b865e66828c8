import { describe, expect, it } from 'vitest';
import type { EngineLab } from '../../support/engine-lab.ts';
import { hitOn, hitsIn, holdings, NOTHING, say, verify } from './model.ts';

export function describeSideBySide(lab: EngineLab): void {
  const address = (index: number) => lab.hosts[index]?.address ?? '';
  const SWAPPED = ['--as', 'twin', '--bind', 'host-A=host-B', '--bind', 'host-B=host-A'];

  describe('two at once', () => {
    it('multi-host-bridge and macvlan work beside each other, and one goes without the other', async () => {
      await say(lab, 0, 'up', 'multi-host-bridge');
      await say(lab, 0, 'up', 'macvlan');
      expect(await verify(lab, 'multi-host-bridge')).toEqual({ passed: 4, failed: 0, uncertain: 0 });
      expect(await verify(lab, 'macvlan')).toEqual({ passed: 6, failed: 0, uncertain: 0 });
      await say(lab, 0, 'down', 'macvlan');
      expect(await verify(lab, 'multi-host-bridge')).toEqual({ passed: 4, failed: 0, uncertain: 0 });
      await say(lab, 0, 'down', 'multi-host-bridge');
      expect(await holdings(lab)).toEqual({ 'host-A': NOTHING, 'host-B': NOTHING });
    });

    it('bridge is refused beside multi-host-bridge, with the name and the port, their owner and the way out', async () => {
      await say(lab, 0, 'up', 'multi-host-bridge');
      const before = await holdings(lab);
      const { stderr } = await say(lab, 3, 'up', 'bridge');
      expect(stderr).toMatch(/the container name cat-web is taken.*project multi-host-bridge/);
      expect(stderr).toMatch(/port 8000\/tcp \(8000:5000\) is taken by container cat-web/);
      expect(stderr).toContain('pets-console down multi-host-bridge');
      expect(await holdings(lab)).toEqual(before);
    });

    it('one scenario stands twice where nothing clashes, each counting its own hits', async () => {
      await say(lab, 0, 'up', 'multi-host-bridge');
      await say(lab, 0, 'up', 'multi-host-bridge', ...SWAPPED);
      expect(await hitOn(`http://${address(0)}:8000/`)).toBe(1);
      for (const hits of [1, 2]) expect(await hitOn(`http://${address(1)}:8000/`)).toBe(hits);
      expect([await hitsIn(lab, 'host-B', 'cat-db', 'cat'), await hitsIn(lab, 'host-A', 'cat-db', 'cat')]).toEqual([1, 2]);
      expect(await verify(lab, 'multi-host-bridge', ...SWAPPED)).toEqual({ passed: 4, failed: 0, uncertain: 0 });
      await say(lab, 0, 'down', 'twin');
      expect(await holdings(lab)).toEqual({
        'host-A': { containers: ['cat-web'], networks: [] },
        'host-B': { containers: ['cat-db'], networks: [] },
      });
      expect(await verify(lab, 'multi-host-bridge')).toEqual({ passed: 4, failed: 0, uncertain: 0 });
    });

    it('one scenario twice on the same hosts is refused, with the first as the owner of everything', async () => {
      await say(lab, 0, 'up', 'macvlan');
      const { stdout } = await say(lab, 3, 'plan', 'macvlan', '--as', 'twin');
      for (const taken of ['network name macvlan is taken', 'container name dog-web is taken', 'container name dog-db is taken']) {
        expect(stdout).toContain(taken);
      }
      expect(stdout).toContain('project macvlan');
      expect(stdout).toContain('pets-console down macvlan');
    });
  });
}
