import type { Failure } from '../../src/domain/errors.ts';
import type { ConsoleEvent, TenantOutline } from '../../src/domain/events.ts';
import { LABEL } from '../../src/domain/labels.ts';
import type { JsonObject, LiveContainer, LiveEndpoint, LiveNetwork } from '../../src/domain/live.ts';
import type { PlanOutline, StepOutline } from '../../src/domain/plan.ts';
import type { ScenarioOutline } from '../../src/domain/scenario.ts';

/** The events of one bridge run on one host, as the console's sources send them, and the moments in it that screens are looked at. */
export const START = Date.UTC(2026, 10, 22, 11, 0, 0);

const HOST = 'host-A';
const NETWORK_ID = '81e45d3e3bf4f989abe87c42c8db63273f9bf30c1f5a593bae4667d5f0e33145';
const DB_ID = 'dbf7f59187801e1bcd2b0a7d4731ca5f0a95236dbc4b4157af01697f295d4528';
const WEB_ID = '2a23faa18fb33b5d07eb4e0affb5da36449a78eeb196c944a5af3aaffe1ada37';

export const BRIDGE: ScenarioOutline = {
  name: 'bridge',
  project: 'pets',
  model: 'bridge',
  title: 'One tenant on one host, on a bridge network of its own',
  summary:
    "The bridge driver creates a private network internal to the host. The engine's built-in DNS resolves a container's name to its location on that network, so the web front end finds its database as cat-db, and a published port maps the front end to an interface of the host.",
  benefits: [
    'Very simple architecture promotes easy understanding and troubleshooting',
    'Widely deployed in current production environments',
  ],
  limits: ['The network ends at its host', 'A port of the host can be published by one container only'],
  path: 'scenarios/bridge.yaml',
};

/** How the run ends that has made the network and the database, and nothing else. */
function upFailed(failure: Failure): ConsoleEvent {
  return {
    at: START + 645,
    type: 'run.finished',
    run: '01KAQ0M3T7',
    verb: 'up',
    ok: false,
    durationMs: 645,
    changed: 2,
    checks: { passed: 0, failed: 0, uncertain: 0 },
    failure,
  };
}

export const TENANT: TenantOutline = {
  id: 'cat',
  name: 'cat',
  project: 'pets',
  web: 'cat-web',
  db: 'cat-db',
  url: 'http://192.168.0.11:8000',
};

function step(id: string, title: string, command: string, needs: readonly string[] = []): StepOutline {
  return {
    id: `${HOST}/${id}`,
    host: HOST,
    resource: id.split('/').slice(0, 2).join('/'),
    title,
    command,
    needs: needs.map((need) => `${HOST}/${need}`),
  };
}

export const STEPS: readonly StepOutline[] = [
  step('image/redis/ensure', 'get image redis', 'docker pull redis'),
  step('image/pets-console/web/ensure', 'get image pets-console/web', 'docker build -t pets-console/web app-image'),
  step('network/catnet/create', 'create network catnet', 'docker network create -d bridge catnet'),
  step('container/cat-db/run', 'run cat-db', 'docker run -d --net catnet --name cat-db redis', ['network/catnet/create']),
  step('container/cat-db/ready', 'wait for cat-db', '', ['container/cat-db/run']),
  step(
    'container/cat-web/run',
    'run cat-web',
    "docker run -d --net catnet -p 8000:5000 -e 'DB=cat-db' -e 'ROLE=cat' --name cat-web pets-console/web",
    ['network/catnet/create'],
  ),
  step('container/cat-web/ready', 'wait for cat-web', '', ['container/cat-web/run']),
];

const LABELS = {
  [LABEL.project]: 'pets',
  [LABEL.scenario]: 'bridge',
  [LABEL.spec]: '9f2c51ab77e0',
  [LABEL.run]: '01KAQ0M3T7',
  [LABEL.hosts]: 'host-A=1f3870be',
};

export const DB_ENDPOINT = endpoint(DB_ID, 'cat-db', '02:42:ac:13:00:02', '172.19.0.2');
export const WEB_ENDPOINT = endpoint(WEB_ID, 'cat-web', '02:42:ac:13:00:03', '172.19.0.3');

