import { beforeEach, describe, expect, test } from 'vitest';
import { LABEL } from '../../src/domain/labels.ts';
import type { Plan } from '../../src/domain/plan.ts';
import type { BoundHost, Scenario } from '../../src/domain/scenario.ts';
import { cleanRecord, cleanText } from '../../src/domain/text.ts';
import { bindScenario } from '../../src/scenario/bind.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import { planDown } from '../../src/scenario/plan-down.ts';
import { planUp } from '../../src/scenario/plan-up.ts';
import { liveContainer, liveNetwork } from './live-things.ts';
import { FOREIGN, ModelSwarm, OTHERS } from './model-swarm.ts';

const pathOf = (name: string) => new URL(`../../scenarios/${name}.yaml`, import.meta.url).pathname;
const overlay = await loadScenario(pathOf('overlay'));
const tenants = await loadScenario(pathOf('overlay-tenants'));
const dnsrr = await loadScenario(pathOf('overlay'), { set: {}, variant: 'dnsrr' });
const scaled = await loadScenario(pathOf('overlay'), { set: {}, scale: { 'dog-web': 3 } });

let swarm = new ModelSwarm(['host-A', 'host-B']);
beforeEach(() => {
  swarm = new ModelSwarm(['host-A', 'host-B']);
});

const up = (scenario: Scenario = overlay): Plan => planUp(bindScenario(scenario, swarm.hosts), swarm.hosts, swarm.live, 'RUN');
const down = (project = 'pets'): Plan => planDown(project, swarm.hosts, swarm.live);
const asRoles = ({ hosts }: ModelSwarm): readonly BoundHost[] => hosts.map((host, index) => ({ ...host, role: `host-${'AB'[index]}` }));
const idsOf = (plan: Plan): readonly string[] => plan.steps.map(({ id }) => id);
const obstaclesOf = (plan: Plan): readonly string[] => plan.obstacles.map(({ host, message }) => `${host}: ${message}`);
const converge = (scenario: Scenario = overlay): void => {
  const plan = up(scenario);
  expect(obstaclesOf(plan)).toEqual([]);
  swarm.execute(plan.steps);
  expect(idsOf(up(scenario))).toEqual([]);
};

describe('planUp where there is no swarm', () => {
  test('is a graph: one host makes it, the others join, the network beside; services once all of that stands', () => {
    const plan = up();
    expect(Object.fromEntries(plan.steps.map(({ id, needs }) => [id, needs]))).toEqual({
      'host-A/swarm/init': [],
      'host-B/swarm/join': ['host-A/swarm/init'],
      'swarm/network/dognet/create': ['host-A/swarm/init'],
      'swarm/service/dog-db/create': ['host-A/swarm/init', 'host-B/swarm/join', 'swarm/network/dognet/create'],
      'swarm/service/dog-db/converge': ['swarm/service/dog-db/create'],
      'swarm/service/dog-web/create': ['host-A/swarm/init', 'host-B/swarm/join', 'swarm/network/dognet/create'],
      'swarm/service/dog-web/converge': ['swarm/service/dog-web/create', 'swarm/service/dog-db/converge'],
    });
    expect(plan.steps.filter(({ host }) => host === 'swarm').map(({ via }) => via)).toEqual(Array(5).fill('host-A'));
  });

  test('tells the guide’s commands, and with which address each host is advertised', () => {
    expect(up().steps.flatMap(({ command }) => (command === '' ? [] : [command]))).toEqual([
      'docker swarm init --advertise-addr 192.168.0.11',
      'docker swarm join --advertise-addr 192.168.0.12 --token "$JOIN_TOKEN" 192.168.0.11:2377',
      'docker network create -d overlay --subnet 10.1.0.0/24 --gateway 10.1.0.1 dognet',
      'docker service create --network dognet --name dog-db redis',
      'docker service create --network dognet -p 8000:5000 -e DB=dog-db -e ROLE=dog --name dog-web pets-console/web',
    ]);
    const [, web] = up(dnsrr).steps.filter(({ action }) => action.kind === 'service.create');
    expect(web?.command).toBe(
      'docker service create --network dognet --publish mode=host,published=8000,target=5000 -e DB=dog-db -e ROLE=dog --mode global --endpoint-mode dnsrr --name dog-web pets-console/web',
    );
  });

  test('labels the swarm itself and each node, so that they are known for ours', () => {
    const labels = up().steps.flatMap(({ action }) =>
      action.kind === 'swarm.init' || action.kind === 'swarm.join' ? [action.labels] : [],
    );
    expect(labels).toHaveLength(2);
    for (const each of labels) expect(each).toMatchObject({ [LABEL.project]: 'pets', [LABEL.resource]: 'swarm' });
  });

  test('says which variant is in force in the labels', () => {
    const [create] = up(dnsrr).steps.flatMap(({ action }) => (action.kind === 'service.create' ? [action.labels] : []));
    expect(create?.[LABEL.variant]).toBe('dnsrr');
  });

  test('gets each image on every node before a service needs it', () => {
    swarm.images.set('host-B', {});
    const plan = up();
    expect(idsOf(plan)).toEqual(expect.arrayContaining(['host-B/image/redis/ensure', 'host-B/image/pets-console/web/ensure']));
    swarm.execute(plan.steps);
  });
});

