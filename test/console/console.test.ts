import { describe } from 'vitest';
import { startEngineLab } from '../support/engine-lab.ts';
import { skipWithoutLab } from '../support/lab-or-skip.ts';
import { describeEnds } from './ends.suite.ts';
import { describeJourney } from './journey.suite.ts';
import { describeKills } from './kills.suite.ts';
import { consolesOf } from './open-console.ts';
import { describeSizes } from './sizes.suite.ts';

const lab = startEngineLab('t-console', '192.168.82.0/24');
const open = consolesOf(lab);

describe.skipIf(skipWithoutLab)('the console in a terminal', () => {
  describe.each([
    [120, 40],
    [80, 24],
  ])('of %i×%i', (columns, rows) => describeJourney(lab, () => open({ columns, rows })));
  describeSizes(lab, open);
  describeEnds(open);
  describeKills(lab, open);
});
