import { describe, expect, test } from 'vitest';
import type { HostFacts, ListeningSocket, ModuleState } from '../../src/domain/host-facts.ts';
import type { LiveEngine } from '../../src/domain/live.ts';
import type { SwarmPicture } from '../../src/domain/live-swarm.ts';
import type { BoundHost } from '../../src/domain/scenario.ts';
import { bindScenario } from '../../src/scenario/bind.ts';
import { judgeHosts, questionsFor } from '../../src/scenario/judge-hosts.ts';
import { overlayFeatures } from '../../src/scenario/judge-hosts-kernel.ts';
import { judgePort } from '../../src/scenario/judge-hosts-ports.ts';
import { waysToAsk } from '../../src/scenario/judge-hosts-ways.ts';
import { parseScenario } from '../../src/scenario/load.ts';
import { planUp } from '../../src/scenario/plan-up.ts';
import type { WayAnswer, WayQuestion } from '../../src/scenario/swarm-ports.ts';
import { factsOf, TWO_HOSTS } from './host-facts-of.ts';
import { liveContainer, liveNetwork } from './live-things.ts';

const NO_SWARM: SwarmPicture = {
  swarm: { state: 'inactive', error: '', nodeId: '', address: '', isManager: false, managerAddresses: [], cluster: undefined },
  nodes: [],
  services: [],
  tasks: [],
};
const ALL_THERE: Readonly<Record<string, ModuleState>> = Object.fromEntries(
  ['vxlan', 'ip_vs', 'ip_vs_rr', 'xt_ipvs', 'esp4', 'xfrm_user', 'xt_policy', 'xt_mark', 'xt_u32', 'xt_bpf'].map((name) => [
    name,
    'present',
  ]),
);
const STOCK = { modules: ALL_THERE };

interface Wish {
  readonly body?: string;
  readonly hosts?: readonly BoundHost[];
  readonly live?: Readonly<Record<string, Partial<LiveEngine>>>;
  /** Changes to what each host is, with a stock kernel; of one that is undefined nothing was seen. */
  readonly facts?: Readonly<Record<string, Partial<HostFacts> | undefined>>;
  readonly answer?: (question: WayQuestion) => Partial<WayAnswer>;
}

const SERVICES = `networks: { net: { driver: overlay, ipam: { config: [{ subnet: 10.1.0.0/24 }] } } }
services: { db: { on: swarm, image: redis, networks: [net] }, web: { on: swarm, image: pets-console/web, networks: [net], ports: ["8000:5000"] } }
variants: { dnsrr: { summary: S, endpoint_mode: dnsrr, publish: host, global: [web] } }`;

function situationOf({ body = SERVICES, hosts = TWO_HOSTS, live = {}, facts = {} }: Wish, variant?: string) {
  const head = `version: 1\nname: s\nmodel: overlay\ntitle: T\nswarm: required\nhosts: [${hosts.map(({ name }) => name).join(', ')}]`;
  const scenario = bindScenario(
    parseScenario('s.yaml', `${head}\n${body}\n`, { set: {}, ...(variant === undefined ? {} : { variant }) }),
    hosts,
  );
  const engines = hosts.map(
    ({ name }): LiveEngine => ({
      ...{ host: name, version: '28.5.2', networks: [], containers: [], services: [], images: {}, swarm: NO_SWARM },
      ...live[name],
    }),
  );
  const seen = hosts.flatMap(({ name }, index) =>
    Object.hasOwn(facts, name) && facts[name] === undefined ? [] : [[name, factsOf(index, { ...STOCK, ...facts[name] })] as const],
  );
  return { plan: planUp(scenario, hosts, engines, 'RUN'), scenario, live: engines, facts: new Map(seen) };
}

function judged(wish: Wish = {}, variant?: string) {
  const situation = situationOf(wish, variant);
  const ways = waysToAsk(situation).map((question): WayAnswer => {
    return { ...question, outcome: 'answered', detail: '', ...wish.answer?.(question) };
  });
  return judgeHosts(situation, { ways });
}

const FINE = { obstacles: [], ports: [], warnings: [] };

