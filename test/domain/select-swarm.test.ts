import { describe, expect, test } from 'vitest';
import type { SwarmNode, SwarmPicture, SwarmService, SwarmTask } from '../../src/domain/live-swarm.ts';
import { convergenceOf } from '../../src/domain/live-swarm-convergence.ts';
import { reduce } from '../../src/domain/reduce.ts';
import { selectSwarms } from '../../src/domain/select-swarm.ts';
import { type ConsoleState, EMPTY_STATE } from '../../src/domain/state.ts';

const NOW = 1_000_000;

function service(more: Partial<SwarmService> = {}): SwarmService {
  const nothing = { labels: {}, ports: [], constraints: [], networkIds: [], aliases: {}, virtualIps: {}, update: undefined };
  const started = { extraHosts: [], command: [], environment: {} };
  return {
    id: 's1',
    name: 'dog-web',
    image: 'redis',
    mode: 'replicated',
    replicas: 1,
    endpointMode: 'dnsrr',
    ...nothing,
    ...started,
    ...more,
  };
}

function task(id: string, more: Partial<SwarmTask> = {}): SwarmTask {
  const states = { state: 'running', desiredState: 'running', message: '', error: '' } as const;
  return { id, serviceId: 's1', slot: 1, nodeId: 'n1', ...states, createdAt: NOW, changedAt: NOW, containerId: '', addresses: [], ...more };
}

function node(id: string, hostname: string): SwarmNode {
  const told = { address: '', platform: 'linux/amd64', engineVersion: '28.5.2', labels: {} };
  return { id, hostname, state: 'ready', availability: 'active', managerStatus: undefined, ...told };
}

function picture(
  nodeId: string,
  more: Partial<SwarmPicture> & { readonly cluster?: string; readonly labels?: Record<string, string> } = {},
) {
  const { cluster, labels = {}, ...rest } = more;
  const told = cluster === undefined ? undefined : { id: cluster, labels, addressPools: [], dataPathPort: 4789 };
  const swarm = { state: 'active', error: '', nodeId, address: '', isManager: told !== undefined, managerAddresses: ['m:2377'] } as const;
  return { swarm: { ...swarm, cluster: told }, nodes: [], services: [], tasks: [], ...rest } satisfies SwarmPicture;
}

function stateOf(pictures: Readonly<Record<string, SwarmPicture>>, lost: readonly string[] = []): ConsoleState {
  const hosts = Object.keys(pictures);
  const found = hosts.map((name) => ({ name, endpoint: '', address: '' }));
  const state = reduce(EMPTY_STATE, { at: 1, type: 'hosts.found', source: 'lab', tried: [], hosts: found });
  const connected = hosts.reduce((before, host) => {
    const facts = { endpoint: '', address: '', source: '', engineVersion: '', apiVersion: '', latencyMs: 1 };
    return reduce(before, { at: NOW, type: 'host.connected', host, ...facts });
  }, state);
  const told = hosts.reduce((before, host, index) => {
    const each = pictures[host];
    return each === undefined ? before : reduce(before, { at: NOW + index, type: 'swarm.inspected', host, picture: each });
  }, connected);
  const failure = { code: 'ENGINE_UNREACHABLE', message: 'no' } as const;
  return lost.reduce((before, host) => reduce(before, { at: NOW, type: 'host.lost', host, failure }), told);
}

