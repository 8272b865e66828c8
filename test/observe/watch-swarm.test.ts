import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { labelsFor } from '../../src/domain/labels.ts';
import { selectTenants } from '../../src/domain/select-hits.ts';
import { selectSwarms } from '../../src/domain/select-swarm.ts';
import type { ConsoleState } from '../../src/domain/state.ts';
import { copyImage } from '../../src/engine/copy-image.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { createNetwork } from '../../src/engine/networks.ts';
import { setNodeAvailability, waitUntilNodesReady } from '../../src/engine/nodes.ts';
import { createService, pinnedImage, scaleService } from '../../src/engine/services-change.ts';
import { waitUntilConverged } from '../../src/engine/services-converge.ts';
import { tearDownOnSwarm } from '../../src/engine/services-teardown.ts';
import { initSwarm, inspectSwarm, joinSwarm, leaveSwarm, readJoinTokens } from '../../src/engine/swarm.ts';
import { overlayWish, serviceSpec } from '../engine-functions/swarm-lab.ts';
import { startEngineLab } from '../support/engine-lab.ts';
import { skipWithoutLab } from '../support/lab-or-skip.ts';
import { waitUntil } from '../support/wait-until.ts';
import { type LiveSession, openLiveSession } from './live-session.ts';

/** As `overlay` with the variant for kernels without ip_vs; what is made of it here is made by hand. */
const SCENARIO = `
version: 1
name: overlay
project: pets
model: overlay
title: A tenant
summary: A tenant on a swarm
hosts: [host-A, host-B]
swarm: required
networks:
  dognet: { driver: overlay }
services:
  dog-db: { image: redis, on: swarm, networks: [dognet] }
  dog-web: { image: pets-console/web, on: swarm, networks: [dognet], ports: ["8000:5000"], environment: { DB: dog-db, ROLE: dog } }
tenants:
  dog: { web: dog-web, db: dog-db, url: "http://\${host-A.address}:8000" }
`;
const SOON_MS = 3_000;

