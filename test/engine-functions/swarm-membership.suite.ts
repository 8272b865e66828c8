import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listNodes, removeNode, setNodeAvailability, updateNodeLabels, waitUntilNodesReady } from '../../src/engine/nodes.ts';
import { listServices } from '../../src/engine/services.ts';
import { initSwarm, inspectSwarm, JoinToken, joinSwarm, leaveSwarm, readJoinTokens } from '../../src/engine/swarm.ts';
import { lookAtSwarm } from '../../src/engine/swarm-look.ts';
import { listTasks } from '../../src/engine/tasks.ts';
import { waitUntil } from '../support/wait-until.ts';
import { failureOfCall, TEST_LABELS } from './lab-engine.ts';
import { nodeOf, type SwarmLab } from './swarm-lab.ts';

/** Becoming a swarm, joining and leaving it, its nodes. */
export function describeMembership(raised: () => SwarmLab): void {
  describe('membership', () => {
    let { a, b, addressA, addressB }: SwarmLab = {} as SwarmLab;
    beforeAll(() => {
      ({ a, b, addressA, addressB } = raised());
    });
    const join = async (change: Partial<Parameters<typeof joinSwarm>[1]> = {}, signal?: AbortSignal) => {
      const { worker } = await readJoinTokens(a);
      await joinSwarm(b, { token: worker, managerAddresses: [addressA], advertiseAddress: addressB, ...change }, signal);
    };

    describe('engines outside a swarm', () => {
      it('say so', async () => {
        expect(await inspectSwarm(a)).toMatchObject({ state: 'inactive', nodeId: '', isManager: false, cluster: undefined });
        expect(await lookAtSwarm(a)).toMatchObject({ nodes: [], services: [], tasks: [] });
        expect(await listServices(a)).toEqual([]);
        for (const call of [() => listNodes(a), () => listTasks(a), () => readJoinTokens(a)]) {
          expect(await failureOfCall(call())).toMatchObject({ code: 'SWARM_REQUIRED', hint: expect.stringContaining('docker swarm init') });
        }
      });

      it('have nothing to leave', () => leaveSwarm(a, { force: true }));
    });

    describe('a swarm that we made', () => {
      let nodeA = '';
      beforeAll(async () => {
        nodeA = await initSwarm(a, addressA, TEST_LABELS);
      });
      afterAll(async () => {
        for (const engine of [b, a]) await leaveSwarm(engine, { force: true });
        // The engine removes it a moment after it has left.
        await waitUntil(
          'ingress to go',
          () => raised().lab.docker('network', 'ls', '--format', '{{.Name}}'),
          (names) => !names.includes('ingress'),
        );
      });

      it('bears our labels and the advertise address', async () => {
        expect(await inspectSwarm(a)).toMatchObject({
          state: 'active',
          nodeId: nodeA,
          address: addressA,
          isManager: true,
          managerAddresses: [`${addressA}:2377`],
          cluster: { labels: TEST_LABELS, addressPools: ['10.0.0.0/8'], dataPathPort: 4789 },
        });
      });

      it('is not made twice', async () => {
        expect(await failureOfCall(initSwarm(a, addressA, {}))).toMatchObject({
          message: expect.stringContaining('already part of a swarm'),
        });
      });

      it('refuses a token that is none', async () => {
        expect(await failureOfCall(join({ token: new JoinToken('nope') }))).toMatchObject({ code: 'ENGINE_DENIED' });
      });

      it('tells of its tokens only to the one who reveals them', async () => {
        const { worker, manager } = await readJoinTokens(a);
        expect(worker.reveal()).toMatch(/^SWMTKN-1-/);
        expect(manager.reveal()).not.toBe(worker.reveal());
        for (const shown of [JSON.stringify({ worker }), `${worker}`, inspect({ worker }, { showHidden: true })])
          expect(shown).not.toContain('SWMTKN');
      });

      it('is free to join after an attempt that was broken off, which Docker itself would go on with', async () => {
        const breaking = new AbortController();
        const attempt = failureOfCall(join({ managerAddresses: ['192.168.104.99'] }, breaking.signal));
        await waitUntil(
          'the attempt',
          () => inspectSwarm(b),
          ({ state }) => state === 'pending',
        );
        breaking.abort();
        expect(await attempt).toMatchObject({ code: 'INTERRUPTED' });
        expect(await inspectSwarm(b)).toMatchObject({ state: 'inactive' });
      });

      it('is joined by the second engine, which its manager calls ready', async () => {
        await join();
        const { nodeId } = await inspectSwarm(b);
        const nodes = await waitUntilNodesReady(a, [nodeA, nodeId]);
        expect(nodes).toMatchObject([
          { id: nodeA, hostname: 'host-A', state: 'ready', availability: 'active', managerStatus: 'leader', address: addressA },
          { id: nodeId, hostname: 'host-B', state: 'ready', managerStatus: undefined, address: addressB, platform: 'linux/amd64' },
        ]);
        expect(nodes[0]?.engineVersion).toBe(a.version);
      });

      it('is known to its worker by its managers alone', async () => {
        expect(await inspectSwarm(b)).toMatchObject({ isManager: false, managerAddresses: [`${addressA}:2377`], cluster: undefined });
        expect(await failureOfCall(listNodes(b))).toMatchObject({ code: 'SWARM_REQUIRED' });
        expect(await listServices(b)).toEqual([]);
        expect(await lookAtSwarm(b)).toEqual({ swarm: await inspectSwarm(b), nodes: [], services: [], tasks: [] });
      });

      it('keeps every label that is set at the same moment', async () => {
        const { id } = nodeOf(await listNodes(a), 'host-B');
        const names = ['one', 'two', 'three', 'four', 'five'];
        await Promise.all(names.map((name) => updateNodeLabels(a, id, { [name]: name })));
        expect(Object.keys(nodeOf(await listNodes(a), 'host-B').labels).sort()).toEqual(names.toSorted());
        await updateNodeLabels(a, id, { one: undefined, two: 'again' });
        expect(nodeOf(await listNodes(a), 'host-B').labels).toEqual({ two: 'again', three: 'three', four: 'four', five: 'five' });
      });

      it('drains a node and takes it back', async () => {
        const { id } = nodeOf(await listNodes(a), 'host-B');
        for (const availability of ['drain', 'active'] as const) {
          await setNodeAvailability(a, id, availability);
          expect(nodeOf(await listNodes(a), 'host-B')).toMatchObject({ availability, labels: { two: 'again' } });
        }
      });

      it('lets its last manager go only by force', async () => {
        const failure = await failureOfCall(leaveSwarm(a, { force: false }));
        expect(failure).toMatchObject({ code: 'ENGINE_ERROR', hint: expect.stringContaining('docker swarm leave --force') });
        expect(await inspectSwarm(a)).toMatchObject({ state: 'active' });
      });

      it('lets a worker go, and strikes it off the list', async () => {
        const { nodeId } = await inspectSwarm(b);
        expect((await failureOfCall(removeNode(a, nodeId, { force: false }))).message).toContain('is not down');
        await leaveSwarm(b, { force: false });
        await waitUntil(
          'the node to be down',
          () => listNodes(a),
          (nodes) => nodes.some(({ id, state }) => id === nodeId && state === 'down'),
        );
        await removeNode(a, nodeId, { force: false });
        await removeNode(a, nodeId, { force: false });
        expect((await listNodes(a)).map(({ id }) => id)).toEqual([nodeA]);
      });
    });
  });
}
