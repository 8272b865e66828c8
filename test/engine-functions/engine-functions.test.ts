import { afterAll, beforeAll, describe } from 'vitest';
import { skipWithoutLab } from '../support/lab-or-skip.ts';
import { describeConnections } from './connection.suite.ts';
import { describeImages } from './images.suite.ts';
import { type LabEngine, raiseLabEngine } from './lab-engine.ts';
import { describeObjects } from './objects.suite.ts';

// One engine for all suites of this folder: a lab takes seconds to come up.
describe.skipIf(skipWithoutLab)('the engine functions, on a real engine', () => {
  let lab: LabEngine | undefined;

  beforeAll(async () => {
    lab = await raiseLabEngine();
  });
  afterAll(async () => {
    await lab?.down();
  });

  const raised = () => {
    if (lab === undefined) throw new Error('the lab is not up');
    return lab;
  };
  describeConnections(raised);
  describeObjects(raised);
  describeImages(raised);
});