describe.skipIf(skipWithoutLab)('the watch of a swarm of two engines', () => {
  const lab = startEngineLab('t-observe-swarm', '192.168.109.0/24', 2);
  let live: LiveSession;
  let [a, b] = [] as readonly Engine[] as readonly [Engine, Engine];
  let [nodeA, nodeB, dognet] = ['', '', ''];
  const services: string[] = [];

  beforeAll(async () => {
    live = await openLiveSession(lab);
    const [first, second] = live.session.engines.values();
    if (first === undefined || second === undefined) throw new Error('the session has not two engines');
    [a, b] = [first, second];
    // Of our own image each lab host has one of its own making, and a service is pinned by ID.
    await copyImage(a, b, 'pets-console/web', new AbortController().signal);
    live.followHosts();
  });
  afterAll(async () => {
    for (const engine of [b, a]) await leaveSwarm(engine, { force: true });
    await live.close();
  });

  const labels = (resource: string) =>
    labelsFor({ project: 'pets', scenario: 'overlay', resource, spec: '', run: '', hosts: 'host-A=,host-B=' });
  const service = async (name: string, more: Parameters<typeof serviceSpec>[2] = {}, image = 'redis') => {
    const pinned = await pinnedImage(a, image);
    const spec = serviceSpec(name, pinned ?? image, { image, networks: [{ network: dognet, aliases: [] }], ...more });
    const id = await createService(a, spec, labels(`service/${name}`));
    services.push(id);
    return id;
  };

  it('tells that engines are in none, then each as it comes in, soon', async () => {
    await live.until('both pictures', (state) => memberships(state).join() === 'inactive,inactive');
    nodeA = await initSwarm(a, hostAddress(0), labels('swarm'));
    await live.until('the manager', (state) => memberships(state).join() === 'manager,inactive', SOON_MS);
    const { worker } = await readJoinTokens(a);
    await joinSwarm(b, { token: worker, managerAddresses: [hostAddress(0)], advertiseAddress: hostAddress(1) });
    nodeB = (await inspectSwarm(b)).nodeId;
    const state = await live.until('the worker', (each) => memberships(each).join() === 'manager,worker', SOON_MS);
    expect(selectSwarms(state, state.at).swarms).toMatchObject([{ project: 'pets', toldBy: 'host-A' }]);
    const ready = await live.until('two ready nodes', (each) => readyHosts(each).join() === 'host-A,host-B', SOON_MS);
    expect(selectSwarms(ready, ready.at).outside).toEqual([]);
    await waitUntilNodesReady(a, [nodeA, nodeB]);
  });

  it('asks next to nothing about it while nothing happens', async () => {
    const stop = [noteRequests(a), noteRequests(b)];
    const since = performance.now();
    const lately = (path: string) =>
      stop.flatMap(({ asked }) => asked.filter((each) => each.path.includes(path) && each.at > performance.now() - 10_000));
    // The looks of every 12 s, one at most of each engine; a node that has just joined is still spoken of for a while.
    await waitUntil(
      'ten quiet seconds',
      () => [performance.now() - since, lately('/_ping').length, lately('/tasks').length, lately('/info').length],
      ([quiet = 0, pings = 0, tasks = 9, infos = 9]) => quiet > 10_000 && pings >= 6 && tasks <= 1 && infos <= 2,
      45_000,
    );
    for (const each of stop) each.stop();
  }, 60_000);

  it('tells a service as it converges, and each task with the host that runs it', async () => {
    dognet = await createNetwork(a, overlayWish('dognet', '10.1.0.0/24'), labels('network/dognet'));
    await service('dog-db', { constraints: [`node.id==${nodeB}`] });
    const id = await service(
      'dog-web',
      { replicas: 'global', environment: { DB: 'dog-db', ROLE: 'dog' }, ports: [port()] },
      'pets-console/web',
    );
    const state = await live.until('both services', (each) => converged(each, 'dog-db', 'dog-web'));
    const told = live.events.findLast(({ type }) => type === 'swarm.inspected')?.at ?? 0;
    const [swarm] = selectSwarms(state, state.at).swarms;
    expect(swarm?.tasks.map(({ name, place, state: each }) => [name, place, each])).toEqual([
      ['dog-db.1', 'host-B', 'running'],
      ['dog-web', 'host-A', 'running'],
      ['dog-web', 'host-B', 'running'],
    ]);
    await waitUntilConverged(a, [id]);
    // Not the whole look of every 12 s: the last task was seen soon after it ran.
    const lastChange = Math.max(...(swarm?.tasks ?? []).map(({ changedAt }) => changedAt));
    expect(told - lastChange).toBeLessThan(SOON_MS);
  });

  it('tells a task that a worker lost, which only the worker hears of', async () => {
    const before = taskOf(live.state(), 'dog-db')?.id;
    await lab.dockerOn('host-B', 'rm', '-f', taskOf(live.state(), 'dog-db')?.containerId ?? '');
    await live.until(
      'another task',
      (state) => {
        const task = taskOf(state, 'dog-db');
        return task !== undefined && task.id !== before && task.state === 'running';
      },
      10_000,
    );
  });

  it('tells what keeps a task from running, in words of Docker’s', async () => {
    const id = await service('stray', { constraints: ['node.labels.zone==nowhere'] });
    const state = await live.until('the problem', (each) => (taskOf(each, 'stray')?.problem ?? '') !== '');
    expect(taskOf(state, 'stray')?.problem).toMatch(/no suitable node/);
    await scaleService(a, id, 0);
    await live.until('no task of it', (each) => converged(each, 'stray'));
  });

  it('follows the hits of a database wherever the swarm runs it', async () => {
    live.watchTenants(live.bind(SCENARIO));
    const tenant = 'pets/dog';
    await live.until('the counter', (state) => state.tenants[tenant]?.status === 'live', 30_000);
    expect(await fetch(`http://${hostAddress(0)}:8000`).then(({ status }) => status)).toBe(200);
    const counted = await live.until('the hit', (state) => state.tenants[tenant]?.total === 1);
    expect(selectTenants(counted, counted.at)[0]?.containers).toMatchObject([{ name: 'dog-web', host: 'host-A', hits: 1 }]);
    const beside = () =>
      live
        .told('agent.started')
        .filter((event) => event.beside.startsWith('dog-db'))
        .map(({ host }) => host);
    expect(beside()).toEqual(['host-B']);
    await tearDownOnSwarm(a, [a, b], { services: services.splice(0, 1), networks: [] });
    await service('dog-db', { constraints: [`node.id==${nodeA}`] });
    // It starts empty there, as Docker's guide has it: a count is the database's.
    await live.until(
      'the counter on the other host',
      (state) => state.tenants[tenant]?.status === 'live' && state.tenants[tenant]?.total === 0,
      30_000,
    );
    expect(beside()).toEqual(['host-B', 'host-A']);
    await fetch(`http://${hostAddress(1)}:8000`);
    const again = await live.until('a hit there', (state) => state.tenants[tenant]?.total === 1);
    expect(selectTenants(again, again.at)[0]?.containers).toMatchObject([{ name: 'dog-web', host: 'host-B', hits: 1 }]);
  });

  it('tells a node that is drained, and one that left, though the one that leaves says nothing', async () => {
    await setNodeAvailability(a, nodeB, 'drain');
    await live.until('the drained node', (state) => availability(state, 'host-B') === 'drain', SOON_MS);
    await tearDownOnSwarm(a, [a, b], { services: services.splice(0), networks: [dognet] });
    await live.until('no service', (state) => selectSwarms(state, state.at).swarms[0]?.services.length === 0, SOON_MS);
    await leaveSwarm(b, { force: false });
    await live.until('the worker to be out', (state) => memberships(state)[1] === 'inactive');
    await leaveSwarm(a, { force: true });
    await live.until('nobody in a swarm', (state) => memberships(state).join() === 'inactive,inactive');
  });

  function hostAddress(index: number): string {
    return lab.hosts[index]?.address ?? '';
  }
});