test('two hosts with a stock kernel and open ways are told so: no obstacle, no warning', () => {
  expect(judged()).toEqual(FINE);
});

test('every host of the plan is looked at, since a task may land on any; none where nothing comes', () => {
  const { facts: _, ...situation } = situationOf({});
  const questions = questionsFor(situation);
  expect(questions.hosts).toEqual(['host-A', 'host-B']);
  expect(questions.modules).toEqual(['vxlan', 'ip_vs', 'ip_vs_rr', 'xt_ipvs']);
  expect(questionsFor({ ...situation, plan: { ...situation.plan, steps: [] } }).hosts).toEqual([]);
  const waiting = situation.plan.steps.filter(({ action }) => action.kind === 'service.converge');
  expect(questionsFor({ ...situation, plan: { ...situation.plan, steps: waiting } }).hosts).toEqual([]);
});

describe('kernels', () => {
  const withModules = (change: Readonly<Record<string, ModuleState>>) => ({
    facts: { 'host-B': { modules: { ...ALL_THERE, ...change } } },
  });

  test('without ip_vs are refused, with the variant that works there, which is called no routing mesh', () => {
    expect(judged(withModules({ ip_vs: 'absent', ip_vs_rr: 'absent' }))).toEqual({
      ...FINE,
      obstacles: [
        {
          host: 'host-B',
          resource: 'host/host-B',
          message:
            'the kernel (6.1.0) has no ip_vs, ip_vs_rr: virtual IPs and the routing mesh do not answer, although services would say 1/1',
          hint: "pets-console up s --variant dnsrr, which is no routing mesh: each port answers only on nodes that run a task; else run it on hosts with a distribution's own kernel",
        },
      ],
    });
  });

  test('without ip_vs pass in that variant, which asks for no more than it needs', () => {
    expect(judged(withModules({ ip_vs: 'absent' }), 'dnsrr')).toEqual(FINE);
    const { facts: _, ...situation } = situationOf({}, 'dnsrr');
    expect(questionsFor(situation).modules).toEqual(['vxlan']);
  });

  test.each([
    [
      'without ports, for their virtual IPs alone',
      'web: { on: swarm, image: w, networks: [net] }',
      'give its services endpoint_mode: dnsrr;',
    ],
    [
      'with a port of the mesh alone',
      'web: { on: swarm, image: w, networks: [net], ports: ["8000:5000"] }',
      'give its services endpoint_mode: dnsrr, and its ports mode: host, which is no routing mesh:',
    ],
  ])('without ip_vs are refused to services %s', (_, service, hint) => {
    const body = `networks: { net: { driver: overlay } }\nservices: { ${service} }`;
    const { obstacles } = judged({ body, ...withModules({ ip_vs: 'absent' }) });
    expect(obstacles).toMatchObject([{ host: 'host-B', hint: expect.stringContaining(hint) }]);
  });

  test('of which nothing is known are told; modules on disk are fine, since Docker loads them', () => {
    expect(judged(withModules({ ip_vs: 'unknown' }))).toEqual({
      ...FINE,
      warnings: [
        'whether the kernel of host-B (6.1.0) has ip_vs could not be told; without, virtual IPs and the routing mesh do not answer, although services would say 1/1; see: sudo modprobe ip_vs',
      ],
    });
    expect(judged(withModules({ ip_vs: 'loadable', vxlan: 'loadable' }))).toEqual(FINE);
  });

  test('without vxlan are refused any overlay', () => {
    expect(judged(withModules({ vxlan: 'absent' }), 'dnsrr').obstacles.map(({ message }) => message)).toEqual([
      'the kernel (6.1.0) has no vxlan: no task with an overlay network starts',
    ]);
  });

  const ENCRYPTED = SERVICES.replace('driver: overlay,', 'driver: overlay, driver_opts: { encrypted: true },');
  test('without ESP are refused an encrypted overlay, and no other', () => {
    expect(judged({ body: ENCRYPTED, ...withModules({ esp4: 'absent' }) })).toEqual({
      ...FINE,
      obstacles: [
        {
          host: 'host-B',
          resource: 'host/host-B',
          message: 'the kernel (6.1.0) has no esp4: encrypted overlays carry nothing (net)',
          hint: "run it on hosts with a distribution's own kernel; or leave driver_opts.encrypted of net away",
        },
      ],
    });
    expect(judged(withModules({ esp4: 'absent' }))).toEqual(FINE);
  });

  test('that have it are not enough: that nobody knows what becomes of ESP on the way is told', () => {
    expect(judged({ body: ENCRYPTED })).toEqual({
      ...FINE,
      warnings: [
        'whether ESP (IP protocol 50) passes between host-A, host-B is not checked: where a firewall drops it, nothing passes on net; to open it: sudo iptables -I INPUT -p esp -j ACCEPT',
      ],
    });
  });

  test('are told at length where no scenario says what is needed', () => {
    const modules = { ...ALL_THERE, ip_vs: 'loadable', xt_ipvs: 'loadable', esp4: 'absent' } as const;
    expect(overlayFeatures({ modules })).toEqual([
      'overlay networks: vxlan present',
      'virtual IPs and routing mesh: ip_vs, xt_ipvs loadable, which Docker loads when it is needed; a rootless engine may not',
      'encrypted overlays: esp4 absent, so encrypted overlays carry nothing',
    ]);
    expect(overlayFeatures({ modules: { vxlan: 'unknown' } })).toEqual(['overlay networks: vxlan unknown; see: sudo modprobe vxlan']);
  });
});

