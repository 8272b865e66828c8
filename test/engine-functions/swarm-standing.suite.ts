import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SwarmService } from '../../src/domain/live-swarm.ts';
import { listContainers } from '../../src/engine/containers.ts';
import { createNetwork } from '../../src/engine/networks.ts';
import { listServices } from '../../src/engine/services.ts';
import { createService, removeService, type ServiceSpec } from '../../src/engine/services-change.ts';
import { waitUntilConverged } from '../../src/engine/services-converge.ts';
import { tearDownOnSwarm } from '../../src/engine/services-teardown.ts';
import { startSidecar } from '../../src/engine/sidecar.ts';
import { TEST_LABELS } from './lab-engine.ts';
import { leaveBoth, makeSwarm, overlayWish, type SwarmLab, serviceSpec } from './swarm-lab.ts';

/** What a service is read as, and a program beside a container of its task. */
export function describeStandingService(raised: () => SwarmLab): void {
  describe('a service that stands', () => {
    let { a, b, redis }: SwarmLab = {} as SwarmLab;
    let nodeA = '';
    let dognet = '';
    let id = '';
    const spec = (more: Partial<ServiceSpec> = {}) =>
      serviceSpec('dog-web', redis, {
        networks: [{ network: dognet, aliases: ['web'] }],
        environment: { ROLE: 'dog', EQUALS: 'a=b' },
        extraHosts: ['far:10.0.0.9'],
        constraints: [`node.id==${nodeA}`],
        ...more,
      });
    const wishedOf = async (service: string) => (await listServices(a)).find((each) => each.id === service);
    const containerOf = async (service: string) => {
      const [task] = await waitUntilConverged(a, [service]);
      const found = (await listContainers(a)).find(({ labels }) => labels['com.docker.swarm.task.id'] === task?.id);
      if (found === undefined) throw new Error(`no container of task ${task?.id}`);
      return found;
    };

    beforeAll(async () => {
      ({ a, b, redis } = raised());
      ({ nodeA } = await makeSwarm(raised()));
      const { attachable: _, ...closed } = overlayWish('dognet', '10.1.0.0/24');
      dognet = await createNetwork(a, closed, TEST_LABELS);
      id = await createService(a, spec(), TEST_LABELS);
      await waitUntilConverged(a, [id]);
    });
    afterAll(() => leaveBoth(raised()));

    it('is read as it was wished', async () => {
      const wished: Partial<SwarmService> = {
        name: 'dog-web',
        image: redis,
        labels: TEST_LABELS,
        environment: { ROLE: 'dog', EQUALS: 'a=b' },
        command: [],
        extraHosts: ['far:10.0.0.9'],
        networkIds: [dognet],
        aliases: { [dognet]: ['web'] },
        constraints: [`node.id==${nodeA}`],
        mode: 'replicated',
        replicas: 1,
        endpointMode: 'dnsrr',
        ports: [],
      };
      expect(await wishedOf(id)).toMatchObject(wished);
    });

    it('keeps to itself what it is started with where it is not ours', async () => {
      const foreign = await createService(a, spec({ name: 'foreign', environment: { PASSWORD: 'x' }, command: ['redis-server'] }), {});
      expect(await wishedOf(foreign)).toMatchObject({ environment: {}, command: [], extraHosts: ['far:10.0.0.9'] });
      await removeService(a, foreign);
    });

    it('has containers that a sidecar may stand beside, on a network that is closed to other containers', async () => {
      const container = await containerOf(id);
      const db = await createService(a, spec({ name: 'dog-db', networks: [{ network: dognet, aliases: ['store'] }] }), TEST_LABELS);
      const [{ addresses: [address] = [] } = {}] = await waitUntilConverged(a, [db]);
      const told = await sidecarBeside(container.id);
      expect(told.addresses).toContain(container.networks.dognet?.ipv4Address);
      expect(told.names).toEqual({ store: [address?.address], 'tasks.dog-db': [address?.address] });
      await tearDownOnSwarm(a, [a, b], { services: [db, id], networks: [dognet] });
    });

    /** What a program of our image sees there: its addresses, and what Docker's DNS says. */
    async function sidecarBeside(containerId: string): Promise<{ addresses: string[]; names: Record<string, string[]> }> {
      const program = `
        const { resolve4 } = require('node:dns/promises');
        const addresses = Object.values(require('node:os').networkInterfaces()).flat().map(({ address }) => address);
        const ask = async (name) => [name, await resolve4(name)];
        Promise.all(['store', 'tasks.dog-db'].map(ask)).then((names) => console.log(JSON.stringify({ addresses, names: Object.fromEntries(names) })));
      `;
      const wish = { image: 'pets-console/web', command: ['node', '-e', program], networkMode: `container:${containerId}`, labels: {} };
      const sidecar = await startSidecar(a, wish, AbortSignal.timeout(20_000));
      let text = '';
      for await (const chunk of sidecar.stdout) text += chunk;
      if (text === '') throw new Error(`it said nothing; errors: ${sidecar.stderrTail()}`);
      return JSON.parse(text);
    }
  });
}
