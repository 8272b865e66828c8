import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listContainers } from '../../src/engine/containers.ts';
import { createNetwork, inspectNetwork, listNetworks, removeNetwork } from '../../src/engine/networks.ts';
import { listNodes } from '../../src/engine/nodes.ts';
import { listServices } from '../../src/engine/services.ts';
import { createService, removeService } from '../../src/engine/services-change.ts';
import { waitUntilConverged } from '../../src/engine/services-converge.ts';
import { tearDownOnSwarm } from '../../src/engine/services-teardown.ts';
import { inspectSwarm, leaveSwarm } from '../../src/engine/swarm.ts';
import { isUnsettled, waitUntilSettled } from '../../src/engine/swarm-leaving.ts';
import { lookAtSwarm } from '../../src/engine/swarm-look.ts';
import { restartEngine } from '../support/restart-engine.ts';
import { waitUntil } from '../support/wait-until.ts';
import { failureOfCall, TEST_LABELS } from './lab-engine.ts';
import { leaveBoth, makeSwarm, overlayWish, type SwarmLab, serviceSpec, setPlug } from './swarm-lab.ts';

/** A manager calls a node down after three heartbeats of 5 s, and a leader steps down 10 to 20 s after it lost the others. */
const AWAY_MS = 60_000;

/** Swarms of which a part is away, as they are looked at and taken down. Last of all: it ends engines. */
export function describeFaults(raised: () => SwarmLab): void {
  describe('a swarm that is not whole', () => {
    let { lab, a, b, redis }: SwarmLab = {} as SwarmLab;
    beforeAll(() => {
      ({ lab, a, b, redis } = raised());
    });
    const shown = async () => (await lab.console('show', 'swarm')).stdout;
    const everywhere = async () => {
      const network = await createNetwork(a, overlayWish('dognet', '10.1.0.0/24'), TEST_LABELS);
      const networks = [{ network, aliases: [] }];
      const service = await createService(a, serviceSpec('dog-web', redis, { networks, replicas: 'global' }), TEST_LABELS);
      await waitUntilConverged(a, [service]);
      return { services: [service], networks: [network] };
    };
    const isRemoved = (network: string) =>
      removeNetwork(a, network).then(
        () => true,
        () => false,
      );
    const isGoneFrom = async (engine: typeof a, { networks: [network = ''] }: { readonly networks: readonly string[] }) => {
      expect(await listContainers(engine)).toEqual([]);
      expect(await inspectNetwork(engine, network)).toBeUndefined();
    };

    describe('a removal that was broken off', () => {
      beforeAll(() => makeSwarm(raised()));
      afterAll(() => leaveBoth(raised()));

      it('is finished by the next one, which knows no more of the services', async () => {
        const remains = await everywhere();
        for (const service of remains.services) await removeService(a, service);
        const beganAt = performance.now();
        await tearDownOnSwarm(a, [a, b], { ...remains, services: [] });
        // The grace period of the containers is 10 s.
        expect(performance.now() - beganAt).toBeLessThan(5_000);
        for (const engine of [a, b]) await isGoneFrom(engine, remains);
      });

      it('is seen, and waited for, where the manager still lists its own copy of a network that went', async () => {
        const remains = await everywhere();
        const isAmid = async () => isUnsettled(await inspectSwarm(a), await listNetworks(a));
        expect(await isAmid()).toBe(false);
        for (const service of remains.services) await removeService(a, service);
        for (const network of remains.networks) await waitUntil('the manager to remove it', () => isRemoved(network), Boolean);
        expect(await isAmid()).toBe(true);
        await waitUntilSettled(a);
        expect((await listNetworks(a)).map(({ name }) => name)).not.toContain('dognet');
        await tearDownOnSwarm(a, [a, b], { ...remains, services: [] });
      });

      it('leaves a network that a service uses which stays, says whose, and removes the rest', async () => {
        const { services, networks } = await everywhere();
        const other = await createNetwork(a, overlayWish('catnet', '10.2.0.0/24'), TEST_LABELS);
        const failure = await failureOfCall(tearDownOnSwarm(a, [a, b], { services: [], networks: [...networks, other] }));
        expect(failure).toMatchObject({ code: 'NETWORK_IN_USE', message: expect.stringMatching(/^host-A: dognet .*stay: dog-web$/) });
        expect(await inspectNetwork(a, other)).toBeUndefined();
        expect((await waitUntilConverged(a, services)).map(({ state }) => state)).toEqual(['running', 'running']);
        await tearDownOnSwarm(a, [a, b], { services, networks });
      });
    });

    describe('a worker that the swarm does not reach', () => {
      beforeAll(() => makeSwarm(raised()));
      afterAll(async () => {
        await setPlug(raised(), 'host-B', 'up');
        await leaveBoth(raised());
      });

      it(
        'keeps its copy of a network until it is back, which is said; then the same stands again',
        async () => {
          const remains = await everywhere();
          await setPlug(raised(), 'host-B', 'down');
          const failure = await failureOfCall(tearDownOnSwarm(a, [a, b], remains));
          expect(failure).toMatchObject({ code: 'NOT_READY', hint: expect.stringContaining('docker node ls on host-A') });
          expect(failure.message).toBe('host-B still has network dognet: the swarm does not reach that node');
          await isGoneFrom(a, remains);
          expect(await listServices(a)).toEqual([]);
          await setPlug(raised(), 'host-B', 'up');
          const [network = ''] = remains.networks;
          const copy = () => inspectNetwork(b, network);
          await waitUntil('host-B to drop its copy', copy, (found) => found === undefined, AWAY_MS);
          await tearDownOnSwarm(a, [a, b], await everywhere());
        },
        3 * AWAY_MS,
      );
    });

    describe('a worker whose engine is dead', () => {
      beforeAll(() => makeSwarm(raised()));
      afterAll(async () => {
        await leaveSwarm(a, { force: true });
        await lab.mend();
      });

      it('holds up nothing on the others, and is told of when they are clear', async () => {
        const remains = await everywhere();
        await lab.kill('host-B');
        const failure = await failureOfCall(tearDownOnSwarm(a, [b, a], remains));
        expect(failure).toMatchObject({ code: 'ENGINE_UNREACHABLE', message: expect.stringMatching(/^host-B: cannot /) });
        await isGoneFrom(a, remains);
        await tearDownOnSwarm(a, [a], remains);
        expect(await listServices(a)).toEqual([]);
      });

      it(
        'is called down by its manager, and what stood there stands elsewhere',
        async () => {
          await waitUntil(
            'host-B to be down',
            () => listNodes(a),
            (nodes) => nodes.some(({ hostname, state }) => hostname === 'host-B' && state === 'down'),
            AWAY_MS,
          );
          const { services, networks } = await everywhere();
          expect(await waitUntilConverged(a, services)).toHaveLength(1);
          expect(await shown()).toMatch(/✕ \S+ +host-B +Down/);
          await tearDownOnSwarm(a, [a], { services, networks });
        },
        2 * AWAY_MS,
      );
    });

    describe('managers that are locked, or have no leader', () => {
      beforeAll(() => makeSwarm(raised(), 'manager'));
      afterAll(() => leaveBoth(raised()));

      it(
        'tell that they are members, and what is wrong',
        async () => {
          await setPlug(raised(), 'host-B', 'down');
          const leaderless = await waitUntil(
            'host-A to see that there is no leader',
            () => lookAtSwarm(a),
            // At the very moment it says only that it waited for one.
            ({ swarm }) => swarm.cluster === undefined && !swarm.error.includes('deadline'),
            AWAY_MS,
          );
          expect(leaderless).toMatchObject({
            swarm: { state: 'active', isManager: true, error: expect.stringMatching(/^The swarm does not have a leader/) },
            ...{ nodes: [], services: [], tasks: [] },
          });
          expect(await failureOfCall(listNodes(a))).toMatchObject({ code: 'SWARM_REQUIRED', hint: expect.stringContaining('managers') });
          expect(await shown()).toMatch(/✕ host-A: manager of a swarm \(active\): The swarm does not have a leader/);
          await leaveBoth(raised());
          await setPlug(raised(), 'host-B', 'up');
        },
        3 * AWAY_MS,
      );

      it('tell after a restart that they are locked', async () => {
        await makeSwarm(raised());
        await lab.docker('swarm', 'update', '--autolock');
        await restartEngine(lab, 'host-A');
        expect(await lookAtSwarm(a)).toMatchObject({
          swarm: { state: 'locked', isManager: false, cluster: undefined, error: expect.stringContaining('docker swarm unlock') },
        });
        expect(await failureOfCall(listNodes(a))).toMatchObject({
          code: 'SWARM_REQUIRED',
          hint: expect.stringContaining('docker swarm unlock'),
        });
        expect(await listServices(a)).toEqual([]);
        expect(await shown()).toMatch(/^ {2}✕ host-A: in a swarm \(locked\): .*\n {2}○ host-B: in a swarm \(active\) managed from/);
      });
    });
  });
}
