import { describe, expect, test } from 'vitest';
import type { HostFacts, ListeningSocket } from '../../src/domain/host-facts.ts';
import type { LiveContainer, LiveEngine, LiveNetwork } from '../../src/domain/live.ts';
import { bindScenario } from '../../src/scenario/bind.ts';
import { judgeHosts, questionsFor } from '../../src/scenario/judge-hosts.ts';
import { judgePort } from '../../src/scenario/judge-hosts-ports.ts';
import { parseScenario } from '../../src/scenario/load.ts';
import { planUp } from '../../src/scenario/plan-up.ts';
import { factsOf, TWO_HOSTS } from './host-facts-of.ts';
import { liveContainer, liveNetwork } from './live-things.ts';

const GIGABYTE = 1_000_000_000;

function withRoute(destination: string, device: string, gateway = ''): Partial<HostFacts> {
  return { routes: [...factsOf(0).routes, { destination, device, gateway }] };
}

function withInterface(name: string, addresses: readonly string[], up = true): Partial<HostFacts> {
  return { interfaces: [...factsOf(0).interfaces, { name, up, macAddress: '02:00:00:00:00:99', mtu: 1500, addresses }] };
}

function networkOn(name: string, subnet: string, change: Partial<LiveNetwork> = {}): LiveNetwork {
  return liveNetwork(name, { pools: [{ subnet, auxAddresses: {} }], ...change });
}

interface Wish {
  readonly body: string;
  readonly live?: Readonly<Record<string, Partial<LiveEngine>>>;
  /** By host; a host that is not here was not looked at. Unless given, both are as they come. */
  readonly facts?: Readonly<Record<string, HostFacts>>;
  readonly skews?: Readonly<Record<string, number>>;
}

function situationOf({ body, live = {}, facts }: Wish) {
  const scenario = bindScenario(
    parseScenario('s.yaml', `version: 1\nname: s\nmodel: bridge\ntitle: T\nhosts: [host-A, host-B]\n${body}\n`),
    TWO_HOSTS,
  );
  const engines = TWO_HOSTS.map(
    ({ name }): LiveEngine => ({ host: name, version: '28.5.2', networks: [], containers: [], services: [], images: {}, ...live[name] }),
  );
  const plan = planUp(scenario, TWO_HOSTS, engines, 'RUN');
  return { plan, scenario, live: engines, facts: new Map(Object.entries(facts ?? { 'host-A': factsOf(0), 'host-B': factsOf(1) })) };
}

function judged(wish: Wish) {
  return judgeHosts(situationOf(wish), { clockSkewMs: new Map(Object.entries(wish.skews ?? {})) });
}

const WEB = 'services: { web: { on: host-A, image: pets-console/web, ports: ["8000:5000"] } }';
const FINE = { obstacles: [], ports: [], warnings: [] };

test('hosts that have nothing against it are told so: no obstacle, no warning', () => {
  expect(judged({ body: WEB })).toEqual(FINE);
});

