import type { ConsoleEvent } from '../../src/domain/events.ts';
import type { BoundHost } from '../../src/domain/scenario.ts';
import { container, network, START } from './bridge-run.ts';
import {
  attached,
  began,
  boundHost,
  ended,
  holdsContainer,
  holdsNetwork,
  idOf,
  labels,
  SCENARIOS,
  skipped,
  steps,
  tenant,
  up,
} from './fleet.ts';

/** Many hosts, in every state that a host can be in, some with names that are hard to show. */
const NAMES = [
  'host-A',
  'host-B',
  'rack-07-edge-gateway-frankfurt-am-main-production-east-number-1',
  'rack-07-edge-gateway-frankfurt-am-main-production-east-number-2',
  '猫網絡-tōkyō-1',
  'e\u0301\u0301\u0301dge',
  'host-G',
  'host-H',
  'host-I',
  'host-J',
  'host-K',
  'host-L',
];

const hostsOf = (count: number): readonly BoundHost[] =>
  NAMES.slice(0, count).map((name, index) => boundHost(name, index + 1, index === 6 ? { readOnly: true } : {}));

const CONTAINERS = 20;

/** A host with a network of ours and twenty containers on it, half of them ours. */
function inhabited(host: BoundHost): readonly ConsoleEvent[] {
  const names = Array.from({ length: CONTAINERS }, (_, index) => (index === 0 ? 'cat-web' : index === 1 ? 'cat-db' : `worker-${index}`));
  const endpoints = names.map((name, index) => attached(host.name, name, `172.19.0.${index + 2}`));
  return [
    ...names.map((name, index) =>
      holdsContainer(
        600,
        host.name,
        container(
          idOf(`${host.name} ${name}`),
          name,
          'redis',
          index % 2 === 0 ? {} : { labels: labels('bridge', 'pets', `container/${name}`) },
        ),
      ),
    ),
    holdsNetwork(650, host.name, network(endpoints, { id: idOf(`${host.name} catnet`) })),
  ];
}

const laneOf = (host: string) =>
  steps(host, [
    ['image/redis/ensure', 'get image redis', 'docker pull redis'],
    [`host/${host}/look`, 'look at the host', ''],
    ['network/catnet/create', 'create network catnet', 'docker network create -d bridge catnet', `host/${host}/look`],
    ['container/cat-db/run', 'run cat-db', 'docker run -d --net catnet --name cat-db redis', 'network/catnet/create'],
  ]);

const CATS = tenant('pets', 'cat', 'http://192.168.0.11:8000');

/** A run over all hosts; the last two of twelve never answered, one is silent, one went down. */
function fleet(count: number): readonly ConsoleEvent[] {
  const hosts = hostsOf(count);
  const isDead = (index: number) => index >= 10;
  return [
    { at: START - 9500, type: 'hosts.found', source: 'hosts.yaml', hosts, tried: [] },
    { at: START - 9400, type: 'scenarios.listed', scenarios: SCENARIOS, broken: [] },
    ...hosts.flatMap((host, index) => (isDead(index) ? [] : up(host, START - 8900 + index, 2 + index * 3))),
    ...hosts
      .filter((_, index) => index === 10)
      .map(
        ({ name }): ConsoleEvent => ({
          at: START - 8000,
          type: 'host.lost',
          host: name,
          failure: {
            code: 'ENGINE_UNREACHABLE',
            message: `${name}: nothing listens at tcp://192.168.0.21:2376`,
            hint: 'is the engine running there? systemctl status docker',
          },
        }),
      ),
    {
      at: START,
      type: 'run.started',
      run: '01KAQ0M3T9',
      verb: 'up',
      scenario: 'bridge',
      project: 'pets',
      steps: hosts.slice(0, 10).flatMap(({ name }) => laneOf(name)),
      tenants: [CATS],
    },
    ...hosts.slice(0, 10).flatMap(({ name }, index) => laneEvents(name, index)),
    ...hosts.filter((_, index) => !isDead(index) && index !== 3).flatMap(inhabited),
    { at: START + 1000, type: 'tenant.watched', tenant: CATS },
    {
      at: START + 1100,
      type: 'hits.read',
      tenant: CATS.id,
      total: 60,
      byContainer: Object.fromEntries(hosts.slice(0, 3).map(({ name }, index) => [idOf(`${name} cat-web`).slice(0, 12), 30 - index * 10])),
    },
    ...hosts.flatMap(({ name }, index): ConsoleEvent[] =>
      isDead(index) || index === 4 ? [] : [{ at: START + 12_000, type: 'host.answered', host: name, latencyMs: 2 + index * 3 }],
    ),
    ...hosts
      .filter((_, index) => index === 7)
      .map(
        ({ name }): ConsoleEvent => ({
          at: START + 12_500,
          type: 'host.lost',
          host: name,
          failure: { code: 'ENGINE_TIMEOUT', message: `${name}: the engine has not answered a ping for 3 s` },
        }),
      ),
  ];
}

/** The fourth host died while it was looked at. */
function laneEvents(host: string, index: number): readonly ConsoleEvent[] {
  const at = (ms: number) => ms + index * 15;
  const looked = [
    began(at(4), `${host}/image/redis/ensure`),
    ended(at(40), `${host}/image/redis/ensure`, 36, 'present'),
    began(at(41), `${host}/host/${host}/look`),
  ];
  if (index === 3) {
    const failure = {
      code: 'ENGINE_TIMEOUT' as const,
      message: `${host} did not answer within 10 s`,
      hint: 'once it is back: pets-console up bridge',
    };
    return [
      ...looked,
      { at: START + 900, type: 'step.failed', step: `${host}/host/${host}/look`, durationMs: 859, failure },
      skipped(901, `${host}/network/catnet/create`, `needs ${host}/host/${host}/look`),
      skipped(901, `${host}/container/cat-db/run`, `needs ${host}/network/catnet/create`),
    ];
  }
  return [
    ...looked,
    ended(at(200), `${host}/host/${host}/look`, 159, 'eth0, 4 routes, 3 ports in use'),
    began(at(201), `${host}/network/catnet/create`),
    ended(at(310), `${host}/network/catnet/create`, 109, '172.19.0.0/16'),
    began(at(311), `${host}/container/cat-db/run`),
    ...(index < 8 ? [ended(at(720), `${host}/container/cat-db/run`, 409, idOf(`${host} cat-db`).slice(0, 12))] : []),
  ];
}

export const FOUR = fleet(4);
export const TWELVE = fleet(12);

/** The same, once the run is over: what was to be made on the dead host is missing. */
export const TWELVE_ENDED: readonly ConsoleEvent[] = [
  ...TWELVE,
  {
    at: START + 14_000,
    type: 'run.finished',
    run: '01KAQ0M3T9',
    verb: 'up',
    ok: false,
    durationMs: 14_000,
    changed: 18,
    checks: { passed: 0, failed: 0, uncertain: 0 },
    failure: { code: 'ENGINE_TIMEOUT', message: 'one host did not answer' },
  },
];
