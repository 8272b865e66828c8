import { describe, expect, test } from 'vitest';
import { LABEL, ownershipOf } from '../../src/domain/labels.ts';
import type { LiveContainer, LiveEngine, LiveNetwork } from '../../src/domain/live.ts';
import type { Plan } from '../../src/domain/plan.ts';
import type { BoundHost, Scenario } from '../../src/domain/scenario.ts';
import { bindHosts, bindScenario, underProject } from '../../src/scenario/bind.ts';
import { loadScenario, parseScenario } from '../../src/scenario/load.ts';
import { planDown } from '../../src/scenario/plan-down.ts';
import { planUp } from '../../src/scenario/plan-up.ts';
import { liveContainer, liveNetwork } from './live-things.ts';
import { ModelEngine } from './model-engine.ts';

const A: BoundHost = { name: 'host-A', endpoint: 'unix:///run/a.sock', address: '192.168.0.11' };
const B: BoundHost = { name: 'host-B', endpoint: 'tcp://192.168.0.12:2375', address: '192.168.0.12', parent: 'ens3' };
const WEB = 'pets-console/web';
const [bridgeBind, multiHost, macvlan, vlan] = (await Promise.all(
  ['bridge-bind', 'multi-host-bridge', 'macvlan', 'macvlan-vlan'].map((name) => loadScenario(`scenarios/${name}.yaml`)),
)) as [Scenario, Scenario, Scenario, Scenario];

/** A host with the default network, on which the images are there already. */
function newEngine(host: string): ModelEngine {
  const engine = new ModelEngine(host);
  engine.networks.push(networkOf('bridge', engine.newId(), { pools: [{ subnet: '172.17.0.0/16', auxAddresses: {} }] }));
  const image = { platform: 'linux/amd64', current: true };
  engine.images = { redis: { id: 'sha256:redis', ...image }, [WEB]: { id: 'sha256:web', ...image } };
  return engine;
}

function networkOf(name: string, id: string, change: Partial<LiveNetwork> = {}): LiveNetwork {
  return liveNetwork(name, { id, ...change });
}

function containerOn(name: string, network: LiveNetwork, ipv4Address: string, change: Partial<LiveContainer> = {}): LiveContainer {
  const networks = { [network.name]: { networkId: network.id, ipv4Address, macAddress: '', aliases: [] } };
  return liveContainer(name, { image: 'printer', imageId: 'sha256:p', networkMode: network.name, networks, ...change });
}

/** Two hosts, and what a plan for them is made from. */
class Fleet {
  readonly a = newEngine('host-A');
  readonly b = newEngine('host-B');
  hosts: readonly BoundHost[] = [A, B];
  /** What the engines say of themselves besides what they hold. */
  change: Partial<LiveEngine> = {};

  get live(): readonly LiveEngine[] {
    return [this.a, this.b].map((engine) => ({ ...engine.live, ...this.change }));
  }

  plan(scenario: Scenario, binds: Readonly<Record<string, string>> = {}): Plan {
    const hosts = bindHosts(scenario, this.hosts, binds);
    return planUp(bindScenario(scenario, hosts), hosts, this.live, 'RUN');
  }

  up(scenario: Scenario): void {
    const { steps, obstacles } = this.plan(scenario);
    expect(obstacles).toEqual([]);
    this.execute(steps);
  }

  /** Host after host: what waits for another host changes nothing. */
  execute(steps: Plan['steps']): void {
    for (const engine of [this.a, this.b]) {
      const own = steps.filter(({ host }) => host === engine.host);
      engine.execute(own.map((step) => ({ ...step, needs: step.needs.filter((need) => need.startsWith(`${engine.host}/`)) })));
    }
  }
}

const messagesOf = ({ obstacles }: Plan): string[] => obstacles.map(({ host, message }) => `${host}: ${message}`);
const commandsOf = ({ steps }: Plan): string[] =>
  steps.flatMap(({ host, command }) => (command === '' ? [] : [`${host} $ ${command.replaceAll(WEB, 'chrch/web')}`]));