export function endpoint(containerId: string, containerName: string, macAddress: string, ipv4Address: string): LiveEndpoint {
  return {
    containerId,
    containerName,
    endpointId: containerId.slice(0, 64).split('').reverse().join(''),
    macAddress,
    ipv4Address,
    ipv6Address: '',
  };
}

/** A network as the engine reports it, with the body that `docker network inspect` prints. */
export function network(endpoints: readonly LiveEndpoint[], change: Partial<LiveNetwork> = {}): LiveNetwork {
  const labels = change.labels ?? { ...LABELS, [LABEL.resource]: 'network/catnet' };
  const pools = change.pools ?? [{ subnet: '172.19.0.0/16', gateway: '172.19.0.1', auxAddresses: {} }];
  const live = { id: NETWORK_ID, name: 'catnet', driver: 'bridge', scope: 'local', ...change };
  const raw: JsonObject = {
    Name: live.name,
    Id: live.id,
    Created: '2026-11-22T11:00:00.612043721Z',
    Scope: live.scope,
    Driver: live.driver,
    EnableIPv6: false,
    IPAM: {
      Driver: 'default',
      Options: {},
      Config: pools.map((pool) => ({ Subnet: pool.subnet, ...(pool.gateway === undefined ? {} : { Gateway: pool.gateway }) })),
    },
    Internal: false,
    Attachable: false,
    Ingress: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: Object.fromEntries(
      endpoints.map((each) => [
        each.containerId,
        {
          Name: each.containerName,
          EndpointID: each.endpointId,
          MacAddress: each.macAddress,
          IPv4Address: `${each.ipv4Address}/${pools[0]?.subnet.split('/')[1] ?? '16'}`,
          IPv6Address: '',
        },
      ]),
    ),
    Options: { ...change.options },
    Labels: labels,
  };
  return { internal: false, attachable: false, enableIPv6: false, options: {}, ...live, pools, labels, endpoints, raw };
}

export function container(id: string, name: string, image: string, change: Partial<LiveContainer> = {}): LiveContainer {
  return {
    id,
    name,
    image,
    imageId: 'sha256:3fa1',
    state: 'running',
    exitCode: 0,
    startedAt: '2026-11-22T11:00:01Z',
    finishedAt: '0001-01-01T00:00:00Z',
    labels: { ...LABELS, [LABEL.resource]: `container/${name}` },
    networks: { catnet: { networkId: NETWORK_ID, ipv4Address: '', macAddress: '', aliases: [] } },
    networkMode: 'catnet',
    ports: [],
    ...change,
  };
}

export const CONNECTED: readonly ConsoleEvent[] = [
  { at: START - 9000, type: 'scenarios.listed', scenarios: [BRIDGE], broken: [] },
  {
    at: START - 8900,
    type: 'host.connected',
    host: HOST,
    endpoint: 'unix:///run/pets-console/lab/host-A.sock',
    address: '192.168.0.11',
    source: 'lab lab',
    engineVersion: '20.10.24',
    apiVersion: '1.41',
    latencyMs: 2,
  },
  {
    at: START - 8890,
    type: 'network.inspected',
    host: HOST,
    network: network([], {
      id: 'b'.repeat(64),
      name: 'bridge',
      labels: {},
      pools: [{ subnet: '172.17.0.0/16', gateway: '172.17.0.1', auxAddresses: {} }],
    }),
  },
  {
    at: START - 8890,
    type: 'network.inspected',
    host: HOST,
    network: network([], { id: 'c'.repeat(64), name: 'host', driver: 'host', labels: {}, pools: [] }),
  },
  {
    at: START - 8890,
    type: 'network.inspected',
    host: HOST,
    network: network([], { id: 'd'.repeat(64), name: 'none', driver: 'null', labels: {}, pools: [] }),
  },
];

const PLAN: PlanOutline = {
  verb: 'up',
  scenario: 'bridge',
  project: 'pets',
  hosts: [{ name: HOST, endpoint: 'unix:///run/pets-console/lab/host-A.sock', address: '192.168.0.11' }],
  steps: STEPS,
  unchanged: [],
  obstacles: [],
  warnings: [],
};

