import type { ConsoleEvent } from '../../src/domain/events.ts';
import type { LiveNetwork } from '../../src/domain/live.ts';
import type { SwarmNode, SwarmPicture, SwarmService, SwarmTask } from '../../src/domain/live-swarm.ts';
import type { Obstacle, PlanOutline, StepOutline } from '../../src/domain/plan.ts';
import { type ScenarioOutline, SWARM } from '../../src/domain/scenario.ts';
import { container, endpoint, network, START } from './bridge-run.ts';
import { attached, began, boundHost, ended, holdsContainer, holdsNetwork, idOf, labels, SCENARIOS, steps, tenant, up } from './fleet.ts';

/** The events of `overlay-tenants` on a swarm of two hosts whose kernel has what virtual IPs and the routing mesh need. */
const HOSTS = [boundHost('host-A', 1, { role: 'host-A' }), boundHost('host-B', 2, { role: 'host-B' })] as const;
const [A, B] = HOSTS;

export const OVERLAY: ScenarioOutline = {
  name: 'overlay-tenants',
  project: 'pets',
  model: 'overlay',
  title: 'Two tenants on one cluster, kept apart, and an admin who sees both',
  summary: 'Complex network policies can easily be achieved with overlay networks: who is on which network is the whole policy.',
  benefits: ['Micro-segmentation of tenants that share the hosts of one cluster'],
  limits: ['A virtual IP and the routing mesh need ip_vs in the kernel of every host'],
  path: 'scenarios/overlay-tenants.yaml',
  variants: {
    dnsrr: {
      summary: 'For kernels without ip_vs: each host answers with containers of its own. That is no routing mesh.',
      global: ['dog-web'],
    },
  },
};

export const CONNECTED: readonly ConsoleEvent[] = [
  { at: START - 9500, type: 'hosts.found', source: 'hosts.yaml', hosts: HOSTS, tried: [] },
  { at: START - 9400, type: 'scenarios.listed', scenarios: [...SCENARIOS.slice(1), OVERLAY], broken: [] },
  ...up(A, START - 8900),
  ...up(B, START - 8880, 3),
  told('host-A', START - 8800, outside()),
  told('host-B', START - 8790, outside()),
];

const WEB = (name: string, db: string, port: number) =>
  `docker service create --network ${db.replace('-db', 'net')} --publish published=${port},target=5000 -e DB=${db} --replicas 2 --name ${name} pets-console/web`;
const onSwarm = (rows: Parameters<typeof steps>[1]): readonly StepOutline[] =>
  steps(SWARM, rows).map((step) => ({ ...step, via: 'host-A' }));

export const PLAN: PlanOutline = {
  verb: 'up',
  scenario: 'overlay-tenants',
  project: 'pets',
  hosts: HOSTS,
  steps: [
    ...steps('host-A', [
      ['swarm/init', 'make a swarm, advertised at 192.168.0.11', 'docker swarm init --advertise-addr 192.168.0.11'],
      ['image/pets-console/web/ensure', 'get image pets-console/web', 'docker build -t pets-console/web app-image'],
    ]),
    ...steps('host-B', [
      ['swarm/join', 'join the swarm of host-A, advertised at 192.168.0.12', 'docker swarm join --token "$JOIN_TOKEN" 192.168.0.11:2377'],
      ['image/pets-console/web/ensure', 'get image pets-console/web', ''],
    ]),
    ...onSwarm([
      ['network/dognet/create', 'create network dognet', 'docker network create -d overlay --subnet 10.1.0.0/24 dognet'],
      ['network/catnet/create', 'create network catnet', 'docker network create -d overlay --subnet 10.2.0.0/24 catnet'],
      ['service/dog-db/create', 'create service dog-db', 'docker service create --network dognet --name dog-db redis'],
      ['service/dog-db/converge', 'wait for the tasks of dog-db', ''],
      ['service/dog-web/create', 'create service dog-web', WEB('dog-web', 'dog-db', 8000)],
      ['service/dog-web/converge', 'wait for the tasks of dog-web', ''],
      ['service/cat-db/create', 'create service cat-db', 'docker service create --network catnet --name cat-db redis'],
      ['service/cat-db/converge', 'wait for the tasks of cat-db', ''],
    ]),
  ],
  unchanged: [],
  obstacles: [],
  warnings: [],
};

const planned = (variant: string): readonly ConsoleEvent[] => [
  ...CONNECTED,
  { at: START - 3000, type: 'intent.received', intent: { kind: 'plan', scenario: 'overlay-tenants', variant } },
  { at: START - 2970, type: 'plan.made', plan: variant === '' ? PLAN : { ...PLAN, variant } },
];