describe('ports', () => {
  const listening = (change: Partial<ListeningSocket> = {}): HostFacts =>
    factsOf(0, { listening: [{ protocol: 'tcp', address: '0.0.0.0', port: 8000, uid: 33, ...change }] });
  const conflictsWith = (socket: Partial<ListeningSocket>, body = WEB, live: Wish['live'] = {}) =>
    judged({ body, live, facts: { 'host-A': listening(socket) } }).ports;

  test('name who listens: the process where it is known, else its user', () => {
    const [conflict, ...others] = conflictsWith({});
    expect(others).toEqual([]);
    if (conflict === undefined) throw new Error('no conflict');
    expect(judgePort(conflict, undefined).obstacles[0]).toEqual({
      host: 'host-A',
      resource: 'container/web',
      message: 'port 8000/tcp (8000:5000) is taken: a process listens on 0.0.0.0:8000',
      owner: 'a process of user 33',
      hint: 'on host-A, see which: sudo ss -ltnp sport = :8000; or publish another port',
    });
    expect(judgePort(conflict, { pid: 411, name: 'nginx' }).obstacles[0]).toMatchObject({
      owner: 'process nginx (pid 411, user 33)',
      hint: 'on host-A, end it: sudo kill 411; or publish another port',
    });
  });

  test.each([
    ['on every address of either family', { address: '::' }, '8000:5000', 1],
    ['on one address, where every one is wished', { address: '127.0.0.1' }, '8000:5000', 1],
    ['on every address, where one is wished', {}, '127.0.0.1:8000:5000', 1],
    ['on another address than the wished one', { address: '192.168.90.11' }, '127.0.0.1:8000:5000', 0],
    ['with another protocol', { protocol: 'udp' }, '8000:5000', 0],
    ['on another port', { port: 8001 }, '8000:5000', 0],
    ['on the port inside the container', { port: 5000 }, '8000:5000', 0],
    ['with the wished protocol', { protocol: 'udp' }, '8000:5000/udp', 1],
  ] as const)('a process that listens %s', (_, socket, port, count) => {
    expect(conflictsWith(socket, WEB.replace('8000:5000', port))).toHaveLength(count);
  });

  test('are not named a second time where a container publishes them: its proxy is what listens', () => {
    const held = { ports: [{ hostIp: '0.0.0.0', publishedPort: 8000, targetPort: 80, protocol: 'tcp' }] };
    const live = { 'host-A': { containers: [liveContainer('grafana', held)] } };
    expect(conflictsWith({}, WEB, live)).toEqual([]);
    // What published it once does not hold it any more.
    expect(conflictsWith({}, WEB, { 'host-A': { containers: [liveContainer('grafana', { ...held, state: 'exited' })] } })).toHaveLength(1);
  });

  test('of another host are its own', () => {
    expect(judged({ body: WEB, facts: { 'host-A': factsOf(0), 'host-B': listening() } }).ports).toEqual([]);
  });
});

describe('subnets', () => {
  const NET = `networks: { kennel: { on: host-A, ipam: { config: [{ subnet: 10.1.0.0/24 }] } } }
services: { box: { on: host-A, image: redis, networks: [kennel] } }`;
  const onA = (change: Partial<HostFacts>, live: Wish['live'] = {}) =>
    judged({ body: NET, live, facts: { 'host-A': factsOf(0, change), 'host-B': factsOf(1) } });

  test('that the host routes elsewhere, as through a VPN, are refused with route and device', () => {
    expect(onA(withRoute('10.0.0.0/8', 'tun0', '10.8.0.1')).obstacles).toEqual([
      {
        host: 'host-A',
        resource: 'network/kennel',
        message: 'subnet 10.1.0.0/24 covers addresses that the host already reaches another way',
        owner: 'route 10.0.0.0/8 via 10.8.0.1 dev tun0',
        hint: 'choose another subnet; what leads there, on host-A: ip route show dev tun0',
      },
    ]);
  });

  test('that an interface is in are refused once, however many routes it brings', () => {
    const link = {
      interfaces: withInterface('eth1', ['10.1.0.7/25']).interfaces ?? [],
      routes: withRoute('10.1.0.0/25', 'eth1').routes ?? [],
    };
    expect(onA(link).obstacles.map(({ owner }) => owner)).toEqual(['route 10.1.0.0/25 dev eth1']);
    expect(onA(withInterface('eth1', ['10.1.0.7/25'])).obstacles.map(({ owner }) => owner)).toEqual(['interface eth1 (10.1.0.7/25)']);
  });

  test('pass the default route and the two halves that VPNs put in its place', () => {
    expect(onA(withRoute('0.0.0.0/1', 'tun0', '10.8.0.1'))).toEqual(FINE);
  });

  test('pass a route that leads nowhere: whoever takes over a blackhole loses nothing', () => {
    expect(onA(withRoute('10.1.0.0/24', '*'))).toEqual(FINE);
  });

  test('pass a route beside them', () => {
    expect(onA(withRoute('10.1.1.0/24', 'tun0'))).toEqual(FINE);
  });

  test('of a network of the same engine are not named a second time: its bridge is the route', () => {
    const network = networkOn('other', '10.1.0.0/16');
    const seen = withRoute('10.1.0.0/16', `br-${network.id.slice(0, 12)}`);
    expect(onA(seen, { 'host-A': { networks: [network] } })).toEqual(FINE);
    expect(onA(seen).obstacles).toHaveLength(1);
    const named = networkOn('bridge', '10.1.0.0/16', { options: { 'com.docker.network.bridge.name': 'docker0' } });
    expect(onA(withRoute('10.1.0.0/16', 'docker0'), { 'host-A': { networks: [named] } })).toEqual(FINE);
  });

  test('that another host of the scenario routes are told, by the network whose they are', () => {
    const network = networkOn('theirs', '10.1.0.0/16');
    const seen = (route: Partial<HostFacts>) => ({ 'host-A': factsOf(0), 'host-B': factsOf(1, route) });
    expect(judged({ body: NET, facts: seen(withRoute('10.1.0.0/16', 'tun0')) })).toEqual({
      ...FINE,
      warnings: [
        'subnet 10.1.0.0/24 of network kennel on host-A overlaps route 10.1.0.0/16 dev tun0 of host-B: from there these addresses lead elsewhere',
      ],
    });
    const live = { 'host-B': { networks: [network] } };
    const named = judged({ body: NET, live, facts: seen(withRoute('10.1.0.0/16', `br-${network.id.slice(0, 12)}`)) });
    expect(named.obstacles).toEqual([]);
    expect(named.warnings).toEqual([
      'subnet 10.1.0.0/24 of network kennel on host-A overlaps network theirs of host-B: from there these addresses lead elsewhere',
    ]);
  });
});