describe('ports', () => {
  const listeningOn = (host: string, socket: Partial<ListeningSocket>, more: Partial<HostFacts> = {}): Pick<Wish, 'facts'> => ({
    facts: { [host]: { ...more, listening: [{ protocol: 'tcp', address: '0.0.0.0', port: 8000, uid: 33, ...socket }] } },
  });
  const taken = (wish: Wish, variant?: string) => judged(wish, variant).ports.map(({ host, need }) => `${host} ${need.words}`);

  test('of the mesh are wanted on every node, those in host mode where a task may come', () => {
    const there = listeningOn('host-B', {});
    expect(taken(there)).toEqual(['host-B port 8000/tcp (8000:5000)']);
    expect(taken(there, 'dnsrr')).toEqual(['host-B port 8000/tcp (8000:5000)']);
    const placed = `networks: { net: { driver: overlay } }
services: { web: { on: swarm, image: w, networks: [net], ports: [{ published: 8000, target: 5000, mode: MODE }], deploy: { placement: { host: host-A } } } }`;
    expect(taken({ ...there, body: placed.replace('MODE', 'ingress') })).toEqual(['host-B port 8000/tcp (8000:5000)']);
    expect(taken({ ...there, body: placed.replace('MODE', 'host') })).toEqual([]);
    expect(taken({ ...listeningOn('host-A', {}), body: placed.replace('MODE', 'host') })).toEqual(['host-A port 8000/tcp (8000:5000)']);
  });

  test('that a container or a service of the swarm publishes are named from what the engines tell', () => {
    const held = { hostIp: '0.0.0.0', publishedPort: 8000, targetPort: 80, protocol: 'tcp' };
    expect(
      taken({ ...listeningOn('host-B', {}), live: { 'host-B': { containers: [liveContainer('grafana', { ports: [held] })] } } }),
    ).toEqual([]);
    // Managers tell it, and the port is taken on workers too.
    const shop = { id: 'i', name: 'shop', labels: {}, ports: [{ ...held, mode: 'ingress' as const }] };
    expect(taken({ ...listeningOn('host-B', {}), live: { 'host-A': { services: [shop] } } })).toEqual([]);
    const elsewhere = { ...shop, ports: [{ ...held, mode: 'host' as const }] };
    expect(taken({ ...listeningOn('host-B', {}), live: { 'host-A': { services: [elsewhere] } } })).toHaveLength(1);
  });

  test.each([
    ['2377/tcp', 'host-A', { port: 2377 }, 'no manager can start here'],
    ['7946/tcp', 'host-B', { port: 7946 }, 'tasks here would run and reach none on other hosts'],
    ['7946/udp', 'host-B', { port: 7946, protocol: 'udp' }, 'tasks here would run and reach none on other hosts'],
    ['4789/udp', 'host-A', { port: 4789, protocol: 'udp' }, 'no task with an overlay network would start here'],
  ] as const)('of the swarm itself: %s on %s', (port, host, socket, consequence) => {
    const [conflict, ...others] = judged(listeningOn(host, socket)).ports;
    expect(others).toEqual([]);
    if (conflict === undefined) throw new Error('no conflict');
    const { obstacles } = judgePort(conflict, { pid: 411, name: 'consul' });
    expect(obstacles).toEqual([
      {
        host,
        resource: 'swarm',
        message: expect.stringMatching(
          new RegExp(`^port ${port} \\(.+\\) is taken: a process listens on 0\\.0\\.0\\.0:\\d+, so ${consequence}$`),
        ),
        owner: 'process consul (pid 411, user 33)',
        hint: `on ${host}, end it: sudo kill 411`,
      },
    ]);
  });

  test('of the swarm are wanted by a new node only, and that of managers by a manager', () => {
    expect(judged(listeningOn('host-B', { port: 2377 })).ports).toEqual([]);
    const standing = swarmOf({ 'host-A': 'manager', 'host-B': 'worker' });
    expect(judged({ ...listeningOn('host-B', { port: 7946 }), live: standing }).ports).toEqual([]);
    const joined = { live: swarmOf({ 'host-A': 'manager' }, 4790) };
    expect(taken({ ...listeningOn('host-B', { port: 4789, protocol: 'udp' }), ...joined })).toEqual([]);
    expect(taken({ ...listeningOn('host-B', { port: 4790, protocol: 'udp' }), ...joined })).toEqual(['host-B port 4790/udp (VXLAN)']);
  });

  test('of VXLAN are the kernel’s where an interface uses them, and maybe an overlay’s that was left behind where no process is seen', () => {
    const held = { port: 4789, protocol: 'udp' } as const;
    const flannel = { name: 'flannel.1', up: true, macAddress: '', mtu: 1450, addresses: [], kind: 'vxlan' };
    expect(judged(listeningOn('host-A', held, { interfaces: [...factsOf(0).interfaces, flannel] })).ports).toEqual([]);
    const [conflict] = judged(listeningOn('host-A', held)).ports;
    if (conflict === undefined) throw new Error('no conflict');
    expect(judgePort(conflict, undefined)).toEqual({
      obstacles: [],
      warnings: [
        'port 4789/udp (VXLAN) of host-A is taken by no process that is seen, maybe by an overlay that was left behind: if tasks there are rejected with "error creating vxlan interface", restart its engine: sudo systemctl restart docker',
      ],
    });
  });
});

