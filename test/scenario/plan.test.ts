import { beforeEach, describe, expect, test } from 'vitest';
import type { Failure } from '../../src/domain/errors.ts';
import { LABEL } from '../../src/domain/labels.ts';
import type { LiveNetwork } from '../../src/domain/live.ts';
import type { Plan } from '../../src/domain/plan.ts';
import type { BoundHost, Scenario } from '../../src/domain/scenario.ts';
import { bindHosts, bindScenario } from '../../src/scenario/bind.ts';
import { hostsLabel } from '../../src/scenario/hosts-of-plan.ts';
import { loadScenario, parseScenario } from '../../src/scenario/load.ts';
import { planDown } from '../../src/scenario/plan-down.ts';
import { planUp } from '../../src/scenario/plan-up.ts';
import { liveContainer, liveNetwork } from './live-things.ts';
import { ModelEngine } from './model-engine.ts';

const HOST: BoundHost = { name: 'host-A', endpoint: 'unix:///run/a.sock', address: '192.168.0.11', role: 'host-A' };
const bridge = await loadScenario(new URL('../../scenarios/bridge.yaml', import.meta.url).pathname);

/** A host with the default network, on which the images are there already. */
function newEngine(): ModelEngine {
  const engine = new ModelEngine('host-A');
  engine.networks.push(foreignNetwork('bridge', '172.17.0.0/16', engine.newId()));
  engine.images = {
    redis: { id: 'sha256:redis', platform: 'linux/amd64', current: true },
    'pets-console/web': { id: 'sha256:web', platform: 'linux/amd64', current: true },
    w: { id: 'sha256:w', platform: 'linux/amd64', current: true },
  };
  return engine;
}

function foreignNetwork(name: string, subnet: string, id: string): LiveNetwork {
  return liveNetwork(name, { id, pools: [{ subnet, auxAddresses: {} }] });
}

function scenarioOf(rest: string): Scenario {
  return parseScenario('s.yaml', `version: 1\nname: bridge\nproject: bridge\nmodel: bridge\ntitle: T\nhosts: [host-A]\n${rest}\n`);
}

