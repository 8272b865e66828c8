import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ledgerOf } from '../../src/domain/ipam.ts';
import type { IpamPool } from '../../src/domain/scenario.ts';
import { readLogTail, waitForLogLine } from '../../src/engine/container-logs.ts';
import {
  createContainer,
  inspectContainer,
  listContainers,
  removeContainer,
  startContainer,
  stopContainer,
  unpauseContainer,
} from '../../src/engine/containers.ts';
import type { Engine } from '../../src/engine/engine.ts';
import {
  connectNetwork,
  createNetwork,
  disconnectNetwork,
  inspectNetwork,
  listNetworks,
  removeNetwork,
} from '../../src/engine/networks.ts';
import { askDocker, clearEngine, failureOfCall, type LabEngine, networkWish, on, redisWish, TEST_LABELS } from './lab-engine.ts';

const READY = 'Ready to accept connections';

/** Networks and containers, their addresses, logs and failures, on a real engine. */
export function describeObjects(lab: () => LabEngine): void {
  let engine: Engine;
  const signal = new AbortController().signal;
  const make = (...wish: Parameters<typeof redisWish>) => createContainer(engine, redisWish(...wish), TEST_LABELS);
  const run = async (...wish: Parameters<typeof redisWish>) => {
    const id = await make(...wish);
    await startContainer(engine, id);
    return id;
  };
  const network = (name: string, ...ipam: readonly IpamPool[]) => createNetwork(engine, networkWish(name, ...ipam), TEST_LABELS);

  beforeAll(() => {
    engine = lab().engine;
  });

  describe('networks and containers', () => {
    afterEach(() => clearEngine(engine));

    it('makes what `docker run` makes: names, addresses, ports, environment, labels', async () => {
      await network('catnet', { subnet: '10.91.0.0/24', gateway: '10.91.0.1' });
      await network('dognet');
      const id = await run('cat-db', {
        networks: [{ network: 'catnet', aliases: ['db'], ipv4Address: '10.91.0.9' }, on('dognet')],
        ports: [{ hostIp: '', publishedPort: 8123, targetPort: 6379, protocol: 'tcp' }],
        environment: { DB: 'x=y' },
        extraHosts: ['far:10.0.0.1'],
      });
      const container = await inspectContainer(engine, 'cat-db');
      expect(container).toMatchObject({ id, name: 'cat-db', image: 'redis', state: 'running', labels: TEST_LABELS, networkMode: 'catnet' });
      expect(container?.networks.catnet).toMatchObject({ ipv4Address: '10.91.0.9', aliases: expect.arrayContaining(['db']) });
      expect(container?.networks.dognet?.ipv4Address).toMatch(/^172\./);
      expect(container?.ports).toContainEqual({ hostIp: '0.0.0.0', publishedPort: 8123, targetPort: 6379, protocol: 'tcp' });
      const config = JSON.parse(await askDocker(lab().socket, 'inspect', '-f', '{{json .Config}}', 'cat-db'));
      expect(config.Env).toContain('DB=x=y');
      expect(config.Hostname).toBe(id.slice(0, 12));
    });

    it('hardens images of ours, and leaves anybody else their defaults', async () => {
      await make('cat-db');
      await make('cat-web', { image: 'pets-console/web' });
      const hostConfig = async (name: string) => JSON.parse(await askDocker(lab().socket, 'inspect', '-f', '{{json .HostConfig}}', name));
      expect(await hostConfig('cat-web')).toMatchObject({ ReadonlyRootfs: true, CapDrop: ['ALL'], SecurityOpt: ['no-new-privileges'] });
      expect(await hostConfig('cat-db')).toMatchObject({ ReadonlyRootfs: false, CapDrop: null, SecurityOpt: null });
    });

    it('lists stopped containers too, with exit code and the ports they will ask for', async () => {
      const ports = [{ hostIp: '127.0.0.1', publishedPort: 8124, targetPort: 6379, protocol: 'tcp' as const }];
      await run('cat-db', { ports });
      // Before it handles SIGTERM, a process 1 ignores it, and is killed after the grace.
      await waitForLogLine(engine, 'cat-db', READY, signal);
      await stopContainer(engine, 'cat-db');
      expect(await listContainers(engine)).toMatchObject([{ name: 'cat-db', state: 'exited', exitCode: 0, ports }]);
    });

    it('inspects endpoints that the list does not tell, and says undefined for what is not there', async () => {
      const id = await network('catnet', { subnet: '10.91.0.0/24' });
      const containerId = await run('cat-db', { networks: [on('catnet')] });
      expect((await listNetworks(engine)).find(({ name }) => name === 'catnet')).toMatchObject({ id, endpoints: [] });
      const catnet = await inspectNetwork(engine, id);
      expect(catnet?.endpoints).toMatchObject([{ containerId, containerName: 'cat-db', ipv4Address: '10.91.0.2' }]);
      expect(catnet?.raw).toMatchObject({ Name: 'catnet', Driver: 'bridge' });
      expect(await inspectNetwork(engine, 'nope')).toBeUndefined();
      expect(await inspectContainer(engine, 'nope')).toBeUndefined();
    });

    it('attaches, detaches, resumes, and takes what is gone as removed', async () => {
      await network('catnet');
      const id = await run('cat-db');
      await connectNetwork(engine, 'catnet', 'cat-db', { aliases: ['db'] });
      await disconnectNetwork(engine, 'bridge', 'cat-db');
      expect(Object.keys((await inspectContainer(engine, id))?.networks ?? {})).toEqual(['catnet']);
      await askDocker(lab().socket, 'pause', id);
      await unpauseContainer(engine, id);
      expect((await inspectContainer(engine, id))?.state).toBe('running');
      await Promise.all([removeContainer(engine, id), removeContainer(engine, id)]);
      await removeContainer(engine, id);
      await removeNetwork(engine, 'catnet');
      await removeNetwork(engine, 'catnet');
      expect(await listContainers(engine)).toEqual([]);
    });

    it('says at the start which of several networks is missing', async () => {
      await network('catnet');
      expect(await failureOfCall(run('cat-db', { networks: [on('catnet'), on('zz')] }))).toMatchObject({ code: 'NETWORK_MISSING' });
    });
  });

  describe("Docker's messages", () => {
    const ports = [{ hostIp: '', publishedPort: 8123, targetPort: 6379, protocol: 'tcp' as const }];

    beforeAll(async () => {
      await network('catnet', { subnet: '10.91.0.0/24' });
      await network('free');
      await run('cat-db', { networks: [on('catnet', '10.91.0.9')], ports });
    });
    afterEach(() => removeContainer(engine, 'other'));
    afterAll(() => clearEngine(engine));

    it.each<[string, string, RegExp, RegExp, () => Promise<unknown>]>([
      [
        'a network of that name',
        'NAME_TAKEN',
        /^host-A: cannot create network catnet/,
        /docker network inspect catnet/,
        () => network('catnet'),
      ],
      ['a container of that name', 'NAME_TAKEN', /cat-db/, /docker inspect cat-db/, () => make('cat-db')],
      ['a pool in use', 'POOL_OVERLAPS', /dognet/, /docker network inspect/, () => network('dognet', { subnet: '10.91.0.128/25' })],
      ['a port in use', 'PORT_TAKEN', /8123/, /publish=8123/, () => run('other', { ports })],
      [
        'an address in use',
        'ADDRESS_TAKEN',
        /container/,
        /docker network inspect/,
        () => run('other', { networks: [on('catnet', '10.91.0.9')] }),
      ],
      [
        'an address outside',
        'ADDRESS_OUTSIDE_SUBNET',
        /10\.92\.0\.9/,
        /docker network inspect/,
        () => run('other', { networks: [on('catnet', '10.92.0.9')] }),
      ],
      [
        'an address without a subnet',
        'ADDRESS_OUTSIDE_SUBNET',
        /configured subnets/,
        /subnet of its own/,
        () => run('other', { networks: [on('free', '10.92.0.9')] }),
      ],
      ['a network missing', 'NETWORK_MISSING', /zz/, /docker network ls/, () => run('other', { networks: [on('zz')] })],
      ['an image missing', 'IMAGE_MISSING', /nope:1/, /docker images nope:1/, () => make('other', { image: 'nope:1' })],
      ['a container missing', 'OBJECT_MISSING', /nope/, /docker ps -a/, () => startContainer(engine, 'nope')],
      ['a network in use', 'NETWORK_IN_USE', /active endpoints/, /docker network inspect catnet/, () => removeNetwork(engine, 'catnet')],
      [
        'no swarm',
        'SWARM_REQUIRED',
        /swarm/,
        /docker swarm init/,
        () => createNetwork(engine, { ...networkWish('o'), driver: 'overlay' }, TEST_LABELS),
      ],
      [
        'a parent missing',
        'PARENT_MISSING',
        /nosuch0/,
        /ip -brief link/,
        () => createNetwork(engine, { ...networkWish('m'), driver: 'macvlan', options: { parent: 'nosuch0' } }, TEST_LABELS),
      ],
    ])('on %s become %s with the next command', async (_case, code, message, hint, call) => {
      const failure = await failureOfCall(call());
      expect(failure).toEqual({ code, message: expect.stringMatching(message), hint: expect.stringMatching(hint) });
      expect(failure.message).not.toMatch(/HTTP code|[0-9a-f]{64}.*cannot/);
    });
  });

  describe('logs', () => {
    afterEach(() => clearEngine(engine));

    it('waits for the ready line of the present start, not of an earlier one', async () => {
      const id = await run('cat-db');
      await waitForLogLine(engine, id, READY, signal);
      expect(await readLogTail(engine, id, 1)).toContain(READY);
      await stopContainer(engine, id);
      expect(await failureOfCall(waitForLogLine(engine, id, 'never said', signal))).toMatchObject({ code: 'CONTAINER_EXITED' });
      await startContainer(engine, id);
      await waitForLogLine(engine, id, READY, signal);
      const ready = (await readLogTail(engine, id, 1000)).split('\n').filter((line) => line.includes(READY));
      expect(ready).toHaveLength(2);
    });

    it('quotes the last lines of one that ends first', async () => {
      const id = await run('cat-db', { command: ['redis-server', '--nonsense', '1'] });
      const { code, message, hint } = await failureOfCall(waitForLogLine(engine, id, READY, signal));
      expect([code, hint]).toEqual(['CONTAINER_EXITED', 'docker logs cat-db']);
      expect(message).toMatch(/cat-db ended with status 1 before it was ready; it said last:\n[\s\S]*nonsense/);
    });

    it('ends at once when it is interrupted', async () => {
      const id = await run('cat-db');
      const controller = new AbortController();
      const waiting = failureOfCall(waitForLogLine(engine, id, 'never said', controller.signal));
      controller.abort();
      expect((await waiting).code).toBe('INTERRUPTED');
    });
  });

  describe('the ledger', () => {
    afterEach(() => clearEngine(engine));

    const subnet = '10.81.0.0/24';
    it.each<[string, IpamPool, number]>([
      ['a /29', { subnet: '10.81.0.0/29' }, 5],
      ['a /29 whose gateway is its last address', { subnet: '10.81.0.0/29', gateway: '10.81.0.6' }, 5],
      [
        'a range with an auxiliary address in it',
        { subnet, gateway: '10.81.0.1', ipRange: '10.81.0.8/30', auxAddresses: { r: '10.81.0.9' } },
        3,
      ],
      ['a range that the gateway is taken from', { subnet, ipRange: '10.81.0.8/30' }, 3],
      ["a range at the subnet's front", { subnet, ipRange: '10.81.0.0/30' }, 2],
      ["a range at the subnet's end", { subnet, gateway: '10.81.0.1', ipRange: '10.81.0.252/30' }, 3],
    ])('foretells how many containers fit into %s', async (_case, ipam, expected) => {
      const id = await network('small', ipam);
      const free = async () => ledgerOf((await inspectNetwork(engine, id)) ?? expect.fail('the network is gone')).pools[0]?.free;
      expect(await free()).toBe(expected);
      for (let count = 1; count <= expected; count += 1) {
        await run(`c${count}`, { networks: [on('small')] });
        expect(await free()).toBe(expected - count);
      }
      expect((await failureOfCall(run('one-too-many', { networks: [on('small')] }))).code).toBe('NO_ADDRESS_LEFT');
      await stopContainer(engine, 'c1');
      expect(await free()).toBe(1);
    });
  });
}
