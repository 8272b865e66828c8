import { describe, expect, it } from 'vitest';
import { LABEL } from '../../src/domain/labels.ts';
import type { LiveContainer, LiveEngine, LiveNetwork } from '../../src/domain/live.ts';
import type { SwarmPicture, SwarmService, SwarmTask } from '../../src/domain/live-swarm.ts';
import { askersOf } from '../../src/run/askers.ts';
import { joinFindings } from '../../src/run/from-each.ts';
import { execCommand, logsCommand, networksCommand } from '../../src/run/hints.ts';
import { type Place, placesOn, virtualIpsOf } from '../../src/run/places.ts';
import type { Scene } from '../../src/run/scene.ts';
import { silenceAt } from '../../src/run/silences.ts';
import { aimOf, overlayAddressesOf, waysTo } from '../../src/run/targets.ts';
import { bindHosts, bindScenario } from '../../src/scenario/bind.ts';
import { parseScenario } from '../../src/scenario/load.ts';

const TEXT = `
version: 1
name: tenants
project: pets
model: overlay
title: Two tenants on one swarm
hosts: [host-A, host-B]
swarm: required
networks:
  dognet: { driver: overlay, ipam: { config: [{ subnet: 10.1.0.0/24 }] } }
  catnet: { driver: overlay, ipam: { config: [{ subnet: 10.2.0.0/24 }] } }
services:
  dog-web: { image: pets-console/web, on: swarm, networks: [dognet], ports: ["8000:5000"], environment: { DB: dog-db, ROLE: dog } }
  dog-db: { image: redis, on: swarm, networks: [dognet] }
  cat-db: { image: redis, on: swarm, networks: [catnet] }
  edge: { image: pets-console/web, on: host-A, ports: ["8080:5000"], environment: { DB: dog-db, ROLE: dog } }
`;
const HOSTS = ['host-A', 'host-B'].map((name, index) => ({ name, endpoint: `unix:///${name}`, address: `192.168.0.${11 + index}` }));
const LOST = { code: 'ENGINE_UNREACHABLE', message: 'host-B: no engine runs there' } as const;

const network = (name: string, driver: string, more: LiveNetwork['raw'] = {}) =>
  ({ id: `id-${name}`, name, driver, raw: more }) as unknown as LiveNetwork;
const NETWORKS = [
  network('dognet', 'overlay'),
  network('catnet', 'overlay'),
  network('ingress', 'overlay', { Ingress: true }),
  network('bridge', 'bridge'),
];

function container(
  id: string,
  resource: string,
  addresses: Readonly<Record<string, string>>,
  more: Partial<LiveContainer> = {},
): LiveContainer {
  const networks = Object.fromEntries(
    Object.entries(addresses).map(([name, ipv4Address]) => [name, { networkId: `id-${name}`, ipv4Address, macAddress: '', aliases: [] }]),
  );
  const labels = { [LABEL.project]: 'pets', [LABEL.resource]: resource, ...more.labels };
  return { id, name: id, state: 'running', networks, ...more, labels } as unknown as LiveContainer;
}

function task(name: string, addresses: Readonly<Record<string, string>>, more: Partial<LiveContainer> = {}): LiveContainer {
  const [service = ''] = name.split('.');
  const labels = {
    'com.docker.swarm.task.name': `${name}.${service}task`,
    'com.docker.swarm.task.id': `task-${name}`,
    'com.docker.swarm.service.name': service,
  };
  return container(`container-${name}`, `service/${service}`, addresses, { ...more, labels });
}

const ENGINES = [
  engine('host-A', [
    task('dog-web.2', { dognet: '10.1.0.4', ingress: '10.0.0.6' }),
    task('dog-db.1', { dognet: '10.1.0.3' }),
    container('edge', 'container/edge', { bridge: '172.17.0.2' }),
    // Of the bridge scenario that once had the same project.
    container('cat-db', 'container/cat-db', { bridge: '172.17.0.3' }),
  ]),
  engine('host-B', [
    task('dog-web.1', { dognet: '10.1.0.5', ingress: '10.0.0.7' }),
    task('dog-web.3', { dognet: '10.1.0.9' }),
    task('cat-db.node', { catnet: '10.2.0.2' }),
    task('dog-db.1', { dognet: '10.1.0.8' }, { state: 'paused' }),
  ]),
];