/** `container/cat-db/run` of each step, in the order of the plan. */
function stepsOf(plan: Plan): string[] {
  return plan.steps.map(({ id }) => id.replace(/^host-A\//, ''));
}

function reasonOf(plan: Plan, id: string): string | undefined {
  return plan.steps.find((step) => step.id === `host-A/${id}`)?.reason;
}

const up = (engine: ModelEngine, scenario = bridge): Plan => planUp(bindScenario(scenario, [HOST]), [HOST], [engine.live], 'RUN');
const converge = (engine: ModelEngine, scenario = bridge): void => {
  const plan = up(engine, scenario);
  expect(plan.obstacles).toEqual([]);
  engine.execute(plan.steps);
};

describe('planUp on an empty engine', () => {
  test('is a graph: the network and the images at once, then both containers at once, then each ready', () => {
    const engine = newEngine();
    engine.images = { redis: { id: 'sha256:old', platform: 'linux/amd64', current: true } };
    const plan = up(engine);
    expect(Object.fromEntries(plan.steps.map(({ id, needs }) => [id, needs]))).toEqual({
      'host-A/network/catnet/create': [],
      'host-A/container/cat-db/run': ['host-A/network/catnet/create'],
      'host-A/container/cat-db/ready': ['host-A/container/cat-db/run'],
      'host-A/image/pets-console/web/ensure': [],
      'host-A/container/cat-web/run': ['host-A/image/pets-console/web/ensure', 'host-A/network/catnet/create'],
      'host-A/container/cat-web/ready': ['host-A/container/cat-web/run', 'host-A/container/cat-db/ready'],
    });
    expect(plan.steps.map(({ command }) => command)).toEqual([
      'docker network create -d bridge catnet',
      'docker run -d --net catnet --name cat-db redis',
      '',
      'docker build -t pets-console/web app-image',
      'docker run -d --net catnet --name cat-web -p 8000:5000 -e DB=cat-db -e ROLE=cat pets-console/web',
      '',
    ]);
  });

  test('watches the readiness that each image has', () => {
    const ready = up(newEngine()).steps.flatMap(({ action }) => (action.kind === 'container.ready' ? [action.ready] : []));
    expect(ready).toEqual([
      { kind: 'log', line: 'Ready to accept connections' },
      { kind: 'log', line: 'is ready' },
    ]);
  });

  test('labels everything that it makes', () => {
    const labelled = up(newEngine()).steps.flatMap(({ action }) => ('labels' in action ? [action.labels] : []));
    expect(labelled).toHaveLength(3);
    for (const labels of labelled) {
      expect(labels).toMatchObject({ [LABEL.project]: 'bridge', [LABEL.scenario]: 'bridge', [LABEL.run]: 'RUN' });
      expect(labels[LABEL.spec]).toMatch(/^[0-9a-f]{64}$/);
      expect(labels[LABEL.hosts]).toMatch(/^host-A=[0-9a-f]{12}$/);
    }
    expect(labelled.map((labels) => labels[LABEL.resource])).toEqual(['network/catnet', 'container/cat-db', 'container/cat-web']);
  });

  test('says which host did not answer', () => {
    const plan = planUp(bridge, [HOST], [], 'RUN');
    expect(plan.steps).toEqual([]);
    expect(plan.obstacles).toMatchObject([{ host: 'host-A', resource: 'host/host-A' }]);
  });
});

describe('planUp on what is there already', () => {
  let engine = newEngine();
  beforeEach(() => {
    engine = newEngine();
    converge(engine);
  });

  test('changes nothing, and says so', () => {
    const plan = planUp(bridge, [HOST], [engine.live], 'ANOTHER-RUN');
    expect(plan.steps).toEqual([]);
    expect(plan.unchanged).toEqual(['host-A/network/catnet', 'host-A/container/cat-db', 'host-A/container/cat-web']);
  });

  test('does not take a sidecar for a workload', () => {
    const db = engine.containers.find(({ name }) => name === 'cat-db');
    engine.containers.push(
      liveContainer('pets-agent', { labels: { ...db?.labels, [LABEL.resource]: 'sidecar/cat-db', [LABEL.sidecar]: 'agent' } }),
    );
    expect(up(engine).steps).toEqual([]);
  });

  test('does not need the image of a container that runs as wished', () => {
    engine.images = {};
    expect(up(engine).steps).toEqual([]);
  });

  test.each<[string, (engine: ModelEngine) => void, readonly string[], string]>([
    [
      'stopped',
      (live) => live.change('cat-db', () => ({ state: 'exited', ports: [] })),
      ['container/cat-db/start', 'container/cat-db/ready'],
      'it is exited',
    ],
    [
      'never started',
      (live) => live.change('cat-db', () => ({ state: 'created' })),
      ['container/cat-db/start', 'container/cat-db/ready'],
      'it is created',
    ],
    [
      'paused',
      (live) => live.change('cat-db', () => ({ state: 'paused' })),
      ['container/cat-db/unpause', 'container/cat-db/ready'],
      'it is paused',
    ],
    [
      'detached',
      (live) => live.change('cat-db', () => ({ networks: {} })),
      ['container/cat-db/connect-catnet', 'container/cat-db/ready'],
      'it is not on catnet',
    ],
    [
      'detached, and so without the port it publishes (as engines report it)',
      (live) => live.change('cat-web', () => ({ networks: {}, ports: [] })),
      ['container/cat-web/connect-catnet', 'container/cat-web/ready'],
      'it is not on catnet',
    ],
    [
      'attached elsewhere',
      (live) =>
        live.change('cat-db', ({ networks }) => ({
          networks: {
            ...networks,
            bridge: { networkId: live.network('bridge').id, ipv4Address: '172.17.0.2', macAddress: '', aliases: [] },
          },
        })),
      ['container/cat-db/disconnect-bridge', 'container/cat-db/ready'],
      'it is on bridge, which the scenario does not say',
    ],
    [
      'dead',
      (live) => live.change('cat-db', () => ({ state: 'dead' })),
      ['container/cat-db/remove', 'container/cat-db/run', 'container/cat-db/ready'],
      'it is dead',
    ],
    [
      'of another image',
      (live) => live.change('cat-db', () => ({ imageId: 'sha256:other' })),
      ['container/cat-db/remove', 'container/cat-db/run', 'container/cat-db/ready'],
      'image redis has changed',
    ],
    [
      'of an older recipe',
      (live) => {
        live.images['pets-console/web'] = { id: 'sha256:web', platform: 'linux/amd64', current: false };
      },
      ['container/cat-web/remove', 'image/pets-console/web/ensure', 'container/cat-web/run', 'container/cat-web/ready'],
      'image pets-console/web is older than its recipe',
    ],
    [
      'without its port',
      (live) => live.change('cat-web', () => ({ ports: [] })),
      ['container/cat-web/remove', 'container/cat-web/run', 'container/cat-web/ready'],
      'port 8000:5000 is not published',
    ],
    [
      'with a port more',
      (live) => live.change('cat-db', () => ({ ports: [{ hostIp: '0.0.0.0', publishedPort: 6379, targetPort: 6379, protocol: 'tcp' }] })),
      ['container/cat-db/remove', 'container/cat-db/run', 'container/cat-db/ready'],
      'port 6379 is published, which the scenario does not say',
    ],
    [
      'renamed',
      (live) => live.change('cat-db', () => ({ name: 'cat-db-2' })),
      ['container/cat-db-2/remove', 'container/cat-db/run', 'container/cat-db/ready'],
      'it was renamed to cat-db-2',
    ],
    [
      'with labels that tell of another wish',
      (live) => live.change('cat-db', ({ labels }) => ({ labels: { ...labels, [LABEL.spec]: 'other' } })),
      ['container/cat-db/remove', 'container/cat-db/run', 'container/cat-db/ready'],
      'the scenario has changed',
    ],
  ])('mends a container that is %s, and nothing else', (_, drift, steps, reason) => {
    drift(engine);
    const plan = up(engine);
    expect(stepsOf(plan)).toEqual(steps);
    expect(plan.steps[0]?.reason).toBe(reason);
    expect(plan.obstacles).toEqual([]);
    engine.execute(plan.steps);
    expect(up(engine).steps).toEqual([]);
  });

  test('runs again a container that is gone, and makes again a network that is gone under stopped containers', () => {
    engine.containers = engine.containers.filter(({ name }) => name === 'cat-web');
    engine.change('cat-web', () => ({ state: 'exited' }));
    engine.networks = engine.networks.filter(({ name }) => name !== 'catnet');
    const plan = up(engine);
    expect(reasonOf(plan, 'container/cat-web/remove')).toBe('network catnet was removed under it');
    expect(stepsOf(plan)).toEqual([
      'container/cat-web/remove',
      'network/catnet/create',
      'container/cat-db/run',
      'container/cat-db/ready',
      'container/cat-web/run',
      'container/cat-web/ready',
    ]);
    engine.execute(plan.steps);
    expect(up(engine).steps).toEqual([]);
  });

  test('makes a network anew without losing the containers on it', () => {
    const ids = engine.containers.map(({ id }) => id);
    const edited: Scenario = {
      ...bridge,
      networks: {
        catnet: {
          on: ['host-A'],
          driver: 'bridge',
          internal: false,
          enableIPv6: false,
          attachable: false,
          driverOpts: { 'com.docker.network.driver.mtu': '1400' },
          ipam: [],
        },
      },
    };
    const plan = up(engine, edited);
    expect(reasonOf(plan, 'network/catnet/remove')).toBe('option com.docker.network.driver.mtu is not set, not 1400');
    expect(plan.unchanged).toEqual([]);
    engine.execute(plan.steps);
    expect(engine.containers.map(({ id }) => id)).toEqual(ids);
    expect(up(engine, edited).steps).toEqual([]);
  });

  test.each([
    ['driver', { driver: 'macvlan' }, 'driver is macvlan, not bridge'],
    ['isolation', { internal: true }, 'internal is true, not false'],
    ['name', { name: 'dognet' }, 'name is dognet, not catnet'],
  ])('makes a network anew when its %s differs', (_, change, reason) => {
    engine.networks = engine.networks.map((network) => (network.name === 'catnet' ? { ...network, ...change } : network));
    const remove = up(engine).steps.find(({ action }) => action.kind === 'network.remove');
    expect(remove?.reason).toBe(reason);
  });

  test('removes what an edit has taken out, and lets a port change hands', () => {
    const before = scenarioOf(
      'networks: { nn: }\nservices: { aa: { image: w, networks: [nn], ports: ["8000:1"] }, bb: { image: w, networks: [nn], ports: ["8001:1"] } }',
    );
    const after = scenarioOf('services: { bb: { image: w, ports: ["8000:1"] } }');
    engine = newEngine();
    converge(engine, before);
    const plan = up(engine, after);
    expect(stepsOf(plan).sort()).toEqual([
      'container/aa/remove',
      'container/bb/ready',
      'container/bb/remove',
      'container/bb/run',
      'network/nn/remove',
    ]);
    expect(reasonOf(plan, 'container/aa/remove')).toBe('the scenario no longer has it');
    engine.execute(plan.steps);
    expect(engine.containers.map(({ name }) => name)).toEqual(['bb']);
    expect(up(engine, after).steps).toEqual([]);
  });

  test('leaves what another scenario of the project has made, and joins it again to a network made anew', () => {
    const other = {
      ...scenarioOf('networks: { catnet: }\nservices: { extra: { image: w, networks: { catnet: { aliases: [also] } } } }'),
      name: 'other',
    };
    engine.execute(up(engine, other).steps);
    expect(up(engine).steps).toEqual([]);
    engine.networks = engine.networks.map((network) => (network.name === 'catnet' ? { ...network, internal: true } : network));
    const plan = up(engine);
    expect(stepsOf(plan)).toContain('container/extra/connect-catnet');
    engine.execute(plan.steps);
    expect(engine.containers.find(({ name }) => name === 'extra')?.networks.catnet).toMatchObject({ aliases: ['also'] });
  });

  test('joins again with the static address that the scenario says', () => {
    const fixed = scenarioOf(
      'networks: { nn: { ipam: { config: [{ subnet: 10.1.0.0/24 }] } } }\nservices: { aa: { image: w, networks: { nn: { ipv4_address: 10.1.0.5 } } } }',
    );
    engine = newEngine();
    converge(engine, fixed);
    engine.change('aa', ({ networks }) => ({
      networks: Object.fromEntries(
        Object.entries(networks).map(([name, attachment]) => [name, { ...attachment, ipv4Address: '10.1.0.9' }]),
      ),
    }));
    const plan = up(engine, fixed);
    expect(plan.steps.map(({ command }) => command)).toEqual([
      'docker network disconnect nn aa',
      'docker network connect --ip 10.1.0.5 nn aa',
      '',
    ]);
    engine.execute(plan.steps);
    expect(up(engine, fixed).steps).toEqual([]);
  });

  test('converges from any mixture of changes by hand, and then rests', () => {
    const drifts: readonly ((live: ModelEngine, name: string) => void)[] = [
      (live, name) => live.change(name, () => ({ state: 'exited' })),
      (live, name) => live.change(name, () => ({ state: 'paused' })),
      (live, name) => live.change(name, () => ({ networks: {}, ports: [] })),
      (live, name) =>
        live.change(name, ({ networks }) => ({
          networks: { ...networks, bridge: { networkId: live.network('bridge').id, ipv4Address: '', macAddress: '', aliases: [] } },
        })),
      (live, name) => live.change(name, () => ({ imageId: 'sha256:other' })),
      (live) => {
        live.networks = live.networks.map((network) => (network.name === 'catnet' ? { ...network, internal: true } : network));
      },
      (live, name) => {
        live.containers = live.containers.filter((each) => each.name !== name);
      },
      (live, name) => live.change(name, () => ({ ports: [] })),
    ];
    for (let mixture = 0; mixture < 2 ** drifts.length; mixture++) {
      engine = newEngine();
      converge(engine);
      for (const [index, drift] of drifts.entries()) {
        const name = index % 2 === mixture % 2 ? 'cat-db' : 'cat-web';
        if ((mixture >> index) % 2 === 1 && engine.containers.some((each) => each.name === name)) drift(engine, name);
      }
      converge(engine);
      expect(up(engine).steps, `mixture ${mixture}`).toEqual([]);
      expect(up(engine).unchanged).toHaveLength(3);
    }
  });
});

describe('obstacles of planUp', () => {
  test('names the owner of each name, port and subnet that is taken, and has no step on it', () => {
    const engine = newEngine();
    engine.containers.push(liveContainer('cat-db'));
    engine.containers.push(
      liveContainer('grafana', { ports: [{ hostIp: '127.0.0.1', publishedPort: 8000, targetPort: 3000, protocol: 'tcp' }] }),
    );
    engine.networks.push(
      foreignNetwork('catnet', '10.9.0.0/24', engine.newId()),
      foreignNetwork('old_default', '10.1.0.0/16', engine.newId()),
    );
    const scenario: Scenario = {
      ...bridge,
      networks: {
        catnet: {
          on: ['host-A'],
          driver: 'bridge',
          internal: false,
          enableIPv6: false,
          attachable: false,
          driverOpts: {},
          ipam: [{ subnet: '10.1.2.0/24' }],
        },
      },
    };
    const plan = up(engine, scenario);
    expect(plan.obstacles.map(({ resource, message }) => `${resource}: ${message}`)).toEqual([
      'network/catnet: the network name catnet is taken, and not by this project',
      'network/catnet: subnet 10.1.2.0/24 overlaps 10.1.0.0/16 of network old_default',
      'container/cat-db: the container name cat-db is taken, and not by this project',
      'container/cat-web: port 8000/tcp (8000:5000) is taken by container grafana',
    ]);
    expect(plan.obstacles[2]?.owner).toBe('container cat-db (cat-dbffffff, grafana, running)');
    expect(plan.obstacles[3]?.hint).toContain('docker stop grafana');
    const foreign = new Set(engine.containers.map(({ id }) => id));
    expect(plan.steps.filter(({ action }) => 'id' in action && foreign.has(action.id))).toEqual([]);
  });

  test('names the service that has a port on every node, and none for a port in host mode, which is a container', () => {
    const port = { targetPort: 5000, protocol: 'tcp' };
    const engine = newEngine();
    engine.services = [
      { id: 'uz1liqeuuvsax4zmpj45010bx', name: 'shop', labels: {}, ports: [{ ...port, publishedPort: 8000, mode: 'ingress' }] },
      { id: 'vz1liqeuuvsax4zmpj45010bx', name: 'other', labels: {}, ports: [{ ...port, publishedPort: 8000, mode: 'host' }] },
    ];
    expect(up(engine).obstacles).toEqual([
      {
        host: 'host-A',
        resource: 'container/cat-web',
        message: 'port 8000/tcp (8000:5000) is published by service shop, on every node of its swarm',
        owner: 'service shop (uz1liqeuuvsa)',
        hint: 'free it: docker service rm shop; or publish another port',
      },
    ]);
  });

  test('takes a thing of another project for foreign, whatever its name', () => {
    const engine = newEngine();
    converge(engine);
    const plan = up(engine, { ...bridge, project: 'mine' });
    expect(plan.obstacles.map(({ owner }) => owner)).toEqual([
      expect.stringMatching(/^network catnet \(.*project bridge\)$/),
      expect.stringMatching(/^container cat-db \(.*project bridge\)$/),
      expect.stringMatching(/^container cat-web \(.*project bridge\)$/),
    ]);
    expect(plan.obstacles[2]?.hint).toBe("pets-console down bridge; or give the scenario's service another name, publish another port");
  });

  test('tells all that one container holds at once, with what frees all of it', () => {
    const engine = newEngine();
    const ports = [{ hostIp: '0.0.0.0', publishedPort: 8000, targetPort: 5000, protocol: 'tcp' as const }];
    engine.containers.push(liveContainer('cat-web', { ports }));
    expect(up(engine).obstacles).toEqual([
      {
        host: 'host-A',
        resource: 'container/cat-web',
        message: 'the container name cat-web is taken, and not by this project; port 8000/tcp (8000:5000) is taken by container cat-web',
        owner: 'container cat-web (cat-webfffff, grafana, running)',
        hint: "stop and rename it: docker stop cat-web && docker rename cat-web cat-web-old; or give the scenario's service another name, publish another port",
      },
    ]);
  });

  test.each([
    ['another protocol', { ports: [{ hostIp: '0.0.0.0', publishedPort: 8000, targetPort: 1, protocol: 'udp' }] }],
    [
      'a stopped container',
      { state: 'exited' as const, ports: [{ hostIp: '0.0.0.0', publishedPort: 8000, targetPort: 1, protocol: 'tcp' }] },
    ],
  ])('does not mind the same port of %s', (_, change) => {
    const engine = newEngine();
    engine.containers.push(liveContainer('grafana', change));
    expect(up(engine).obstacles).toEqual([]);
  });

  // As an engine has it: 0.0.0.0:8101 and [::1]:8101 were published beside each other (measured on 20.10).
  test.each([
    ['::1', '0.0.0.0', 0],
    ['127.0.0.1', '::1', 0],
    ['127.0.0.1', '192.168.0.11', 0],
    ['::1', '::', 1],
    ['127.0.0.1', '::', 1],
    ['127.0.0.1', '0.0.0.0', 1],
    ['0.0.0.0', '::', 1],
    ['', '::1', 1],
  ])('holds a port on %s against one on %s: %i obstacles', (wished, held, count) => {
    const engine = newEngine();
    const port = { publishedPort: 8000, targetPort: 5000, protocol: 'tcp' as const };
    engine.containers.push(liveContainer('grafana', { ports: [{ ...port, hostIp: held }] }));
    const web = bridge.services['cat-web'];
    if (web === undefined) throw new Error('the scenario has no cat-web');
    const scenario = { ...bridge, services: { ...bridge.services, 'cat-web': { ...web, ports: [{ ...port, hostIp: wished }] } } };
    expect(up(engine, scenario).obstacles).toHaveLength(count);
  });

  test('does not make anew a network that a foreign container is on', () => {
    const engine = newEngine();
    converge(engine);
    engine.networks = engine.networks.map((network) => (network.name === 'catnet' ? { ...network, internal: true } : network));
    engine.containers.push(
      liveContainer('guest', {
        networks: { catnet: { networkId: engine.network('catnet').id, ipv4Address: '', macAddress: '', aliases: [] } },
      }),
    );
    expect(up(engine).obstacles).toMatchObject([{ resource: 'network/catnet', hint: 'docker network disconnect catnet guest' }]);
  });
});

describe('planDown', () => {
  test('removes everything of the project by its labels, sidecars too, and nothing else', () => {
    const engine = newEngine();
    converge(engine);
    const db = engine.containers.find(({ name }) => name === 'cat-db');
    engine.containers.push(
      liveContainer('pets-agent', { labels: { [LABEL.project]: 'bridge', [LABEL.sidecar]: 'agent' } }),
      liveContainer('grafana'),
    );
    engine.change('cat-web', () => ({ state: 'exited' }));
    const plan = planDown('bridge', [HOST], [engine.live]);
    expect(plan).toMatchObject({ verb: 'down', scenario: 'bridge', obstacles: [], warnings: [] });
    expect(stepsOf(plan).sort()).toEqual([
      'container/cat-db/remove',
      'container/cat-web/remove',
      'container/pets-agent/end',
      'network/catnet/remove',
    ]);
    expect(plan.steps.at(-1)?.needs.toSorted()).toEqual(['host-A/container/cat-db/remove', 'host-A/container/cat-web/remove']);
    expect(plan.steps.find(({ resource }) => resource === 'container/cat-db')).toMatchObject({
      command: 'docker rm -f -v cat-db',
      action: { kind: 'container.remove', id: db?.id },
    });
    engine.execute(plan.steps);
    expect([engine.containers.map(({ name }) => name), engine.networks.map(({ name }) => name)]).toEqual([['grafana'], ['bridge']]);
    expect(planDown('bridge', [HOST], [engine.live])).toMatchObject({ steps: [], scenario: '' });
  });

  test('leaves a network that a foreign container is on, and says how to free it', () => {
    const engine = newEngine();
    converge(engine);
    engine.containers.push(
      liveContainer('guest', {
        networks: { catnet: { networkId: engine.network('catnet').id, ipv4Address: '', macAddress: '', aliases: [] } },
      }),
    );
    const plan = planDown('bridge', [HOST], [engine.live]);
    expect(stepsOf(plan).sort()).toEqual(['container/cat-db/remove', 'container/cat-web/remove']);
    expect(plan.obstacles).toMatchObject([
      { resource: 'network/catnet', hint: 'docker network disconnect catnet guest', owner: expect.stringContaining('guest') },
    ]);
    engine.execute(plan.steps);
    expect(engine.containers.map(({ name }) => name)).toEqual(['guest']);
  });

  test('names a host that the labels tell of and the inventory misses', () => {
    const engine = newEngine();
    const away: BoundHost = { name: 'host-B', endpoint: 'tcp://192.168.0.12:2375', address: '192.168.0.12' };
    engine.execute(planUp(bridge, [HOST, away], [engine.live], 'RUN').steps);
    expect(planDown('bridge', [HOST], [engine.live]).obstacles).toMatchObject([
      { host: 'host-B', message: 'project bridge runs there too, and it is not among the hosts known here, so what it has there stays' },
    ]);
    const renamed = { ...engine.live, host: 'other-name', networks: [], containers: [] };
    expect(planDown('bridge', [HOST, { ...away, name: 'other-name' }], [engine.live, renamed]).obstacles).toEqual([]);
    expect(hostsLabel([HOST, away])).toMatch(/^host-A=[0-9a-f]{12},host-B=[0-9a-f]{12}$/);
  });
});

describe('planDown on hosts that cannot be touched', () => {
  const away: BoundHost = { name: 'host-B', endpoint: 'tcp://192.168.0.12:2375', address: '192.168.0.12' };
  const gone: Failure = { code: 'ENGINE_UNREACHABLE', message: 'host-B: cannot reach the engine: ECONNREFUSED' };

  test('names a host that does not answer, and says whether something of the project is known to stay there', () => {
    const engine = newEngine();
    const silent = new Map([['host-B', gone]]);
    engine.execute(planUp(bridge, [HOST], [engine.live], 'RUN').steps);
    expect(planDown('bridge', [HOST, away], [engine.live], silent).obstacles).toMatchObject([
      { host: 'host-B', message: 'not reached, so if project bridge has anything there, it stays: cannot reach the engine: ECONNREFUSED' },
    ]);
    const onBoth = newEngine();
    onBoth.execute(planUp(bridge, [HOST, away], [onBoth.live], 'RUN').steps);
    const plan = planDown('bridge', [HOST, away], [onBoth.live], silent);
    expect(plan.obstacles).toMatchObject([{ message: expect.stringContaining('so what project bridge has there stays') }]);
    expect(stepsOf(plan)).toHaveLength(3);
  });

  test('changes nothing on a read-only host, and names what stays there', () => {
    const engine = newEngine();
    converge(engine);
    const plan = planDown('bridge', [{ ...HOST, readOnly: true }], [engine.live]);
    expect(plan.steps).toEqual([]);
    expect(plan.obstacles).toMatchObject([{ host: 'host-A', message: expect.stringContaining('container/cat-db') }]);
    expect(planDown('other', [{ ...HOST, readOnly: true }], [engine.live]).obstacles).toEqual([]);
  });
});

describe('binding roles to hosts', () => {
  const two = { name: 's', hosts: ['host-A', 'host-B'] };
  const [a, b, c] = ['host-A', 'host-B', 'spare'].map(
    (name): BoundHost => ({ name, endpoint: `tcp://${name}:1`, address: `${name}.lab` }),
  ) as [BoundHost, BoundHost, BoundHost];

  test('takes the host of the same name, the one that was named, or the only one', () => {
    expect(bindHosts(two, [c, b, a], {})).toEqual([
      { ...a, role: 'host-A' },
      { ...b, role: 'host-B' },
    ]);
    expect(bindHosts(two, [a, b, c], { 'host-B': 'spare' }).map(({ name }) => name)).toEqual(['host-A', 'spare']);
    expect(bindHosts(bridge, [c], {})).toEqual([{ ...c, role: 'host-A' }]);
  });

  test.each([
    ['by order', two, [a, c], {}, 'no host for role host-B; hosts: host-A, spare'],
    ['to a host that is not known', two, [a, b], { 'host-B': 'sparr' }, 'host sparr is not known; hosts: host-A, host-B.'],
    [
      'a role that is not known',
      two,
      [a, b],
      { 'host-C': 'host-A' },
      'role host-C is not known; roles: host-A, host-B. Did you mean host-A?',
    ],
    ['two roles to one host', two, [a, b], { 'host-B': 'host-A' }, 'host host-A cannot be both host-A and host-B'],
  ])('does not bind %s', (_, scenario, hosts, binds, message) => {
    expect(() => bindHosts(scenario, hosts, binds)).toThrow(message);
  });

  test('fills in the facts of the bound host once, and never what was filled in', () => {
    const address = `\${host-A.address}`;
    const name = `\${host-A.name}`;
    const scenario = scenarioOf(
      `services: { aa: { image: w, environment: { DB: "${address}", RAW: "$$${name}" } } }\ntenants: { cat: { web: aa, db: aa, url: "http://${address}" } }`,
    );
    const bound = bindScenario(scenario, [{ ...c, role: 'host-A', address: name }]);
    expect(bound.services.aa).toMatchObject({ on: 'spare', environment: { DB: name, RAW: '$spare' } });
    expect(bound.tenants.cat?.url).toBe(`http://${name}`);
  });
});
