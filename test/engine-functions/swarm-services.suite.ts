import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SwarmTask } from '../../src/domain/live-swarm.ts';
import { createContainer, listContainers, removeContainer, startContainer } from '../../src/engine/containers.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { createNetwork, inspectNetwork, listNetworks, removeNetwork } from '../../src/engine/networks.ts';
import { listNodes, setNodeAvailability } from '../../src/engine/nodes.ts';
import { listServices } from '../../src/engine/services.ts';
import { createService, pinnedImage, type ServiceSpec, scaleService } from '../../src/engine/services-change.ts';
import { type ConvergeOptions, waitUntilConverged } from '../../src/engine/services-converge.ts';
import { tearDownOnSwarm } from '../../src/engine/services-teardown.ts';
import { listTasks } from '../../src/engine/tasks.ts';
import { waitUntil } from '../support/wait-until.ts';
import { failureOfCall, on, redisWish, TEST_LABELS } from './lab-engine.ts';
import { hostPort, leaveBoth, makeSwarm, nodeOf, overlayWish, pingRedis, type SwarmLab, serviceSpec } from './swarm-lab.ts';

/** Services on a swarm of two, as a kernel without ip_vs allows them: dnsrr, ports in host mode. */
export function describeServices(raised: () => SwarmLab): void {
  // In a describe of its own: hooks beside those of the other suites would run before all of them.
  describe('services on a swarm', () => {
    let { a, b, addressA, addressB, redis }: SwarmLab = {} as SwarmLab;
    let nodeA = '';
    let nodeB = '';
    let dognet = '';

    const overlay = () => createNetwork(a, overlayWish('dognet', '10.1.0.0/24'), TEST_LABELS);
    const service = (name: string, more: Partial<ServiceSpec> = {}) =>
      createService(a, serviceSpec(name, redis, { networks: [{ network: dognet, aliases: [] }], ...more }), TEST_LABELS);
    const converge = (ids: readonly string[], options?: ConvergeOptions) => waitUntilConverged(a, ids, options);
    const downAll = async () => {
      const services = (await listServices(a)).map(({ id }) => id);
      await tearDownOnSwarm(a, [a, b], { services, networks: [dognet] });
    };
    const containersOn = async (engine: Engine) => (await listContainers(engine)).map(({ name }) => name);

    beforeAll(async () => {
      ({ a, b, addressA, addressB, redis } = raised());
      ({ nodeA, nodeB } = await makeSwarm(raised()));
      dognet = await overlay();
    });
    afterAll(async () => {
      await leaveBoth(raised());
    });

    describe('services', () => {
      afterAll(downAll);
      let web: readonly SwarmTask[] = [];
      let ids: readonly string[] = [];

      it('pin an image that no registry knows by its ID', async () => {
        expect(redis).toMatch(/^sha256:[0-9a-f]{64}$/);
        expect(await pinnedImage(a, 'nope:1')).toBeUndefined();
      });

      it('stand on an overlay network as it was wished', async () => {
        expect(await inspectNetwork(a, dognet)).toMatchObject({
          driver: 'overlay',
          scope: 'swarm',
          attachable: true,
          labels: TEST_LABELS,
          pools: [{ subnet: '10.1.0.0/24', gateway: '10.1.0.1' }],
        });
        expect(await failureOfCall(createNetwork(b, overlayWish('dognet2', '10.4.0.0/24'), {}))).toMatchObject({ code: 'SWARM_REQUIRED' });
      });

      it('are offered a network only once it is allocated: one in seven had no options yet when its ID was told', async () => {
        for (let made = 0; made < 40; made++) {
          const secret = await createNetwork(a, overlayWish('secretnet', '10.3.0.0/24', { options: { encrypted: '' } }), TEST_LABELS);
          const { driver, options, pools } = (await inspectNetwork(a, secret)) ?? {};
          await removeNetwork(a, secret);
          expect({ driver, options, pools }).toMatchObject({
            driver: 'overlay',
            options: { encrypted: '' },
            pools: [{ subnet: '10.3.0.0/24' }],
          });
        }
      });

      it('converge: one placed by the ID of its node, one on every node, told on the way', async () => {
        const db = await service('dog-db', { constraints: [`node.id==${nodeB}`], environment: { A: 'b=c' }, extraHosts: ['far:10.0.0.9'] });
        const each = await service('dog-web', { replicas: 'global', ports: [hostPort(8000)] });
        ids = [db, each];
        const told: string[] = [];
        const tasks = await converge(ids, { onProgress: (text) => told.push(text) });
        expect(told.at(-1)).toBe('dog-db 1/1, dog-web 2/2');
        expect(tasks.map(({ nodeId }) => nodeId).sort()).toEqual([nodeA, nodeB, nodeB].sort());
        web = tasks.filter(({ serviceId }) => serviceId === each);
        expect(tasks.find(({ serviceId }) => serviceId === db)).toMatchObject({ slot: 1, nodeId: nodeB, state: 'running', error: '' });
      });

      it('have tasks whose containers are where and what the tasks say', async () => {
        for (const { nodeId, containerId, addresses } of web) {
          const engine = nodeId === nodeA ? a : b;
          const container = (await listContainers(engine)).find(({ id }) => id === containerId);
          expect(container).toMatchObject({ state: 'running', labels: TEST_LABELS, imageId: redis });
          expect(addresses).toEqual([{ networkId: dognet, network: 'dognet', address: container?.networks.dognet?.ipv4Address }]);
        }
        const db = JSON.parse(await raised().lab.dockerOn('host-B', 'ps', '--filter', 'name=dog-db', '--format', '{{json .}}'));
        const [inspected] = JSON.parse(await raised().lab.dockerOn('host-B', 'inspect', db.ID));
        expect(inspected.Config.Env).toContain('A=b=c');
        expect(inspected.HostConfig.ExtraHosts).toEqual(['far:10.0.0.9']);
      });

      it('answer on the port of each host', async () => {
        for (const address of [addressA, addressB]) expect(await pingRedis(address, 8000)).toBe('+PONG');
      });

      it('are listed with all that was wished', async () => {
        expect(await listServices(a)).toMatchObject([
          { name: 'dog-db', mode: 'replicated', replicas: 1, image: redis, constraints: [`node.id==${nodeB}`], labels: TEST_LABELS },
          {
            name: 'dog-web',
            mode: 'global',
            replicas: undefined,
            endpointMode: 'dnsrr',
            networkIds: [dognet],
            virtualIps: {},
            ports: [hostPort(8000)],
          },
        ]);
      });

      it('scale up and down, both of two who do so at once', async () => {
        const many = await service('many');
        await converge([many]);
        await Promise.all([2, 3].map((replicas) => scaleService(a, many, replicas)));
        const [wished] = (await listServices(a)).filter(({ id }) => id === many);
        expect([2, 3]).toContain(wished?.replicas);
        await scaleService(a, many, 3);
        expect((await converge([many])).map(({ slot }) => slot).sort()).toEqual([1, 2, 3]);
        await scaleService(a, many, 1);
        expect(await converge([many])).toHaveLength(1);
        expect(await failureOfCall(scaleService(a, ids[1] ?? '', 3))).toMatchObject({ hint: expect.stringContaining('replicated') });
        await tearDownOnSwarm(a, [a, b], { services: [many], networks: [] });
      });

      it.each<[string, string, RegExp, Partial<ServiceSpec>]>([
        ['a name that is taken', 'NAME_TAKEN', /dog-db/, { name: 'dog-db' }],
        ['ingress with dnsrr', 'ENGINE_ERROR', /dnsrr/, { ports: [{ ...hostPort(9000), mode: 'ingress' }] }],
        ['a network that is missing', 'NETWORK_MISSING', /nonet/, { networks: [{ network: 'nonet', aliases: [] }] }],
      ])('are refused for %s', async (_case, code, message, more) => {
        expect(await failureOfCall(service('other', more))).toMatchObject({ code, message: expect.stringMatching(message) });
      });
    });

    describe('services that stall', () => {
      const stallMs = 1_500;
      let made: string[] = [];
      const stall = async (name: string, more: Partial<ServiceSpec>, options: ConvergeOptions = {}) => {
        const id = await service(name, more);
        made.push(id);
        const told: string[] = [];
        return { told, failure: await failureOfCall(converge([id], { stallMs, onProgress: (text) => told.push(text), ...options })) };
      };
      beforeAll(async () => {
        dognet = await overlay();
      });
      afterAll(async () => {
        await setNodeAvailability(a, nodeB, 'active');
        await tearDownOnSwarm(a, [a, b], { services: made, networks: [dognet] });
        made = [];
      });

      it('say which image is missing, and where', async () => {
        const { failure, told } = await stall('no-image', { pinnedImage: 'nope:1', constraints: [`node.id==${nodeB}`] });
        expect(failure).toMatchObject({ code: 'IMAGE_MISSING', hint: expect.stringContaining('docker images nope:1') });
        expect(failure.message).toMatch(/^host-A: service no-image has 0 of 1 tasks running: No such image: nope:1 \(on host-B\)$/);
        expect(told).toContain('no-image 0/1 (No such image: nope:1)');
      });

      it('say that no node meets the constraints, also where no task tells', async () => {
        const constraints = ['node.id==nobody'];
        const { failure } = await stall('nowhere', { constraints });
        expect(failure).toMatchObject({ code: 'ENGINE_ERROR', hint: expect.stringContaining('docker node ls') });
        expect(failure.message).toMatch(/no suitable node \(scheduling constraints not satisfied on 2 nodes\)/);
        const { failure: silent } = await stall('nowhere-global', { constraints, replicas: 'global' });
        expect(silent.message).toMatch(/has 0 of 0 tasks running: no suitable node: none that is ready and active meets node\.id==nobody/);
      });

      it('say that another service has the port of the hosts', async () => {
        const first = await service('first', { replicas: 'global', ports: [hostPort(8001)] });
        made.push(first);
        await converge([first]);
        const { failure } = await stall('second', { replicas: 'global', ports: [hostPort(8001)] });
        expect(failure).toMatchObject({ code: 'PORT_TAKEN', hint: expect.stringContaining('docker ps') });
        expect(failure.message).toMatch(/second has 0 of 2 tasks running: host-mode port already in use on 1 node \(on host-A, host-B\)/);
      });

      it('say that a container has the port of the host', async () => {
        const ports = [{ hostIp: '', publishedPort: 8002, targetPort: 6379, protocol: 'tcp' as const }];
        const container = await createContainer(a, redisWish('holder', { ports }), TEST_LABELS);
        await startContainer(a, container);
        const { failure } = await stall('third', { ports: [hostPort(8002)], constraints: [`node.id==${nodeA}`] });
        await removeContainer(a, container);
        expect(failure).toMatchObject({ code: 'PORT_TAKEN', message: expect.stringMatching(/8002.*\(on host-A\)/) });
      });

      it('say of a program that ends at once, and is told as running each time, where to read why', async () => {
        const { failure, told } = await stall('dying', { command: ['no-such-program'] }, { settleMs: 2_000 });
        expect(failure).toMatchObject({ code: 'ENGINE_ERROR', hint: 'see what it said: docker service logs dying' });
        expect(failure.message).toMatch(/dying has 0 of 1 tasks running: task: non-zero exit \(127\) \(on host-[AB]\)$/);
        expect(told.at(-1)).toBe('dying 0/1 (task: non-zero exit (127))');
      });

      it('say why their containers do not start', async () => {
        const web = (await pinnedImage(a, 'pets-console/web')) ?? '';
        // Each host has made that image for itself, so the ID is known on this one alone.
        const { failure } = await stall('unfound', { pinnedImage: web, command: ['no-such-program'], constraints: [`node.id==${nodeA}`] });
        expect(failure).toMatchObject({ code: 'ENGINE_ERROR', hint: expect.stringContaining('docker service ps --no-trunc unfound') });
        expect(failure.message).toMatch(/unfound has 0 of 1 tasks running: .*no-such-program.*\(on host-[AB]/);
      });

      it('say that all nodes are drained', async () => {
        await setNodeAvailability(a, nodeB, 'drain');
        const { failure } = await stall('drained', { constraints: [`node.id==${nodeB}`] });
        expect(failure.message).toContain('no suitable node');
        expect(nodeOf(await listNodes(a), 'host-B').availability).toBe('drain');
      });

      it('end at once when they are interrupted, and when the service goes', async () => {
        const interrupting = new AbortController();
        const [id = ''] = made;
        const waiting = failureOfCall(waitUntilConverged(a, [id], { stallMs: 60_000 }, interrupting.signal));
        interrupting.abort();
        expect((await waiting).code).toBe('INTERRUPTED');
        expect(await failureOfCall(converge(['gone']))).toMatchObject({ code: 'OBJECT_MISSING', message: expect.stringContaining('gone') });
      });

      it('are late where nothing is wrong but the time', async () => {
        const id = await service('late');
        made.push(id);
        expect(await failureOfCall(converge([id], { boundMs: 0 }))).toMatchObject({
          code: 'NOT_READY',
          message: expect.stringMatching(/0 of 1/),
        });
      });
    });

    describe('taking down', () => {
      it('leaves nothing on any engine, so that the same stands again at once, three times', async () => {
        const before = (await Promise.all([a, b].map(networksOn))).flat();
        for (let cycle = 1; cycle <= 3; cycle += 1) {
          dognet = await overlay();
          const ids = [await service('dog-db'), await service('dog-web', { replicas: 'global', ports: [hostPort(8000)] })];
          // The second time amid their coming up: tasks that are being prepared have containers a moment later.
          if (cycle !== 2) await converge(ids);
          await tearDownOnSwarm(a, [a, b], { services: ids, networks: [dognet] });
          expect(await Promise.all([a, b].map(containersOn))).toEqual([[], []]);
          expect((await Promise.all([a, b].map(networksOn))).flat()).toEqual(before);
        }
      });

      it('touches no container of another service, and goes on where all is gone', async () => {
        dognet = await overlay();
        const [mine, other] = [await service('mine'), await service('other')];
        await converge([mine, other]);
        for (let twice = 0; twice < 2; twice += 1) await tearDownOnSwarm(a, [a, b], { services: [mine], networks: [] });
        expect((await listTasks(a, { services: [other] })).map(({ state }) => state)).toEqual(['running']);
        await downAll();
      });

      it('waits for what is attached by hand to go, on whichever host', async () => {
        dognet = await overlay();
        const container = await createContainer(b, redisWish('guest', { networks: [on('dognet')] }), {});
        await startContainer(b, container);
        const down = tearDownOnSwarm(a, [a, b], { services: [], networks: [dognet] });
        await waitUntil(
          'a copy on host-B',
          () => inspectNetwork(b, dognet),
          (network) => network?.endpoints.some(({ containerName }) => containerName === 'guest') === true,
        );
        await removeContainer(b, container);
        await down;
        expect(await Promise.all([a, b].map((engine) => inspectNetwork(engine, dognet)))).toEqual([undefined, undefined]);
      });
    });
  });
}

async function networksOn(engine: Engine): Promise<readonly string[]> {
  return (await listNetworks(engine)).map(({ name }) => `${engine.name} ${name}`).sort();
}