/** Engines that are in one swarm, and the rest in none. */
function swarmOf(
  roles: Readonly<Record<string, 'manager' | 'worker'>>,
  dataPathPort = 4789,
): Readonly<Record<string, Partial<LiveEngine>>> {
  const addresses = new Map(TWO_HOSTS.map(({ name, address }) => [name, address]));
  const nodes = Object.entries(roles).map(([name, role]) => ({
    ...{ id: `node-${name}`, hostname: name, state: 'ready' as const, availability: 'active' as const, address: addresses.get(name) ?? '' },
    ...{
      managerStatus: role === 'manager' ? ('leader' as const) : undefined,
      platform: 'linux/amd64',
      engineVersion: '28.5.2',
      labels: {},
    },
  }));
  const cluster = { id: 'c', labels: {}, addressPools: ['10.0.0.0/8'], dataPathPort };
  return Object.fromEntries(
    Object.entries(roles).map(([name, role]): readonly [string, Partial<LiveEngine>] => {
      const isManager = role === 'manager';
      const swarm = {
        ...{ state: 'active' as const, error: '', nodeId: `node-${name}`, address: addresses.get(name) ?? '', isManager },
        ...{ managerAddresses: ['192.168.90.11:2377'], cluster: isManager ? cluster : undefined },
      };
      return [name, { swarm: { swarm, nodes: isManager ? nodes : [], services: [], tasks: [] } }];
    }),
  );
}