describe('planUp on what is there already', () => {
  test('changes nothing, and says so', () => {
    converge();
    expect(up().unchanged).toEqual([
      'host-A/swarm',
      'host-B/swarm',
      'swarm/network/dognet',
      'swarm/service/dog-db',
      'swarm/service/dog-web',
    ]);
  });

  test('adds the second tenant of the same project and leaves the first alone', () => {
    converge();
    const before = swarm.service('dog-web').id;
    const plan = up(tenants);
    expect(idsOf(plan).filter((id) => /dog/.test(id))).toEqual([]);
    swarm.execute(plan.steps);
    expect(swarm.service('dog-web').id).toBe(before);
    expect(idsOf(up(tenants))).toEqual([]);
    // What another scenario of the project made is that scenario's.
    expect(idsOf(up(overlay))).toEqual([]);
  });

  test('scales without making anything anew', () => {
    converge();
    const plan = up(scaled);
    expect(idsOf(plan)).toEqual(['swarm/service/dog-web/scale', 'swarm/service/dog-web/converge']);
    expect(plan.steps[0]).toMatchObject({ reason: 'it has 1 task, not 3', command: 'docker service scale dog-web=3' });
    converge(scaled);
  });

  test.each<[string, (swarm: ModelSwarm) => void, string]>([
    ['its environment', (on) => on.change('dog-web', { environment: { DB: 'elsewhere', ROLE: 'dog' } }), 'environment differs: DB'],
    ['its command', (on) => on.change('dog-web', { command: ['--x'] }), 'its command differs'],
    ['its ports', (on) => on.change('dog-web', { ports: [] }), 'port 8000:5000 is not published in mode ingress'],
    ['its endpoint mode', (on) => on.change('dog-web', { endpointMode: 'dnsrr' }), 'its endpoint mode is dnsrr, not vip'],
    ['its mode', (on) => on.change('dog-web', { mode: 'global', replicas: undefined }), 'it is global, not replicated'],
    ['its image', (on) => on.change('dog-web', { image: 'sha256:other' }), 'image pets-console/web has changed'],
    ['another image', (on) => on.change('dog-web', { image: 'nginx:1' }), 'its image is nginx:1, not pets-console/web'],
    ['its networks', (on) => on.change('dog-web', { networkIds: [] }), 'it is not on dognet as it stands'],
    [
      'one network more',
      (on) => on.change('dog-web', { networkIds: [...on.service('dog-web').networkIds, 'x'] }),
      'it is on a network which the scenario does not say',
    ],
    [
      'a host that it may not come to',
      (on) => on.change('dog-web', { constraints: ['node.id!=elsewhere', `node.id!=${on.nodes.get('host-B')?.id}`] }),
      'no task of it may come to host-B',
    ],
    [
      'its further names on a network',
      (on) => on.change('dog-web', { aliases: { [on.service('dog-web').networkIds[0] ?? '']: ['web', 'dog'] } }),
      'its further names on dognet differ',
    ],
    ['its extra hosts', (on) => on.change('dog-web', { extraHosts: ['far:10.0.0.9'] }), 'its extra hosts differ'],
    ['its placement', (on) => on.change('dog-web', { constraints: ['node.id==id1'] }), 'its placement is node.id==id1, not any node'],
    [
      'the scenario',
      (on) => on.change('dog-web', { labels: { ...on.service('dog-web').labels, [LABEL.spec]: 'old' } }),
      'the scenario has changed',
    ],
  ])('makes a service anew where %s differs', (_, change, reason) => {
    converge();
    change(swarm);
    const plan = up();
    expect(idsOf(plan)).toEqual(['swarm/service/dog-web/remove', 'swarm/service/dog-web/create', 'swarm/service/dog-web/converge']);
    expect(plan.steps[0]?.reason).toBe(reason);
    converge();
  });

  test('takes a digest of the same repository for the image that is wished', () => {
    const db = overlay.services['dog-db'];
    if (db === undefined) throw new Error('no dog-db');
    const scenario = { ...overlay, services: { ...overlay.services, 'dog-db': { ...db, image: 'redis:7' } } };
    for (const { name } of swarm.hosts)
      swarm.images.set(name, { ...swarm.images.get(name), 'redis:7': { id: 'sha256:redis', platform: 'linux/amd64', current: true } });
    swarm.execute(up(scenario).steps);
    swarm.change('dog-db', { image: 'redis@sha256:abc' });
    expect(idsOf(up(scenario))).toEqual([]);
  });

  test('takes a value of several lines for what an engine tells of it', () => {
    const web = overlay.services['dog-web'];
    if (web === undefined) throw new Error('no dog-web');
    const lines = { ...web, environment: { ...web.environment, MOTTO: 'one\ntwo' }, command: ['sh', '-c', 'one\ntwo'] };
    const scenario = { ...overlay, services: { ...overlay.services, 'dog-web': lines } };
    swarm.execute(up(scenario).steps);
    swarm.change('dog-web', { environment: cleanRecord(lines.environment), command: lines.command.map((word) => cleanText(word)) });
    expect(idsOf(up(scenario))).toEqual([]);
  });

  test('waits for tasks that do not run, and says what of', () => {
    converge();
    swarm.broken.set('dog-db', 'No such image: redis');
    const plan = up();
    expect(plan.steps).toMatchObject([{ id: 'swarm/service/dog-db/converge', reason: '0 of 1 tasks run: No such image: redis' }]);
  });

  test('makes a network anew, and every service that is on it', () => {
    converge();
    swarm.networks = swarm.networks.map((network) =>
      network.name === 'dognet' ? { ...network, pools: [{ subnet: '10.9.0.0/24', auxAddresses: {} }] } : network,
    );
    const plan = up();
    expect(plan.steps.find(({ id }) => id === 'swarm/network/dognet/remove')?.reason).toBe('subnet 10.1.0.0/24 is missing');
    converge();
  });

  test('does not take a network from a service of somebody else', () => {
    converge();
    const network = swarm.networks.find(({ name }) => name === 'dognet');
    swarm.networks = swarm.networks.map((each) => (each === network ? { ...each, internal: true } : each));
    swarm.services.push({ ...FOREIGN, networkIds: [network?.id ?? ''] });
    const task = liveContainer('grafana.1.x', {
      labels: { 'com.docker.swarm.service.id': FOREIGN.id },
      networks: { dognet: { networkId: network?.id ?? '', ipv4Address: '10.1.0.9', aliases: [], macAddress: '' } },
    });
    const live = swarm.live.map((engine) => (engine.host === 'host-B' ? { ...engine, containers: [task] } : engine));
    expect(up().obstacles[0]?.hint).toBe('docker service update --network-rm dognet grafana');
    swarm.change('grafana', { labels: OTHERS });
    expect(up().obstacles[0]?.hint).toBe('pets-console down other');
    swarm.change('grafana', { labels: {} });
    // Not by its task: taken off the network by hand, that is run again on it.
    expect(obstaclesOf(planUp(bindScenario(overlay, swarm.hosts), swarm.hosts, live, 'RUN'))).toEqual([
      'swarm: network dognet has to go, but service grafana is on it',
    ]);
  });

  test('takes away what the scenario no longer has', () => {
    converge(tenants);
    const { admin: _, ...services } = tenants.services;
    const plan = up({ ...tenants, services });
    expect(plan.steps).toMatchObject([{ id: 'swarm/service/admin/remove', reason: 'the scenario no longer has it' }]);
  });
});