/** The kernels of both hosts lack what the scenario's own way needs. */
export const OBSTRUCTED: readonly ConsoleEvent[] = [
  ...planned(''),
  {
    at: START - 2700,
    type: 'preflight.finished',
    scenario: 'overlay-tenants',
    obstacles: ['host-A', 'host-B'].map(
      (host): Obstacle => ({
        host,
        resource: `host/${host}`,
        message: `${host}: the kernel has no ip_vs: virtual IPs and the routing mesh do not answer`,
        hint: 'pets-console up overlay-tenants --variant dnsrr, which is no routing mesh',
      }),
    ),
    warnings: [],
    unchecked: [],
  },
];

export const PLANNED_IN_VARIANT: readonly ConsoleEvent[] = [
  ...planned('dnsrr'),
  { at: START - 2700, type: 'preflight.finished', scenario: 'overlay-tenants', obstacles: [], warnings: [], unchecked: [] },
];

export const DOG = tenant('pets', 'dog', 'http://192.168.0.11:8000');
export const CAT = tenant('pets', 'cat', 'http://192.168.0.11:9000');

const [DOGNET, CATNET, INGRESS] = ['dognet', 'catnet', 'ingress'].map((name) => idOf(name).slice(0, 25)) as [string, string, string];
const NODES = { 'host-A': 'hyxzqk4j0h2hwiufu9vsfdvhb', 'host-B': 'z0kav75drzkel3f4wz7c8yq1p' } as const;

/** Tasks and where they run: service, slot, host, address, network. */
const TASKS = [
  ['dog-db', 1, 'host-B', '10.1.0.3', DOGNET],
  ['dog-web', 1, 'host-A', '10.1.0.6', DOGNET],
  ['dog-web', 2, 'host-B', '10.1.0.7', DOGNET],
  ['cat-db', 1, 'host-A', '10.2.0.3', CATNET],
] as const;

const VIRTUAL_IPS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'dog-db': { [DOGNET]: '10.1.0.2' },
  'dog-web': { [DOGNET]: '10.1.0.5', [INGRESS]: '10.0.0.5' },
  'cat-db': { [CATNET]: '10.2.0.2' },
};

const taskName = (service: string, slot: number) => `${service}.${slot}.${idOf(`${service} ${slot}`).slice(0, 25)}`;

const copyOf = (host: 'host-A' | 'host-B', id: string, name: string, subnet: string, balancer: string): LiveNetwork =>
  network(
    [
      ...TASKS.filter(([, , place, , on]) => place === host && on === id).map(([service, slot, , address]) =>
        attached(host, taskName(service, slot), address),
      ),
      endpoint(`lb-${name}`, `${name}-endpoint`, '02:42:0a:01:00:04', balancer),
    ],
    {
      id,
      name,
      driver: 'overlay',
      scope: 'swarm',
      options: { 'com.docker.network.driver.overlay.vxlanid_list': name === 'dognet' ? '4097' : '4098' },
      pools: [{ subnet, gateway: subnet.replace('.0/24', '.1'), auxAddresses: {} }],
      labels: labels('overlay-tenants', 'pets', `network/${name}`),
    },
  );

function node(host: 'host-A' | 'host-B', more: Partial<SwarmNode> = {}): SwarmNode {
  const address = host === 'host-A' ? A.address : B.address;
  const manager = host === 'host-A' ? ({ managerStatus: 'leader' } as const) : { managerStatus: undefined };
  const facts = { platform: 'linux/amd64', engineVersion: '20.10.24+dfsg1', labels: {}, ...manager };
  return { id: NODES[host], hostname: host, state: 'ready', availability: 'active', address, ...facts, ...more };
}

function service(name: string, more: Partial<SwarmService> = {}): SwarmService {
  const web = name.endsWith('web');
  return {
    id: idOf(`service ${name}`).slice(0, 25),
    name,
    labels: labels('overlay-tenants', 'pets', `service/${name}`),
    image: web ? 'pets-console/web' : `sha256:${idOf('redis')}`,
    command: [],
    environment: {},
    extraHosts: [],
    mode: 'replicated',
    replicas: web ? 2 : 1,
    endpointMode: 'vip',
    constraints: [],
    networkIds: [name.startsWith('dog') ? DOGNET : CATNET],
    aliases: {},
    virtualIps: VIRTUAL_IPS[name] ?? {},
    update: undefined,
    ports: web ? [{ publishedPort: 8000, targetPort: 5000, protocol: 'tcp', mode: 'ingress' }] : [],
    ...more,
  } as SwarmService;
}