describe('ways between hosts', () => {
  const asked = (wish: Wish) =>
    waysToAsk(situationOf(wish)).map(({ from, to, port: { port, protocol }, payloadBytes }) => {
      return `${from} ${to} ${port}/${protocol}${payloadBytes === undefined ? '' : ` ${payloadBytes}`}`;
    });

  test('are all that nodes need, each way, and that to the manager for who joins', () => {
    expect(asked({}).sort()).toEqual([
      'host-A host-B 4789/udp',
      'host-A host-B 4789/udp 1472',
      'host-A host-B 7946/tcp',
      'host-A host-B 7946/udp',
      'host-B host-A 2377/tcp',
      'host-B host-A 4789/udp',
      'host-B host-A 4789/udp 1472',
      'host-B host-A 7946/tcp',
      'host-B host-A 7946/udp',
    ]);
  });

  test('of a swarm that stands go by its own data path port, and to no manager', () => {
    const live = swarmOf({ 'host-A': 'manager', 'host-B': 'worker' }, 4790);
    expect(asked({ live }).filter((way) => way.startsWith('host-B'))).toEqual([
      'host-B host-A 7946/tcp',
      'host-B host-A 7946/udp',
      'host-B host-A 4790/udp',
      'host-B host-A 4790/udp 1472',
    ]);
  });

  test('are not asked of a process that is in the way of a new node: it is told as that', () => {
    const listening = [{ protocol: 'udp', address: '127.0.0.1', port: 7946, uid: 0 }] as const;
    expect(asked({ facts: { 'host-B': { listening } } }).filter((way) => way.startsWith('host-A') && way.includes('7946'))).toEqual([
      'host-A host-B 7946/tcp',
    ]);
  });

  test('are asked of no host that was not looked at', () => {
    expect(asked({ facts: { 'host-B': undefined } })).toEqual([]);
  });

  test('of many hosts are those to and from the manager, and a ring of the others', () => {
    const hosts = Array.from({ length: 12 }, (_, index) => ({
      name: `h${index}`,
      role: `h${index}`,
      endpoint: `unix:///${index}`,
      address: `192.168.90.${11 + index}`,
    }));
    const pairs = new Set(waysToAsk(situationOf({ hosts })).map(({ from, to }) => `${from} ${to}`));
    expect(pairs.size).toBe(2 * (11 + 10));
    for (const pair of ['h0 h7', 'h7 h0', 'h6 h7', 'h7 h6', 'h11 h0']) expect(pairs).toContain(pair);
    expect(pairs).not.toContain('h5 h7');
  });

  test('that are closed are refused with who asked whom, the port, the consequence and the rule that opens it', () => {
    const answer = ({ from, port }: WayQuestion) =>
      from === 'host-A' && port.port === 4789 ? ({ outcome: 'timed-out', detail: 'no answer' } as const) : {};
    expect(judged({ answer })).toEqual({
      ...FINE,
      obstacles: [
        {
          host: 'host-B',
          resource: 'swarm',
          message: 'host-A gets no answer at 192.168.90.12, 4789/udp (VXLAN): tasks on the two hosts would not reach each other',
          hint: 'on host-B: sudo iptables -I INPUT -p udp --dport 4789 -j ACCEPT; in a cloud, allow it in the security group',
        },
      ],
    });
  });

  test('that one firewall closes are told once', () => {
    const hosts = ['a', 'b', 'c'].map((name, index) => ({
      name,
      role: name,
      endpoint: `unix:///${name}`,
      address: `192.168.90.${11 + index}`,
    }));
    const { obstacles } = judged({ hosts, answer: ({ to }) => (to === 'c' ? { outcome: 'refused' } : {}) });
    expect(obstacles.map(({ host, message }) => `${host}: ${message}`)).toEqual([
      'c: a, b are refused at 192.168.90.13, 7946/tcp (gossip of nodes), 7946/udp (gossip of nodes), 4789/udp (VXLAN): neither would learn where the tasks of the other are; tasks on the two hosts would not reach each other',
    ]);
  });

  test('that lead to somebody else are told as that; what could not be asked is no obstacle', () => {
    const strange = judged({ answer: ({ to, port }) => (to === 'host-A' && port.port === 2377 ? { outcome: 'stranger' } : {}) });
    expect(strange.obstacles).toMatchObject([
      { host: 'host-A', message: expect.stringContaining('host-B is answered by somebody else at 192.168.90.11, 2377/tcp') },
    ]);
    expect(judged({ answer: () => ({ outcome: 'unchecked' }) })).toEqual(FINE);
  });
});