describe('a scenario on several hosts', () => {
  test('is planned as the guide types it: multi-host-bridge', () => {
    expect(commandsOf(new Fleet().plan(multiHost))).toEqual([
      'host-A $ docker run -d --name cat-web -p 8000:5000 -e DB=host-B:8001 -e ROLE=cat chrch/web',
      'host-B $ docker run -d --name cat-db -p 8001:6379 redis',
    ]);
  });

  test('is planned as the guide types it: macvlan, its networks on both hosts first, each with its own parent', () => {
    const network = 'docker network create -d macvlan --subnet 192.168.0.0/24 --gateway 192.168.0.1 -o parent=';
    expect(commandsOf(new Fleet().plan(macvlan)).filter((command) => !command.includes('fox'))).toEqual([
      `host-A $ ${network}eth0 macvlan`,
      `host-B $ ${network}ens3 macvlan`,
      'host-A $ docker run -d --net macvlan --ip 192.168.0.4 --name dog-web -e DB=dog-db -e ROLE=dog --add-host dog-db:192.168.0.5 chrch/web',
      'host-B $ docker run -d --net macvlan --ip 192.168.0.5 --name dog-db redis',
    ]);
    expect(commandsOf(new Fleet().plan(vlan))[1]).toContain('-o parent=ens3.10 macvlan');
  });

  test('publishes on the one address that its host has', () => {
    const fleet = new Fleet();
    expect(commandsOf(fleet.plan(bridgeBind)).at(-1)).toContain(' -p 192.168.0.11:8000:5000 ');
    fleet.hosts = [{ ...A, address: 'laptop.lan' }];
    expect(() => fleet.plan(bridgeBind)).toThrow(/service cat-web publishes a port on .*host-A\.address.*"laptop\.lan"/);
  });

  test('speaks of the host that a thing is on, each on its own', () => {
    const own = (fact: string): string => `\${on.${fact}}`;
    const scenario = parseScenario(
      's.yaml',
      `version: 1
name: s
model: bridge
title: T
hosts: [host-A, host-B]
networks:
  nn: { on: [host-A, host-B], ipam: { config: [{ subnet: 192.168.0.0/24, aux_addresses: { host: "${own('address')}" } }] } }
services:
  aa: { on: host-A, image: w, environment: { AT: "${own('name')} ${own('parent')}" } }
  bb: { on: host-B, image: w, command: "serve ${own('address')}", ports: ["${own('address')}:80:80"] }
`,
    );
    const commands = commandsOf(new Fleet().plan(scenario)).filter((command) => !command.includes('pull'));
    expect(commands).toEqual([
      'host-A $ docker network create -d bridge --subnet 192.168.0.0/24 --aux-address host=192.168.0.11 nn',
      'host-B $ docker network create -d bridge --subnet 192.168.0.0/24 --aux-address host=192.168.0.12 nn',
      "host-A $ docker run -d --name aa -e 'AT=host-A eth0' w",
      'host-B $ docker run -d --name bb -p 192.168.0.12:80:80 w serve 192.168.0.12',
    ]);
  });

  test('follows its roles to whatever hosts they are bound to, also where two change places', () => {
    const plan = new Fleet().plan(multiHost, { 'host-A': 'host-B', 'host-B': 'host-A' });
    expect(commandsOf(plan)).toEqual([
      'host-B $ docker run -d --name cat-web -p 8000:5000 -e DB=host-A:8001 -e ROLE=cat chrch/web',
      'host-A $ docker run -d --name cat-db -p 8001:6379 redis',
    ]);
    const hosts = bindHosts(macvlan, [A, B], { 'host-A': 'host-B', 'host-B': 'host-A' });
    expect(bindScenario(macvlan, hosts).expect).toContainEqual(expect.objectContaining({ kind: 'fails', from: 'host-B' }));
  });

  test.each([
    ['multi-host-bridge', multiHost, 2],
    ['macvlan', macvlan, 6],
    ['macvlan-vlan', vlan, 4],
  ])('changes a host without waiting for another, comes up, and then rests: %s', (_, scenario, things) => {
    const fleet = new Fleet();
    const { steps } = fleet.plan(scenario);
    const changes = steps.filter(({ action }) => action.kind !== 'container.ready');
    for (const { host, needs } of changes) for (const need of needs) expect(need).toMatch(new RegExp(`^${host}/`));
    fleet.execute(steps);
    const second = fleet.plan(scenario);
    expect([second.steps, second.obstacles, second.unchanged.length]).toEqual([[], [], things]);
    const down = planDown(scenario.project, [A, B], fleet.live);
    fleet.execute(down.steps);
    expect([fleet.a, fleet.b].map(({ containers, networks }) => [containers.length, networks.length])).toEqual([
      [0, 1],
      [0, 1],
    ]);
  });

  test('wishes for IPv6 addresses as engines tell them, however they are written', () => {
    const pool =
      '{ subnet: "FD00:0066:0::/64", gateway: "fd00:66:0:0::1", ip_range: "fd00:66::0:0/80", aux_addresses: { nas: "FD00:66::9" } }';
    const scenario = parseScenario(
      's.yaml',
      `version: 1\nname: six\nmodel: bridge\ntitle: T\nhosts: [host-A]\nnetworks: { n: { enable_ipv6: true, ipam: { config: [${pool}] } } }
services: { web: { image: redis, networks: [n], ports: ["[0:0:0:0:0:0:0:1]:8000:80", "[FE80::A]:8001:80"] } }\n`,
    );
    const bound = bindScenario(scenario, [A]);
    expect(bound.networks.n?.ipam).toEqual([
      { subnet: 'fd00:66::/64', gateway: 'fd00:66::1', ipRange: 'fd00:66::/80', auxAddresses: { nas: 'fd00:66::9' } },
    ]);
    expect(bound.services.web?.ports.map(({ hostIp }) => hostIp)).toEqual(['::1', 'fe80::a']);
  });

  test('puts an IPv6 address in brackets where a port or a path follows, and nowhere else', () => {
    const at = (name: string): string => `\${${name}.address}`;
    const scenario = parseScenario(
      's.yaml',
      `version: 1\nname: six\nmodel: bridge\ntitle: T\nhosts: [host-A]
services: { web: { image: redis, ports: ["${at('host-A')}:8000:80"], environment: { DB: "${at('host-A')}:6379", HOST: "${at('host-A')}" } }, db: { image: redis } }
tenants: { cat: { web: web, db: db, url: "http://${at('host-A')}/" } }
expect: [{ reach: { from: web, to: "${at('host-A')}:8000" } }, { http: { url: "http://${at('host-A')}:8000" } }]\n`,
    );
    const { services, tenants, expect: expected } = bindScenario(scenario, [{ ...A, address: 'fd00::5' }]);
    expect(services.web?.environment).toEqual({ DB: '[fd00::5]:6379', HOST: 'fd00::5' });
    expect(services.web?.ports[0]?.hostIp).toBe('fd00::5');
    expect(tenants.cat?.url).toBe('http://[fd00::5]/');
    expect(expected).toMatchObject([{ to: '[fd00::5]:8000' }, { url: 'http://[fd00::5]:8000' }]);
  });

  test('labels what it makes with the values of its inputs, secrets left out', () => {
    const scenario = { ...macvlan, inputs: { ...macvlan.inputs, 'db.password': 'hush' } };
    const { steps } = new Fleet().plan(scenario);
    const made = steps.flatMap(({ action }) => ('labels' in action ? [ownershipOf(action.labels)?.inputs] : []));
    expect(made).toHaveLength(6);
    for (const inputs of made) expect(inputs).toEqual({ 'underlay.subnet': '192.168.0.0/24', 'underlay.gateway': '192.168.0.1' });
    const foreign = { 'pets-console.project': 'p', 'pets-console.inputs': '["a", {}' };
    expect(ownershipOf(foreign)?.inputs).toEqual({});
    expect(ownershipOf({ ...foreign, 'pets-console.inputs': '{"a":"1","b":2}' })?.inputs).toEqual({ a: '1' });
  });

  test('waits for a front end only once its database is ready, wherever that is', () => {
    const { steps } = new Fleet().plan(multiHost);
    const front = steps.find(({ id }) => id === 'host-A/container/cat-web/ready');
    expect(front?.needs).toEqual(['host-A/container/cat-web/run', 'host-B/container/cat-db/ready']);
  });

  test('has an image copied from the hosts that have it', () => {
    const fleet = new Fleet();
    delete fleet.b.images.redis;
    const ensure = fleet.plan(multiHost).steps.find(({ action }) => action.kind === 'image.ensure');
    expect(ensure).toMatchObject({ host: 'host-B', action: { image: 'redis', from: ['host-A'] } });
  });

  test('lets two scenarios stand beside each other', () => {
    const fleet = new Fleet();
    fleet.up(multiHost);
    fleet.up(macvlan);
    expect(fleet.plan(multiHost).steps).toEqual([]);
  });

  test('stands twice as two projects where nothing clashes, and else says what does', () => {
    const fleet = new Fleet();
    fleet.up(bridgeBind);
    const twin = underProject(bridgeBind, 'mine');
    expect(messagesOf(fleet.plan(twin))).toEqual([
      'host-A: the network name catnet is taken, and not by this project',
      'host-A: the container name cat-db is taken, and not by this project',
      'host-A: the container name cat-web is taken, and not by this project; port 8000/tcp (192.168.0.11:8000:5000) is taken by container cat-web',
    ]);
    const elsewhere = fleet.plan(twin, { 'host-A': 'host-B' });
    expect(messagesOf(elsewhere)).toEqual([]);
    fleet.execute(elsewhere.steps);
    expect(fleet.b.containers[0]?.labels).toMatchObject({ [LABEL.project]: 'mine', [LABEL.scenario]: 'bridge-bind' });
    expect(fleet.plan(bridgeBind).steps).toEqual([]);
  });
});

