import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PetsError } from '../../src/domain/errors.ts';
import type { BoundHost, Scenario } from '../../src/domain/scenario.ts';
import { bindHosts, bindScenario } from '../../src/scenario/bind.ts';
import type { GivenInputs } from '../../src/scenario/inputs.ts';
import { loadScenario, parseScenario } from '../../src/scenario/load.ts';
import { openDatabases } from '../../src/scenario/open-databases.ts';
import { splitCounts } from '../../src/scenario/split-counts.ts';
import { swarmWishesFor } from '../../src/scenario/wishes.ts';

const SHIPPED = new URL('../../scenarios/', import.meta.url).pathname;
const HOSTS: readonly BoundHost[] = [
  { name: 'north', endpoint: 'unix:///n', address: '192.168.0.11' },
  { name: 'south', endpoint: 'unix:///s', address: '192.168.0.12' },
];
const BINDS = { 'host-A': 'north', 'host-B': 'south' };

const HEAD = 'version: 1\nname: t\nmodel: overlay\ntitle: T\nhosts: [host-A, host-B]\nswarm: required\n';
const NETWORK = 'networks: { net: { driver: overlay } }\n';
/** The service is on line 8, the rest follows it. */
function withService(service: string, rest = ''): string {
  return `${HEAD}${NETWORK}services: { web: { image: w, on: swarm, networks: [net], ${service} } }\n${rest}`;
}

function load(name: string, given: Partial<GivenInputs> = {}): Promise<Scenario> {
  return loadScenario(join(SHIPPED, `${name}.yaml`), { set: {}, ...given });
}

function refusalOf(text: string, given: Partial<GivenInputs> = {}): PetsError {
  try {
    parseScenario('s.yaml', text, { set: {}, ...given });
  } catch (error) {
    if (error instanceof PetsError) return error;
    throw error;
  }
  throw new Error(`nothing was refused in\n${text}`);
}

function issuesOf(text: string): readonly string[] {
  return refusalOf(text)
    .message.split('\n')
    .filter((line) => line.startsWith('s.yaml:'));
}