describe('MTU', () => {
  const withMtu = (mtu: number): Partial<HostFacts> => ({
    interfaces: factsOf(0).interfaces.map((each) => (each.name === 'eth0' ? { ...each, mtu, addresses: ['192.168.90.11/24'] } : each)),
  });
  const lost = ({ payloadBytes }: WayQuestion) => (payloadBytes === undefined ? {} : ({ outcome: 'timed-out' } as const));

  test('of an interface below what overlays send is told with the option that helps, which is the underlay’s MTU', () => {
    const { obstacles, warnings } = judged({ facts: { 'host-A': withMtu(1400) } }, 'dnsrr');
    expect({ obstacles, warnings }).toEqual({
      obstacles: [],
      warnings: [
        'eth0 of host-A has an MTU of 1400, and overlays send packets of up to 1500 bytes: each full one goes in two pieces; to avoid that, give net driver_opts: { com.docker.network.driver.mtu: "1400" }',
      ],
    });
    const told = SERVICES.replace('driver: overlay,', 'driver: overlay, driver_opts: { com.docker.network.driver.mtu: "1400" },');
    expect(judged({ body: told, facts: { 'host-A': withMtu(1400) } }, 'dnsrr')).toEqual(FINE);
    // The mesh has a network of its own.
    const mesh = judged({ body: told, facts: { 'host-A': withMtu(1400) } });
    expect(mesh.warnings).toEqual([
      expect.stringContaining('docker network create --ingress --driver overlay --opt com.docker.network.driver.mtu=1400 ingress'),
    ]);
    const ingress = liveNetwork('ingress', { driver: 'overlay', scope: 'swarm', options: { 'com.docker.network.driver.mtu': '1400' } });
    expect(judged({ body: told, live: { 'host-A': { networks: [ingress] } }, facts: { 'host-A': withMtu(1400) } })).toEqual(FINE);
  });

  test('a way that loses full packets and carries small ones is a black hole, told once for both directions', () => {
    const { obstacles, warnings } = judged({ answer: lost }, 'dnsrr');
    expect(warnings).toEqual([]);
    expect(obstacles).toEqual([
      {
        host: 'host-B',
        resource: 'swarm',
        message:
          'small packets from host-A arrive at 192.168.90.12, and those of 1500 bytes are lost on the way (an MTU black hole): connections between tasks would open and then hang',
        hint: 'find what the way carries, on host-A: ping -M do -s 1372 192.168.90.12 (and 28 more is its MTU); then give net driver_opts: { com.docker.network.driver.mtu: "ITS_MTU" }',
      },
    ]);
    const known = judged({ answer: lost, facts: { 'host-A': withMtu(1400) } }, 'dnsrr');
    expect(known.obstacles).toMatchObject([{ hint: 'give net driver_opts: { com.docker.network.driver.mtu: "1400" }' }]);
  });

  test('a way that is closed to all packets is no black hole', () => {
    const { obstacles } = judged({ answer: ({ port }) => (port.protocol === 'udp' ? { outcome: 'timed-out' } : {}) });
    expect(obstacles.filter(({ message }) => message.includes('black hole'))).toEqual([]);
    expect(obstacles).toHaveLength(2);
  });

  test('a router that says it takes smaller packets costs, and nothing is lost', () => {
    const { obstacles, warnings } = judged(
      { answer: ({ from, payloadBytes }) => (from === 'host-A' && payloadBytes !== undefined ? { detail: 'EMSGSIZE' } : {}) },
      'dnsrr',
    );
    expect({ obstacles, warnings }).toEqual({
      obstacles: [],
      warnings: [expect.stringContaining('a router between host-A and host-B takes smaller packets than overlays send')],
    });
  });
});