/** A macvlan network on each host, and `services` on it. */
function macvlan(
  services: string,
  { pool = 'subnet: 192.168.90.0/24, gateway: 192.168.90.1', parent = 'eth0', on = '[host-A, host-B]' } = {},
): string {
  return `networks: { m: { on: ${on}, driver: macvlan, driver_opts: { parent: ${parent} }, ipam: { config: [{ ${pool} }] } } }\nservices: { ${services} }`;
}
const at = (name: string, host: string, address: string): string =>
  `${name}: { on: ${host}, image: redis, networks: { m: { ipv4_address: ${address} } } }`;
const any = (name: string, host: string): string => `${name}: { on: ${host}, image: redis, networks: [m] }`;
const ONE_HOST = { on: 'host-A' };
const STATIC = at('web', 'host-A', '192.168.90.4');

describe('the parent of a macvlan network', () => {
  const onA = (change: Partial<HostFacts>, wish: Parameters<typeof macvlan>[1] = {}) =>
    judged({ body: macvlan(STATIC, { ...ONE_HOST, ...wish }), facts: { 'host-A': factsOf(0, change) } });

  test('whose own network it is, is right', () => {
    expect(onA({})).toEqual(FINE);
  });

  test('that is missing is refused with the interfaces that there are, without what engines made', () => {
    const { interfaces = [] } = withInterface('br-0123456789ab', ['172.18.0.1/16']);
    expect(onA({ interfaces }, { parent: 'enp1s0' }).obstacles).toEqual([
      {
        host: 'host-A',
        resource: 'network/m',
        message: 'there is no interface enp1s0, only eth0 (192.168.90.11/24)',
        hint: 'name the right one as parent of host-A in the hosts file, or as driver_opts.parent of network m',
      },
    ]);
  });

  test('that is down is refused with the command that brings it up', () => {
    const [lo, eth0] = factsOf(0).interfaces;
    const interfaces = [lo, eth0].flatMap((each) => (each === undefined ? [] : [{ ...each, up: each.name === 'lo' }]));
    expect(onA({ interfaces }).obstacles).toMatchObject([
      { message: 'parent eth0 is down: containers on it would reach nobody', hint: 'on host-A: sudo ip link set eth0 up' },
    ]);
  });

  test('that is on another wire is refused with the values that fit it', () => {
    const services = at('web', 'host-A', '192.168.0.4');
    const wish = { ...ONE_HOST, pool: 'subnet: 192.168.0.0/24, gateway: 192.168.0.1' };
    expect(judged({ body: macvlan(services, wish), facts: { 'host-A': factsOf(0) } }).obstacles).toMatchObject([
      {
        message: 'parent eth0 (192.168.90.11/24) is not in subnet 192.168.0.0/24 of network m: its wire carries 192.168.90.0/24',
        hint: "name the wire's own network: --set underlay.subnet=192.168.90.0/24 --set underlay.gateway=192.168.90.1",
      },
    ]);
  });

  test('without an address in the subnet is right where the host’s own routes say that its wire carries it', () => {
    const wish = { ...ONE_HOST, pool: 'subnet: 10.9.0.0/24' };
    const verdict = (route: Partial<HostFacts>) =>
      judged({ body: macvlan(at('web', 'host-A', '10.9.0.4'), wish), facts: { 'host-A': factsOf(0, route) } });
    expect(verdict(withRoute('10.9.0.0/16', 'eth0'))).toEqual(FINE);
    // Behind a router is not on the wire.
    expect(verdict(withRoute('10.9.0.0/16', 'eth0', '192.168.90.1')).obstacles).toHaveLength(1);
  });

  test('is refused where another interface is on that wire', () => {
    const { interfaces = [] } = withInterface('br0', ['192.168.91.5/24']);
    const wish = { ...ONE_HOST, pool: 'subnet: 192.168.91.0/24' };
    const { obstacles } = judged({
      body: macvlan(at('web', 'host-A', '192.168.91.4'), wish),
      facts: { 'host-A': factsOf(0, { interfaces }) },
    });
    expect(obstacles).toMatchObject([{ owner: 'interface br0' }, {}].slice(0, obstacles.length));
    expect(obstacles.map(({ hint }) => hint)).toContain(
      'set parent: br0 for host-A in the hosts file, or as driver_opts.parent of network m',
    );
  });

  test('without an address of its own is usual, and told', () => {
    const verdict = judged({
      body: macvlan(at('web', 'host-A', '10.9.0.4'), { ...ONE_HOST, parent: 'eth1', pool: 'subnet: 10.9.0.0/24' }),
      facts: { 'host-A': factsOf(0, withInterface('eth1', [])) },
    });
    expect(verdict).toMatchObject({ obstacles: [] });
    expect(verdict.warnings).toEqual([
      'parent eth1 of host-A has no address: whether 10.9.0.0/24 is what its wire carries could not be told',
    ]);
  });

  describe('that is a VLAN', () => {
    const vlan = (module: HostFacts['modules'][string], parent = 'eth0.10') =>
      judged({
        body: macvlan(at('web', 'host-A', '10.10.10.4'), { ...ONE_HOST, parent, pool: 'subnet: 10.10.10.0/24' }),
        facts: { 'host-A': factsOf(0, { modules: { '8021q': module } }) },
      });

    test.each(['present', 'loadable'] as const)('is made by Docker where the module is %s', (module) => {
      expect(vlan(module)).toEqual(FINE);
    });

    test('is refused where the kernel has none, with what follows from it', () => {
      expect(vlan('absent').obstacles).toMatchObject([
        {
          message: 'the kernel (6.1.0) has no 802.1Q VLANs (module 8021q), so sub-interface eth0.10 cannot be made',
          hint: 'run it on a host with a stock kernel, or without a VLAN: pets-console plan macvlan',
        },
      ]);
    });

    test('is not called possible where nothing tells', () => {
      expect(vlan('unknown')).toMatchObject({ obstacles: [] });
      expect(vlan('unknown').warnings).toEqual([
        'whether the kernel of host-A can make sub-interface eth0.10 (module 8021q) could not be told',
      ]);
    });

    test('needs the interface that it is on, and a number that VLANs have', () => {
      expect(vlan('present', 'eth7.10').obstacles[0]?.message).toBe('there is no interface eth7, only eth0 (192.168.90.11/24)');
      expect(vlan('present', 'eth0.4095').obstacles[0]?.message).toBe('parent eth0.4095: 4095 is no VLAN, they are 1 to 4094');
    });
  });
});