export const PLANNING: readonly ConsoleEvent[] = [
  ...CONNECTED,
  { at: START - 3000, type: 'intent.received', intent: { kind: 'plan', scenario: 'bridge' } },
];

export const PLANNED: readonly ConsoleEvent[] = [...PLANNING, { at: START - 2970, type: 'plan.made', plan: PLAN }];

export const NOTHING_TO_DO: readonly ConsoleEvent[] = [
  ...PLANNING,
  {
    at: START - 2970,
    type: 'plan.made',
    plan: { ...PLAN, steps: [], unchanged: ['host-A/network/catnet', 'host-A/container/cat-db', 'host-A/container/cat-web'] },
  },
];

export const OBSTACLES: readonly ConsoleEvent[] = [
  ...PLANNING,
  {
    at: START - 2970,
    type: 'plan.made',
    plan: {
      ...PLAN,
      obstacles: [
        {
          host: HOST,
          resource: 'container/cat-web',
          message: 'port 8000 is published by another container',
          owner: 'container grafana',
          hint: 'docker -H unix:///run/pets-console/lab/host-A.sock rm -f grafana',
        },
      ],
    },
  },
];

const STARTED: readonly ConsoleEvent[] = [
  ...PLANNED,
  { at: START, type: 'run.started', run: '01KAQ0M3T7', verb: 'up', scenario: 'bridge', project: 'pets', steps: STEPS, tenants: [TENANT] },
  begun(4, 'image/redis/ensure'),
  begun(4, 'image/pets-console/web/ensure'),
  finished(40, 'image/redis/ensure', 36, 'here already'),
  finished(44, 'image/pets-console/web/ensure', 40, 'here already'),
  begun(45, 'network/catnet/create'),
  finished(152, 'network/catnet/create', 107, '172.19.0.0/16'),
  { at: START + 154, type: 'network.inspected', host: HOST, network: network([]) },
  begun(155, 'container/cat-db/run'),
  begun(155, 'container/cat-web/run'),
];

/** Both containers are starting. */
export const RUNNING: readonly ConsoleEvent[] = [
  ...STARTED,
  finished(561, 'container/cat-db/run', 406, 'dbf7f5918780'),
  { at: START + 563, type: 'network.inspected', host: HOST, network: network([DB_ENDPOINT]) },
  { at: START + 563, type: 'container.inspected', host: HOST, container: container(DB_ID, 'cat-db', 'redis') },
  begun(564, 'container/cat-db/ready'),
  { at: START + 570, type: 'tenant.watched', tenant: TENANT },
];

/** The engine could not publish the port. */
export const FAILED: readonly ConsoleEvent[] = [
  ...RUNNING,
  finished(600, 'container/cat-db/ready', 36, 'ready'),
  {
    at: START + 640,
    type: 'step.failed',
    step: `${HOST}/container/cat-web/run`,
    durationMs: 485,
    failure: {
      code: 'PORT_TAKEN',
      message: 'host-A: port 8000 is held by container grafana',
      hint: 'docker rm -f grafana, then: pets-console up bridge',
    },
  },
  { at: START + 641, type: 'step.skipped', step: `${HOST}/container/cat-web/ready`, reason: 'run cat-web failed' },
  upFailed({
    code: 'PORT_TAKEN',
    message: 'host-A: port 8000 is held by container grafana',
    hint: 'docker rm -f grafana, then: pets-console up bridge',
  }),
];

export const DONE: readonly ConsoleEvent[] = [
  ...RUNNING,
  finished(600, 'container/cat-db/ready', 36, 'ready'),
  finished(590, 'container/cat-web/run', 435, '2a23faa18fb3'),
  { at: START + 592, type: 'network.inspected', host: HOST, network: network([DB_ENDPOINT, WEB_ENDPOINT]) },
  { at: START + 592, type: 'container.inspected', host: HOST, container: container(WEB_ID, 'cat-web', 'pets-console/web') },
  begun(593, 'container/cat-web/ready'),
  finished(842, 'container/cat-web/ready', 249, 'ready'),
  {
    at: START + 846,
    type: 'run.finished',
    run: '01KAQ0M3T7',
    verb: 'up',
    ok: true,
    durationMs: 846,
    changed: 3,
    checks: { passed: 0, failed: 0, uncertain: 0 },
  },
  { at: START + 900, type: 'hits.read', tenant: 'cat', total: 0, byContainer: {} },
];

