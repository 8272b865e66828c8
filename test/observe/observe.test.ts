import { describe } from 'vitest';
import { startEngineLab } from '../support/engine-lab.ts';
import { skipWithoutLab } from '../support/lab-or-skip.ts';
import { LAB } from './live-session.ts';
import { describeVerify } from './verify.suite.ts';
import { describeWatchEngine } from './watch-engine.suite.ts';
import { describeWatchTenant } from './watch-tenant.suite.ts';

// One engine for all suites of this folder: a lab takes seconds to come up.
describe.skipIf(skipWithoutLab)('what runs and what watches, on a real engine', () => {
  const lab = startEngineLab(LAB, '192.168.81.0/24');
  describeWatchTenant(lab);
  describeVerify(lab);
  describeWatchEngine(lab);
});