describe('addresses on the wire', () => {
  const answering = (address: string, macAddress: string): Partial<HostFacts> => ({
    neighbours: [{ address, macAddress, device: 'eth0' }],
  });
  const seenBy = (a: Partial<HostFacts>, b: Partial<HostFacts> = {}) => ({ 'host-A': factsOf(0, a), 'host-B': factsOf(1, b) });
  const BODY = macvlan(STATIC, ONE_HOST);

  test('are all asked for, and the module only where a VLAN is wished', () => {
    expect(questionsFor(situationOf({ body: macvlan(`${STATIC}, ${any('db', 'host-B')}`) }))).toEqual({
      hosts: ['host-A', 'host-B'],
      addresses: ['192.168.90.4', '192.168.90.2'],
      modules: [],
    });
    expect(questionsFor(situationOf({ body: macvlan(STATIC, { ...ONE_HOST, parent: 'eth0.10' }) })).modules).toEqual(['8021q']);
    expect(questionsFor(situationOf({ body: WEB }))).toEqual({ hosts: ['host-A'], addresses: [], modules: [] });
  });

  test('that somebody answers for are refused with the MAC address', () => {
    expect(judged({ body: BODY, facts: seenBy(answering('192.168.90.4', 'aa:bb:cc:dd:ee:ff')) }).obstacles).toEqual([
      {
        host: 'host-A',
        resource: 'container/web',
        message: 'address 192.168.90.4 of web on network m already answers on the wire, as host-A finds on eth0',
        owner: 'MAC address aa:bb:cc:dd:ee:ff',
        hint: 'give web another ipv4_address of 192.168.90.0/24',
      },
    ]);
  });

  test('name the container or the host whose MAC address it is', () => {
    const networks = { other: { networkId: 'n', ipv4Address: '192.168.90.77', macAddress: '02:42:00:00:00:07', aliases: [] } };
    const live = { 'host-B': { containers: [liveContainer('grafana', { networks })] } };
    const [byContainer] = judged({ body: BODY, live, facts: seenBy(answering('192.168.90.4', '02:42:00:00:00:07')) }).obstacles;
    expect(byContainer?.owner).toBe('container grafana on host-B, MAC address 02:42:00:00:00:07');
    const [byHost] = judged({ body: BODY, facts: seenBy(answering('192.168.90.4', '02:00:c0:a8:5a:01')) }).obstacles;
    expect(byHost?.owner).toBe('interface eth0 of host host-B, MAC address 02:00:c0:a8:5a:01');
  });

  test('that are a host’s own are refused, of a host that was not looked at too', () => {
    const body = macvlan(at('web', 'host-A', '192.168.90.12'), ONE_HOST);
    expect(judged({ body, facts: seenBy({}) }).obstacles).toMatchObject([
      { message: 'address 192.168.90.12 of web on network m is the address of host-B itself', owner: 'host host-B, interface eth0' },
    ]);
    expect(judged({ body, facts: { 'host-A': factsOf(0) } }).obstacles).toMatchObject([{ owner: 'host host-B' }]);
  });

  test('that the container on its way out still answers for are free', () => {
    const first = situationOf({ body: BODY });
    const [run] = first.plan.steps.flatMap(({ action }) => (action.kind === 'container.run' ? [action] : []));
    const attachment = { networkId: 'n', ipv4Address: '192.168.90.4', macAddress: '02:42:c0:a8:5a:04', aliases: [] };
    const old = liveContainer('web', { labels: { ...run?.labels, 'pets-console.spec': 'old' }, networks: { m: attachment } });
    const wish = {
      body: BODY,
      live: { 'host-A': { containers: [old] } },
      facts: seenBy({}, answering('192.168.90.4', '02:42:c0:a8:5a:04')),
    };
    expect(situationOf(wish).plan.steps.map(({ id }) => id)).toContain('host-A/container/web/remove');
    expect(judged(wish).obstacles).toEqual([]);
  });
});