function engine(host: string, containers: readonly LiveContainer[]): LiveEngine {
  return { host, containers, networks: NETWORKS } as unknown as LiveEngine;
}

const SERVICES = ['dog-web', 'dog-db', 'cat-db'].map((name, index) => {
  const virtualIps: Readonly<Record<string, string>> =
    name === 'dog-web' ? { 'id-dognet': '10.1.0.2', 'id-ingress': '10.0.0.5' } : name === 'dog-db' ? { 'id-dognet': '10.1.0.6' } : {};
  return { id: `service-${index}`, name, labels: { [LABEL.project]: 'pets' }, virtualIps } as unknown as SwarmService;
});

const runningTask = (name: string, serviceId: string, more: Partial<SwarmTask> = {}) =>
  ({
    id: `task-${name}`,
    serviceId,
    slot: 1,
    nodeId: 'node-B',
    state: 'running',
    desiredState: 'running',
    containerId: `container-${name}`,
    ...more,
  }) as SwarmTask;
const PICTURE = {
  swarm: { isManager: true, cluster: {} },
  nodes: [{ id: 'node-B', hostname: 'far-away' }],
  services: SERVICES,
  tasks: [runningTask('dog-web.1', 'service-0'), runningTask('dog-web.3', 'service-0', { desiredState: 'shutdown' })],
} as unknown as SwarmPicture;

interface Situation {
  readonly picture?: SwarmPicture | undefined;
  readonly silent?: Scene['silent'];
  readonly engines?: readonly LiveEngine[];
}

function sceneOf({ picture, silent = new Map(), engines = ENGINES }: Situation): Scene {
  const parsed = parseScenario('tenants.yaml', TEXT);
  const hosts = bindHosts(parsed, HOSTS, {});
  const scenario = bindScenario(parsed, hosts);
  const places = engines.flatMap((each) => placesOn(each, { scenario, project: 'pets', picture }));
  const placed: ReadonlyMap<string, readonly Place[]> = Map.groupBy(
    places.toSorted((one, other) => one.slot - other.slot),
    ({ service }) => service,
  );
  const swarm = picture === undefined ? undefined : { toldBy: 'host-A', picture };
  // What a target leads to is a matter of values only: no engine and no agent is asked.
  const unasked = { engines: new Map(), agents: undefined, ownership: { project: 'pets' }, signal: undefined } as unknown as Scene;
  return { ...unasked, scenario, hosts, placed, swarm, virtualIps: virtualIpsOf(picture, engines, 'pets'), silent };
}

const SCENE = sceneOf({ picture: PICTURE });
const CONSOLE = { name: 'console', host: undefined, place: undefined };
const askersFrom = (from: string, scene = SCENE) => askersOf(from, scene).map(({ name }) => name);
const [cat = CONSOLE] = askersOf('cat-db', SCENE);
const [hostB = CONSOLE] = askersOf('host-B', SCENE);

describe('the places of a swarm’s services', () => {
  it('are its running tasks under the names that people know, without those that are to end', () => {
    expect(askersFrom('dog-web')).toEqual(['dog-web.1 on host-B', 'dog-web.2 on host-A']);
    expect(askersFrom('dog-db')).toEqual(['dog-db.1 on host-A']);
    // Of a global service, which has no slots; the container of its name is none of its tasks.
    expect(askersFrom('cat-db')).toEqual(['cat-db on host-B']);
    expect(askersFrom('edge')).toEqual(['edge']);
    expect(askersFrom('dog-web', sceneOf({}))).toHaveLength(3);
  });

  it('have addresses that lead where their networks do', () => {
    const addresses = (service: string, asker = cat) => waysTo(service, asker, SCENE).map(({ address }) => address);
    expect(addresses('dog-web')).toEqual(['10.1.0.5', '10.1.0.4', '10.1.0.2']);
    expect(addresses('dog-web', hostB)).toEqual(['10.1.0.5', '10.1.0.4', '10.1.0.2']);
    // What this machine sends to an address of an overlay goes wherever its own routes lead.
    expect(addresses('dog-web', CONSOLE)).toEqual([]);
    expect(addresses('edge')).toEqual([]);
    expect(overlayAddressesOf('dog-db', SCENE).map(({ address, network: name }) => [address, name])).toEqual([
      ['10.1.0.3', 'dognet'],
      ['10.1.0.6', 'dognet'],
    ]);
  });

  it.each([
    ['10.1.0.4:5000', { service: 'dog-web', port: 5000 }],
    ['10.1.0.2:5000', { service: 'dog-web', port: 5000 }],
    ['10.0.0.7:5000', { service: 'dog-web', port: 5000 }],
    ['10.1.0.6:6379', { service: 'dog-db', port: 6379 }],
    ['host-A:8000', { service: 'dog-web', port: 5000 }],
    ['192.168.0.12:8000', { service: 'dog-web', port: 5000 }],
    ['192.168.0.12:8080', undefined],
    ['10.1.0.77:6379', undefined],
  ])('are where %s leads', (target, aim) => {
    expect(aimOf(target, cat, SCENE)).toEqual(aim);
  });
});