function task([name, slot, host, address, on]: (typeof TASKS)[number], more: Partial<SwarmTask> = {}): SwarmTask {
  const at = START + 2500;
  return {
    id: idOf(`task ${name} ${slot}`).slice(0, 25),
    serviceId: service(name).id,
    slot,
    nodeId: NODES[host],
    state: 'running',
    desiredState: 'running',
    message: 'started',
    error: '',
    createdAt: at - 900,
    changedAt: at,
    containerId: idOf(`${host} ${taskName(name, slot)}`),
    addresses: [{ networkId: on, network: on === DOGNET ? 'dognet' : 'catnet', address }],
    ...more,
  };
}

const SWARM_LABELS = labels('overlay-tenants', 'pets', 'swarm');

function outside(): SwarmPicture {
  const swarm = {
    state: 'inactive',
    error: '',
    nodeId: '',
    address: '',
    isManager: false,
    managerAddresses: [],
    cluster: undefined,
  } as const;
  return { swarm, nodes: [], services: [], tasks: [] };
}

function inside(host: 'host-A' | 'host-B', more: Partial<SwarmPicture> = {}): SwarmPicture {
  const isManager = host === 'host-A';
  const cluster = { id: 'w3k9x2c7v1b5n8m4q6p0', labels: SWARM_LABELS, addressPools: ['10.0.0.0/8'], dataPathPort: 4789 };
  const none = { nodes: [], services: [], tasks: [] };
  const managerAddresses = ['192.168.0.11:2377'];
  const own = { state: 'active', error: '', nodeId: NODES[host], address: '', isManager, managerAddresses } as const;
  return { swarm: { ...own, cluster: isManager ? cluster : undefined }, ...none, ...more };
}

function told(host: string, at: number, picture: SwarmPicture): ConsoleEvent {
  return { at, type: 'swarm.inspected', host, picture };
}

const WHOLE: SwarmPicture = inside('host-A', {
  nodes: [node('host-A'), node('host-B')],
  services: ['cat-db', 'dog-db', 'dog-web'].map((name) => service(name)),
  tasks: TASKS.map((each) => task(each)),
});

const STARTED: readonly ConsoleEvent[] = [
  ...PLANNED_IN_VARIANT,
  {
    at: START,
    type: 'run.started',
    run: '01KAQ0M3T9',
    verb: 'up',
    scenario: 'overlay-tenants',
    project: 'pets',
    variant: 'dnsrr',
    steps: PLAN.steps,
    tenants: [DOG, CAT],
  },
  began(4, 'host-A/swarm/init'),
  ended(630, 'host-A/swarm/init', 626, 'manager'),
  began(632, 'host-B/swarm/join'),
  ended(750, 'host-B/swarm/join', 118, 'worker'),
  told('host-A', START + 800, inside('host-A', { nodes: [node('host-A'), node('host-B')] })),
  told('host-B', START + 810, inside('host-B')),
  ...['host-A', 'host-B'].flatMap((host) => [
    began(4, `${host}/image/pets-console/web/ensure`),
    ended(30, `${host}/image/pets-console/web/ensure`, 26, 'present'),
  ]),
  began(760, 'swarm/network/dognet/create'),
  ended(790, 'swarm/network/dognet/create', 30, '10.1.0.0/24'),
  began(760, 'swarm/network/catnet/create'),
  ended(792, 'swarm/network/catnet/create', 32, '10.2.0.0/24'),
  ...['dog-db', 'dog-web', 'cat-db'].flatMap((name) => [
    began(800, `swarm/service/${name}/create`),
    ended(860, `swarm/service/${name}/create`, 60, service(name).id.slice(0, 12)),
    began(862, `swarm/service/${name}/converge`),
  ]),
];

/** The services are made, their tasks come. */
export const RUNNING: readonly ConsoleEvent[] = [
  ...STARTED,
  { at: START + 1500, type: 'step.progressed', step: 'swarm/service/dog-web/converge', text: 'dog-web 1/2', current: 1, total: 2 },
];

