import type { ConsoleEvent } from '../../src/domain/events.ts';
import type { PlanOutline } from '../../src/domain/plan.ts';
import { container, network, START } from './bridge-run.ts';
import { attached, began, boundHost, ended, holdsContainer, holdsNetwork, idOf, labels, steps, tenant } from './fleet.ts';
import { CONNECTED, HIT } from './multi-host-run.ts';

/** The events of one macvlan run on two hosts: a network of one name and one subnet on each, three tenants' worth of containers. */
const MACVLAN_CREATE = 'network create -d macvlan --subnet 192.168.0.0/24 --gateway 192.168.0.1 -o parent=eth0 macvlan';
const runs = (name: string, address: string, image: string, more = '') =>
  [
    [
      `container/${name}/run`,
      `run ${name}`,
      `docker run -d --net macvlan --ip ${address}${more} --name ${name} ${image}`,
      'network/macvlan/create',
    ],
    [`container/${name}/ready`, `wait for ${name}`, '', `container/${name}/run`],
  ] as const;

const PLACES = [
  ['host-A', 'dog-web', '192.168.0.4', 'pets-console/web'],
  ['host-A', 'fox-web', '192.168.0.6', 'pets-console/web'],
  ['host-A', 'fox-db', '192.168.0.7', 'redis'],
  ['host-B', 'dog-db', '192.168.0.5', 'redis'],
] as const;

export const PLAN: PlanOutline = {
  verb: 'up',
  scenario: 'macvlan',
  project: 'macvlan',
  hosts: [boundHost('host-A', 1, { role: 'host-A' }), boundHost('host-B', 2, { role: 'host-B' })],
  steps: ['host-A', 'host-B'].flatMap((host) => [
    ...steps(host, [
      ['image/pets-console/web/ensure', 'get image pets-console/web', `docker build -t pets-console/web app-image`],
      ['image/redis/ensure', 'get image redis', `docker pull redis`],
      [`host/${host}/look`, 'look at the host', ''],
      ['network/macvlan/create', 'create network macvlan', `docker ${MACVLAN_CREATE}`, `host/${host}/look`],
    ]),
    ...PLACES.filter(([place]) => place === host).flatMap(([, name, address, image]) =>
      steps(host, runs(name, address, image, image === 'redis' ? '' : " --add-host dog-db:192.168.0.5 -e 'DB=dog-db'")),
    ),
  ]),
  unchanged: [],
  obstacles: [],
  warnings: [],
};

const WARNING =
  'macvlan on host-A and on host-B hand out from 192.168.0.0/24, each unaware of the other: give each an ip_range of its own before containers without an address join';

export const LOOKING: readonly ConsoleEvent[] = [
  ...CONNECTED,
  { at: START - 3000, type: 'intent.received', intent: { kind: 'plan', scenario: 'macvlan' } },
  { at: START - 2970, type: 'plan.made', plan: PLAN },
];

export const PLANNED: readonly ConsoleEvent[] = [
  ...LOOKING,
  { at: START - 2700, type: 'preflight.finished', scenario: 'macvlan', obstacles: [], warnings: [WARNING], unchecked: [] },
];

export const DOG = tenant('macvlan', 'dog', 'http://192.168.0.4:5000');
export const FOX = tenant('macvlan', 'fox', 'http://192.168.0.6:5000');

const live = (host: string) =>
  network(
    PLACES.filter(([place]) => place === host).map(([, name, address]) => attached(host, name, address)),
    {
      id: idOf(`${host} macvlan`),
      name: 'macvlan',
      driver: 'macvlan',
      options: { parent: 'eth0' },
      pools: [{ subnet: '192.168.0.0/24', gateway: '192.168.0.1', auxAddresses: {} }],
      labels: labels('macvlan', 'macvlan', 'network/macvlan'),
    },
  );