describe('the overlay scenarios', () => {
  test('overlay is the first overlay of the guide, on a swarm and on no host', async () => {
    const scenario = await load('overlay');
    expect(scenario).toMatchObject({ needsSwarm: true, project: 'pets', hosts: ['host-A', 'host-B'] });
    expect(scenario.variant).toBeUndefined();
    expect(scenario.networks).toEqual({
      dognet: {
        on: ['swarm'],
        driver: 'overlay',
        internal: false,
        enableIPv6: false,
        attachable: false,
        driverOpts: {},
        ipam: [{ subnet: '10.1.0.0/24', gateway: '10.1.0.1' }],
      },
    });
    expect(scenario.services['dog-web']).toMatchObject({
      on: 'swarm',
      ports: [{ hostIp: '', publishedPort: 8000, targetPort: 5000, protocol: 'tcp', mode: 'ingress' }],
      environment: { DB: 'dog-db', ROLE: 'dog' },
      deploy: { replicas: 1, endpointMode: 'vip' },
    });
  });

  test.each(['overlay', 'overlay-tenants', 'overlay-encrypted'])('%s has a way for kernels without ip_vs', async (name) => {
    const { variant, services } = await load(name, { variant: 'dnsrr' });
    expect(variant).toBe('dnsrr');
    for (const [service, { deploy, ports }] of Object.entries(services)) {
      expect(deploy).toEqual({ replicas: service.endsWith('-db') ? 1 : 'global', endpointMode: 'dnsrr' });
      expect(ports.every(({ mode }) => mode === 'host')).toBe(true);
    }
  });

  test.each([undefined, 'dnsrr'])(
    'overlay-tenants wishes the dog word for word as overlay does, so that its tasks survive (%s)',
    async (name) => {
      const given: Partial<GivenInputs> = name === undefined ? {} : { variant: name };
      const [one, two] = await Promise.all([load('overlay', given), load('overlay-tenants', given)]);
      expect(two.project).toBe(one.project);
      const before = swarmWishesFor(bindScenario(one, bindHosts(one, HOSTS, BINDS)));
      const after = swarmWishesFor(bindScenario(two, bindHosts(two, HOSTS, BINDS)));
      expect(before.services.map((wish) => wish.name)).toEqual(['dog-db', 'dog-web']);
      expect(after.networks.filter((wish) => wish.name === 'dognet')).toEqual(before.networks);
      expect(after.services.filter((wish) => wish.name.startsWith('dog-'))).toEqual(before.services);
    },
  );

  test("overlay-tenants holds the guide's three statements, each denial with its control", async () => {
    const { expect: expectations, networks, services } = await load('overlay-tenants');
    const reached = expectations.flatMap((each) => (each.kind === 'reach' ? [`${each.from} ${each.to}`] : []));
    expect(reached.filter((each) => each.startsWith('admin '))).toEqual(
      ['dog-web:5000', 'dog-db:6379', 'cat-web:5000', 'cat-db:6379'].map((to) => `admin ${to}`),
    );
    const denied = expectations.flatMap((each) => (each.kind === 'deny' ? [each] : []));
    const pairs = (from: string, to: string) =>
      [`${from}-web`, `${from}-db`].flatMap((asker) => [`${asker} ${to}-db:6379`, `${asker} ${to}-web:5000`]);
    expect(denied.map(({ from, to }) => `${from} ${to}`)).toEqual([...pairs('dog', 'cat'), ...pairs('cat', 'dog')]);
    expect(denied.every(({ from, control }) => reached.includes(`${from} ${control}`))).toBe(true);
    expect(services.admin).toMatchObject({
      environment: { DB1: 'dog-db', DB2: 'cat-db' },
      networks: [{ network: 'dognet' }, { network: 'catnet' }],
    });
    expect(networks.catnet?.ipam).toEqual([{ subnet: '10.2.0.0/24', gateway: '10.2.0.1' }]);
    const asked = expectations.flatMap((each) => (each.kind === 'http' ? [each.url.replace('.address', '')] : []));
    expect(asked).toHaveLength(6);
    expect(asked).toContain('http://$' + '{host-B}:7000');
  });

  test('overlay-encrypted is the same, encrypted, and stands beside nothing of another project', async () => {
    const [plain, encrypted] = await Promise.all([load('overlay-tenants'), load('overlay-encrypted')]);
    expect(encrypted.project).not.toBe(plain.project);
    expect(encrypted.services).toEqual(plain.services);
    expect(encrypted.expect).toEqual(plain.expect);
    expect(Object.values(encrypted.networks).map(({ driverOpts }) => driverOpts)).toEqual([{ encrypted: '' }, { encrypted: '' }]);
  });

  test('subnets and ports are chosen, and what follows from them follows', async () => {
    const {
      networks,
      services,
      tenants,
      expect: expectations,
    } = await load('overlay-tenants', {
      set: { 'catnet.subnet': '10.77.0.0/16', 'cat.port': '9077' },
    });
    expect(networks.catnet?.ipam).toEqual([{ subnet: '10.77.0.0/16', gateway: '10.77.0.1' }]);
    expect(services['cat-web']?.ports[0]?.publishedPort).toBe(9077);
    expect(tenants.cat?.url).toContain(':9077');
    expect(expectations.filter((each) => each.kind === 'http' && each.url.includes(':9077'))).toHaveLength(2);
  });
});

describe('a service on the swarm', () => {
  const serviceOf = (service: string) => parseScenario('s.yaml', withService(service)).services.web;

  test('is one task behind a virtual IP unless the file says more', () => {
    expect(serviceOf('')?.deploy).toEqual({ replicas: 1, endpointMode: 'vip' });
    expect(serviceOf('deploy: { replicas: 3, endpoint_mode: dnsrr, placement: { host: host-B } }')?.deploy).toEqual({
      replicas: 3,
      endpointMode: 'dnsrr',
      placement: 'host-B',
    });
    expect(serviceOf('deploy: { mode: global }')?.deploy?.replicas).toBe('global');
  });

  test('publishes on the routing mesh unless the long form says host', () => {
    expect(serviceOf('ports: ["8000:5000", { target: 1, published: 2, mode: host }]')?.ports.map(({ mode }) => mode)).toEqual([
      'ingress',
      'host',
    ]);
  });

  test('is bound to the host that its place is played by, and stays on the swarm', () => {
    const scenario = parseScenario(
      's.yaml',
      withService(`deploy: { placement: { host: host-B } }, environment: { A: "\${host-A.address}" }`),
    );
    expect(bindScenario(scenario, bindHosts(scenario, HOSTS, BINDS)).services.web).toMatchObject({
      on: 'swarm',
      deploy: { placement: 'south' },
      environment: { A: '192.168.0.11' },
    });
  });

  test('is no business of a host that is called swarm', () => {
    const scenario = parseScenario('s.yaml', withService(''));
    const hosts = HOSTS.map((host) => (host.name === 'south' ? { ...host, name: 'swarm' } : host));
    const bound = bindHosts(scenario, hosts, { 'host-A': 'north', 'host-B': 'swarm' });
    expect(() => bindScenario(scenario, bound)).toThrow('a host is called swarm');
  });

  test('has its tenant asked on any host, since the routing mesh is on all', () => {
    const tenant = (role: string) => `tenants: { cat: { web: web, db: web, url: "http://\${${role}.address}:8000" } }`;
    for (const role of ['host-A', 'host-B']) {
      expect(parseScenario('s.yaml', withService('ports: ["8000:5000"]', tenant(role))).tenants.cat?.url).toContain(role);
    }
  });
});