export const FIRST_HIT: readonly ConsoleEvent[] = [
  ...DONE,
  { at: START + 3000, type: 'intent.received', intent: { kind: 'hit', tenant: 'cat', count: 1 } },
  { at: START + 3004, type: 'hit.counted', tenant: 'cat', hit: '01KAQ0M8', container: 'cat-web', total: 1, containerTotal: 1 },
  {
    at: START + 3006,
    type: 'hits.sent',
    tenant: 'cat',
    url: TENANT.url,
    from: 'console',
    sent: 1,
    counted: 1,
    uncounted: 0,
    uncertain: 0,
    failed: 0,
    durationMs: 6,
  },
];

/** Two minutes later, with visitors of its own. */
export const BUSY: readonly ConsoleEvent[] = [
  ...FIRST_HIT,
  ...visits(START + 30_000, 90),
  { at: START + 119_900, type: 'host.answered', host: HOST, latencyMs: 3 },
];

export const VERIFIED: readonly ConsoleEvent[] = [
  ...FIRST_HIT,
  {
    at: START + 5000,
    type: 'run.started',
    run: '01KAQ0M9',
    verb: 'verify',
    scenario: 'bridge',
    project: 'pets',
    steps: [],
    tenants: [TENANT],
  },
  {
    at: START + 5040,
    type: 'check.passed',
    check: 'cat-web reaches cat-db:6379',
    text: 'answered from 172.19.0.2 in 0.8 ms',
    durationMs: 2,
  },
  {
    at: START + 5050,
    type: 'check.passed',
    check: 'http://192.168.0.11:8000 answers 200',
    text: 'served by cat-web, hit 4 of cat',
    durationMs: 5,
  },
  {
    at: START + 5090,
    type: 'check.failed',
    check: 'console does not reach 192.168.0.11:6379',
    text: 'console reaches 192.168.0.11:6379, which the scenario denies',
    durationMs: 1,
    hint: 'docker ps --filter publish=6379',
  },
  {
    at: START + 5100,
    type: 'run.finished',
    run: '01KAQ0M9',
    verb: 'verify',
    ok: false,
    durationMs: 100,
    changed: 0,
    checks: { passed: 2, failed: 1, uncertain: 0 },
  },
];

/** Taken down: the counter falls silent because there is nothing left to count. */
export const TAKEN_DOWN: readonly ConsoleEvent[] = [
  ...FIRST_HIT,
  { at: START + 9000, type: 'container.removed', host: HOST, id: WEB_ID },
  { at: START + 9000, type: 'container.removed', host: HOST, id: DB_ID },
  {
    at: START + 9100,
    type: 'tenant.lost',
    tenant: 'cat',
    failure: { code: 'AGENT_FAILED', message: 'host-A: the tunnel to cat-db closed' },
  },
  { at: START + 9200, type: 'network.removed', host: HOST, id: NETWORK_ID },
];

export const LOST_HOST: readonly ConsoleEvent[] = [
  ...FIRST_HIT,
  { at: START + 9000, type: 'host.lost', host: HOST, failure: { code: 'ENGINE_TIMEOUT', message: 'host-A did not answer within 3 s' } },
  {
    at: START + 9000,
    type: 'tenant.lost',
    tenant: 'cat',
    failure: { code: 'ENGINE_TIMEOUT', message: 'host-A: the tunnel to cat-db closed' },
  },
];

/** `x` was pressed while cat-web was starting. */
export const STOPPED: readonly ConsoleEvent[] = [
  ...RUNNING,
  finished(600, 'container/cat-db/ready', 36, 'ready'),
  {
    at: START + 640,
    type: 'step.failed',
    step: `${HOST}/container/cat-web/run`,
    durationMs: 485,
    failure: { code: 'INTERRUPTED', message: 'host-A: start container cat-web was interrupted' },
  },
  { at: START + 641, type: 'step.skipped', step: `${HOST}/container/cat-web/ready`, reason: 'interrupted' },
  upFailed({
    code: 'INTERRUPTED',
    message: 'up was interrupted; what was done stands',
    hint: 'go on: pets-console up bridge, or take it back: pets-console down bridge',
  }),
];

