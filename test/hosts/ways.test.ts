import { afterAll, beforeAll, describe, it } from 'vitest';
import { labDown } from '../../src/lab/down.ts';
import { labUp } from '../../src/lab/up.ts';
import { skipWithoutLab } from '../support/lab-or-skip.ts';
import { layWire } from '../support/wire.ts';
import { describeBuilt } from './built.suite.ts';
import { describeContexts } from './contexts.suite.ts';
import { describeSsh } from './ssh.suite.ts';
import { describeSshFailures } from './ssh-failures.suite.ts';
import { describeTls } from './tls.suite.ts';
import { expectGoodWay, expectRedisThroughAgent, OpenedEngines } from './way-lab.ts';

const LAB = 't-ways';

// One engine for all suites of ways to it.
describe.skipIf(skipWithoutLab)('an engine is reached', () => {
  const engines = new OpenedEngines();
  let socket: string | undefined;
  const engineSocket = () => {
    if (socket === undefined) throw new Error('the lab is not up');
    return socket;
  };

  beforeAll(async () => {
    const signal = new AbortController().signal;
    const { hosts } = await labUp({ name: LAB, engines: 1, subnet: '192.168.85.0/24', onProgress: () => undefined, signal });
    socket = hosts[0]?.endpoint.replace('unix://', '');
  });
  afterAll(async () => {
    engines.closeAll();
    await labDown(LAB, () => undefined);
  });

  it('over its own socket', async () => {
    const engine = await engines.open({ name: 'host-A', endpoint: `unix://${engineSocket()}` });
    await expectGoodWay(engine);
    await expectRedisThroughAgent(engine);
  });

  it('over plain TCP', async () => {
    const wire = await layWire(engineSocket(), { port: 0 });
    const engine = await engines.open({ name: 'host-A', endpoint: wire.endpoint });
    await expectGoodWay(engine);
    await expectRedisThroughAgent(engine);
    await wire.close();
  });

  describeTls(engineSocket);
  describeSsh(engineSocket);
  describeSshFailures(engineSocket);
  describeContexts(engineSocket);
  describeBuilt(engineSocket);
});