describe('networks of a swarm', () => {
  const optionsOf = (option: string) =>
    parseScenario(
      's.yaml',
      `${HEAD}networks: { net: { driver: overlay, driver_opts: { ${option} } } }\nservices: { web: { image: w, on: swarm, networks: [net] } }`,
    ).networks.net?.driverOpts;

  test('are encrypted by an option without a value, which Docker looks for whatever it says', () => {
    for (const yes of ['true', '"true"', '""']) expect(optionsOf(`encrypted: ${yes}`)).toEqual({ encrypted: '' });
    for (const no of ['false', '"false"']) expect(optionsOf(`encrypted: ${no}`)).toEqual({});
    expect(optionsOf('com.docker.network.driver.mtu: 1400')).toEqual({ 'com.docker.network.driver.mtu': '1400' });
  });

  test('may be IPv6, attachable, and named as on the swarm', () => {
    const text = `${HEAD}networks: { net: { driver: overlay, on: swarm, attachable: true, enable_ipv6: true, ipam: { config: [{ subnet: "fd00:1::/64" }] } } }\nservices: { web: { image: w, on: swarm, networks: [net] } }`;
    expect(parseScenario('s.yaml', text).networks.net).toMatchObject({ on: ['swarm'], attachable: true, enableIPv6: true });
  });

  test('stand beside networks and services of hosts', () => {
    const text = `${HEAD.replace('overlay', 'bridge')}networks: { net: { driver: overlay }, own: { on: host-A } }\nservices: { web: { image: w, on: swarm, networks: [net], ports: ["8000:1"] }, db: { image: d, on: host-A, networks: [own], ports: ["8001:1"] } }`;
    const { services, needsSwarm } = parseScenario('s.yaml', text);
    expect(needsSwarm).toBe(true);
    expect(services.db).not.toHaveProperty('deploy');
    expect(services.db?.ports).toEqual([{ hostIp: '', publishedPort: 8001, targetPort: 1, protocol: 'tcp' }]);
  });
});

