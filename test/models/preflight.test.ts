import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { nodePaths } from '../../src/lab/names.ts';
import { atTheTerminal } from '../console/open-console.ts';
import { type Ended, startEngineLab } from '../support/engine-lab.ts';
import { skipWithoutLab } from '../support/lab-or-skip.ts';
import { openTerminal } from '../support/terminal.ts';
import { waitUntil } from '../support/wait-until.ts';
import { layWire } from '../support/wire.ts';

const LAB = 't-pre';
const lab = startEngineLab(LAB, '192.168.87.0/24', 2);
const run = promisify(execFile);
const files = mkdtempSync(join(tmpdir(), 'pets-preflight-'));
/** All namespaces of a host but its files: wherever this checkout lies, the host need not see it. */
const OUR_FILES = ['--net', '--pid', '--ipc', '--uts'];
const NOTHING = { containers: [], networks: [] };

/** A command inside a host: in all its namespaces, as if typed there. */
async function on(host: string, ...command: readonly string[]): Promise<string> {
  const { stdout } = await run('nsenter', ['-t', String(await lab.daemonOf(host)), '-a', ...command]);
  return stdout;
}

/** A command on the wire's router, whose addresses belong to no host. */
async function onRouter(...command: readonly string[]): Promise<void> {
  await run('nsenter', [`--net=${nodePaths(LAB, 'router').netns}`, ...command]);
}

interface Event {
  readonly type: string;
  readonly [field: string]: unknown;
}

function eventsOf({ stdout }: Pick<Ended, 'stdout'>): readonly Event[] {
  const lines = stdout.trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Event);
}

function preflightOf(ended: Ended): Event {
  const found = eventsOf(ended).filter(({ type }) => type === 'preflight.finished');
  expect(found, ended.stdout).toHaveLength(1);
  return found[0] ?? { type: '' };
}

function scenarioFile(name: string, body: string): string {
  const path = join(files, `${name}.yaml`);
  writeFileSync(path, `version: 1\nname: ${name}\nmodel: bridge\ntitle: T\nhosts: [host-A, host-B]\n${body}\n`);
  return path;
}

async function everywhere() {
  return Promise.all(lab.hosts.map(({ name }) => lab.everything(name)));
}

/** `up` ends with 3 and in these words; nothing exists on any host then, no agent either. */
async function refuses(scenario: string, ...words: readonly string[]): Promise<Ended> {
  const ended = await lab.console('up', scenario);
  expect(ended, ended.stderr).toMatchObject({ status: 3 });
  for (const word of words) expect(ended.stderr).toContain(word);
  expect(await everywhere()).toEqual([NOTHING, NOTHING]);
  const doctor = await lab.console('doctor', scenario);
  expect(doctor, doctor.stderr).toMatchObject({ status: 3 });
  for (const word of words) expect(doctor.stdout).toContain(word);
  return ended;
}

