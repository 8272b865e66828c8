import { afterAll, beforeAll, describe } from 'vitest';
import { skipWithoutLab } from '../support/lab-or-skip.ts';
import { describeCopies } from './copy-image.suite.ts';
import { describeRegistry } from './registry.suite.ts';
import { raiseTwoEngines, type TwoEngines } from './two-engines.ts';

describe.skipIf(skipWithoutLab)('images on two real engines', () => {
  let engines: TwoEngines | undefined;

  beforeAll(async () => {
    engines = await raiseTwoEngines('t-images', '192.168.97.0/24');
  });
  afterAll(async () => {
    await engines?.down();
  });

  const raised = () => {
    if (engines === undefined) throw new Error('the lab is not up');
    return engines;
  };
  describeRegistry(raised);
  // Last: an engine dies in it.
  describeCopies(raised);
});