describe('a service that is not known whole', () => {
  const silent = new Map([['host-B', LOST]]);
  const seenFromA = { silent, engines: ENGINES.slice(0, 1) };

  it('is one with a task on a host that says nothing, and no other', () => {
    const scene = sceneOf({ picture: PICTURE, ...seenFromA });
    expect(silenceAt('dog-web', scene)).toBe(LOST);
    expect(silenceAt('dog-db', scene)).toBeUndefined();
    expect(silenceAt('edge', scene)).toBeUndefined();
  });

  it('is any that may have one there, while no manager tells', () => {
    const scene = sceneOf(seenFromA);
    expect(silenceAt('dog-db', scene)).toBe(LOST);
    expect(silenceAt('edge', scene)).toBeUndefined();
  });

  it('has a task on a node that is no host here', () => {
    expect(silenceAt('dog-web', sceneOf({ picture: PICTURE, engines: ENGINES.slice(0, 1) }))).toMatchObject({
      message: 'task dog-web.1 is said to run on node far-away, but no running container of it was found on the hosts',
      hint: 'on host-A: docker service ps --no-trunc dog-web',
    });
  });
});

it('commands that help name the service where a manager is, or the container where it is', () => {
  expect(logsCommand('dog-web', SCENE)).toBe('on host-A: docker service logs dog-web');
  expect(logsCommand('edge', SCENE)).toBe('on host-A: docker logs edge');
  expect(execCommand('cat-db', 'redis-cli ping', SCENE)).toBe('on host-B: docker exec container-cat-db.node redis-cli ping');
  expect(networksCommand('cat-db', 'dog-web', SCENE)).toBe('on host-A: docker service inspect --pretty dog-web cat-db');
  expect(logsCommand('dog-web', sceneOf({}))).toBe('on a manager: docker service logs dog-web');
});

describe('a question that several tasks put', () => {
  const askers = ['dog-web.1 on host-A', 'dog-web.2 on host-B', 'dog-web.3 on host-B'].map((name) => ({ ...CONSOLE, name }));
  const passed = (text: string, tookMs: number) => ({ outcome: 'passed', text, tookMs }) as const;

  it('holds if it holds from each: every answer once, and the slowest', () => {
    const findings = [
      passed('answered from 10.1.0.3:6379', 0.4),
      passed('answered from 10.1.0.8:6379', 1.26),
      passed('answered from 10.1.0.3:6379', 1),
    ];
    expect(joinFindings(askers, findings)).toEqual({
      outcome: 'passed',
      text: 'from 3 tasks: answered from 10.1.0.3:6379; answered from 10.1.0.8:6379 in 1.3 ms',
    });
    expect(joinFindings(askers.slice(0, 1), [passed('answered from 10.1.0.2:6379, the virtual IP of dog-db', 0.41)])).toEqual({
      outcome: 'passed',
      text: 'answered from 10.1.0.2:6379, the virtual IP of dog-db, in 0.4 ms',
    });
  });

  it('is told by the worst finding, with the name of who found it', () => {
    const doubt = { outcome: 'uncertain', text: 'not asked', isLate: true } as const;
    const failed = { outcome: 'failed', text: 'dog-web.3 on host-B cannot find the name dog-db', hint: 'docker ps' } as const;
    expect(joinFindings(askers, [doubt, passed('fine', 1), failed])).toEqual({ ...failed, text: `${failed.text} (from 1 of 3 tasks)` });
    expect(joinFindings(askers, [passed('fine', 1), doubt, doubt])).toEqual({
      outcome: 'uncertain',
      text: 'dog-web.2 on host-B: not asked (from 2 of 3 tasks)',
    });
  });
});
