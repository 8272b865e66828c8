import type { ConsoleEvent } from '../../src/domain/events.ts';
import type { PlanOutline } from '../../src/domain/plan.ts';
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
  MULTI_HOST,
  SCENARIOS,
  skipped,
  steps,
  tenant,
  up,
} from './fleet.ts';

/** The events of one multi-host-bridge run: the web server on host-A, its database on host-B, each on its host's default bridge. */
export const HOSTS = [boundHost('host-A', 1, { role: 'host-A' }), boundHost('host-B', 2, { role: 'host-B' })] as const;
const [A, B] = HOSTS;

export const FOUND: readonly ConsoleEvent[] = [
  { at: START - 9500, type: 'hosts.found', source: 'hosts.yaml', hosts: HOSTS, tried: [] },
  { at: START - 9400, type: 'scenarios.listed', scenarios: SCENARIOS, broken: [] },
];

export const CONNECTED: readonly ConsoleEvent[] = [...FOUND, ...up(A, START - 8900), ...up(B, START - 8880, 3)];

const WARNING = 'cat-db: port 8001 of host-B is open to everyone who reaches host-B, and the database has no password';
const RUN_DB = 'docker run -d -p 8001:6379 --name cat-db redis';
const RUN_WEB = "docker run -d -p 8000:5000 -e 'DB=host-B:8001' -e 'ROLE=cat' --name cat-web pets-console/web";

export const PLAN: PlanOutline = {
  verb: 'up',
  scenario: 'multi-host-bridge',
  project: 'multi-host-bridge',
  hosts: HOSTS,
  steps: [
    ...steps('host-A', [
      ['image/pets-console/web/ensure', 'get image pets-console/web', 'docker build -t pets-console/web app-image'],
      ['host/host-A/look', 'look at the host', ''],
      ['container/cat-web/run', 'run cat-web', RUN_WEB, 'host/host-A/look'],
      ['container/cat-web/ready', 'wait for cat-web', '', 'container/cat-web/run'],
    ]),
    ...steps('host-B', [
      ['image/pets-console/web/ensure', 'get image pets-console/web', ''],
      ['image/redis/ensure', 'get image redis', 'docker pull redis'],
      ['host/host-B/look', 'look at the host', ''],
      ['container/cat-db/run', 'run cat-db', RUN_DB, 'host/host-B/look'],
      ['container/cat-db/ready', 'wait for cat-db', '', 'container/cat-db/run'],
    ]),
  ],
  unchanged: [],
  obstacles: [],
  warnings: [WARNING],
};

const PLANNING: readonly ConsoleEvent[] = [
  ...CONNECTED,
  { at: START - 3000, type: 'intent.received', intent: { kind: 'plan', scenario: 'multi-host-bridge' } },
];

/** The engines have answered, the hosts are being looked at. */
export const LOOKING: readonly ConsoleEvent[] = [...PLANNING, { at: START - 2970, type: 'plan.made', plan: PLAN }];

export const PLANNED: readonly ConsoleEvent[] = [
  ...LOOKING,
  { at: START - 2700, type: 'preflight.finished', scenario: 'multi-host-bridge', obstacles: [], warnings: [], unchecked: [] },
];

const OBSTACLES = [
  {
    host: 'host-A',
    resource: 'container/cat-web',
    message: 'port 8000 is in use',
    owner: 'process nginx (1841)',
    hint: 'stop it there, or publish another port: --set web.port=8010',
  },
  {
    host: 'host-B',
    resource: 'network/bridge',
    message: '172.17.0.0/16 covers the route 172.17.4.0/24 by way of wg0',
    owner: 'route 172.17.4.0/24 dev wg0',
    hint: 'give the bridge of the engine another subnet: "bip" in /etc/docker/daemon.json',
  },
];

export const OBSTRUCTED: readonly ConsoleEvent[] = [
  ...LOOKING,
  { at: START - 2700, type: 'preflight.finished', scenario: 'multi-host-bridge', obstacles: OBSTACLES, warnings: [], unchecked: [] },
];

/** One host could not be looked at: what is not checked is not free. */
export const UNCHECKED: readonly ConsoleEvent[] = [
  ...LOOKING,
  {
    at: START - 2700,
    type: 'preflight.finished',
    scenario: 'multi-host-bridge',
    obstacles: [],
    warnings: ['host-B has 0.8 GB left where its engine keeps images'],
    unchecked: [{ host: 'host-A', reason: 'it does not have the image pets-console/web yet' }],
  },
];