describe('planUp in a swarm of somebody else', () => {
  test('uses it as it stands', () => {
    swarm.makeByHand('host-A', 'host-B');
    expect(idsOf(up()).filter((id) => id.includes('/swarm/'))).toEqual([]);
    converge();
  });

  test('joins the hosts that are missing', () => {
    swarm.makeByHand('host-B');
    const plan = up();
    expect(plan.steps[0]).toMatchObject({
      id: 'host-A/swarm/join',
      command: 'docker swarm join --advertise-addr 192.168.0.11 --token "$JOIN_TOKEN" 192.168.0.12:2377',
    });
    converge();
  });

  test.each([
    ['192.168.0.12', ['10.9.9.9:2377', '192.168.0.12:2377'], '192.168.0.12:2377'],
    ['fd00::12', ['[fd00::9]:2377', '[fd00::12]:2377'], '[fd00::12]:2377'],
    ['192.168.0.12', ['10.9.9.9:2377'], '10.9.9.9:2377'],
  ])('joins by the manager that answered, at %s of %j', (address, managerAddresses, expected) => {
    swarm.makeByHand('host-B');
    const live = swarm.live.map((engine) => {
      const picture = engine.swarm;
      return picture?.swarm.isManager
        ? { ...engine, swarm: { ...picture, swarm: { ...picture.swarm, address, managerAddresses } } }
        : engine;
    });
    const [join] = planUp(bindScenario(overlay, swarm.hosts), swarm.hosts, live, 'RUN').steps;
    expect(join?.action).toMatchObject({ kind: 'swarm.join', managerAddress: expected });
  });

  test('names the holders of a name, a port, a subnet and a container’s port', () => {
    swarm.makeByHand('host-A', 'host-B');
    swarm.services.push({ ...FOREIGN, name: 'dog-db' });
    swarm.services.push({
      ...FOREIGN,
      id: 'p',
      ports: [{ publishedPort: 8000, targetPort: 80, protocol: 'tcp', mode: 'ingress' }],
      labels: OTHERS,
    });
    swarm.networks.push(liveNetwork('big', { driver: 'overlay', scope: 'swarm', pools: [{ subnet: '10.1.0.0/16', auxAddresses: {} }] }));
    const plan = up();
    expect(obstaclesOf(plan)).toEqual([
      'swarm: subnet 10.1.0.0/24 overlaps 10.1.0.0/16 of overlay big: Docker accepts that, and then rejects tasks',
      'swarm: the service name dog-db is taken, and not by this project',
      'swarm: port 8000/tcp is published by service grafana',
    ]);
    expect(plan.obstacles[2]).toMatchObject({
      owner: 'service grafana (p, project other)',
      hint: 'free it: pets-console down other; or publish another port',
    });
    const taken = swarm.live.map((engine) =>
      engine.host === 'host-B'
        ? {
            ...engine,
            containers: [liveContainer('nginx', { ports: [{ hostIp: '0.0.0.0', publishedPort: 8000, targetPort: 80, protocol: 'tcp' }] })],
          }
        : engine,
    );
    expect(obstaclesOf(planUp(bindScenario(overlay, swarm.hosts), swarm.hosts, taken, 'RUN'))).toContain(
      'host-B: port 8000/tcp is taken by container nginx, and the routing mesh needs it on every node',
    );
  });

  test.each([
    [
      'a worker whose manager nobody named',
      { state: 'active', nodeId: 'x', managerAddresses: ['10.0.0.9:2377'] },
      /a worker of a swarm whose manager \(10\.0\.0\.9:2377\) is not among the hosts/,
    ],
    ['a locked one', { state: 'locked' }, /its swarm is locked/],
    ['one that still tries to join', { state: 'pending' }, /still trying to join/],
    [
      'one without a leader',
      { state: 'active', isManager: true, error: 'The swarm does not have a leader.' },
      /has no leader, so nothing of it can be changed: The swarm/,
    ],
  ] as const)('is stopped by %s', (_, told, message) => {
    const live = swarm.live.map((engine) =>
      engine.host === 'host-B' && engine.swarm !== undefined
        ? { ...engine, swarm: { ...engine.swarm, swarm: { ...engine.swarm.swarm, ...told } } }
        : engine,
    );
    const { obstacles } = planUp(bindScenario(overlay, swarm.hosts), swarm.hosts, live, 'RUN');
    expect(obstacles.map((obstacle) => obstacle.message).join()).toMatch(message);
    expect(obstacles.every(({ host }) => host === 'host-B')).toBe(true);
  });

  test('is stopped by two hosts in two swarms', () => {
    converge();
    const other = new ModelSwarm(['host-A', 'host-B']);
    other.makeByHand('host-B');
    for (const node of other.nodes.values()) Object.assign(node, { id: 'elsewhere' });
    const live = [swarm.live[0], other.live[1]].flatMap((engine) => engine ?? []);
    expect(obstaclesOf(planUp(bindScenario(overlay, swarm.hosts), swarm.hosts, live, 'RUN'))).toContain(
      'host-B: it is in another swarm than host-A, and a host is in one at a time',
    );
  });

  test('gets no image on a host that may not be changed while all stands', () => {
    converge();
    for (const { name } of swarm.hosts) swarm.images.set(name, { redis: { id: 'sha256:redis', platform: 'linux/amd64', current: true } });
    const hosts = swarm.hosts.map((host) => (host.name === 'host-B' ? { ...host, readOnly: true as const } : host));
    const plan = planUp(bindScenario(overlay, hosts), hosts, swarm.live, 'RUN');
    expect(plan.obstacles).toEqual([]);
    expect([...new Set(plan.steps.map(({ host }) => host))]).toEqual(['host-A']);
  });

  test('changes nothing while a node of it may not be changed', () => {
    const hosts = swarm.hosts.map((host) => (host.name === 'host-B' ? { ...host, readOnly: true as const } : host));
    expect(obstaclesOf(planUp(bindScenario(overlay, hosts), hosts, swarm.live, 'RUN'))).toEqual([
      'host-B: it is read-only, and as a node of the swarm it would get tasks',
    ]);
  });
});