describe('variants and scale', () => {
  const text = withService(
    'ports: ["8000:5000"]',
    'variants: { spread: { summary: S, publish: host, global: [web] }, plain: { summary: S, publish: host } }',
  );
  const webOf = (given: Partial<GivenInputs>) => parseScenario('s.yaml', text, { set: {}, ...given }).services.web;

  test('a variant may publish in mode host behind virtual IPs', () => {
    expect(webOf({ variant: 'plain' })).toMatchObject({ ports: [{ mode: 'host' }], deploy: { replicas: 1, endpointMode: 'vip' } });
    expect(webOf({ variant: 'spread' })).toMatchObject({ ports: [{ mode: 'host' }], deploy: { replicas: 'global' } });
  });

  test('the one asked for goes before the one that stands, and one that is gone from the file is ignored', () => {
    const variantOf = (given: Partial<GivenInputs>) => parseScenario('s.yaml', text, { set: {}, ...given }).variant;
    expect(variantOf({ preferredVariant: 'spread' })).toBe('spread');
    expect(variantOf({ preferredVariant: 'spread', variant: 'plain' })).toBe('plain');
    expect(variantOf({ preferredVariant: 'gone' })).toBeUndefined();
  });

  test('services are scaled, by what the file says and by what is asked', () => {
    expect(webOf({ scale: { web: 3 } })?.deploy?.replicas).toBe(3);
    expect(webOf({ scale: { web: 0 } })?.deploy?.replicas).toBe(0);
    expect(webOf({ scale: { web: 2 }, variant: 'plain' })?.deploy?.replicas).toBe(2);
  });

  test.each([
    [
      'an unknown variant',
      { variant: 'spred' },
      'scenario t has no variant "spred"; variants: spread, plain. Did you mean spread?',
      '--variant spread',
    ],
    [
      'an unknown service',
      { scale: { wbe: 2 } },
      'service "wbe" is not known; services that can be scaled: web. Did you mean web?',
      '--scale web=2',
    ],
    [
      'an inherited name',
      { scale: { constructor: 2 } },
      'service "constructor" is not known; services that can be scaled: web.',
      '--scale web=2',
    ],
    [
      'a service that the variant makes global',
      { scale: { web: 2 }, variant: 'spread' },
      'service web is global: it has one task on each node; it has none that can be scaled.',
      'leave --scale out',
    ],
    [
      'more tasks in mode host than there are hosts',
      { scale: { web: 3 }, variant: 'plain' },
      'service web publishes in mode host, one task on each host: 2 at most, not 3; services that can be scaled: web.',
      '--scale web=2',
    ],
  ])('refuses %s, and names the valid ones', (_, given: Partial<GivenInputs>, message, hint) => {
    expect(refusalOf(text, given)).toMatchObject({ code: 'BAD_USAGE', message: expect.stringContaining(message), hint });
  });

  test('refuses to scale what is on a host, and a variant where there is none', () => {
    const single = 'version: 1\nname: t\nmodel: bridge\ntitle: T\nhosts: [host-A]\nservices: { web: { image: w } }\n';
    expect(refusalOf(single, { scale: { web: 2 } }).message).toContain('service web is on host-A, where there is one of it');
    expect(refusalOf(single, { variant: 'x' }).message).toBe('scenario t has no variant "x"; it has none.');
  });
});

describe('what a plan warns of', () => {
  const tenants = 'tenants: { cat: { web: web, db: web, url: "http://h:1" } }';
  const warningsOf = (deploy: string, scale = {}) => splitCounts(parseScenario('s.yaml', withService(deploy, tenants), { set: {}, scale }));

  test('a database of several tasks, from the file or from --scale, would split its count', () => {
    expect(warningsOf('')).toEqual([]);
    expect(warningsOf('', { web: 3 })).toEqual([
      'web is the database of tenant cat and would have 3 tasks: its count would split, since each counts only the hits that reach it; --scale web=1',
    ]);
    expect(warningsOf('deploy: { replicas: 2 }')).toHaveLength(1);
    expect(warningsOf('deploy: { mode: global }')[0]).toContain('would have 2 tasks');
    expect(warningsOf('deploy: { mode: global, placement: { host: host-A } }')).toEqual([]);
    expect(warningsOf('deploy: { replicas: 2 }', { web: 1 })).toEqual([]);
  });

  test('a database that the swarm publishes is open on every host', () => {
    const openOf = (service: string) => {
      const scenario = parseScenario('s.yaml', withService(`ports: ["6379:6379"], ${service}`).replace('image: w', 'image: redis'));
      return openDatabases([], [], swarmWishesFor(bindScenario(scenario, bindHosts(scenario, HOSTS, BINDS))).services);
    };
    expect(openOf('')).toEqual([expect.stringContaining('web: port 6379 of every host of the swarm is open to everyone who reaches it')]);
    expect(openOf('command: redis-server --requirepass x')).toEqual([]);
  });
});