export const HELD: readonly ConsoleEvent[] = [
  ...PLACES.map(([host, name, , image]) =>
    holdsContainer(
      1400,
      host,
      container(idOf(`${host} ${name}`), name, image, {
        labels: labels('macvlan', 'macvlan', `container/${name}`),
        networks: { macvlan: { networkId: idOf(`${host} macvlan`), ipv4Address: '', macAddress: '', aliases: [] } },
        networkMode: 'macvlan',
      }),
    ),
  ),
  holdsNetwork(1410, 'host-A', live('host-A')),
  holdsNetwork(1411, 'host-B', live('host-B')),
];

const STARTED: readonly ConsoleEvent[] = [
  ...PLANNED,
  {
    at: START,
    type: 'run.started',
    run: '01KAQ0M3T8',
    verb: 'up',
    scenario: 'macvlan',
    project: 'macvlan',
    steps: PLAN.steps,
    tenants: [DOG, FOX],
  },
  ...['host-A', 'host-B'].flatMap((host) => [
    began(4, `${host}/image/pets-console/web/ensure`),
    began(4, `${host}/image/redis/ensure`),
    ended(30, `${host}/image/pets-console/web/ensure`, 26, 'present'),
    ended(33, `${host}/image/redis/ensure`, 29, 'present'),
    began(34, `${host}/host/${host}/look`),
    ended(
      host === 'host-A' ? 260 : 245,
      `${host}/host/${host}/look`,
      226,
      `eth0 192.168.0.1${host === 'host-A' ? 1 : 2}/24, 4 routes, 3 ports in use`,
    ),
    began(262, `${host}/network/macvlan/create`),
  ]),
  { at: START + 261, type: 'preflight.finished', scenario: 'macvlan', obstacles: [], warnings: [WARNING], unchecked: [] },
  ended(380, 'host-B/network/macvlan/create', 118, '192.168.0.0/24'),
];

/** Networks are made, containers are about to start. */
export const RUNNING: readonly ConsoleEvent[] = [
  ...STARTED,
  began(381, 'host-B/container/dog-db/run'),
  ended(392, 'host-A/network/macvlan/create', 130, '192.168.0.0/24'),
  ...['dog-web', 'fox-web', 'fox-db'].map((name) => began(393, `host-A/container/${name}/run`)),
];

export const DONE: readonly ConsoleEvent[] = [
  ...RUNNING,
  ...PLACES.flatMap(([host, name], index) => [
    ended(820 + index * 40, `${host}/container/${name}/run`, 430 + index * 40, idOf(`${host} ${name}`).slice(0, 12)),
    began(821 + index * 40, `${host}/container/${name}/ready`),
    ended(1100 + index * 40, `${host}/container/${name}/ready`, 279, 'ready'),
  ]),
  ...HELD,
  {
    at: START + 1420,
    type: 'run.finished',
    run: '01KAQ0M3T8',
    verb: 'up',
    ok: true,
    durationMs: 1420,
    changed: 6,
    checks: { passed: 0, failed: 0, uncertain: 0 },
  },
  { at: START + 1500, type: 'tenant.watched', tenant: DOG },
  { at: START + 1500, type: 'tenant.watched', tenant: FOX },
  hits(1600, DOG.id, 'host-A dog-web', 42),
  hits(1600, FOX.id, 'host-A fox-web', 7),
];

/** Both models stand on the same two hosts; two projects have a cat each. */
export const BESIDE: readonly ConsoleEvent[] = [
  ...HIT,
  ...HELD.map((event) => ({ ...event, at: event.at + 6000 })),
  { at: START + 8000, type: 'tenant.watched', tenant: DOG },
  { at: START + 8000, type: 'tenant.watched', tenant: { ...FOX, id: 'macvlan/cat', name: 'cat' } },
  hits(8100, DOG.id, 'host-A dog-web', 42),
  hits(8100, 'macvlan/cat', 'host-A fox-web', 7),
];

function hits(afterMs: number, id: string, served: string, total: number): ConsoleEvent {
  return { at: START + afterMs, type: 'hits.read', tenant: id, total, byContainer: { [idOf(served).slice(0, 12)]: total } };
}