describe('addresses of nodes', () => {
  const at = (address: string) => TWO_HOSTS.map((host) => (host.name === 'host-B' ? { ...host, address } : host));

  test('that are on no interface of theirs are refused, with those that are', () => {
    expect(judged({ hosts: at('192.168.90.99') }).obstacles).toEqual([
      {
        host: 'host-B',
        resource: 'swarm',
        message: 'address 192.168.90.99 is on no interface of host-B: others could not join or reach it',
        hint: 'in the hosts file, give host-B the address by which the others reach it: 192.168.90.12 (eth0)',
      },
    ]);
  });

  test('have to be addresses, and of the wire', () => {
    expect(judged({ hosts: at('b.example.org') }).obstacles).toMatchObject([
      { message: "address b.example.org is no IP address, and a swarm's nodes find each other by those" },
    ]);
    expect(judged({ hosts: at('127.0.0.1') }).obstacles).toMatchObject([
      { message: 'address 127.0.0.1 leads every host to itself: others could not join or reach it' },
    ]);
  });

  test('are judged of new nodes only; one alone may have any of its own', () => {
    const standing = swarmOf({ 'host-A': 'manager', 'host-B': 'worker' });
    expect(judged({ hosts: at('192.168.90.99'), live: standing }).obstacles).toEqual([]);
    const [only] = TWO_HOSTS;
    if (only === undefined) throw new Error('no host');
    expect(judged({ hosts: [{ ...only, address: '127.0.0.1' }] }).obstacles).toEqual([]);
  });
});

describe('subnets of overlays', () => {
  const routed = (destination: string, device: string, gateway = ''): Pick<Wish, 'facts'> => ({
    facts: { 'host-B': { routes: [...factsOf(1).routes, { destination, device, gateway }] } },
  });

  test('over a route of a host are told with what is no longer reached; Docker takes them', () => {
    expect(judged(routed('10.1.0.0/16', 'tun0', '10.8.0.1'))).toEqual({
      ...FINE,
      warnings: [
        'subnet 10.1.0.0/24 of overlay net overlaps route 10.1.0.0/16 via 10.8.0.1 dev tun0 of host-B: tasks on net would not reach what is there',
      ],
    });
    expect(judged(routed('10.1.0.0/24', '*'))).toEqual(FINE);
  });

  test('that a new swarm would choose itself are told with the command that chooses others', () => {
    expect(judged(routed('10.0.0.0/16', 'eth0', '192.168.90.1')).warnings).toEqual([
      'the new swarm would give 10.0.0.0/24 to its ingress network, which overlaps route 10.0.0.0/16 via 192.168.90.1 dev eth0 of host-B: tasks on it would not reach what is there; to have it elsewhere, make the swarm yourself: docker swarm init --advertise-addr 192.168.90.11 --default-addr-pool 172.30.0.0/16',
    ]);
    const standing = swarmOf({ 'host-A': 'manager', 'host-B': 'worker' });
    expect(judged({ ...routed('10.0.0.0/16', 'eth0'), live: standing })).toEqual(FINE);
  });
});

test('a vxlan interface that an overlay left behind is refused by its name and number', () => {
  const left = { name: 'vx-001001-abcde', up: false, macAddress: '', mtu: 1450, addresses: [], kind: 'vxlan' };
  expect(judged({ facts: { 'host-A': { interfaces: [...factsOf(0).interfaces, left] } } }).obstacles).toEqual([
    {
      host: 'host-A',
      resource: 'host/host-A',
      message:
        'vxlan interface vx-001001-abcde was left behind by an overlay network: tasks on the one that gets its number, 4097, are rejected with "error creating vxlan interface: file exists"',
      hint: 'on host-A: sudo ip link delete vx-001001-abcde',
    },
  ]);
});
