import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SwarmService } from '../../src/domain/live-swarm.ts';
import { listContainers } from '../../src/engine/containers.ts';
import { createNetwork } from '../../src/engine/networks.ts';
import { inspectService } from '../../src/engine/services.ts';
import { createService, pinnedImage, removeService, type ServiceSpec, updateService } from '../../src/engine/services-change.ts';
import { waitUntilConverged } from '../../src/engine/services-converge.ts';
import { tearDownOnSwarm } from '../../src/engine/services-teardown.ts';
import { startSidecar } from '../../src/engine/sidecar.ts';
import { failureOfCall, TEST_LABELS } from './lab-engine.ts';
import { hostPort, leaveBoth, makeSwarm, overlayWish, pingRedis, type SwarmLab, serviceSpec } from './swarm-lab.ts';

const NEXT_LABELS = { ...TEST_LABELS, 'pets-console.run': 'another' };

/** A service that is changed in place, what it is read as, and a program beside a container of its task. */
export function describeUpdates(raised: () => SwarmLab): void {
  describe('a service that stands', () => {
    let { lab, a, b, addressA, redis }: SwarmLab = {} as SwarmLab;
    let nodeA = '';
    let dognet = '';
    let catnet = '';
    let id = '';
    const spec = (more: Partial<ServiceSpec> = {}) =>
      serviceSpec('dog-web', redis, {
        networks: [{ network: dognet, aliases: ['web'] }],
        environment: { ROLE: 'dog', EQUALS: 'a=b' },
        extraHosts: ['far:10.0.0.9'],
        constraints: [`node.id==${nodeA}`],
        ...more,
      });
    const tasksOf = async (service: string) => (await waitUntilConverged(a, [service])).map((task) => task.id).sort();
    const containerOf = async (service: string) => {
      const [task] = await waitUntilConverged(a, [service]);
      const found = (await listContainers(a)).find(({ labels }) => labels['com.docker.swarm.task.id'] === task?.id);
      if (found === undefined) throw new Error(`no container of task ${task?.id}`);
      return found;
    };

    beforeAll(async () => {
      ({ lab, a, b, addressA, redis } = raised());
      ({ nodeA } = await makeSwarm(raised()));
      const { attachable: _, ...closed } = overlayWish('dognet', '10.1.0.0/24');
      dognet = await createNetwork(a, closed, TEST_LABELS);
      catnet = await createNetwork(a, overlayWish('catnet', '10.2.0.0/24'), TEST_LABELS);
      id = await createService(a, spec(), TEST_LABELS);
      await tasksOf(id);
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
      expect(await inspectService(a, id)).toMatchObject(wished);
    });

    it('keeps to itself what it is started with where it is not ours', async () => {
      const foreign = await createService(a, spec({ name: 'foreign', environment: { PASSWORD: 'x' }, command: ['redis-server'] }), {});
      expect(await inspectService(a, foreign)).toMatchObject({ environment: {}, command: [], extraHosts: ['far:10.0.0.9'] });
      await removeService(a, foreign);
    });

    it('keeps its task where only labels, or the number of tasks, differ', async () => {
      const before = await tasksOf(id);
      await updateService(a, id, spec(), NEXT_LABELS);
      expect(await inspectService(a, id)).toMatchObject({ labels: NEXT_LABELS, environment: { ROLE: 'dog' } });
      expect(await tasksOf(id)).toEqual(before);
      await updateService(a, id, spec({ replicas: 3 }), TEST_LABELS);
      const three = await tasksOf(id);
      expect(three).toHaveLength(3);
      expect(three).toEqual(expect.arrayContaining(before));
      await updateService(a, id, spec(), TEST_LABELS);
      expect(await tasksOf(id)).toHaveLength(1);
    });

    it('keeps the task of an image of ours, of whose hardening engines before 26 know only a part', async () => {
      const web = (await pinnedImage(a, 'pets-console/web')) ?? '';
      const own = spec({ name: 'own', image: 'pets-console/web', pinnedImage: web, command: ['node', '-e', 'setInterval(() => 0, 1e6)'] });
      const service = await createService(a, own, TEST_LABELS);
      const before = await tasksOf(service);
      await updateService(a, service, own, NEXT_LABELS);
      expect(await tasksOf(service)).toEqual(before);
      expect(await inspectService(a, service)).toMatchObject({ command: ['node', '-e', 'setInterval(() => 0, 1e6)'] });
      await tearDownOnSwarm(a, [a], { services: [service], networks: [] });
    });

    it.each<[string, () => Partial<ServiceSpec>]>([
      ['environment', () => ({ environment: { ROLE: 'cat' } })],
      ['networks', () => ({ networks: [dognet, catnet].map((network) => ({ network, aliases: ['both'] })) })],
      ['ports', () => ({ ports: [hostPort(8000)] })],
      ['constraints', () => ({ constraints: [] })],
    ])('has a new task once its %s differ, and is then what was wished', async (what, more) => {
      const before = await containerOf(id);
      await updateService(a, id, spec(more()), TEST_LABELS);
      const tasks = await waitUntilConverged(a, [id]);
      expect(tasks).toHaveLength(1);
      // Another place than before is no reason for Docker to end a task that may stay where it is.
      if (what !== 'constraints') expect(before.labels['com.docker.swarm.task.id']).not.toBe(tasks[0]?.id);
      const { environment, networkIds, aliases, ports, constraints } = (await inspectService(a, id)) as SwarmService;
      const wished = spec(more());
      expect({ environment, ports, constraints }).toEqual({
        environment: wished.environment,
        ports: wished.ports,
        constraints: wished.constraints,
      });
      expect(networkIds.map((network) => ({ network, aliases: aliases[network] }))).toEqual(wished.networks);
      if (what === 'ports') expect(await pingRedis(addressA, 8000)).toBe('+PONG');
    });

    it('loses what somebody else set on it, and bears the new labels on its containers then', async () => {
      await updateService(a, id, spec(), TEST_LABELS);
      await tasksOf(id);
      await lab.docker('service', 'update', '--detach', '--quiet', '--env-add', 'BY=hand', 'dog-web');
      await updateService(a, id, spec(), NEXT_LABELS);
      expect((await inspectService(a, id))?.environment).toEqual({ ROLE: 'dog', EQUALS: 'a=b' });
      expect((await containerOf(id)).labels).toMatchObject(NEXT_LABELS);
    });

    it('cannot become global in place, have another name, or be changed when it is gone', async () => {
      expect(await failureOfCall(updateService(a, id, spec({ replicas: 'global' }), TEST_LABELS))).toMatchObject({
        code: 'ENGINE_ERROR',
        hint: expect.stringContaining('docker service rm'),
      });
      expect(await failureOfCall(updateService(a, id, spec({ name: 'other' }), TEST_LABELS))).toMatchObject({
        hint: expect.stringContaining('docker service rm'),
      });
      expect(await failureOfCall(updateService(a, 'gone', spec(), TEST_LABELS))).toMatchObject({ code: 'OBJECT_MISSING' });
    });

    it('has containers that a sidecar may stand beside, on a network that is closed to other containers', async () => {
      const container = await containerOf(id);
      const db = await createService(a, spec({ name: 'dog-db', networks: [{ network: dognet, aliases: ['store'] }] }), TEST_LABELS);
      const [{ addresses: [address] = [] } = {}] = await waitUntilConverged(a, [db]);
      const told = await sidecarBeside(container.id);
      expect(told.addresses).toContain(container.networks.dognet?.ipv4Address);
      expect(told.names).toEqual({ store: [address?.address], 'tasks.dog-db': [address?.address] });
      await tearDownOnSwarm(a, [a, b], { services: [db, id], networks: [dognet, catnet] });
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
