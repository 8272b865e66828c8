import { afterEach, describe, vi } from 'vitest';
import { startEngineLab } from '../support/engine-lab.ts';
import { skipWithoutLab } from '../support/lab-or-skip.ts';
import { describeDrift } from './overlay/drift.suite.ts';
import { describeOverlay } from './overlay/overlay.suite.ts';
import { describeStandingSwarm } from './overlay/standing-swarm.suite.ts';
import { leaveSwarms } from './overlay/swarms.ts';

// One lab for all of them: it takes seconds to come up. Its kernel has no ip_vs, so the variant without a routing mesh is deployed.
describe.skipIf(skipWithoutLab)('the guide’s overlay chapter on two real engines, from plan to down', () => {
  // A swarm takes seconds to converge and to be left, and a test several of both.
  vi.setConfig({ testTimeout: 120_000 });
  const lab = startEngineLab('t-overlay', '192.168.113.0/24', 2);
  // Also what a test put there by hand, with no label of ours.
  afterEach(async () => {
    await leaveSwarms(lab);
    await lab.clear();
  });
  describeOverlay(lab);
  describeDrift(lab);
  describeStandingSwarm(lab);
});