describe('convergence', () => {
  const ended = (id: string, error: string, createdAt: number) => task(id, { state: 'failed', desiredState: 'shutdown', error, createdAt });

  test('counts the newest task of each slot, and no task of another service', () => {
    const tasks = [ended('t1', 'boom', 1), task('t2', { createdAt: 2 }), task('t3', { serviceId: 's2', slot: 2 })];
    expect(convergenceOf(service(), tasks)).toMatchObject({ running: 1, desired: 1, converged: true, problems: [] });
    expect(convergenceOf(service({ replicas: 2 }), tasks)).toMatchObject({ running: 1, desired: 2, converged: false });
  });

  test('a task that is tried again is told with what its forerunner died of', () => {
    const next = task('t2', { state: 'ready', desiredState: 'ready', createdAt: 2, nodeId: 'n2' });
    const { problems, converged } = convergenceOf(service(), [ended('t1', 'task: non-zero exit (1)', 1), next]);
    expect(converged).toBe(false);
    expect(problems).toEqual([{ place: '1', taskId: 't2', nodeId: 'n1', error: 'task: non-zero exit (1)' }]);
  });

  test('a global service has a slot on each node, and one that no node takes is not converged', () => {
    const everywhere = service({ mode: 'global', replicas: undefined });
    const tasks = ['n1', 'n2'].map((nodeId) => task(nodeId, { slot: 0, nodeId }));
    expect(convergenceOf(everywhere, tasks)).toMatchObject({ running: 2, desired: 2, converged: true });
    expect(convergenceOf(everywhere, [])).toMatchObject({
      converged: false,
      problems: [{ error: expect.stringMatching(/no suitable node/) }],
    });
  });

  test('a job is as wished once its tasks are done', () => {
    const job = service({ mode: 'replicated-job', replicas: 2 });
    const going = task('t2', { slot: 2, desiredState: 'complete' });
    const done = [task('t1', { state: 'complete', desiredState: 'complete' }), { ...going, state: 'complete' } as const];
    expect(convergenceOf(job, [...done.slice(0, 1), going])).toMatchObject({ running: 1, desired: 2, converged: false, problems: [] });
    expect(convergenceOf(job, done)).toMatchObject({ running: 2, desired: 2, converged: true, problems: [] });
    expect(convergenceOf(service({ mode: 'global-job', replicas: undefined }), done)).toMatchObject({ running: 2, converged: true });
  });

  test('a service that is scaled down is there once the others have gone', () => {
    const tasks = [task('t1'), task('t2', { slot: 2 })];
    expect(convergenceOf(service(), tasks).converged).toBe(false);
    const going = [task('t1'), task('t2', { slot: 2, desiredState: 'remove' })];
    expect(convergenceOf(service(), going)).toMatchObject({ running: 1, converged: true });
    expect(convergenceOf(service({ replicas: 0 }), [])).toMatchObject({ running: 0, converged: true });
  });

  test('a rolling update under way is not converged, and a halted one says why', () => {
    const update = (state: 'updating' | 'paused') => convergenceOf(service({ update: { state, message: 'because' } }), [task('t1')]);
    expect(update('updating')).toMatchObject({ running: 1, converged: false, problems: [] });
    expect(update('paused').problems).toMatchObject([{ error: 'its update is paused: because' }]);
  });
});

describe('swarms', () => {
  const nodes = [node('n1', 'node-one'), node('n2', 'node-two'), node('n3', 'node-three')];
  const labels = { 'pets-console.project': 'pets' };
  const manager = (nodeId: string) =>
    picture(nodeId, { cluster: 'c1', labels, nodes, services: [service()], tasks: [task('t1', { nodeId: 'n2' })] });

  test('one that several hosts manage is one, with the hosts that its nodes are', () => {
    const view = selectSwarms(stateOf({ 'host-A': manager('n1'), 'host-B': manager('n2') }), NOW);
    expect(view.outside).toEqual([]);
    expect(view.swarms).toMatchObject([{ id: 'c1', project: 'pets', converged: true, toldBy: 'host-B', freshness: 'live' }]);
    expect(view.swarms[0]?.nodes.map(({ host }) => host)).toEqual(['host-A', 'host-B', undefined]);
    expect(view.swarms[0]?.tasks).toMatchObject([{ name: 'dog-web.1', place: 'host-B', problem: '' }]);
  });

  test('is told by a manager that answers, while there is one; else with its age', () => {
    const pictures = { 'host-A': manager('n1'), 'host-B': manager('n2') };
    expect(selectSwarms(stateOf(pictures, ['host-B']), NOW).swarms[0]).toMatchObject({ toldBy: 'host-A', freshness: 'live' });
    const both = selectSwarms(stateOf(pictures, ['host-A', 'host-B']), NOW + 5_000).swarms[0];
    expect(both).toMatchObject({ toldBy: 'host-B', freshness: 'down', ageMs: 4_999 });
  });

  test('a worker of managers that are not among the hosts, a host in none, and one that told nothing are three things', () => {
    const alone = { ...picture('').swarm, state: 'inactive', managerAddresses: [] } as const;
    const none = { ...picture(''), swarm: alone };
    const state = reduce(stateOf({ 'host-A': picture('n9'), 'host-B': none }), {
      at: NOW,
      type: 'host.lost',
      host: 'host-C',
      failure: { code: 'ENGINE_UNREACHABLE', message: 'no' },
    });
    expect(selectSwarms(state, NOW)).toMatchObject({
      swarms: [],
      outside: [
        { host: 'host-A', state: 'active', managerAddresses: ['m:2377'] },
        { host: 'host-B', state: 'inactive', managerAddresses: [] },
      ],
      unknown: ['host-C'],
    });
  });

  test('a manager that lost its leader is a member of a swarm that nobody tells of, with the reason', () => {
    const lost = picture('n1');
    const swarm = { ...lost.swarm, isManager: true, error: 'The swarm does not have a leader.' } as const;
    const view = selectSwarms(stateOf({ 'host-A': { ...lost, swarm }, 'host-B': picture('n2') }), NOW);
    expect(view).toMatchObject({
      swarms: [],
      outside: [
        { host: 'host-A', state: 'active', isManager: true, error: 'The swarm does not have a leader.' },
        { host: 'host-B', state: 'active', isManager: false, error: '' },
      ],
      unknown: [],
    });
  });
});