function port() {
  return { publishedPort: 8000, targetPort: 5000, protocol: 'tcp', mode: 'host' as const };
}

function memberships(state: ConsoleState): readonly string[] {
  return Object.values(state.hosts).map(({ swarm }) => {
    if (swarm === undefined) return 'unknown';
    const { state: membership, isManager } = swarm.picture.swarm;
    return membership === 'active' ? (isManager ? 'manager' : 'worker') : membership;
  });
}

function readyHosts(state: ConsoleState): readonly string[] {
  const [swarm] = selectSwarms(state, state.at).swarms;
  return (swarm?.nodes ?? []).filter((node) => node.state === 'ready').map(({ host = '?' }) => host);
}

function availability(state: ConsoleState, host: string): string | undefined {
  return selectSwarms(state, state.at).swarms[0]?.nodes.find((node) => node.host === host)?.availability;
}

function converged(state: ConsoleState, ...names: readonly string[]): boolean {
  const services = selectSwarms(state, state.at).swarms[0]?.services ?? [];
  return names.every((name) => services.find((service) => service.name === name)?.converged === true);
}

function taskOf(state: ConsoleState, service: string) {
  const [swarm] = selectSwarms(state, state.at).swarms;
  const id = swarm?.services.find(({ name }) => name === service)?.id;
  return swarm?.tasks.find(({ serviceId }) => serviceId === id);
}

/** Listens to what an engine is asked. */
function noteRequests({ docker }: Engine) {
  const asked: { readonly path: string; readonly at: number }[] = [];
  const dial = docker.modem.dial.bind(docker.modem);
  docker.modem.dial = (options, done) => {
    asked.push({ path: options.path, at: performance.now() });
    dial(options, done);
  };
  const stop = () => {
    docker.modem.dial = dial;
  };
  return { asked, stop };
}
