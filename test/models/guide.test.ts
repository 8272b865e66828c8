import { afterEach, describe } from 'vitest';
import { startEngineLab } from '../support/engine-lab.ts';
import { skipWithoutLab } from '../support/lab-or-skip.ts';
import { describeBridgeBind } from './guide/bridge-bind.suite.ts';
import { describeMacvlan } from './guide/macvlan.suite.ts';
import { describeMultiHostBridge } from './guide/multi-host-bridge.suite.ts';
import { describeSideBySide } from './guide/side-by-side.suite.ts';

const SUBNET = '192.168.89.0/24';

// One lab for all models: it takes seconds to come up.
describe.skipIf(skipWithoutLab)('the guide’s models on two real engines, from plan to down', () => {
  const lab = startEngineLab('t-models', SUBNET, 2);
  // Also what a test put there by hand, with no label of ours.
  afterEach(() => lab.clear());
  describeBridgeBind(lab);
  describeMultiHostBridge(lab);
  describeMacvlan(lab, SUBNET);
  describeSideBySide(lab);
});