describe('planDown', () => {
  test('takes services, then networks, then workers, and the manager with the swarm', () => {
    converge(tenants);
    const plan = down();
    swarm.execute(plan.steps);
    expect(swarm.nodes.size).toBe(0);
    expect(
      plan.steps.filter(({ resource }) => resource === 'swarm').map(({ id, needs }) => [id, needs.includes('host-B/swarm/leave')]),
    ).toEqual([
      ['host-B/swarm/leave', false],
      ['host-A/swarm/leave', true],
    ]);
    expect([plan.obstacles, plan.warnings]).toEqual([[], []]);
    expect(plan.scenario).toBe('');
  });

  test('leaves a swarm that we made where somebody else lives in it, and says who', () => {
    converge();
    swarm.services.push(FOREIGN);
    const plan = down();
    swarm.execute(plan.steps);
    expect([...swarm.nodes.keys()]).toEqual(['host-A', 'host-B']);
    expect(plan.warnings).toEqual(['the swarm that was made for a scenario stays, since it holds more: service grafana']);
    swarm.services = [];
    expect(idsOf(down())).toEqual(['host-B/swarm/leave', 'host-A/swarm/leave']);
  });

  test('leaves a swarm that we made where somebody keeps a secret or a config in it', () => {
    converge();
    const live = swarm.live.map((engine) =>
      engine.host === 'host-A' ? { ...engine, stored: ['secret db-password', 'config nginx'] } : engine,
    );
    const plan = planDown('pets', swarm.hosts, live);
    expect(idsOf(plan).filter((id) => id.endsWith('/swarm/leave'))).toEqual([]);
    expect(plan.warnings.join()).toMatch(/stays, since it holds more: secret db-password, config nginx$/);
  });

  test('never leaves a swarm of somebody else, but with the nodes that we joined to it', () => {
    swarm.makeByHand('host-A');
    converge();
    swarm.execute(down().steps);
    expect([...swarm.nodes.keys()]).toEqual(['host-A']);
    expect(down().steps).toEqual([]);
  });

  test.each<[string, (on: ModelSwarm) => void, RegExp | undefined]>([
    [
      'a service of somebody else has tasks on it',
      (on) => on.services.push({ ...FOREIGN, replicas: 2 }),
      /host-B \(id\d+\).* stays in it: service grafana has tasks/,
    ],
    [
      'a service of somebody else runs on every node',
      (on) => on.services.push({ ...FOREIGN, mode: 'global', replicas: undefined }),
      undefined,
    ],
    [
      'another project of ours runs on every node',
      (on) => on.services.push({ ...FOREIGN, mode: 'global', replicas: undefined, labels: OTHERS }),
      /service grafana has tasks there/,
    ],
    ['somebody made it a manager', (on) => on.promoted.add('host-B'), /it was made a manager since \(docker node demote id\d+\)/],
  ])('a node that we joined to a swarm of somebody else, where %s', (_, change, warning) => {
    swarm.makeByHand('host-A');
    converge();
    change(swarm);
    const plan = down();
    expect(idsOf(plan).includes('host-B/swarm/leave')).toBe(warning === undefined);
    expect(plan.warnings).toEqual(warning === undefined ? [] : [expect.stringMatching(warning)]);
  });

  test('keeps a swarm of ours that somebody gave another manager: that one could not leave', () => {
    converge();
    swarm.promoted.add('host-B');
    const plan = down();
    expect(idsOf(plan).filter((id) => id.endsWith('/swarm/leave'))).toEqual([]);
    expect(plan.warnings.join()).toMatch(/stays, since it holds more: node host-B \(id\d+\): it was made a manager since/);
  });

  test('tells of a host that came into a swarm for the project and that no manager answers for', () => {
    converge();
    const [, worker] = swarm.live;
    if (worker?.swarm === undefined) throw new Error('no worker');
    const bridge = liveNetwork('docker_gwbridge', { labels: { [LABEL.project]: 'pets' } });
    const pending = { ...worker.swarm, swarm: { ...worker.swarm.swarm, state: 'pending' as const, nodeId: '' } };
    const messagesOf = (picture: typeof worker.swarm) =>
      obstaclesOf(planDown('pets', swarm.hosts.slice(1), [{ ...worker, networks: [bridge], swarm: picture }])).join();
    expect(messagesOf(worker.swarm)).toMatch(/^host-B: it is still in a swarm that it was to be in for project pets/);
    expect(messagesOf(pending)).toMatch(/^host-B: it is still trying to join/);
  });

  test('takes namesakes from two swarms, each in its order', () => {
    const other = new ModelSwarm(['host-C', 'host-D'], 'other');
    converge();
    other.execute(planUp(bindScenario(overlay, asRoles(other)), asRoles(other), other.live, 'RUN').steps);
    const apart = other.live.map((engine) => {
      const cluster = engine.swarm?.swarm.cluster;
      return engine.swarm && cluster
        ? { ...engine, swarm: { ...engine.swarm, swarm: { ...engine.swarm.swarm, cluster: { ...cluster, id: 'other' } } } }
        : engine;
    });
    const { steps } = planDown('pets', [...swarm.hosts, ...other.hosts], [...swarm.live, ...apart]);
    expect(new Set(steps.map(({ id }) => id)).size).toBe(steps.length);
    const isOther = ({ host, via = host }: (typeof steps)[number]) => via === 'host-C' || via === 'host-D';
    swarm.execute(steps.filter((step) => !isOther(step)));
    other.execute(steps.filter(isOther));
    expect([swarm.nodes.size, other.nodes.size]).toEqual([0, 0]);
  });

  test('leaves the swarm of another project alone', () => {
    converge();
    expect(down('other').steps).toEqual([]);
  });

  test('leaves a swarm that was made and never filled', () => {
    swarm.execute(up().steps.filter(({ resource }) => resource === 'swarm'));
    swarm.execute(down().steps);
    expect(swarm.nodes.size).toBe(0);
  });

  test('keeps the swarm while a node of it is out of reach', () => {
    converge();
    const [manager] = swarm.live;
    const plan = planDown('pets', swarm.hosts, manager === undefined ? [] : [manager]);
    expect(plan.steps.filter(({ resource }) => resource === 'swarm')).toEqual([]);
    expect(plan.warnings.join()).toMatch(/stays, since it holds more: node host-B/);
    expect(obstaclesOf(plan).join()).toMatch(/host-B: not reached/);
  });

  test.each(['down', 'ready'] as const)('ends a swarm whose worker has left already, while its manager calls it %s', (state) => {
    converge();
    swarm.execute(down().steps.filter(({ resource }) => resource !== 'swarm'));
    const live = swarm.live.map((engine) => {
      const { swarm: picture } = engine;
      if (picture === undefined) return engine;
      const nodes = picture.nodes.map((node) => (node.hostname === 'host-B' ? { ...node, state } : node));
      if (engine.host === 'host-A') return { ...engine, swarm: { ...picture, nodes } };
      return { ...engine, swarm: { ...picture, swarm: { ...picture.swarm, state: 'inactive' as const, nodeId: '' } } };
    });
    const { steps } = planDown('pets', swarm.hosts, live);
    expect(steps.map(({ id }) => id)).toEqual(['host-A/swarm/leave']);
    // The look before the last node leaves knows by this that it is none that came meanwhile.
    expect(steps[0]?.action).toMatchObject({ gone: expect.arrayContaining([swarm.nodes.get('host-B')?.id]) });
  });

  test('takes nothing from a swarm that a read-only host is a node of', () => {
    converge();
    const hosts = swarm.hosts.map((host) => (host.name === 'host-B' ? { ...host, readOnly: true as const } : host));
    const plan = planDown('pets', hosts, swarm.live);
    expect(plan.steps).toEqual([]);
    expect(obstaclesOf(plan).join()).toMatch(
      /host-B: it is read-only and a node of the swarm, so what project pets has in that swarm stays: .*service\/dog-db/,
    );
  });

  test('says that tasks stay where no manager was reached', () => {
    converge();
    const [, worker] = swarm.live;
    if (worker === undefined) throw new Error('no worker');
    const task = liveContainer('dog-web.1.x', { labels: { ...swarm.service('dog-web').labels, 'com.docker.swarm.service.id': 's' } });
    const plan = planDown('pets', swarm.hosts, [{ ...worker, containers: [task] }]);
    expect(plan.steps).toEqual([]);
    expect(obstaclesOf(plan).join()).toMatch(
      /host-B: dog-web\.1\.x of project pets stay: a swarm runs them, and no manager of it \(192\.168\.0\.11:2377\) was reached/,
    );
  });
});