/** Brought up again: nothing had to change. */
export const IDEMPOTENT: readonly ConsoleEvent[] = [
  ...FIRST_HIT,
  { at: START + 5000, type: 'run.started', run: '01KAQ0MA', verb: 'up', scenario: 'bridge', project: 'pets', steps: [], tenants: [TENANT] },
  {
    at: START + 5030,
    type: 'run.finished',
    run: '01KAQ0MA',
    verb: 'up',
    ok: true,
    durationMs: 30,
    changed: 0,
    checks: { passed: 0, failed: 0, uncertain: 0 },
  },
];

/** Somebody typed `docker kill cat-web`. */
export const HALTED: readonly ConsoleEvent[] = [
  ...FIRST_HIT,
  { at: START + 6000, type: 'network.inspected', host: HOST, network: network([DB_ENDPOINT]) },
  {
    at: START + 6000,
    type: 'container.inspected',
    host: HOST,
    container: container(WEB_ID, 'cat-web', 'pets-console/web', {
      state: 'exited',
      exitCode: 137,
      finishedAt: '2026-11-22T11:00:05.912043721Z',
    }),
  },
];

/** Somebody typed `docker pause cat-web`. */
export const PAUSED: readonly ConsoleEvent[] = [
  ...FIRST_HIT,
  {
    at: START + 6000,
    type: 'container.inspected',
    host: HOST,
    container: container(WEB_ID, 'cat-web', 'pets-console/web', { state: 'paused' }),
  },
];

/** The database came back empty, and was heard again. */
export const WENT_BACK: readonly ConsoleEvent[] = [
  ...FIRST_HIT,
  {
    at: START + 5000,
    type: 'tenant.lost',
    tenant: 'cat',
    failure: { code: 'AGENT_FAILED', message: 'host-A: the tunnel to cat-db closed' },
  },
  { at: START + 5500, type: 'hits.read', tenant: 'cat', total: 0, byContainer: {} },
];

/** Hits came while the console was not there: it read their number, and saw none of them come. */
export const READ_BACK: readonly ConsoleEvent[] = [
  ...DONE,
  { at: START + 70_000, type: 'hits.read', tenant: 'cat', total: 41, byContainer: { 'cat-web': 41 } },
  { at: START + 79_000, type: 'host.answered', host: HOST, latencyMs: 2 },
];

/** The database was slow to answer some of a hundred hits. */
export const UNCERTAIN: readonly ConsoleEvent[] = [
  ...FIRST_HIT,
  {
    at: START + 5500,
    type: 'hits.sent',
    tenant: 'cat',
    url: TENANT.url,
    from: 'console',
    sent: 100,
    counted: 93,
    uncounted: 0,
    uncertain: 7,
    failed: 0,
    durationMs: 2210,
  },
];

function begun(afterMs: number, id: string): ConsoleEvent {
  return { at: START + afterMs, type: 'step.started', step: `${HOST}/${id}` };
}

function finished(afterMs: number, id: string, durationMs: number, summary: string): ConsoleEvent {
  return { at: START + afterMs, type: 'step.finished', step: `${HOST}/${id}`, durationMs, summary };
}

/** Visitors that come and go in waves, three a second at most. */
function visits(from: number, seconds: number): readonly ConsoleEvent[] {
  const perSecond = Array.from({ length: seconds }, (_, second) => Math.round(1.5 + 1.5 * Math.sin(second / 6)));
  let total = 1;
  return perSecond.flatMap((hits, second) =>
    Array.from({ length: hits }, (_, index): ConsoleEvent => {
      total += 1;
      const at = from + second * 1000 + index * 200;
      return { at, type: 'hit.counted', tenant: 'cat', hit: `${second}-${index}`, container: 'cat-web', total, containerTotal: total };
    }),
  );
}
