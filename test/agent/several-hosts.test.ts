import { describe } from 'vitest';
import { startEngineLab } from '../support/engine-lab.ts';
import { skipWithoutLab } from '../support/lab-or-skip.ts';
import { describeOnHost } from './on-host.suite.ts';
import { describePortHolder } from './port-holder.suite.ts';

// Two engines for all suites: a lab takes seconds to come up.
describe.skipIf(skipWithoutLab)('agents on two hosts', () => {
  const lab = startEngineLab('t-verify', '192.168.88.0/24', 2);
  describeOnHost(lab);
  describePortHolder(lab);
});