describe('what stands in the way on several hosts', () => {
  test('a host that did not answer is named, and the others are planned all the same', () => {
    const fleet = new Fleet();
    const plan = planUp(bindScenario(multiHost, [A, B]), [A, B], [fleet.b.live], 'RUN');
    expect(plan.obstacles).toMatchObject([{ host: 'host-A', resource: 'host/host-A' }]);
    expect(plan.steps.map(({ host }) => host)).toEqual(['host-B', 'host-B']);
  });

  test('a read-only host is one obstacle, if anything would change there', () => {
    const fleet = new Fleet();
    fleet.up(multiHost);
    fleet.hosts = [{ ...A, readOnly: true }, B];
    expect(fleet.plan(multiHost).obstacles).toEqual([]);
    fleet.a.containers = [containerOn('cat-web', fleet.a.network('bridge'), '172.17.0.9')];
    expect(fleet.plan(multiHost).obstacles).toEqual([
      {
        host: 'host-A',
        resource: 'host/host-A',
        message: 'it is read-only, and one change is needed there',
        owner: 'readOnly in the hosts file, or --read-only',
        hint: 'bind its role to another host, --bind ROLE=HOST, or allow changes on host-A',
      },
    ]);
    expect(fleet.plan(macvlan).obstacles).toMatchObject([{ message: 'it is read-only, and 4 changes are needed there' }]);
  });

  test.each([
    ['20.10.24+dfsg1', 'macvlan', 'Docker 20.10.24+dfsg1 allows one macvlan network for each'],
    ['27.5.1', 'macvlan', 'Docker 27.5.1 allows one macvlan network for each'],
    ['28.0.0', 'macvlan', undefined],
    ['28.5.2', 'ipvlan', 'one interface cannot be the parent of both drivers'],
    ['20.10.24', 'bridge', undefined],
  ])('a parent that is taken, on Docker %s by a %s network', (version, driver, reason) => {
    const fleet = new Fleet();
    fleet.change = { version };
    fleet.b.networks.push(networkOf('printers', fleet.b.newId(), { driver, options: { parent: 'ens3' } }));
    const expected = reason === undefined ? [] : [`host-B: parent ens3 already belongs to ${driver} network printers: ${reason}`];
    expect(messagesOf(fleet.plan(macvlan))).toEqual(expected);
    expect(messagesOf(fleet.plan(vlan))).toEqual([]);
  });

  test('a pool that another network of the engine has, though the underlay itself is shared', () => {
    const fleet = new Fleet();
    const pools = [{ subnet: '192.168.0.128/25', auxAddresses: {} }];
    fleet.b.networks.push(networkOf('lan', fleet.b.newId(), { driver: 'macvlan', options: { parent: 'ens4' }, pools }));
    expect(fleet.plan(macvlan).obstacles).toMatchObject([
      {
        host: 'host-B',
        message: 'subnet 192.168.0.0/24 overlaps 192.168.0.128/25 of network lan',
        hint: 'if nothing needs it: docker network rm lan; else choose another subnet',
      },
    ]);
  });

  test('one engine under two names, whose halves would remove each other', () => {
    const fleet = new Fleet();
    const live = [fleet.a.live, { ...fleet.a.live, host: 'host-B' }];
    const { obstacles } = planUp(bindScenario(multiHost, fleet.hosts), fleet.hosts, live, 'RUN');
    expect(obstacles.map(({ host, message }) => `${host}: ${message}`)).toEqual([
      'host-B: it is the same engine as host-A, under another name',
    ]);
  });

  test('an address on the wire that a container of any host holds, with its host and owner', () => {
    const fleet = new Fleet();
    const lan = networkOf('lan', fleet.b.newId(), { driver: 'macvlan', options: { parent: 'ens4' } });
    fleet.b.networks.push(lan);
    fleet.b.containers.push(
      containerOn('printer', lan, '192.168.0.4'),
      containerOn('stopped', lan, '192.168.0.5', { state: 'exited' }),
      // The same address on a bridge network is not on the wire.
      containerOn('elsewhere', fleet.b.network('bridge'), '192.168.0.6'),
    );
    expect(fleet.plan(macvlan).obstacles).toEqual([
      {
        host: 'host-A',
        resource: 'container/dog-web',
        message: 'address 192.168.0.4 on network macvlan is held by container printer on host-B',
        owner: expect.stringContaining('container printer ('),
        hint: 'free it on host-B: docker stop printer; or give dog-web another ipv4_address',
      },
    ]);
  });

  test('a container that comes for the place of one that goes on another host finds its address free', () => {
    const fleet = new Fleet();
    fleet.up(macvlan);
    const web = macvlan.services['dog-web'];
    if (web === undefined) throw new Error('no dog-web');
    const moved: Scenario = { ...macvlan, services: { ...macvlan.services, 'dog-web': { ...web, on: 'host-B' } } };
    const plan = fleet.plan(moved);
    expect(plan.obstacles).toEqual([]);
    fleet.execute(plan.steps);
    expect(fleet.b.containers.map(({ name }) => name)).toEqual(['dog-db', 'dog-web']);
    expect(fleet.plan(moved).steps).toEqual([]);
  });

  test('what another project of ours holds is freed with it', () => {
    const fleet = new Fleet();
    fleet.up(macvlan);
    const { obstacles } = fleet.plan(underProject(macvlan, 'twin'));
    expect(obstacles.map(({ owner }) => owner).every((owner) => owner?.includes('project macvlan'))).toBe(true);
    expect(obstacles.map(({ hint }) => hint).every((hint) => hint.includes('pets-console down macvlan'))).toBe(true);
    expect(obstacles.filter(({ message }) => message.includes('; address 192.168.0.')).length).toBe(4);
  });
});

