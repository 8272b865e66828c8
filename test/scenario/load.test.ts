import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { PetsError } from '../../src/domain/errors.ts';
import { findScenario } from '../../src/scenario/files.ts';
import { scenarioJsonSchema } from '../../src/scenario/json-schema.ts';
import { listScenarios, loadScenario, parseScenario } from '../../src/scenario/load.ts';

const SHIPPED = new URL('../../scenarios/', import.meta.url).pathname;

/** A scenario as short as it may be, with room for what a test is about. */
function scenarioText(rest: string, hosts = '[host-A]'): string {
  return `version: 1\nname: t\nmodel: bridge\ntitle: T\nhosts: ${hosts}\n${rest}\n`;
}
const SERVICES = 'services: { web: { image: w } }';

function issuesOf(text: string): string[] {
  try {
    parseScenario('s.yaml', text);
  } catch (error) {
    if (!(error instanceof PetsError)) throw error;
    expect(error.code).toBe('BAD_FILE');
    expect(error.hint).toContain('pets-console plan s.yaml');
    return error.message.split('\n').filter((line) => line.startsWith('s.yaml:'));
  }
  return [];
}

describe('the shipped scenarios', () => {
  test('bridge is the first example of the guide', async () => {
    const scenario = await loadScenario(join(SHIPPED, 'bridge.yaml'));
    expect(scenario.networks).toEqual({
      catnet: { on: ['host-A'], driver: 'bridge', internal: false, enableIPv6: false, attachable: false, driverOpts: {}, ipam: [] },
    });
    expect(Object.keys(scenario.services)).toEqual(['cat-db', 'cat-web']);
    expect(scenario.services['cat-web']).toMatchObject({
      image: 'pets-console/web',
      ports: [{ hostIp: '', publishedPort: 8000, targetPort: 5000, protocol: 'tcp' }],
      environment: { DB: 'cat-db', ROLE: 'cat' },
    });
    expect(scenario.expect).toContainEqual({
      kind: 'deny',
      from: 'console',
      to: '$' + '{host-A.address}:6379',
      control: '$' + '{host-A.address}:8000',
    });
  });

  test('all are read without an issue, and name their schema in the first line', async () => {
    const { scenarios, broken } = await listScenarios([SHIPPED]);
    expect(broken).toEqual([]);
    expect(scenarios.map(({ name }) => name)).toContain('bridge');
    for (const { path, summary, benefits, limits } of scenarios) {
      expect(await readFile(path, 'utf8')).toMatch(/^# yaml-language-server: \$schema=\.\/scenario\.v1\.schema\.json\n/);
      expect([summary.length, benefits.length, limits.length].every((length) => length > 0)).toBe(true);
    }
  });

  test('the shipped JSON Schema is the generated one, and an independent validator accepts the scenarios by it', async () => {
    const shipped: unknown = JSON.parse(await readFile(join(SHIPPED, 'scenario.v1.schema.json'), 'utf8'));
    expect(shipped).toEqual(scenarioJsonSchema());
    const validate = new Ajv2020({ strict: true, allowUnionTypes: true, formats: { ipv4: true, ipv6: true } }).compile(shipped as object);
    for (const { path } of (await listScenarios([SHIPPED])).scenarios) {
      const value: unknown = parse(await readFile(path, 'utf8'));
      expect(validate(value), JSON.stringify(validate.errors)).toBe(true);
      expect(validate({ ...(value as object), model: 'brige' })).toBe(false);
      expect(validate({ ...(value as object), swarm: 'maybe' })).toBe(false);
    }
  });
});

describe('parseScenario', () => {
  test('reads the short and the long forms of Compose as the same thing', () => {
    const services = (web: string): unknown =>
      parseScenario('s.yaml', scenarioText(`networks: { n: { ipam: { config: [{ subnet: 10.1.0.0/24 }] } } }\nservices: { web: ${web} }`))
        .services;
    expect(
      services(
        '{ image: w, networks: [n], ports: ["8000:5000", "127.0.0.1:53:53/udp"], environment: [A=1, B=x=y], command: run it, extra_hosts: ["h:10.0.0.1"] }',
      ),
    ).toEqual(
      services(
        '{ image: w, networks: { n: }, ports: [{ target: 5000, published: 8000 }, { target: 53, published: 53, host_ip: 127.0.0.1, protocol: udp }], environment: { A: 1, B: x=y }, command: [run, it], extra_hosts: { h: 10.0.0.1 } }',
      ),
    );
  });

  test('fills in what may be left out', () => {
    const scenario = parseScenario('s.yaml', scenarioText(`networks: { net: }\n${SERVICES}`));
    expect(scenario).toMatchObject({ project: 't', tenants: {}, expect: [], networks: { net: { on: ['host-A'], driver: 'bridge' } } });
    expect(scenario.services.web).toEqual({
      on: 'host-A',
      image: 'w',
      command: [],
      networks: [],
      ports: [],
      environment: {},
      extraHosts: [],
    });
  });

  test('knows networks on several hosts, a parent where the file names none, and who may be asked from', () => {
    const text = scenarioText(
      'networks: { lan: { on: [host-A, host-B], driver: macvlan } }\nservices: { web: { image: w, on: host-B, networks: [lan] } }\npitfalls: [P]\nexpect: [{ fails: { from: host-A, to: "web:1", how: refused, control: "web:2", because: B } }, { seen: { from: console, at: "web:1", as: 10.1.0.1 } }]',
      '[host-A, host-B]',
    );
    expect(parseScenario('s.yaml', text)).toMatchObject({
      pitfalls: ['P'],
      networks: { lan: { on: ['host-A', 'host-B'], driverOpts: { parent: '$' + '{on.parent}' } } },
      services: { web: { on: 'host-B' } },
      expect: [
        { kind: 'fails', from: 'host-A', to: 'web:1', how: ['refused'], control: 'web:2', because: 'B' },
        { kind: 'seen', from: 'console', at: 'web:1', as: '10.1.0.1' },
      ],
    });
  });

  test('reports issues of form and broken references in one go', () => {
    const text = scenarioText(
      'netwoks: {}\nnetworks: { catnet: { drivr: bridge } }\nservices:\n  web:\n    image: w\n    networks: [catnte]\n    ports: ["80000:1"]\nexpect:\n  - reach: { from: wbe, to: "web:80" }',
    )
      .replace('model: bridge', 'model: brige')
      .replace('title: T\n', '');
    expect(issuesOf(text)).toEqual([
      's.yaml:1:1: title is missing',
      's.yaml:3:8: model "brige" is not known; models: bridge, multi-host-bridge, overlay, macvlan. Did you mean bridge?',
      expect.stringMatching(/^s\.yaml:5:1: unknown key "netwoks"; valid here: .* Did you mean networks\?$/),
      expect.stringMatching(/^s\.yaml:6:23: unknown key "drivr"; valid here: .* Did you mean driver\?$/),
      's.yaml:10:16: network "catnte" is not known; valid: catnet. Did you mean catnet?',
      's.yaml:11:13: "80000" is not a port from 1 to 65535',
      's.yaml:13:20: place to ask from "wbe" is not known; valid: console, web, host-A. Did you mean web?',
    ]);
  });

  test('does not take a broken entry for a missing one', () => {
    expect(
      issuesOf(
        scenarioText(
          'networks: { catnet: 3 }\nservices: { web: { image: w, networks: [catnet] }, db: { imag: d } }\ntenants: { cat: { web: web, db: db, url: "http://h:1" } }',
        ),
      ),
    ).toEqual([
      's.yaml:6:21: expected a map, found 3',
      's.yaml:7:52: image is missing',
      expect.stringContaining('s.yaml:7:58: unknown key "imag"'),
    ]);
  });

  test('says that a reference inside braces needs quotes', () => {
    const [first] = issuesOf(scenarioText(`services: { web: { image: w, environment: { A: \${host-A.name} } } }`));
    expect(first).toBe(`s.yaml:6:49: unexpected flow-map-start at node end; a text with \${…} inside { } or [ ] has to be in quotes`);
  });

  const network = (config: string): string => scenarioText(`networks: { n: { ipam: { config: [{ ${config} }] } } }\n${SERVICES}`);
  const fixed = (services: string): string =>
    scenarioText(
      `networks: { n: { ipam: { config: [{ subnet: 10.1.0.0/29, gateway: 10.1.0.1, aux_addresses: { dns: 10.1.0.2 } }] } }, m: }\nservices: { ${services} }`,
    );
  test.each([
    ['a key of a later version', scenarioText(`${SERVICES}\nsecrets: {}`), '7:1: unknown key "secrets"'],
    ['another version', scenarioText(SERVICES).replace('version: 1', 'version: 2'), '1:10: 2 is not known here; valid: 1.'],
    ['a name that no engine takes', scenarioText('services: { "-web": { image: w } }'), '6:13: a name is 2 to 63'],
    [
      'a network that every engine has',
      scenarioText(`networks: { bridge: }\n${SERVICES}`),
      '6:13: bridge is a network that every engine has',
    ],
    ['an image with a space', scenarioText('services: { web: { image: "a b" } }'), '6:27: an image is a reference'],
    [
      'an unknown role',
      scenarioText('services: { web: { image: w, on: host-B } }'),
      '6:34: host "host-B" is not known; valid: host-A. Did you mean host-A?',
    ],
    ['a role left out where there are two', scenarioText(SERVICES, '[host-A, host-B]'), '6:13: on is missing; hosts: host-A, host-B'],
    [
      'a role named twice',
      scenarioText('services: { web: { image: w, on: host-A } }', '[host-A, host-A]'),
      '5:17: host host-A is named twice',
    ],
    [
      'a network of another host',
      scenarioText('networks: { n1: { on: host-A } }\nservices: { web: { image: w, on: host-B, networks: [n1] } }', '[host-A, host-B]'),
      '7:53: network n1 is on host-A, the service on host-B',
    ],
    [
      'a network named twice',
      scenarioText('networks: { n1: }\nservices: { web: { image: w, networks: [n1, n1] } }'),
      '7:45: network n1 is named twice',
    ],
    [
      'a host named twice for one network',
      scenarioText('networks: { n1: { on: [host-A, host-A] } }\nservices: { web: { image: w, on: host-A } }', '[host-A, host-B]'),
      '6:32: host host-A is named twice',
    ],
    [
      'an unknown host of one network',
      scenarioText('networks: { n1: { on: [host-A, host-C] } }\nservices: { web: { image: w, on: host-A } }', '[host-A, host-B]'),
      '6:32: host "host-C" is not known; valid: host-A, host-B. Did you mean host-A?',
    ],
    [
      'a service beside the hosts of its network',
      scenarioText(
        'networks: { n1: { on: [host-A, host-B] } }\nservices: { web: { image: w, on: host-C, networks: [n1] } }',
        '[host-A, host-B, host-C]',
      ),
      '7:53: network n1 is on host-A, host-B, the service on host-C; a bridge network is made on each host for itself',
    ],
    [
      'subnets that overlap on one of several hosts',
      scenarioText(
        'networks: { n1: { on: [host-A, host-B], ipam: { config: [{ subnet: 10.1.0.0/16 }] } }, n2: { on: host-B, driver: macvlan, ipam: { config: [{ subnet: 10.1.2.0/24 }] } } }\nservices: { web: { image: w, on: host-A } }',
        '[host-A, host-B]',
      ),
      '6:150: 10.1.2.0/24 overlaps 10.1.0.0/16 of network n1',
    ],
    [
      'an address on the default network',
      scenarioText('services: { web: { image: w, networks: { bridge: { ipv4_address: 172.17.0.5 } } } }'),
      "6:42: bridge is Docker's default network, and a service is on it that names none: leave it out. It takes neither addresses nor aliases",
    ],
    [
      'a parent of a bridge',
      scenarioText(`networks: { n1: { driver_opts: { parent: eth0 } } }\n${SERVICES}`),
      '6:34: parent is an option of driver macvlan',
    ],
    [
      'a port published on a macvlan network',
      scenarioText('networks: { lan: { driver: macvlan } }\nservices: { web: { image: w, networks: [lan], ports: ["8000:5000"] } }'),
      "7:55: nothing is published on a macvlan network: it is reached at the container's own address, port 5000",
    ],
    [
      'one address twice on the wire',
      scenarioText(
        'networks: { n1: &lan { on: host-A, driver: macvlan, ipam: { config: [{ subnet: 10.1.0.0/24 }] } }, n2: { <<: *lan, on: host-B } }\nservices:\n  w1: { image: w, on: host-A, networks: { n1: { ipv4_address: 10.1.0.4 } } }\n  w2: { image: w, on: host-B, networks: { n2: { ipv4_address: 10.1.0.4 } } }',
        '[host-A, host-B]',
      ),
      '9:63: 10.1.0.4 is already the address of service w1 on host-A; macvlan containers of all hosts share one underlay',
    ],
    [
      'a host that would be the console',
      scenarioText('services: { web: { image: w } }', '[console]'),
      '5:9: console is the machine that runs pets-console; call the host something else',
    ],
    [
      'a tenant at the wrong host',
      scenarioText(
        `services: { web: { image: w, on: host-A, ports: ["8000:5000"] } }\ntenants: { cat: { web: web, db: web, url: "http://\${host-B.address}:8000" } }`,
        '[host-A, host-B]',
      ),
      '7:43: service web is on host-A, not on host-B',
    ],
    [
      'a fact of the own host where nothing is on a host',
      scenarioText(`${SERVICES}\nexpect: [{ http: { url: "http://\${on.address}:8000" } }]`),
      `7:25: \${on.address} is not known; valid: host-A.address, host-A.name, host-A.parent.`,
    ],
    [
      'a way to fail that there is not',
      scenarioText(`${SERVICES}\nexpect: [{ fails: { from: host-A, to: "web:1", how: [refusd], control: "web:2", because: B } }]`),
      '7:54: "refusd" is not known here; valid: refused, timed-out, no-such-name, unreachable, reset. Did you mean refused?',
    ],
    [
      'a failure without a reason',
      scenarioText(`${SERVICES}\nexpect: [{ fails: { from: web, to: "web:1", control: "web:2" } }]`),
      '7:12: because is missing',
    ],
    [
      'a failure that is its own control',
      scenarioText(`${SERVICES}\nexpect: [{ fails: { from: web, to: "web:1", control: "web:1", because: B } }]`),
      '7:54: the control of a failure must be something that answers, not web:1 itself',
    ],
    [
      'an address that is seen as a name',
      scenarioText(`${SERVICES}\nexpect: [{ seen: { from: web, at: "web:1", as: web } }]`),
      `7:48: "web" is not an address such as 10.1.0.5 or \${host-A.address}`,
    ],
    [
      'a port published twice',
      scenarioText('services: { web: { image: w, ports: ["8000:5000"] }, db: { image: d, ports: ["127.0.0.1:8000:1"] } }'),
      '6:78: port 8000/tcp is already published by service web',
    ],
    [
      'a port published twice, by one that names the host and one that does not',
      scenarioText('services: { web: { image: w, ports: ["8000:1"] }, db: { image: d, on: host-A, ports: ["8000:1"] } }'),
      '6:87: port 8000/tcp is already published by service web',
    ],
    ['a container port alone', scenarioText('services: { web: { image: w, ports: ["5000"] } }'), '6:38: expected PUBLISHED:TARGET'],
    [
      'a number where a port belongs',
      scenarioText('services: { web: { image: w, ports: [5000] } }'),
      '6:38: expected text or a map, found 5000',
    ],
    ['a range of ports', scenarioText('services: { web: { image: w, ports: ["80-90:80"] } }'), '6:38: a range of ports is not known here'],
    [
      'an unknown protocol',
      scenarioText('services: { web: { image: w, ports: ["80:80/sctp"] } }'),
      '6:38: protocol "sctp" is not known; valid: tcp, udp',
    ],
    [
      'a host address that is none',
      scenarioText('services: { web: { image: w, ports: ["eth0:80:80"] } }'),
      '6:38: "eth0" is not an IP address',
    ],
    ['a variable without a value', scenarioText('services: { web: { image: w, environment: [HOME] } }'), '6:44: expected NAME=value'],
    [
      'a truth as a variable',
      scenarioText('services: { web: { image: w, environment: { A: true } } }'),
      '6:48: expected text or a number, found true',
    ],
    ['a subnet that is none', network('subnet: 10.1.0.0'), '6:45: "10.1.0.0" is not a subnet'],
    [
      'an address as subnet',
      network('subnet: 10.1.0.5/24'),
      '6:45: 10.1.0.5/24 is an address inside a subnet, not a subnet; did you mean 10.1.0.0/24?',
    ],
    ['an IPv6 subnet without IPv6', network('subnet: "fd00::/64"'), '6:45: fd00::/64 is IPv6; the network needs enable_ipv6: true'],
    ['a gateway elsewhere', network('subnet: 10.1.0.0/24, gateway: 10.2.0.1'), '6:67: gateway 10.2.0.1 is not an address of 10.1.0.0/24'],
    [
      'a gateway at the broadcast address',
      network('subnet: 10.1.0.0/24, gateway: 10.1.0.255'),
      '6:67: gateway 10.1.0.255 is the network or broadcast address',
    ],
    ['a range elsewhere', network('subnet: 10.1.0.0/24, ip_range: 10.1.0.0/23'), '6:68: range 10.1.0.0/23 is not inside 10.1.0.0/24'],
    [
      'an auxiliary address elsewhere',
      network('subnet: 10.1.0.0/24, aux_addresses: { dns: 10.1.1.1 }'),
      '6:80: auxiliary address 10.1.1.1 is not an address of',
    ],
    [
      'subnets that overlap',
      scenarioText(
        `networks: { n1: { ipam: { config: [{ subnet: 10.1.0.0/16 }] } }, n2: { ipam: { config: [{ subnet: 10.1.2.0/24 }] } } }\n${SERVICES}`,
      ),
      '6:99: 10.1.2.0/24 overlaps 10.1.0.0/16 of network n1',
    ],
    [
      'a static address without a subnet',
      fixed('web: { image: w, networks: { m: { ipv4_address: 10.1.0.3 } } }'),
      '7:61: network m has no subnet of its own',
    ],
    [
      'a static address outside the subnet',
      fixed('web: { image: w, networks: { n: { ipv4_address: 10.1.0.9 } } }'),
      '7:61: 10.1.0.9 is not an address of 10.1.0.0/29 of network n',
    ],
    [
      'a static address that is the gateway',
      fixed('web: { image: w, networks: { n: { ipv4_address: 10.1.0.1 } } }'),
      '7:61: 10.1.0.1 is the gateway of network n',
    ],
    [
      'a static address that is reserved',
      fixed('web: { image: w, networks: { n: { ipv4_address: 10.1.0.2 } } }'),
      '7:61: 10.1.0.2 is reserved as auxiliary address dns',
    ],
    [
      'a static address given twice',
      fixed('w1: { image: w, networks: { n: { ipv4_address: 10.1.0.3 } } }, w2: { image: w, networks: { n: { ipv4_address: 10.1.0.3 } } }'),
      '7:123: 10.1.0.3 is already the address of service w1',
    ],
    [
      'an address that is none',
      fixed('web: { image: w, networks: { n: { ipv4_address: 10.1.0.256 } } }'),
      '7:61: "10.1.0.256" is not an IPv4 address',
    ],
    [
      'a tenant without its service',
      scenarioText(`${SERVICES}\ntenants: { cat: { web: web, db: wbe, url: "http://h:1" } }`),
      '7:33: service "wbe" is not known; valid: web. Did you mean web?',
    ],
    [
      'a tenant at a port that nobody publishes',
      scenarioText(
        `services: { web: { image: w, ports: ["8000:5000"] } }\ntenants: { cat: { web: web, db: web, url: "http://\${host-A.address}:8001" } }`,
      ),
      '7:43: service web does not publish port 8001; it publishes 8000',
    ],
    ['a URL that is none', scenarioText(`${SERVICES}\nexpect: [{ http: { url: "host-A:8000" } }]`), '7:25: "host-A:8000" is not a URL'],
    [
      'an unknown fact of a host',
      scenarioText(`services: { web: { image: w, environment: { DB: "\${host-A.adress}" } } }`),
      `6:49: \${host-A.adress} is not known; valid: host-A.address, host-A.name, host-A.parent, on.address, on.name, on.parent. Did you mean host-A.address?`,
    ],
    [
      'a reference that is not closed',
      scenarioText(`services: { web: { image: w, environment: { DB: "\${host-A" } } }`),
      '6:49: ${host-A is not closed',
    ],
    ['a target without a port', scenarioText(`${SERVICES}\nexpect: [{ reach: { from: web, to: web } }]`), '7:36: expected NAME:PORT'],
    [
      'a target that is no service',
      scenarioText(`${SERVICES}\nexpect: [{ reach: { from: web, to: ["web:80", "wbe:80"] } }]`),
      '7:47: service "wbe" is not known',
    ],
    [
      'two expectations in one',
      scenarioText(`${SERVICES}\nexpect: [{ reach: { from: web, to: "web:1" }, http: { url: "http://h" } }]`),
      '7:10: expected exactly one of reach, deny, fails, seen, http',
    ],
    ['a denial without a control', scenarioText(`${SERVICES}\nexpect: [{ deny: { from: web, to: "web:1" } }]`), '7:12: control is missing'],
    [
      'a denial that is its own control',
      scenarioText(`${SERVICES}\nexpect: [{ deny: { from: web, to: "web:1", control: "web:1" } }]`),
      '7:53: the control of a denial must be something that answers',
    ],
    [
      'an expectation of an unknown tenant',
      scenarioText(`${SERVICES}\nexpect: [{ http: { url: "http://h", tenant: cat } }]`),
      '7:45: tenant "cat" is not known; the file has none.',
    ],
  ])('locates %s', (_, text, expected) => {
    const issues = issuesOf(text);
    expect(issues).toHaveLength(1);
    expect(issues[0]).toContain(`s.yaml:${expected}`);
  });
});

describe('finding scenarios', () => {
  let dir = '';
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'pets-scenarios-'));
  });
  afterEach(() => rm(dir, { recursive: true }));

  test("takes the user's own before the shipped one of the same name", async () => {
    expect(await findScenario('bridge', [dir, SHIPPED])).toBe(join(SHIPPED, 'bridge.yaml'));
    await writeFile(join(dir, 'bridge.yaml'), '');
    expect(await findScenario('bridge', [dir, SHIPPED])).toBe(join(dir, 'bridge.yaml'));
  });

  test('takes a path as it is', async () => {
    expect(await findScenario('./mine', [SHIPPED])).toBe('./mine');
    expect(await findScenario('mine.yaml', [SHIPPED])).toBe('mine.yaml');
  });

  test('names the scenarios there are when none has the name', async () => {
    const refusal = findScenario('brige', [join(dir, 'absent'), SHIPPED]);
    await expect(refusal).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringMatching(/"brige" is not known; scenarios: .*bridge.* Did you mean bridge\?$/),
    });
  });

  test('lists broken files beside the sound ones', async () => {
    await writeFile(join(dir, 'mine.yaml'), scenarioText(SERVICES));
    await writeFile(join(dir, 'broken.yaml'), 'version: 1');
    await writeFile(join(dir, 'notes.txt'), 'not a scenario');
    await mkdir(join(dir, 'folder.yaml'));
    const { scenarios, broken } = await listScenarios([dir]);
    expect(scenarios.map(({ path }) => path)).toEqual([join(dir, 'mine.yaml')]);
    expect(broken.map(({ path, failure }) => [path, failure.code])).toEqual([
      [join(dir, 'broken.yaml'), 'BAD_FILE'],
      [join(dir, 'folder.yaml'), 'BAD_FILE'],
    ]);
  });

  test.each([
    ['a file that is not there', 'absent.yaml', 'NOT_FOUND', 'there is no such file'],
    ['a folder', '.', 'BAD_FILE', 'it is a folder, not a file'],
  ])('says so of %s', async (_, file, code, message) => {
    await expect(loadScenario(join(dir, file))).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });

  test('stops reading a file that never ends', async () => {
    await expect(loadScenario('/dev/zero')).rejects.toMatchObject({ code: 'BAD_FILE', message: expect.stringContaining('over 1 MB') });
  });
});
