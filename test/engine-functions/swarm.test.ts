import { afterAll, beforeAll, describe } from 'vitest';
import { closeEngine } from '../../src/engine/engine.ts';
import { startEngineLab } from '../support/engine-lab.ts';
import { skipWithoutLab } from '../support/lab-or-skip.ts';
import { describeFaults } from './swarm-faults.suite.ts';
import { openSwarmLab, type SwarmLab } from './swarm-lab.ts';
import { describeMembership } from './swarm-membership.suite.ts';
import { describeServices } from './swarm-services.suite.ts';
import { describeShow } from './swarm-show.suite.ts';
import { describeStandingService } from './swarm-standing.suite.ts';

// One lab for all of it: the suites stand in the order of a swarm's life.
describe.skipIf(skipWithoutLab)('a swarm of two real engines', () => {
  const lab = startEngineLab('t-swarm', '192.168.104.0/24', 2);
  let opened: SwarmLab | undefined;

  beforeAll(async () => {
    opened = await openSwarmLab(lab);
  });
  afterAll(() => {
    for (const engine of opened === undefined ? [] : [opened.a, opened.b]) closeEngine(engine);
  });

  const raised = () => {
    if (opened === undefined) throw new Error('the lab is not up');
    return opened;
  };
  describeMembership(raised);
  describeServices(raised);
  describeStandingService(raised);
  describeShow(raised);
  describeFaults(raised);
});