export const CAT = tenant('multi-host-bridge', 'cat', 'http://192.168.0.11:8000');

const STARTED: readonly ConsoleEvent[] = [
  ...PLANNED,
  {
    at: START,
    type: 'run.started',
    run: '01KAQ0M3T7',
    verb: 'up',
    scenario: 'multi-host-bridge',
    project: 'multi-host-bridge',
    steps: [],
    tenants: [CAT],
  },
  { at: START + 2, type: 'plan.made', plan: PLAN },
  { at: START + 2, type: 'steps.added', steps: PLAN.steps },
  began(4, 'host-A/image/pets-console/web/ensure'),
  began(4, 'host-B/image/pets-console/web/ensure'),
  began(4, 'host-B/image/redis/ensure'),
  ended(30, 'host-A/image/pets-console/web/ensure', 26, 'present'),
  ended(34, 'host-B/image/redis/ensure', 30, 'present'),
  began(31, 'host-A/host/host-A/look'),
  ended(210, 'host-A/host/host-A/look', 179, 'eth0 192.168.0.11/24, 4 routes, 3 ports in use'),
];

const COPY = 'host-B/image/pets-console/web/ensure';

/** The image of the web server is on its way to host-B. */
export const COPYING: readonly ConsoleEvent[] = [
  ...STARTED,
  { at: START + 900, type: 'step.progressed', step: COPY, text: 'copied from host-A', current: 43_512_000, total: 104_210_000 },
];

const COPIED: readonly ConsoleEvent[] = [
  ...COPYING,
  ended(1796, COPY, 1792, 'copied from host-A, 104 MB in 1.8 s'),
  began(1797, 'host-B/host/host-B/look'),
];

const LOOKED: readonly ConsoleEvent[] = [
  ...COPIED,
  ended(1960, 'host-B/host/host-B/look', 163, 'eth0 192.168.0.12/24, 4 routes, 2 ports in use'),
];

const rest = (afterMs: number, reason: string) => [
  skipped(afterMs, 'host-A/container/cat-web/run', reason),
  skipped(afterMs, 'host-A/container/cat-web/ready', 'needs host-A/container/cat-web/run'),
  skipped(afterMs, 'host-B/container/cat-db/run', reason),
  skipped(afterMs, 'host-B/container/cat-db/ready', 'needs host-B/container/cat-db/run'),
];

/** The look at the hosts found what stands in the way: nothing was made. */
export const REFUSED: readonly ConsoleEvent[] = [
  ...LOOKED,
  {
    at: START + 1962,
    type: 'preflight.finished',
    scenario: 'multi-host-bridge',
    obstacles: OBSTACLES,
    warnings: ["host-B's clock is 42 s behind this machine's"],
    unchecked: [],
  },
  ...rest(1963, '2 obstacles stand in the way'),
  finish(1965, false, 0, { code: 'PORT_TAKEN', message: 'host-A: port 8000 is in use (and 1 more)', hint: OBSTACLES[0]?.hint ?? '' }),
];

const DEAD = {
  code: 'ENGINE_TIMEOUT',
  message: 'host-B did not answer within 10 s',
  hint: 'once it is back: pets-console up multi-host-bridge',
} as const;

/** host-B died while its image came: its own steps fail, host-A goes on. */
export const DEAD_HOST: readonly ConsoleEvent[] = [
  ...COPYING,
  {
    at: START + 4000,
    type: 'host.lost',
    host: 'host-B',
    failure: { code: 'ENGINE_TIMEOUT', message: 'host-B: the engine has not answered a ping for 3 s' },
  },
  { at: START + 10_900, type: 'step.failed', step: COPY, durationMs: 10_896, failure: DEAD },
  began(40, 'host-B/host/host-B/look'),
  { at: START + 10_910, type: 'step.failed', step: 'host-B/host/host-B/look', durationMs: 10_870, failure: DEAD },
  skipped(10_911, 'host-B/container/cat-db/run', 'needs host-B/host/host-B/look'),
  skipped(10_911, 'host-B/container/cat-db/ready', 'needs host-B/container/cat-db/run'),
  began(212, 'host-A/container/cat-web/run'),
  ended(640, 'host-A/container/cat-web/run', 428, '9b1f00c2d7aa'),
  began(641, 'host-A/container/cat-web/ready'),
  ended(1100, 'host-A/container/cat-web/ready', 459, 'ready'),
  { at: START + 10_500, type: 'host.answered', host: 'host-A', latencyMs: 2 },
  finish(10_915, false, 1, DEAD),
];