describe('macvlan pools', () => {
  const facts = { 'host-A': factsOf(0), 'host-B': factsOf(1) };
  const RANGES = 'ip_range 192.168.90.32/27 on host-A, ip_range 192.168.90.64/27 on host-B';

  const UNAWARE = 'host-A and host-B each hand out 192.168.90.0/24 from the front, unaware of each other';

  test('of several hosts are told where each hands out the same addresses', () => {
    const body = macvlan(`${any('web', 'host-A')}, ${at('db', 'host-B', '192.168.90.5')}`);
    const warnings = [`${UNAWARE}: give each container an ipv4_address, or each host a range: ${RANGES}`];
    expect(judged({ body, facts })).toEqual({ ...FINE, warnings });
  });

  test('in which every container has its own address matter to what is added by hand', () => {
    const body = macvlan(`${STATIC}, ${at('db', 'host-B', '192.168.90.5')}`);
    expect(judged({ body, facts })).toEqual({ ...FINE, warnings: [`${UNAWARE}: what you add to network m by hand needs an --ip`] });
  });

  test('of one host are told nothing', () => {
    expect(judged({ body: macvlan(STATIC, ONE_HOST), facts })).toEqual(FINE);
  });

  test('that hand out the same address at once are refused on both hosts', () => {
    const { obstacles, warnings } = judged({ body: macvlan(`${any('web', 'host-A')}, ${any('db', 'host-B')}`), facts });
    expect(warnings).toEqual([]);
    expect(obstacles).toMatchObject([
      {
        host: 'host-A',
        resource: 'network/m',
        message:
          'network m would give 192.168.90.2 to web: its engine hands out from the front of 192.168.90.0/24 and knows nothing of who else is on the wire',
        owner: 'the next container on network m of host-B, whose engine hands out the same',
        hint: `give web an ipv4_address, or each host a range of its own: ${RANGES}`,
      },
      { host: 'host-B', owner: 'the next container on network m of host-A, whose engine hands out the same' },
    ]);
  });

  const collisionOf = (pool: string, services = any('web', 'host-A'), change: Partial<HostFacts> = {}, live: Wish['live'] = {}) =>
    judged({ body: macvlan(services, { pool }), live, facts: { ...facts, 'host-A': factsOf(0, change) } }).obstacles.map(
      ({ message, owner }) => ({
        address: /would give (\S+)/.exec(message)?.[1],
        owner,
      }),
    );

  test('that would give a host’s address away are refused', () => {
    expect(collisionOf('subnet: 192.168.90.0/24, ip_range: 192.168.90.12/30, gateway: 192.168.90.1')).toEqual([
      { address: '192.168.90.12', owner: 'host host-B, interface eth0' },
    ]);
  });

  test('that would give the router’s address away, where none is declared, are refused', () => {
    expect(collisionOf('subnet: 192.168.90.0/24, gateway: 192.168.90.254')).toEqual([
      { address: '192.168.90.1', owner: 'the router of host-A' },
    ]);
  });

  test('that would give a static address away, of the same host too, are refused', () => {
    expect(
      collisionOf('subnet: 192.168.90.0/24, gateway: 192.168.90.1', `${any('web', 'host-A')}, ${at('db', 'host-A', '192.168.90.2')}`),
    ).toEqual([{ address: '192.168.90.2', owner: 'container db on host-A, whose static address it is' }]);
  });

  const holding = (address: string, network: LiveNetwork, state: LiveContainer['state'] = 'running'): LiveContainer =>
    liveContainer('grafana', {
      state,
      networks: { [network.name]: { networkId: network.id, ipv4Address: address, macAddress: '', aliases: [] } },
    });

  test('that would give away what a container of another host holds are refused', () => {
    const theirs = networkOn('theirs', '192.168.90.0/24', { driver: 'macvlan', options: { parent: 'eth1' } });
    const collision = (state: LiveContainer['state']) =>
      collisionOf(
        'subnet: 192.168.90.0/24, gateway: 192.168.90.1',
        any('web', 'host-A'),
        {},
        {
          'host-B': { networks: [theirs], containers: [holding('192.168.90.2', theirs, state)] },
        },
      );
    expect(collision('running')).toEqual([{ address: '192.168.90.2', owner: 'container grafana on host-B' }]);
    // A stopped one holds nothing.
    expect(collision('exited')).toEqual([]);
  });

  test('give the next address where the engine itself knows the first to be held', () => {
    const body = macvlan(any('web', 'host-A'));
    const ours = situationOf({ body }).plan.steps.flatMap(({ action }) => (action.kind === 'network.create' ? [action] : []));
    const network = networkOn('m', '192.168.90.0/24', {
      ...{ driver: 'macvlan', options: { parent: 'eth0' }, labels: ours[0]?.labels ?? {} },
      pools: [{ subnet: '192.168.90.0/24', gateway: '192.168.90.1', auxAddresses: {} }],
    });
    const situation = situationOf({ body, live: { 'host-A': { networks: [network], containers: [holding('192.168.90.2', network)] } } });
    expect(situation.plan.steps.map(({ id }) => id)).not.toContain('host-A/network/m/create');
    expect(questionsFor(situation).addresses).toEqual(['192.168.90.3']);
  });

  test('that would give away what answers on the wire are refused', () => {
    const neighbours = [{ address: '192.168.90.2', macAddress: 'aa:bb:cc:dd:ee:ff', device: 'eth0' }];
    expect(collisionOf('subnet: 192.168.90.0/24, gateway: 192.168.90.1', any('web', 'host-A'), { neighbours })).toEqual([
      { address: '192.168.90.2', owner: 'MAC address aa:bb:cc:dd:ee:ff' },
    ]);
  });

  test('that keep clear of all these by auxiliary addresses pass', () => {
    const pool = 'subnet: 192.168.90.0/24, gateway: 192.168.90.1, aux_addresses: { printer: 192.168.90.2 }';
    const neighbours = [{ address: '192.168.90.2', macAddress: 'aa:bb:cc:dd:ee:ff', device: 'eth0' }];
    expect(collisionOf(pool, any('web', 'host-A'), { neighbours })).toEqual([]);
  });
});