describe('a file that asks of a swarm what it cannot do', () => {
  const hostService = (service: string) =>
    `${HEAD}${NETWORK}services: { w1: { image: a, on: swarm }, web: { image: w, on: host-A, ${service} } }`;
  const network = (rest: string) => `${HEAD}networks: { net: { ${rest} } }\nservices: { web: { image: w, on: swarm } }`;
  const variant = (rest: string, service = 'ports: ["8000:5000"]') => withService(service, `variants: { v: { summary: S, ${rest} } }`);
  test.each([
    [
      'a service on a swarm that is not required',
      withService('').replace('swarm: required\n', ''),
      '7:34: the service is on the swarm; say swarm: required at the top',
    ],
    [
      'an overlay without a swarm',
      `${HEAD.replace('swarm: required\n', '')}${NETWORK}services: { web: { image: w, on: host-A } }`,
      "6:28: an overlay network is a swarm's; say swarm: required",
    ],
    [
      'the model without a swarm',
      `${HEAD.replace('swarm: required\n', '')}services: { web: { image: w, on: host-A } }`,
      "3:8: model overlay is a swarm's; say swarm: required",
    ],
    [
      'a swarm that nothing is on',
      `${HEAD.replace('overlay', 'bridge')}services: { web: { image: w, on: host-A } }`,
      '6:1: no service is on: swarm, so no swarm is needed',
    ],
    ['another value of swarm', withService('').replace('required', 'wanted'), '6:8: "wanted" is not known here; valid: required.'],
    [
      'a role that would be the swarm',
      withService('').replace('[host-A, host-B]', '[host-A, swarm]'),
      '5:17: swarm is where things are that belong to no host; call the host something else',
    ],
    [
      'a service of the swarm on a local network',
      `${HEAD}networks: { net: { on: host-A } }\nservices: { web: { image: w, on: swarm, networks: [net] } }`,
      '8:52: network net is a bridge network of host-A; a service on the swarm joins networks of driver overlay only',
    ],
    [
      'a container on an overlay',
      hostService('networks: [net]'),
      "8:82: network net is the swarm's, and joined by services that are on: swarm",
    ],
    [
      'a container on an attachable overlay',
      hostService('networks: [net]').replace('driver: overlay', 'driver: overlay, attachable: true'),
      '8:82: network net is the swarm',
    ],
    [
      'deploy of a service on a host',
      hostService('deploy: { replicas: 2 }'),
      '8:71: deploy is how the swarm runs a service; this one is on a host',
    ],
    [
      'a mode of a port on a host',
      hostService('ports: [{ target: 1, published: 2, mode: host }]'),
      '8:106: mode is how the swarm publishes a port; this service is on a host',
    ],
    [
      'replicas of a global service',
      withService('deploy: { mode: global, replicas: 2 }'),
      '8:82: a global service has one task on each node: leave replicas out',
    ],
    ['more tasks than anyone runs', withService('deploy: { replicas: 1001 }'), '8:78: expected a number of at most 1000'],
    [
      'a place that is no role',
      withService('deploy: { placement: { host: host-C } }'),
      '8:87: host "host-C" is not known; valid: host-A, host-B. Did you mean host-A?',
    ],
    [
      'a place in words of Docker',
      withService('deploy: { placement: { host: host-A, constraints: [a] } }'),
      '8:95: unknown key "constraints"; valid here: host.',
    ],
    [
      'an address for a task',
      withService('').replace('networks: [net]', 'networks: { net: { ipv4_address: 10.1.0.5 } }'),
      '8:74: the swarm gives its tasks their addresses',
    ],
    [
      'a port on one address',
      withService('ports: ["127.0.0.1:8000:5000"]'),
      '8:66: a swarm publishes on every address of its hosts: leave 127.0.0.1 out',
    ],
    [
      'the routing mesh without virtual IPs',
      withService('ports: ["8000:5000"], deploy: { endpoint_mode: dnsrr }'),
      '8:66: port 8000/tcp is published in mode ingress, which Docker refuses with endpoint_mode dnsrr; write { target: 5000, published: 8000, mode: host }',
    ],
    [
      'the routing mesh without virtual IPs in a variant',
      variant('endpoint_mode: dnsrr'),
      '9:13: service web: port 8000/tcp is published in mode ingress, which Docker refuses with endpoint_mode dnsrr; say publish: host',
    ],
    [
      'more tasks in mode host than hosts',
      withService('ports: [{ target: 1, published: 2, mode: host }], deploy: { replicas: 3 }'),
      '8:66: port 2/tcp in mode host is for one task on each host, so 2 at most, and there are to be 3',
    ],
    [
      'more tasks in mode host than hosts in a variant',
      variant('publish: host', 'ports: ["8000:5000"], deploy: { replicas: 3 }'),
      '9:13: service web: port 8000/tcp in mode host is for one task on each host, so 2 at most, and there are to be 3; make it global',
    ],
    [
      'one port of the routing mesh twice',
      withService('ports: ["8000:1"] }, w2: { image: b, on: swarm, ports: ["8000:2"]'),
      '8:114: port 8000/tcp is already published by service web on the swarm',
    ],
    [
      'a port of the routing mesh that a container has',
      withService('ports: ["8000:1"] }, w2: { image: b, on: host-B, ports: ["8000:2"]'),
      '8:115: port 8000/tcp is already published by service web on the swarm',
    ],
    [
      'a port of two services that a variant puts on every host',
      `${HEAD}services:\n  w1: { image: w, on: swarm, ports: [{ target: 1, published: 2, mode: host }] }\n  w2: { image: w, on: swarm, ports: [{ target: 1, published: 2, mode: host }] }\nvariants: { v: { summary: S, global: [w1, w2] } }`,
      '10:13: service w2: port 2/tcp is already published by service w1 on the swarm',
    ],
    ['a variant of an unknown service', variant('global: [wbe]'), '9:39: service "wbe" is not known; valid: web. Did you mean web?'],
    [
      'a variant of a service on a host',
      `${hostService('')}\nvariants: { v: { summary: S, global: [web] } }`,
      '9:39: service web is on a host; only services on the swarm can be global',
    ],
    ['a variant without a reason', withService('', 'variants: { v: { publish: host } }'), '9:13: summary is missing'],
    ['a variant with a name that no flag takes', withService('', 'variants: { "No Ip": { summary: S } }'), '9:13: a name is '],
    [
      'an overlay on a host',
      network('driver: overlay, on: host-A'),
      "7:37: an overlay network is the swarm's, and on no host of its own: leave on out",
    ],
    [
      'the network of the routing mesh itself',
      network('driver: overlay').replace('net:', 'ingress:'),
      '7:13: ingress is a network that every swarm has; choose another name',
    ],
    [
      'a bridge on the swarm',
      network('on: swarm'),
      "7:24: a bridge network is made on each host for itself; the swarm's are of driver overlay",
    ],
    ['an attachable bridge', network('on: host-A, attachable: true'), '7:32: attachable is of driver overlay'],
    [
      'an encrypted bridge',
      network('on: host-A, driver_opts: { encrypted: true }'),
      '7:47: encrypted is an option of driver overlay; a bridge network has none',
    ],
    ['half an encryption', network('driver: overlay, driver_opts: { encrypted: maybe }'), '7:63: "maybe" is not true or false'],
    [
      'a parent of an overlay',
      network('driver: overlay, driver_opts: { parent: eth0 }'),
      '7:52: parent is an option of driver macvlan; an overlay network',
    ],
    [
      'auxiliary addresses of an overlay',
      network('driver: overlay, ipam: { config: [{ subnet: 10.1.0.0/24, aux_addresses: { dns: 10.1.0.5 } }] }'),
      '7:77: a swarm keeps no auxiliary addresses for an overlay network',
    ],
    [
      'a name that only containers may have',
      withService('').replace('web:', 'web.1:'),
      '8:13: what belongs to the swarm is named with letters, digits, "-" and "_"',
    ],
    [
      'a long name of that kind',
      withService('').replace('web:', `${'a'.repeat(60)}.1:`),
      '8:13: what belongs to the swarm is named with letters, digits, "-" and "_"',
    ],
    [
      'overlays that overlap',
      `${HEAD}networks: { n1: { driver: overlay, ipam: { config: [{ subnet: 10.1.0.0/16 }] } }, n2: { driver: overlay, ipam: { config: [{ subnet: 10.1.2.0/24 }] } } }\nservices: { web: { image: w, on: swarm } }`,
      '7:133: 10.1.2.0/24 overlaps 10.1.0.0/16 of network n1 of the same swarm',
    ],
    [
      'an overlay over the network of a host',
      `${HEAD}networks: { n1: { on: host-B, ipam: { config: [{ subnet: 10.1.0.0/16 }] } }, n2: { driver: overlay, ipam: { config: [{ subnet: 10.1.2.0/24 }] } } }\nservices: { web: { image: w, on: swarm } }`,
      '7:128: 10.1.2.0/24 overlaps 10.1.0.0/16 of network n1 on the same host',
    ],
    [
      'a fact of the own host where there is none',
      withService(`environment: { A: "\${on.name}" }`),
      `8:76: \${on.name} is not known; valid: host-A.address`,
    ],
  ])('locates %s', (_, text, expected) => {
    const issues = issuesOf(text);
    expect(issues).toHaveLength(1);
    expect(issues[0]).toContain(`s.yaml:${expected}`);
  });
});