const HELD = labels('multi-host-bridge', 'multi-host-bridge', '');
const onBridge = { networkMode: 'default', networks: {} };

const bridgeOf = (host: string, name: string, address: string) =>
  network([attached(host, name, address)], {
    id: idOf(`${host} bridge`),
    name: 'bridge',
    labels: {},
    pools: [{ subnet: '172.17.0.0/16', gateway: '172.17.0.1', auxAddresses: {} }],
  });

export const DONE: readonly ConsoleEvent[] = [
  ...LOOKED,
  { at: START + 1962, type: 'preflight.finished', scenario: 'multi-host-bridge', obstacles: [], warnings: [], unchecked: [] },
  began(1964, 'host-A/container/cat-web/run'),
  began(1964, 'host-B/container/cat-db/run'),
  ended(2390, 'host-B/container/cat-db/run', 426, idOf('host-B cat-db').slice(0, 12)),
  ended(2402, 'host-A/container/cat-web/run', 438, idOf('host-A cat-web').slice(0, 12)),
  holdsContainer(2404, 'host-B', container(idOf('host-B cat-db'), 'cat-db', 'redis', { ...onBridge, labels: HELD })),
  holdsContainer(2405, 'host-A', container(idOf('host-A cat-web'), 'cat-web', 'pets-console/web', { ...onBridge, labels: HELD })),
  holdsNetwork(2406, 'host-B', bridgeOf('host-B', 'cat-db', '172.17.0.2')),
  holdsNetwork(2407, 'host-A', bridgeOf('host-A', 'cat-web', '172.17.0.2')),
  began(2391, 'host-B/container/cat-db/ready'),
  ended(2420, 'host-B/container/cat-db/ready', 29, 'ready'),
  began(2403, 'host-A/container/cat-web/ready'),
  ended(2700, 'host-A/container/cat-web/ready', 297, 'ready'),
  finish(2704, true, 2),
  { at: START + 2800, type: 'tenant.watched', tenant: CAT },
  { at: START + 2900, type: 'hits.read', tenant: CAT.id, total: 0, byContainer: {} },
];

/** A hundred hits were sent from here. */
export const HIT: readonly ConsoleEvent[] = [
  ...DONE,
  ...Array.from({ length: 100 }, (_, index): ConsoleEvent => {
    const total = index + 1;
    const counted = idOf('host-A cat-web').slice(0, 12);
    return {
      at: START + 5000 + index * 4,
      type: 'hit.counted',
      tenant: CAT.id,
      hit: `h${index}`,
      container: counted,
      total,
      containerTotal: total,
    };
  }),
  {
    at: START + 5410,
    type: 'hits.sent',
    tenant: CAT.id,
    url: CAT.url,
    from: 'console',
    sent: 100,
    counted: 100,
    uncounted: 0,
    uncertain: 0,
    failed: 0,
    durationMs: 408,
  },
];

/** Later, host-B is cut off: what it held is old, and its database is not heard. */
export const CUT_OFF: readonly ConsoleEvent[] = [
  ...HIT,
  { at: START + 20_000, type: 'host.answered', host: 'host-A', latencyMs: 2 },
  {
    at: START + 20_000,
    type: 'host.lost',
    host: 'host-B',
    failure: {
      code: 'ENGINE_UNREACHABLE',
      message: 'host-B: nothing listens at unix:///run/pets-console/lab/host-B.sock',
      hint: 'is the engine running there? systemctl status docker',
    },
  },
  {
    at: START + 20_000,
    type: 'tenant.lost',
    tenant: CAT.id,
    failure: { code: 'AGENT_FAILED', message: 'host-B: the tunnel to cat-db closed' },
  },
];

function finish(
  afterMs: number,
  ok: boolean,
  changed: number,
  failure?: Extract<ConsoleEvent, { type: 'run.finished' }>['failure'],
): ConsoleEvent {
  return {
    at: START + afterMs,
    type: 'run.finished',
    run: '01KAQ0M3T7',
    verb: 'up',
    ok,
    durationMs: afterMs,
    changed,
    checks: { passed: 0, failed: 0, uncertain: 0 },
    ...(failure === undefined ? {} : { failure }),
  };
}

export const SCENARIO = MULTI_HOST;
