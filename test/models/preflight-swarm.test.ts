import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { nodePaths } from '../../src/lab/names.ts';
import { startEngineLab } from '../support/engine-lab.ts';
import { skipWithoutLab } from '../support/lab-or-skip.ts';

const LAB = 't-preflight-swarm';
const lab = startEngineLab(LAB, '192.168.112.0/24', 2);
const run = promisify(execFile);
const files = mkdtempSync(join(tmpdir(), 'pets-preflight-swarm-'));
/** All namespaces of a host but its files: wherever this checkout lies, the host need not see it. */
const OUR_FILES = ['--net', '--pid', '--ipc', '--uts'];

/** A command of this machine in the network namespace of a host, or of the wire. */
async function at(node: string, ...command: readonly string[]): Promise<void> {
  await run('nsenter', [`--net=${nodePaths(LAB, node).netns}`, ...command]);
}

interface Findings {
  readonly ok: boolean;
  readonly obstacles: readonly { readonly host: string; readonly message: string; readonly owner?: string; readonly hint: string }[];
  readonly warnings: readonly string[];
  readonly unchecked: readonly unknown[];
}

/** What `doctor` finds, for a variant that this kernel can do. */
async function examine(...args: readonly string[]): Promise<Findings> {
  const { status, stdout, stderr } = await lab.console('doctor', 'overlay', '--variant', 'dnsrr', '--json', ...args);
  const findings = JSON.parse(stdout) as Findings;
  expect(status, stderr).toBe(findings.ok ? 0 : 3);
  expect(findings.unchecked).toEqual([]);
  return findings;
}

async function everywhere() {
  const states = await Promise.all(lab.hosts.map(({ name }) => lab.dockerOn(name, 'info', '-f', '{{.Swarm.LocalNodeState}}')));
  return { states, things: await Promise.all(lab.hosts.map(({ name }) => lab.everything(name))) };
}

const NOTHING = { containers: [], networks: [] };
const UNTOUCHED = { states: ['inactive', 'inactive'], things: [NOTHING, NOTHING] };

