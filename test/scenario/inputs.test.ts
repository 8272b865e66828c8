import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sha256Of } from '../../src/domain/canonical.ts';
import { PetsError } from '../../src/domain/errors.ts';
import type { Scenario } from '../../src/domain/scenario.ts';
import { readScenario } from '../../src/scenario/checked.ts';
import type { GivenInputs } from '../../src/scenario/inputs.ts';
import { checkScenarioFile, loadScenario, parseScenario } from '../../src/scenario/load.ts';

const MACVLAN = 'scenarios/macvlan.yaml';
const LAB = { subnet: '192.168.95.0/24', gateway: '192.168.95.1' };
const given = (set: Record<string, string>, underlay?: GivenInputs['underlay']): GivenInputs => ({
  set,
  ...(underlay === undefined ? {} : { underlay }),
});

/** `$` and a brace, which a template would take for its own. */
const ref = (name: string): string => `\${${name}}`;

function parse(rest: string, inputs: string, from: GivenInputs = given({})): Scenario {
  return parseScenario('s.yaml', `version: 1\nname: t\nmodel: macvlan\ntitle: T\nhosts: [host-A]\ninputs: { ${inputs} }\n${rest}\n`, from);
}

function refusalOf(read: () => unknown): PetsError {
  try {
    read();
  } catch (error) {
    if (error instanceof PetsError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

function issuesOf(rest: string, inputs: string, from?: GivenInputs): string[] {
  const { code, message } = refusalOf(() => parse(rest, inputs, from));
  expect(code).toBe('BAD_FILE');
  return message.split('\n').filter((line) => line.startsWith('s.yaml:'));
}

const input = (name: string, value: string): string => `${name}: { default: ${value}, description: D }`;
const poolAt = (subnet: string): string => `networks: { n: { driver: macvlan, ipam: { config: [{ subnet: "${subnet}" }] } } }`;
const SERVICES = 'services: { web: { image: w } }';

/** Subnet, gateway and the address of dog-web, which must move together. */
function underlayOf({ networks, services, tenants, inputs }: Scenario): unknown[] {
  const [pool] = networks.macvlan?.ipam ?? [];
  return [inputs['underlay.subnet'], pool?.subnet, pool?.gateway, services['dog-web']?.networks[0]?.ipv4Address, tenants.dog?.url];
}

describe('where the value of an input comes from', () => {
  test.each([
    ['its default, the guide’s', given({}), ['192.168.0.0/24', '192.168.0.0/24', '192.168.0.1', '192.168.0.4', 'http://192.168.0.4:5000']],
    [
      'the inventory’s underlay',
      given({}, LAB),
      ['192.168.95.0/24', '192.168.95.0/24', '192.168.95.1', '192.168.95.4', 'http://192.168.95.4:5000'],
    ],
    [
      'an inventory that knows no gateway: the default, which follows the subnet',
      given({}, { subnet: '10.9.0.0/16' }),
      ['10.9.0.0/16', '10.9.0.0/16', '10.9.0.1', '10.9.0.4', 'http://10.9.0.4:5000'],
    ],
    [
      '--set, before the inventory, whose gateway is of another subnet then',
      given({ 'underlay.subnet': '10.8.0.0/24' }, LAB),
      ['10.8.0.0/24', '10.8.0.0/24', '10.8.0.1', '10.8.0.4', 'http://10.8.0.4:5000'],
    ],
    [
      '--set of one and the inventory’s other',
      given({ 'underlay.gateway': '192.168.95.254' }, LAB),
      ['192.168.95.0/24', '192.168.95.0/24', '192.168.95.254', '192.168.95.4', 'http://192.168.95.4:5000'],
    ],
    [
      'what stands, before the inventory; what the scenario no longer asks for is nobody’s fault',
      { ...given({}, LAB), inForce: { 'underlay.subnet': '10.7.0.0/24', 'underlay.gateway': '10.7.0.254', gone: 'x' } },
      ['10.7.0.0/24', '10.7.0.0/24', '10.7.0.254', '10.7.0.4', 'http://10.7.0.4:5000'],
    ],
    [
      '--set, before what stands',
      { ...given({ 'underlay.gateway': '10.7.0.253' }), inForce: { 'underlay.subnet': '10.7.0.0/24', 'underlay.gateway': '10.7.0.254' } },
      ['10.7.0.0/24', '10.7.0.0/24', '10.7.0.253', '10.7.0.4', 'http://10.7.0.4:5000'],
    ],
  ])('%s', async (_, from, expected) => {
    expect(underlayOf(await loadScenario(MACVLAN, from))).toEqual(expected);
  });

  test('is the same for a scenario that was checked when the product was built', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pets-checked-'));
    try {
      const checkedFile = join(folder, 'scenarios.json');
      const bytes = readFileSync(MACVLAN);
      // A title that no file has tells that it was not parsed anew.
      writeFileSync(
        checkedFile,
        JSON.stringify({ [sha256Of(bytes)]: { ...checkScenarioFile(MACVLAN, bytes), title: 'checked at build' } }),
      );
      const read = (from?: GivenInputs) => readScenario(MACVLAN, checkedFile, from);
      expect(await read()).toEqual({ ...(await loadScenario(MACVLAN)), title: 'checked at build' });
      expect(await read(given({}, LAB))).toEqual({ ...(await loadScenario(MACVLAN, given({}, LAB))), title: 'checked at build' });
      // What a user sets may be anything: it is parsed, so that what is wrong has a place.
      expect(await read(given({ 'underlay.subnet': '10.8.0.0/24' }))).not.toMatchObject({ title: 'checked at build' });
      await expect(read(given({}, { subnet: '10.0.0.0/30' }))).rejects.toMatchObject({
        code: 'BAD_FILE',
        message: expect.stringMatching(/macvlan\.yaml:\d+:\d+: .*input underlay\.subnet is "10\.0\.0\.0\/30", from the inventory/),
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('a text with inputs', () => {
  test('has their values wherever a text stands, also in part of it', () => {
    const rest = `summary: "of ${ref('who')}"\nservices: { web: { image: "w:${ref('tag')}", command: "serve ${ref('who')}", ports: ["${ref('port')}:5000"], environment: { ROLE: "${ref('who')}" } } }\nexpect: [{ reach: { from: web, to: "web:${ref('port')}" } }]`;
    const scenario = parse(rest, [input('who', 'cat'), input('tag', '7'), input('port', '8000')].join(', '), given({ who: 'dog' }));
    expect(scenario.summary).toBe('of dog');
    expect(scenario.services.web).toMatchObject({
      image: 'w:7',
      command: ['serve', 'dog'],
      ports: [{ publishedPort: 8000, targetPort: 5000 }],
      environment: { ROLE: 'dog' },
    });
    expect(scenario.expect).toEqual([{ kind: 'reach', from: 'web', to: 'web:8000' }]);
  });

  test('does not take a value for a reference, nor $$ for an input', () => {
    const env = `services: { web: { image: w, environment: { A: "${ref('secret')}", B: "$${ref('secret')}" } } }`;
    const { services } = parse(env, input('secret', 'x'), given({ secret: ref('host-A.name') }));
    // As it stands until hosts are bound, where $$ becomes $.
    expect(services.web?.environment).toEqual({ A: `$${ref('host-A.name')}`, B: `$${ref('secret')}` });
  });

  test.each([
    [
      'a value that does not fit, with the value and its source',
      `${poolAt(ref('net'))}\n${SERVICES}`,
      input('net', '10.1.0.0/24'),
      given({ net: '10.1.0.7/24' }),
      's.yaml:7:62: 10.1.0.7/24 is an address inside a subnet, not a subnet; did you mean 10.1.0.0/24? (input net is "10.1.0.7/24", from --set)',
    ],
    [
      'a default that does not fit',
      `${poolAt(ref('net'))}\n${SERVICES}`,
      input('net', 'tomorrow'),
      given({}),
      's.yaml:7:62: "tomorrow" is not a subnet such as 10.1.0.0/24 (input net is "tomorrow", from its default)',
    ],
    [
      'the addresses of what is no subnet, once and not at every use',
      `${poolAt(ref('net'))}\nservices: { web: { image: w, extra_hosts: { db: "${ref('net.4')}", me: "${ref('net.5')}" } } }`,
      input('net', 'lan'),
      given({}),
      's.yaml:6:11: input net is "lan", from its default; a subnet such as 10.1.0.0/24 is needed',
    ],
    [
      'addresses beyond the subnet',
      `services: { web: { image: w, extra_hosts: { db: "${ref('net.300')}", me: "${ref('net.4')}", you: "${ref('net.301')}" } } }`,
      input('net', '10.1.0.0/24'),
      given({ net: '10.2.0.0/24' }),
      's.yaml:6:11: input net is "10.2.0.0/24", from --set; it has no address 300, 301, which the scenario uses',
    ],
    [
      'a default that names the address of an input that has none',
      `networks: { n: { ipam: { config: [{ subnet: 10.1.0.0/24, gateway: "${ref('gate')}" }] } } }\n${SERVICES}`,
      `${input('net', 'lan')}, ${input('gate', `"${ref('net.1')}"`)}`,
      given({}),
      's.yaml:6:11: input net is "lan", from its default; a subnet such as 10.1.0.0/24 is needed',
    ],
    [
      'an input that is not there',
      `services: { web: { image: w, environment: { A: "${ref('nte')}" } } }`,
      input('net', '10.1.0.0/24'),
      given({}),
      `s.yaml:7:48: ${ref('nte')} is not known; valid: host-A.address, host-A.name, host-A.parent, on.address, on.name, on.parent, net. Did you mean net?`,
    ],
    ['an input without a default', SERVICES, 'net: { description: D }', given({}), 's.yaml:6:11: default is missing'],
    [
      'an input that hides a fact of a host',
      SERVICES.replace('web', 'host-a'),
      input('on.parent', 'x'),
      given({}),
      's.yaml:6:11: on.parent would stand for a fact of the host that a network or service is on; call the input something else',
    ],
  ])('locates %s', (_, rest, inputs, from, expected) => {
    const issues = issuesOf(rest, inputs, from);
    expect(issues).toEqual([expected]);
  });

  test('says how to choose again where the value was chosen', () => {
    const { hint } = refusalOf(() => parse(`${poolAt(ref('net'))}\n${SERVICES}`, input('net', '10.1.0.0/24'), given({ net: 'x' })));
    expect(hint).toBe('correct the file, or choose other values, then: pets-console plan s.yaml --set net=VALUE');
  });
});

describe('an input that is set and that the scenario does not have', () => {
  test('is refused with those it has', () => {
    expect(refusalOf(() => parse(SERVICES, input('net', 'x'), given({ nte: 'y' })))).toMatchObject({
      code: 'BAD_USAGE',
      message: 'scenario t has no input "nte"; inputs: net. Did you mean net?',
      hint: '--set net=VALUE',
    });
    expect(refusalOf(() => parse(SERVICES, '', given({ net: 'y' }))).message).toBe('scenario t has no input "net"; it has none.');
  });

  test('so is an empty value, and one that is longer than any name', () => {
    for (const value of ['', 'x'.repeat(257)]) {
      const { code, message } = refusalOf(() => parse(SERVICES, input('net', 'x'), given({ net: value })));
      expect([code, message]).toEqual(['BAD_USAGE', `--set net: a value of 1 to 256 characters is needed, found ${value.length}`]);
    }
  });
});
