import { afterEach, describe } from 'vitest';
import { startEngineLab } from '../support/engine-lab.ts';
import { skipWithoutLab } from '../support/lab-or-skip.ts';
import { describeDown } from './many-hosts/down.suite.ts';
import { describeShowHosts } from './many-hosts/hosts.suite.ts';
import { describeJoining } from './many-hosts/join.suite.ts';
import { describeOutages } from './many-hosts/outages.suite.ts';
import { describeUp } from './many-hosts/up.suite.ts';

// One lab for all suites: it takes seconds to come up.
describe.skipIf(skipWithoutLab)('several hosts, of which some are dead, hung or read-only', () => {
  const lab = startEngineLab('t-many', '192.168.86.0/24', 2);
  afterEach(() => lab.clear());
  describeUp(lab);
  describeOutages(lab);
  describeDown(lab);
  describeShowHosts(lab);
  describeJoining(lab);
});