describe.skipIf(skipWithoutLab)('preflight on two real hosts', () => {
  const undo: (() => unknown)[] = [];
  afterEach(async () => {
    for (const back of undo.splice(0).reverse()) await back();
    await lab.clear();
  });
  afterAll(() => rmSync(files, { recursive: true, force: true }));

  it('looks at each host before anything is made, once, and not where nothing is to be done', async () => {
    const first = await lab.console('up', 'macvlan', '--json');
    expect(first, first.stdout).toMatchObject({ status: 0 });
    const events = eventsOf(first);
    const at = (type: string, step: RegExp) => events.findIndex((event) => event.type === type && step.test(String(event.step)));
    const finished = events.findIndex(({ type }) => type === 'preflight.finished');
    for (const host of ['host-A', 'host-B']) expect(at('step.finished', new RegExp(`^${host}/host/look$`))).toBeGreaterThan(0);
    expect(at('step.finished', /look$/)).toBeLessThan(finished);
    expect(at('step.started', /(network|container)\//)).toBeGreaterThan(finished);
    expect(
      events
        .filter(({ type }) => type === 'agent.started')
        .map(({ host }) => host)
        .sort(),
    ).toEqual(['host-A', 'host-B']);
    const address = lab.hosts[1]?.address ?? '';
    const look = events.find(({ type, step }) => type === 'step.finished' && step === 'host-B/host/look');
    expect(look?.summary).toMatch(new RegExp(`^eth0 ${address}/24, \\d+ routes, \\d+ ports? in use$`));
    expect(preflightOf(first)).toMatchObject({ obstacles: [], unchecked: [] });
    // The agents are gone, and ours is all there is.
    expect(await everywhere()).toEqual([
      { containers: ['dog-web', 'fox-db', 'fox-web'], networks: ['macvlan'] },
      { containers: ['dog-db'], networks: ['macvlan'] },
    ]);
    const second = eventsOf(await lab.console('up', 'macvlan', '--json')).map(({ type }) => type);
    expect(second).not.toContain('agent.started');
    expect(second.at(-1)).toBe('run.finished');
  });

  it('names the process of the host that listens on a wished port, by a number that ends it', async () => {
    const listener = "require('net').createServer().listen(8000, () => console.log('listening'))";
    const process_ = spawn('nsenter', ['-t', String(await lab.daemonOf('host-A')), ...OUR_FILES, process.execPath, '-e', listener]);
    undo.push(() => process_.kill('SIGKILL'));
    await new Promise((resolve) => process_.stdout.once('data', resolve));
    const refused = await refuses('bridge', 'host-A: port 8000/tcp (8000:5000) is taken: a process listens on [::]:8000');
    const [, pid = ''] = /held by process node \(pid (\d+), user 0\)/.exec(refused.stderr) ?? [];
    const ended = new Promise((resolve) => process_.once('exit', resolve));
    await on('host-A', 'kill', pid);
    await ended;
    const up = await lab.console('up', 'bridge');
    expect(up, up.stderr).toMatchObject({ status: 0 });
  });

  it('does not name a port a second time that a container publishes', async () => {
    await lab.docker('run', '-d', '--name', 'grafana', '-p', '8000:1', 'redis');
    const { stdout } = await lab.console('doctor', 'bridge', '--json');
    const { obstacles } = JSON.parse(stdout) as { readonly obstacles: readonly { readonly owner: string }[] };
    expect(obstacles.map(({ owner }) => owner)).toEqual([expect.stringMatching(/^container grafana/)]);
  });

  it('names the service of a swarm that publishes a wished port on every node', async () => {
    const { name = '', address = '' } = lab.hosts[0] ?? {};
    await lab.dockerOn(name, 'swarm', 'init', '--advertise-addr', address);
    undo.push(async () => {
      await lab.dockerOn(name, 'swarm', 'leave', '--force');
      await lab.dockerOn(name, 'network', 'rm', 'docker_gwbridge').catch(() => undefined);
    });
    await lab.dockerOn(name, 'service', 'create', '--detach', '--name', 'shop', '--replicas', '0', '--publish', '8000:5000', 'redis');
    await refuses('bridge', 'port 8000/tcp (8000:5000) is published by service shop, on every node of its swarm', 'docker service rm shop');
  });

  it('refuses a subnet that its host already routes, and tells one that another host routes', async () => {
    const network = (host: string) =>
      scenarioFile(
        'kennel',
        `networks: { kennel: { on: ${host}, ipam: { config: [{ subnet: 10.44.1.0/24 }] } } }
services: { one: { on: ${host}, image: redis, networks: [kennel] }, two: { on: ${host === 'host-A' ? 'host-B' : 'host-A'}, image: redis } }`,
      );
    await on('host-B', 'ip', 'route', 'add', '10.44.0.0/16', 'dev', 'eth0');
    undo.push(() => on('host-B', 'ip', 'route', 'del', '10.44.0.0/16', 'dev', 'eth0'));
    await refuses(
      network('host-B'),
      'host-B: subnet 10.44.1.0/24 covers addresses that the host already reaches another way, held by route 10.44.0.0/16 dev eth0',
    );
    const other = await lab.console('up', network('host-A'), '--json');
    expect(other, other.stdout).toMatchObject({ status: 0 });
    expect(preflightOf(other).warnings).toEqual([
      'subnet 10.44.1.0/24 of network kennel on host-A overlaps route 10.44.0.0/16 dev eth0 of host-B: from there these addresses lead elsewhere',
    ]);
  });

  it('refuses an address that answers on the wire, with the MAC address of who does', async () => {
    const { stdout } = await run('nsenter', [`--net=${nodePaths(LAB, 'router').netns}`, 'ip', '-json', 'addr']);
    const links = JSON.parse(stdout) as { ifname: string; address: string; addr_info: { local: string }[] }[];
    const link = links.find(({ addr_info }) => addr_info.some(({ local }) => local === '192.168.87.1'));
    const device = link?.ifname ?? '';
    await onRouter('ip', 'addr', 'add', '192.168.87.5/32', 'dev', device);
    undo.push(() => onRouter('ip', 'addr', 'del', '192.168.87.5/32', 'dev', device));
    const refused = await refuses('macvlan', 'host-B: address 192.168.87.5 of dog-db on network macvlan already answers on the wire');
    expect(refused.stderr).toContain(`MAC address ${link?.address}`);
    // Whose nobody is are left alone.
    expect(refused.stderr).not.toMatch(/✕ .*192\.168\.87\.[467] /);
  });

  it('refuses an address that is a host’s own', async () => {
    await on('host-A', 'ip', 'addr', 'add', '192.168.87.5/24', 'dev', 'eth0');
    undo.push(() => on('host-A', 'ip', 'addr', 'del', '192.168.87.5/24', 'dev', 'eth0'));
    await refuses(
      'macvlan',
      'address 192.168.87.5 of dog-db on network macvlan is the address of host-A itself',
      'host host-A, interface eth0',
    );
  });

  const macvlan = (parent: string, services: string, pool = 'subnet: 192.168.87.0/24, gateway: 192.168.87.1') =>
    `networks: { wire: { on: [host-A, host-B], driver: macvlan, driver_opts: { parent: ${parent} }, ipam: { config: [{ ${pool} }] } } }
services: { ${services} }`;

  it('refuses a parent that is missing, with the interfaces that there are, and one that is down', async () => {
    const file = scenarioFile(
      'wire',
      macvlan('eth7', 'one: { on: host-A, image: redis, networks: { wire: { ipv4_address: 192.168.87.40 } } }'),
    );
    await refuses(file, 'host-A: there is no interface eth7, only eth0 (192.168.87.11/24)');
    await on('host-A', 'ip', 'link', 'add', 'eth7', 'type', 'veth', 'peer', 'name', 'eth8');
    undo.push(() => on('host-A', 'ip', 'link', 'del', 'eth7'));
    await refuses(file, 'host-A: parent eth7 is down', 'sudo ip link set eth7 up');
  });

  it('refuses a wire that is not the parent’s, with the values that are right, by which it then works', async () => {
    const wrong = await lab.console('up', 'macvlan', '--set', 'underlay.subnet=192.168.0.0/24');
    expect(wrong.status).toBe(3);
    expect(wrong.stderr).toContain("name the wire's own network: --set underlay.subnet=192.168.87.0/24");
    expect(await everywhere()).toEqual([NOTHING, NOTHING]);
    const right = await lab.console('up', 'macvlan', '--set', 'underlay.subnet=192.168.87.0/24');
    expect(right, right.stderr).toMatchObject({ status: 0 });
  });

  it('says that a kernel has no VLANs, on each host, and what follows', async () => {
    await refuses('macvlan-vlan', 'has no 802.1Q VLANs (module 8021q), so sub-interface eth0.10 cannot be made', 'host-A', 'host-B');
  });

  it('refuses macvlan pools by which two engines would hand out one address', async () => {
    const services = (address: string) =>
      `one: { on: host-A, image: redis, networks: [wire] }, two: { on: host-B, image: redis, networks: ${address} }`;
    const file = scenarioFile('wire', macvlan('eth0', services('[wire]')));
    await refuses(file, 'host-A: network wire would give 192.168.87.2 to one', 'the next container on network wire of host-B', 'ip_range');
    // What it foretells is what the engines do.
    const told = scenarioFile('wire', macvlan('eth0', services('{ wire: { ipv4_address: 192.168.87.40 } }')));
    const up = await lab.console('up', told);
    expect(up, up.stderr).toMatchObject({ status: 0 });
    const given = await lab.docker('inspect', '-f', '{{.NetworkSettings.Networks.wire.IPAddress}}', 'one');
    expect(given).toBe('192.168.87.2');
  });

  it('refuses to have an address handed out that a container of another host holds, which its engine cannot know', async () => {
    const options = ['-d', 'macvlan', '--subnet', '192.168.87.0/24', '--gateway', '192.168.87.1', '-o', 'parent=eth0'];
    await lab.dockerOn('host-B', 'network', 'create', ...options, 'theirs');
    await lab.dockerOn('host-B', 'run', '-d', '--net', 'theirs', '--name', 'grafana', 'redis');
    const file = scenarioFile(
      'wire',
      macvlan('eth0', 'one: { on: host-A, image: redis, networks: [wire] }').replace('[host-A, host-B]', 'host-A'),
    );
    const { status, stderr } = await lab.console('up', file);
    expect({ status, stderr }).toMatchObject({ status: 3, stderr: expect.stringContaining('held by container grafana on host-B') });
    expect(await lab.everything('host-A')).toEqual(NOTHING);
  });

  it('looks at a host once it has got the image of the agent, and does not before', async () => {
    await lab.dockerOn('host-B', 'tag', 'pets-console/web', 'kept');
    await lab.dockerOn('host-B', 'rmi', 'pets-console/web');
    undo.push(() => lab.dockerOn('host-B', 'rmi', 'kept'));
    const doctor = JSON.parse((await lab.console('doctor', 'multi-host-bridge', '--json')).stdout) as object;
    expect(doctor).toMatchObject({
      unchecked: [{ host: 'host-B', reason: 'it has no image pets-console/web, which holds the agent that looks' }],
    });
    const up = await lab.console('up', 'multi-host-bridge', '--json');
    expect(up, up.stdout).toMatchObject({ status: 0 });
    expect(preflightOf(up).unchecked).toEqual([]);
    const order = eventsOf(up).flatMap(({ type, step }) => (type === 'step.finished' ? [String(step)] : []));
    expect(order.indexOf('host-B/image/pets-console/web/ensure')).toBeGreaterThanOrEqual(0);
    expect(order.indexOf('host-B/host/look')).toBeGreaterThan(order.indexOf('host-B/image/pets-console/web/ensure'));
  });

  it('makes nothing once interrupted while it looks', async () => {
    const child = lab.start('up', 'macvlan', '--json');
    let stdout = '';
    let asked = false;
    child.stdout?.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
      if (!asked && stdout.includes('"step.started"')) asked = child.kill('SIGINT');
    });
    const status = await new Promise((resolve) => child.once('close', resolve));
    expect(status, stdout).toBe(130);
    const events = eventsOf({ stdout });
    expect(events.at(-1)).toMatchObject({ type: 'run.finished', ok: false, changed: 0, failure: { code: 'INTERRUPTED' } });
    expect(events.filter(({ type, reason }) => type === 'step.skipped' && reason !== 'interrupted')).toEqual([]);
    expect(await everywhere()).toEqual([NOTHING, NOTHING]);
  });

  it('is seen in the console before anything runs, and keeps it from running', async () => {
    const terminal = await openTerminal({ columns: 120, rows: 40, command: lab.commandLine(), env: atTheTerminal(lab.env) });
    undo.push(() => terminal.close());
    await terminal.see(/macvlan-vlan/);
    for (const key of ['Down', 'Down', 'Down']) await terminal.press(key);
    await terminal.see(/▸ macvlan-vlan/);
    await terminal.press('Enter');
    const screen = await terminal.see(/cannot run while 2 obstacles stand in the way/);
    expect(screen).toMatch(/host-B: the kernel .* has no 802\.1Q VLANs/);
    await waitUntil('the agents to be gone', everywhere, (found) => found.every(({ containers }) => containers.length === 0));
    expect(await everywhere()).toEqual([NOTHING, NOTHING]);
  });

  it('doctor without a scenario tells of each host and leaves nothing; a plan says what it does not look at', async () => {
    const text = await lab.console('doctor');
    expect(text, text.stderr).toMatchObject({ status: 0 });
    for (const { name, address } of lab.hosts) expect(text.stdout).toMatch(new RegExp(`✓ ${name} +eth0 ${address}/24, `));
    const { stdout } = await lab.console('doctor', '--json');
    const document = JSON.parse(stdout) as { readonly hosts: readonly { readonly facts: { readonly freeBytes: number } }[] };
    expect(document).toMatchObject({ v: 1, ok: true, obstacles: [], unchecked: [] });
    for (const { facts } of document.hosts) expect(facts.freeBytes).toBeGreaterThan(0);
    const plan = await lab.console('plan', 'bridge', '--as', 'other');
    expect(plan.stdout).toMatch(/: pets-console doctor bridge --host\S* .*--as other$/m);
    expect(await everywhere()).toEqual([NOTHING, NOTHING]);
  });

  it('doctor names a host that does not answer, looks at the others, and ends with 4', async () => {
    const [answering] = lab.hosts;
    const hosts = [answering, { name: 'host-B', address: '192.168.87.12', endpoint: `unix://${join(files, 'nowhere.sock')}` }];
    const file = join(files, 'hosts.json');
    writeFileSync(
      file,
      JSON.stringify({ hosts: hosts.map((host) => ({ name: host?.name, address: host?.address, endpoint: host?.endpoint })) }),
    );
    for (const scenario of [[], ['multi-host-bridge']]) {
      const { status, stdout } = await lab.console('doctor', ...scenario, '--json', '--hosts', file);
      expect(status).toBe(4);
      const document = JSON.parse(stdout) as { readonly hosts: readonly { readonly facts?: object }[] };
      expect(document).toMatchObject({
        ok: false,
        obstacles: [{ host: 'host-B', message: expect.stringContaining('there is no such socket') }],
      });
      expect(document.hosts.map(({ facts }) => facts !== undefined)).toEqual([true, false]);
    }
  });

  it('tells of a clock that is far from ours', async () => {
    const [host] = lab.hosts;
    const socket = join(files, 'late.sock');
    const late = new Date(Date.now() - 3_600_000).toUTCString();
    const wire = await layWire(
      (host?.endpoint ?? '').replace('unix://', ''),
      { path: socket },
      {
        rewrite: (text) => (/^\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT$/.test(text) ? late : text),
      },
    );
    undo.push(() => wire.close());
    const file = join(files, 'late.json');
    writeFileSync(file, JSON.stringify({ hosts: [{ name: 'host-A', address: host?.address, endpoint: wire.endpoint }] }));
    const { status, stdout } = await lab.console('doctor', '--json', '--hosts', file);
    expect({ status, stdout }).toMatchObject({ status: 0 });
    const { warnings } = JSON.parse(stdout) as { readonly warnings: readonly string[] };
    expect(warnings).toEqual([expect.stringMatching(/^the clock of host-A is 3[56]\d\d s behind this machine's/)]);
  });

  it('doctor starts no agent on a read-only host, and says so', async () => {
    const { status, stdout } = await lab.console('doctor', '--read-only', '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      unchecked: lab.hosts.map(({ name }) => ({ host: name, reason: 'it is read-only, so no agent was started there' })),
    });
    expect(lab.journal().map(({ type }) => type)).not.toContain('agent.started');
  });
});
