import { describe } from 'vitest';
import { startEngineLab } from '../support/engine-lab.ts';
import { skipWithoutLab } from '../support/lab-or-skip.ts';
import { describeHitsOnHosts } from './hits-hosts.suite.ts';
import { describeOnHost } from './on-host.suite.ts';
import { describePortHolder } from './port-holder.suite.ts';
import { describeVerifyHosts } from './verify-hosts.suite.ts';

// Two engines for all suites: a lab takes seconds to come up.
describe.skipIf(skipWithoutLab)('agents on two hosts', () => {
  const lab = startEngineLab('t-verify', '192.168.88.0/24', 2);
  describeOnHost(lab);
  describePortHolder(lab);
  describeVerifyHosts(lab);
  describeHitsOnHosts(lab);
});