describe.skipIf(skipWithoutLab)('preflight of overlays on two real hosts', () => {
  const undo: (() => unknown)[] = [];
  afterEach(async () => {
    for (const back of undo.splice(0).reverse()) await back();
  });
  afterAll(() => rmSync(files, { recursive: true, force: true }));

  const faulty = async (node: string, make: readonly string[], unmake: readonly string[]) => {
    await at(node, ...make);
    undo.push(() => at(node, ...unmake));
  };
  const closed = (node: string, ...rule: readonly string[]) =>
    faulty(node, ['iptables', '-I', 'INPUT', ...rule], ['iptables', '-D', 'INPUT', ...rule]);
  /** A process of a host, once it holds a port. */
  const holding = async (host: string, listen: string) => {
    const daemon = String(await lab.daemonOf(host));
    const process_ = spawn('nsenter', ['-t', daemon, ...OUR_FILES, process.execPath, '-e', `${listen} => console.log(process.pid))`]);
    const pid = await new Promise<Buffer>((resolve) => process_.stdout.once('data', resolve));
    undo.push(async () => {
      const ended = new Promise((resolve) => process_.once('exit', resolve));
      // nsenter itself stands outside.
      await run('nsenter', ['-t', daemon, '-a', 'kill', String(pid).trim()]);
      await ended;
    });
  };

  it('refuses virtual IPs and a routing mesh on this kernel, offers the variant that works, and makes nothing', async () => {
    const up = await lab.console('up', 'overlay');
    expect(up, up.stderr).toMatchObject({ status: 3 });
    for (const host of ['host-A', 'host-B']) {
      expect(up.stderr).toMatch(
        new RegExp(
          `✕ ${host}: the kernel \\(.+\\) has no ip_vs.*: virtual IPs and the routing mesh do not answer, although services would say 1/1`,
        ),
      );
    }
    expect(up.stderr).toContain(
      'pets-console up overlay --variant dnsrr, which is no routing mesh: each port answers only on nodes that run a task',
    );
    const doctor = await lab.console('doctor', 'overlay-encrypted', '--variant', 'dnsrr');
    expect(doctor, doctor.stdout).toMatchObject({ status: 3 });
    expect(doctor.stdout).toContain('has no esp4: encrypted overlays carry nothing (dognet, catnet)');
    expect(await everywhere()).toEqual(UNTOUCHED);
  });

  it('finds nothing against the variant on hosts as they come, and tells of each kernel where no scenario is named', async () => {
    expect(await examine()).toMatchObject({ ok: true, obstacles: [], warnings: [] });
    const { stdout } = await lab.console('doctor');
    expect(stdout.match(/virtual IPs and routing mesh: ip_vs, .*absent, so virtual IPs and the routing mesh do not answer/g)).toHaveLength(
      2,
    );
    expect(stdout).toContain('overlay networks: vxlan present');
  });

  it('names a way that a firewall closes, by UDP and by TCP, with who asked whom and the rule that opens it', async () => {
    await closed('host-B', '-p', 'udp', '--dport', '4789', '-j', 'DROP');
    await closed('host-A', '-p', 'tcp', '--dport', '2377', '-j', 'REJECT');
    const { obstacles } = await examine();
    expect(obstacles).toMatchObject([
      {
        host: 'host-B',
        message: 'host-A gets no answer at 192.168.112.12, 4789/udp (VXLAN): tasks on the two hosts would not reach each other',
      },
      { host: 'host-A', message: 'host-B is refused at 192.168.112.11, 2377/tcp (management of the swarm): it cannot join the swarm' },
    ]);
    // The hint is the remedy.
    const [, rule = ''] = /sudo (iptables -I INPUT .*? ACCEPT);/.exec(obstacles[0]?.hint ?? '') ?? [];
    await at('host-B', ...rule.split(' '));
    undo.push(() => at('host-B', ...rule.replace('-I', '-D').split(' ')));
    expect((await examine()).obstacles.map(({ host }) => host)).toEqual(['host-A']);
  });

  it('names the process that holds a port of the swarm', async () => {
    await holding('host-B', "require('dgram').createSocket('udp4').bind(7946, ()");
    expect((await examine()).obstacles).toMatchObject([
      {
        host: 'host-B',
        message:
          'port 7946/udp (gossip of nodes) is taken: a process listens on 0.0.0.0:7946, so tasks here would run and reach none on other hosts',
        owner: expect.stringMatching(/^process node \(pid \d+, user 0\)$/),
      },
    ]);
  });

  it('names the process that holds a published port on whichever node', async () => {
    await holding('host-B', "require('net').createServer().listen(8000, ()");
    expect((await examine()).obstacles).toMatchObject([
      {
        host: 'host-B',
        message: 'port 8000/tcp (8000:5000) is taken: a process listens on [::]:8000',
        owner: expect.stringMatching(/^process node /),
      },
    ]);
  });

  it('finds a wire that loses full packets, and tells of an interface that only cuts them', async () => {
    await faulty('router', ['ip', 'link', 'set', 'host-B', 'mtu', '1400'], ['ip', 'link', 'set', 'host-B', 'mtu', '1500']);
    const hole = await examine();
    expect(hole.obstacles).toMatchObject([
      { host: 'host-B', message: expect.stringContaining('those of 1500 bytes are lost on the way (an MTU black hole)') },
    ]);
    for (const host of ['host-A', 'host-B'])
      await faulty(host, ['ip', 'link', 'set', 'eth0', 'mtu', '1400'], ['ip', 'link', 'set', 'eth0', 'mtu', '1500']);
    const cut = await examine();
    expect(cut.obstacles).toEqual([]);
    expect(cut.warnings.map((warning) => warning.split(',')[0])).toEqual([
      'eth0 of host-A has an MTU of 1400',
      'eth0 of host-B has an MTU of 1400',
    ]);
  });

  it('names a vxlan interface that was left behind', async () => {
    const left = 'vx-001001-abcde';
    await faulty('host-A', ['ip', 'link', 'add', left, 'type', 'vxlan', 'id', '4097', 'dstport', '4789'], ['ip', 'link', 'del', left]);
    const { obstacles } = await examine();
    expect(obstacles).toMatchObject([{ host: 'host-A', hint: `on host-A: sudo ip link delete ${left}` }]);
    const everyHost = await lab.console('doctor');
    expect(everyHost).toMatchObject({ status: 3, stdout: expect.stringContaining(`vxlan interface ${left} was left behind`) });
  });

  it('tells of the port of VXLAN that the kernel holds for an overlay in a namespace of its own', async () => {
    const left = 'vx-left';
    await faulty('host-A', ['ip', 'link', 'add', left, 'type', 'vxlan', 'id', '4097', 'dstport', '4789'], ['true']);
    await faulty('host-A', ['ip', 'link', 'set', left, 'netns', nodePaths(LAB, 'router').netns], ['true']);
    await faulty('router', ['ip', 'link', 'set', left, 'up'], ['ip', 'link', 'del', left]);
    const { obstacles, warnings } = await examine();
    expect({ obstacles, warnings }).toEqual({
      obstacles: [],
      warnings: [
        expect.stringMatching(
          /^port 4789\/udp \(VXLAN\) of host-A is taken by no process that is seen, maybe by an overlay that was left behind/,
        ),
      ],
    });
  });

  it('refuses an address that is none of the host’s', async () => {
    const hosts = lab.hosts.map((host) => (host.name === 'host-B' ? { ...host, address: '192.168.112.99' } : host));
    const file = join(files, 'hosts.json');
    writeFileSync(file, JSON.stringify({ hosts: hosts.map(({ name, address, endpoint }) => ({ name, address, endpoint })) }));
    expect((await examine('--hosts', file)).obstacles).toMatchObject([
      {
        host: 'host-B',
        message: 'address 192.168.112.99 is on no interface of host-B: others could not join or reach it',
        hint: expect.stringContaining('192.168.112.12 (eth0)'),
      },
    ]);
  });

  it('tells which routes tasks would no longer reach', async () => {
    await faulty('host-B', ['ip', 'route', 'add', '10.1.0.0/16', 'dev', 'eth0'], ['ip', 'route', 'del', '10.1.0.0/16', 'dev', 'eth0']);
    expect((await examine()).warnings).toEqual([
      'subnet 10.1.0.0/24 of overlay dognet overlaps route 10.1.0.0/16 dev eth0 of host-B: tasks on dognet would not reach what is there',
    ]);
  });

  it('lets go of every port before the engines want them, and asks again in the swarm that stands', async () => {
    undo.push(() => lab.console('down', 'pets'));
    const up = await lab.console('up', 'overlay', '--variant', 'dnsrr');
    expect(up, up.stderr).toMatchObject({ status: 0 });
    // What now listens there is Docker's.
    const more = await lab.console('doctor', 'overlay-tenants', '--variant', 'dnsrr', '--json');
    expect(JSON.parse(more.stdout)).toMatchObject({ ok: true, obstacles: [], warnings: [] });
    await closed('host-B', '-p', 'tcp', '--dport', '7946', '-j', 'DROP');
    const refused = await lab.console('up', 'overlay-tenants', '--variant', 'dnsrr');
    expect(refused).toMatchObject({
      status: 3,
      stderr: expect.stringContaining('host-A gets no answer at 192.168.112.12, 7946/tcp (gossip of nodes)'),
    });
    expect(await lab.dockerOn('host-A', 'service', 'ls', '--format', '{{.Name}}')).toBe('dog-db\ndog-web');
    const down = await lab.console('down', 'pets');
    expect(down, down.stderr).toMatchObject({ status: 0 });
    expect(await everywhere()).toEqual(UNTOUCHED);
  }, 120_000);
});