export const DONE: readonly ConsoleEvent[] = [
  ...RUNNING,
  ...TASKS.map(([name, slot, host]) =>
    holdsContainer(
      2000,
      host,
      container(idOf(`${host} ${taskName(name, slot)}`), taskName(name, slot), 'pets-console/web', {
        labels: {
          ...labels('overlay-tenants', 'pets', `service/${name}`),
          'com.docker.swarm.service.name': name,
          'com.docker.swarm.task.name': taskName(name, slot),
        },
        networks: {},
      }),
    ),
  ),
  ...(['host-A', 'host-B'] as const).flatMap((host, index) => [
    holdsNetwork(2010, host, copyOf(host, DOGNET, 'dognet', '10.1.0.0/24', `10.1.0.${4 + index * 4}`)),
    holdsNetwork(2010, host, copyOf(host, CATNET, 'catnet', '10.2.0.0/24', `10.2.0.${4 + index}`)),
    holdsNetwork(2010, host, { ...copyOf(host, INGRESS, 'ingress', '10.0.0.0/24', `10.0.0.${2 + index}`), labels: {} }),
  ]),
  told('host-A', START + 2600, WHOLE),
  ...['dog-db', 'dog-web', 'cat-db'].map((name) => ended(2610, `swarm/service/${name}/converge`, 1748, 'converged')),
  {
    at: START + 2620,
    type: 'run.finished',
    run: '01KAQ0M3T9',
    verb: 'up',
    ok: true,
    durationMs: 2620,
    changed: 9,
    checks: { passed: 0, failed: 0, uncertain: 0 },
  },
  { at: START + 2700, type: 'tenant.watched', tenant: DOG },
  { at: START + 2700, type: 'tenant.watched', tenant: CAT },
  hits(2800, DOG.id, { 'host-A dog-web 1': 642, 'host-B dog-web 2': 640 }),
  hits(2800, CAT.id, {}),
];

/** What a verify looks for besides: here everybody reaches a published port by way of the host. */
export const VERIFIED: readonly ConsoleEvent[] = [
  ...DONE,
  {
    at: START + 5000,
    type: 'run.started',
    run: '01KAQ0M3V0',
    verb: 'verify',
    scenario: 'overlay-tenants',
    project: 'pets',
    variant: 'dnsrr',
    steps: [],
    tenants: [DOG, CAT],
  },
  { at: START + 5400, type: 'check.passed', check: 'dog-web reaches dog-db:6379', text: 'answered in 0.6 ms', durationMs: 4 },
  ...(
    [
      ['cat-web', 'dog-web:5000', 'docker_gwbridge', '172.18.0.4', true],
      ['cat-web', 'dog-web:5000', 'ingress', '10.0.0.7', false],
      ['dog-web', 'cat-web:5000', 'ingress', '10.0.0.8', false],
    ] as const
  ).map(
    ([from, to, network, address, open]): ConsoleEvent => ({
      at: START + 5500,
      type: 'door.probed',
      from,
      to,
      network,
      address,
      open,
      text: `${from} ${open ? 'reaches' : 'does not reach'} ${to} at ${address} through ${network}, beside the networks of the scenario`,
    }),
  ),
  {
    at: START + 5600,
    type: 'run.finished',
    run: '01KAQ0M3V0',
    verb: 'verify',
    ok: true,
    durationMs: 600,
    changed: 0,
    checks: { passed: 1, failed: 0, uncertain: 0 },
  },
];

/** One node is drained and has no task, and another task finds no image. */
export const STUCK: readonly ConsoleEvent[] = [
  ...DONE,
  told('host-A', START + 9000, {
    ...WHOLE,
    nodes: [node('host-A'), node('host-B', { availability: 'drain' })],
    tasks: [
      ...WHOLE.tasks.filter(({ slot, serviceId }) => slot !== 2 && serviceId !== service('dog-db').id),
      task(TASKS[2], { state: 'starting', message: 'starting', changedAt: START + 8500, containerId: '', addresses: [] }),
      task(TASKS[0], {
        state: 'rejected',
        desiredState: 'ready',
        error: 'No such image: nope:1',
        changedAt: START + 8000,
        containerId: '',
      }),
    ],
  }),
];

/** Later, the manager is cut off: what it told is old. */
export const CUT_OFF: readonly ConsoleEvent[] = [
  ...DONE,
  { at: START + 20_000, type: 'host.answered', host: 'host-B', latencyMs: 2 },
  {
    at: START + 20_000,
    type: 'host.lost',
    host: 'host-A',
    failure: { code: 'ENGINE_UNREACHABLE', message: 'host-A: nothing listens at unix:///run/pets-console/lab/host-A.sock' },
  },
];

function hits(afterMs: number, id: string, served: Readonly<Record<string, number>>): ConsoleEvent {
  const counts = Object.entries(served).map(([where, count]): [string, number] => {
    const [host = '', name = '', slot = ''] = where.split(' ');
    return [idOf(`${host} ${taskName(name, Number(slot))}`).slice(0, 12), count];
  });
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  return { at: START + afterMs, type: 'hits.read', tenant: id, total, byContainer: Object.fromEntries(counts) };
}