describe('a database that stands open', () => {
  const scenarioWith = (service: string): Scenario =>
    parseScenario('s.yaml', `version: 1\nname: s\nmodel: bridge\ntitle: T\nhosts: [host-A]\nservices: { db: { ${service} } }\n`);
  const warningsOf = (scenario: Scenario): readonly string[] => new Fleet().plan(scenario).warnings;

  test('is told with who reaches it, and how to close it', () => {
    expect(warningsOf(multiHost)).toEqual([
      'cat-db: port 8001 of host-B is open to everyone who reaches host-B, and the database has no password; bind it to one address, "IP:8001:6379", or start it with --requirepass',
    ]);
    expect(warningsOf(macvlan)).toEqual([
      expect.stringContaining('fox-db: 192.168.0.7 is open to everyone on the underlay, and the database has no password'),
      expect.stringContaining('dog-db: 192.168.0.5 is open to everyone on the underlay'),
    ]);
  });

  test.each([
    ['image: "redis:7", ports: ["192.168.0.11:8001:6379"]', ['db: port 8001 of 192.168.0.11 (host-A) is open']],
    ['image: "registry:5000/redis", ports: ["0.0.0.0:8001:6379"]', ['db: port 8001 of host-A is open']],
    ['image: redis, ports: ["127.0.0.1:8001:6379"]', []],
    ['image: redis', []],
    ['image: redis, ports: ["8001:6379"], command: redis-server --requirepass s3cret', []],
    ['image: redis, ports: ["8001:6379"], command: [redis-server, "--requirepass=s3cret"]', []],
    ['image: redis, ports: ["8001:6379"], command: [redis-server, --requirepass, ""]', ['db: port 8001 of host-A is open']],
    ['image: nginx, ports: ["8001:80"]', []],
  ])('%s', (service, expected) => {
    const warnings = warningsOf(scenarioWith(service));
    expect(warnings).toHaveLength(expected.length);
    for (const [index, start] of expected.entries()) expect(warnings[index]).toContain(start);
  });
});

describe('a macvlan network on another subnet than its hosts', () => {
  const onSubnet = (scenario: Scenario, hosts: readonly BoundHost[]): readonly string[] => {
    const fleet = new Fleet();
    fleet.hosts = hosts;
    return fleet.plan(scenario).warnings.filter((warning) => warning.includes('is not in'));
  };

  test('is told for each host, since the guide’s subnet is seldom one’s own', () => {
    expect(onSubnet(macvlan, [{ ...A, address: '10.0.0.11' }, B])).toEqual([
      'host-A is at 10.0.0.11, which is not in 192.168.0.0/24 of network macvlan: if that is not the subnet behind eth0, its containers reach nobody',
    ]);
  });

  test.each([
    ['in their subnet', macvlan, [A, B]],
    ['on a VLAN, which has a subnet of its own', vlan, [A, B]],
    [
      'where the host is known by a name, or is this machine',
      macvlan,
      [
        { ...A, address: 'laptop.lan' },
        { ...B, address: '127.0.0.1' },
      ],
    ],
  ])('is no matter %s', (_, scenario, hosts) => {
    expect(onSubnet(scenario, hosts)).toEqual([]);
  });
});