describe('the machine', () => {
  const withFree = (freeBytes: number) => judged({ body: WEB, facts: { 'host-A': factsOf(0, { freeBytes }) } });

  test('without room for a run is refused, with little room told', () => {
    expect(withFree(0.15 * GIGABYTE).obstacles).toMatchObject([
      { host: 'host-A', resource: 'host/host-A', hint: 'make room on host-A: docker system df, then docker image prune' },
    ]);
    expect(withFree(0.5 * GIGABYTE)).toMatchObject({ obstacles: [] });
    expect(withFree(0.5 * GIGABYTE).warnings).toEqual([
      'host-A has 500 MB left where its engine keeps images and containers; see what takes it: docker system df',
    ]);
    expect(withFree(2 * GIGABYTE)).toEqual(FINE);
  });

  test.each([
    [31_000, ["the clock of host-A is 31 s ahead of this machine's: certificates and the times in logs mislead; see: timedatectl"]],
    [-90_000, ["the clock of host-A is 90 s behind this machine's: certificates and the times in logs mislead; see: timedatectl"]],
    [30_000, []],
  ])('whose clock is %i ms off', (skew, warnings) => {
    expect(judged({ body: WEB, skews: { 'host-A': skew } }).warnings).toEqual(warnings);
  });

  test('that has more than was read is not called free', () => {
    expect(judged({ body: WEB, facts: { 'host-A': factsOf(0, { truncated: ['listening'] }) } }).warnings).toEqual([
      'host-A has more listening sockets than were read: those that were not are not checked',
    ]);
  });

  test('that was not looked at is judged by nothing', () => {
    expect(judged({ body: macvlan(any('web', 'host-A'), ONE_HOST), facts: {} })).toEqual(FINE);
  });
});
