import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { closeEngine, type Engine, openEngine } from '../../src/engine/engine.ts';
import { labDown } from '../../src/lab/down.ts';
import { processMark } from '../../src/lab/names.ts';
import { labObstacles } from '../../src/lab/obstacles.ts';
import { findMarked } from '../../src/lab/processes.ts';
import { labStatus, listLabs } from '../../src/lab/status.ts';
import { labUp } from '../../src/lab/up.ts';
import { skipWithoutLab } from '../support/lab-or-skip.ts';
import { inNamespace, killWhen, leftBehind, lines, type MachineState, observeMachine, waitUntil } from './machine.ts';

const run = promisify(execFile);
const LAB = 't-lab';
const SUBNET = '192.168.77.0/24';
const RUN = `/run/pets-console/${LAB}`;

function up(said: string[] = []) {
  const options = { name: LAB, engines: 2, subnet: SUBNET, signal: new AbortController().signal };
  return labUp({ ...options, onProgress: (text) => said.push(text) });
}

async function processOf(host: string, program: string): Promise<number | undefined> {
  const marked = await findMarked(processMark(LAB, host));
  const names = await Promise.all(marked.map((each) => readFile(`/proc/${each}/comm`, 'utf8').catch(() => '')));
  return marked[names.indexOf(`${program}\n`)];
}

const UP_SCRIPT = `
  import { labUp } from './src/lab/up.ts';
  const signal = new AbortController().signal;
  await labUp({ name: '${LAB}', engines: 2, subnet: '${SUBNET}', onProgress: (text) => console.log(text), signal });
`;

describe.skipIf(skipWithoutLab)('a lab', { timeout: 60_000 }, () => {
  let before: MachineState;

  beforeAll(async () => {
    await labDown(LAB, () => {});
    before = await observeMachine(LAB);
  });
  afterAll(async () => {
    await labDown(LAB, () => {});
  });

  describe('that is up', () => {
    let engines: Engine[];

    beforeAll(async () => {
      const { hosts } = await up();
      engines = await Promise.all(hosts.map(({ name, endpoint }) => openEngine({ name, endpoint })));
    });
    afterAll(() => {
      for (const engine of engines ?? []) closeEngine(engine);
    });

    it('runs an engine per host, each with its own name and images, and tells the inventory', async () => {
      const named = await Promise.all(engines.map(async ({ docker }) => ((await docker.info()) as { Name: string }).Name));
      expect(named).toEqual(['host-A', 'host-B']);
      for (const { docker } of engines) {
        const tags = (await docker.listImages()).flatMap(({ RepoTags }) => RepoTags ?? []);
        expect(tags).toEqual(expect.arrayContaining(['redis:latest', 'pets-console/base:lab', 'pets-console/web:latest']));
      }
      const file = JSON.parse(await readFile(`${RUN}/hosts.json`, 'utf8'));
      expect(file).toEqual({
        underlay: { subnet: '192.168.77.0/24', gateway: '192.168.77.1' },
        hosts: [
          { name: 'host-A', endpoint: `unix://${RUN}/host-A/docker.sock`, address: '192.168.77.11', parent: 'eth0' },
          { name: 'host-B', endpoint: `unix://${RUN}/host-B/docker.sock`, address: '192.168.77.12', parent: 'eth0' },
        ],
      });
      expect((await labStatus(LAB))?.phase).toBe('up');
      expect((await listLabs()).map(({ name }) => name)).toContain(LAB);
    });

    it('is left as it is by a second up, also by two at once, one of which waits for the other', async () => {
      const processes = (await observeMachine(LAB)).processes;
      const said: string[] = [];
      const [one, other] = await Promise.all([up(said), up(said)]);
      expect(one).toEqual(other);
      expect((await observeMachine(LAB)).processes).toEqual(processes);
      expect(said).toEqual([expect.stringMatching(/^waiting for another lab t-lab, process \d+$/)]);
    });

    it('lets a container on the default bridge of one host reach a published port of the other by the host name', async () => {
      const [hostA, hostB] = engines;
      const database = await hostB?.docker.createContainer({
        Image: 'redis',
        ExposedPorts: { '6379/tcp': {} },
        HostConfig: { PortBindings: { '6379/tcp': [{ HostPort: '7000' }] } },
      });
      await database?.start();
      const answer = async () => {
        const client = await hostA?.docker.createContainer({
          Image: 'redis',
          Cmd: ['redis-cli', '-h', 'host-B', '-p', '7000', 'ping'],
          Tty: true,
        });
        await client?.start();
        await client?.wait();
        return String(await client?.logs({ stdout: true, stderr: true })).trim();
      };
      // The server may still be starting: only then may the first answer be a refusal.
      await waitUntil('redis-cli on host-A says PONG', async () => (await answer()) === 'PONG');
    });

    it('has no way out: no default route anywhere, the machine itself out of reach, nothing forwarded', async () => {
      for (const node of ['router', 'host-A', 'host-B']) {
        for (const family of ['-4', '-6']) {
          expect(await inNamespace(`${RUN}/${node}/netns`, 'ip', family, 'route', 'show', 'default')).toEqual({ ok: true, output: '' });
        }
      }
      const outside = Object.entries(networkInterfaces())
        .flatMap(([name, held]) => (name.startsWith('pets-') ? [] : (held ?? [])))
        .find(({ family, internal }) => family === 'IPv4' && !internal);
      const target = outside?.address ?? '192.0.2.1';
      expect((await inNamespace(`${RUN}/host-A/netns`, 'ip', 'route', 'get', target)).output).toContain('Network is unreachable');
      expect(await readFile(`/proc/sys/net/ipv4/conf/pets-${LAB}/forwarding`, 'utf8')).toBe('0\n');
      const router = await inNamespace(`${RUN}/router/netns`, 'cat', '/proc/sys/net/ipv4/ip_forward');
      expect(router.output).toBe('0\n');
      const { settings, rules } = await observeMachine(LAB);
      expect({ settings, rules }).toEqual({ settings: before.settings, rules: before.rules });
    });

    // Without it a virtual IP and the routing mesh take a request and never give its answer back. On a machine that forwards this is so anyway.
    it('lets an engine forward where it balances the load of a swarm, whatever the machine itself does', async () => {
      const [hostA] = engines;
      const host = await processOf('host-A', 'dockerd');
      const balancer = `/proc/${host}/root/run/docker/netns/ingress_sbox`;
      await hostA?.docker.swarmInit({ AdvertiseAddr: '192.168.77.11', ListenAddr: '0.0.0.0:2377' });
      const forwards = async () => (await inNamespace(balancer, 'cat', '/proc/sys/net/ipv4/ip_forward')).output === '1\n';
      await waitUntil('the namespace of the routing mesh forwards', forwards);
      await hostA?.docker.swarmLeave({ force: true });
    });

    it("drops what a container sends to the guide's overlay subnets without a word, and none of it reaches the wire", async () => {
      const [hostA] = engines;
      const netns = `${RUN}/host-A/netns`;
      const targets = ['10.1.0.99', '10.2.0.99', '192.168.77.12'];
      // A rule without a target only counts.
      const rules = targets.flatMap((target) => [`PREROUTING -d ${target}`, `POSTROUTING -d ${target}`]);
      const iptables = (rule: string) => inNamespace(netns, 'iptables', '-t', 'mangle', ...rule.split(' '));
      for (const rule of rules) await iptables(`-A ${rule}`);
      const client = await hostA?.docker.createContainer({
        Image: 'pets-console/base:lab',
        Cmd: ['node', '--eval', CONNECT_TO_EACH, ...targets],
        Tty: true,
      });
      await client?.start();
      await client?.wait();
      const answers = String(await client?.logs({ stdout: true, stderr: true })).trim();
      expect(answers.split(/\r?\n/)).toEqual(['10.1.0.99 silence', '10.2.0.99 silence', '192.168.77.12 ECONNREFUSED']);
      const counts = await Promise.all(
        targets.map(async (target) => {
          const seen = async (chain: string) =>
            / -c (\d+) /.exec((await iptables(`-vS ${chain}`)).output.split(`-d ${target}/32`)[1] ?? '')?.[1];
          return [target, Number(await seen('PREROUTING')) > 0, Number(await seen('POSTROUTING')) > 0];
        }),
      );
      for (const rule of rules) await iptables(`-D ${rule}`);
      expect(counts).toEqual([
        ['10.1.0.99', true, false],
        ['10.2.0.99', true, false],
        ['192.168.77.12', true, true],
      ]);
    });

    it('answers at once for a name that nobody has', async () => {
      const { output } = await inNamespace(`${RUN}/host-A/netns`, process.execPath, '--eval', QUERY_UNKNOWN);
      expect(output.trim()).toBe('ENOTFOUND');
    });

    it('repairs what broke: a killed engine, a killed DNS, a pulled plug', async () => {
      await run('nsenter', [`--net=${RUN}/router/netns`, 'ip', 'link', 'delete', 'host-B']);
      const engine = (await lines('pgrep', ['-f', `^sh -c .*${RUN}/host-A `]))[0];
      process.kill(Number(engine), 'SIGKILL');
      const dns = (await lines('pgrep', ['-f', `^dnsmasq .*${RUN}/`]))[0];
      process.kill(Number(dns), 'SIGKILL');
      await waitUntil('the lab is seen as broken', async () => (await labStatus(LAB))?.phase === 'broken');
      expect((await up()).phase).toBe('up');
    });

    it('refuses another subnet while it is up, and a wished subnet that the machine has a route to', async () => {
      const options = { engines: 1, onProgress: () => {}, signal: new AbortController().signal };
      await expect(labUp({ ...options, name: LAB, subnet: '192.168.78.0/24' })).rejects.toMatchObject({
        code: 'LAB_FAILED',
        message: `lab ${LAB} is on ${SUBNET}, not on 192.168.78.0/24`,
      });
      await expect(labUp({ ...options, name: 't-other', subnet: '192.168.64.0/19' })).rejects.toMatchObject({
        code: 'LAB_FAILED',
        message: expect.stringContaining(`overlaps ${SUBNET} on pets-${LAB}`),
      });
    });
  });

  it('leaves nothing behind when it is taken down with containers running, and one that is paused', async () => {
    const { hosts } = await up();
    const engine = await openEngine({ name: 'host-A', endpoint: hosts[0]?.endpoint ?? '' });
    const [running, paused] = await Promise.all([1, 2].map(() => engine.docker.createContainer({ Image: 'redis' })));
    await Promise.all([running?.start(), paused?.start()]);
    await paused?.pause();
    closeEngine(engine);
    const made = leftBehind(before, await observeMachine(LAB));
    expect(Object.keys(made).sort()).toEqual(['addresses', 'files', 'links', 'mounts', 'namespaces', 'processes']);
    expect(made.processes?.some((line) => line.startsWith('redis-server'))).toBe(true);
    expect(made.files?.some((line) => line.startsWith('/sys/fs/cgroup'))).toBe(true);
    const { removed } = await labDown(LAB, () => {});
    expect(removed).toContain('the link to the wire');
    expect(leftBehind(before, await observeMachine(LAB))).toEqual({});
    expect(await labStatus(LAB)).toBeUndefined();
    expect(await labDown(LAB, () => {})).toEqual({ removed: [] });
  });

  describe('killed with SIGKILL half-way', () => {
    afterEach(() => labDown(LAB, () => {}));

    const holds = (path: string) => async () =>
      readFile(path).then(
        () => true,
        (error) => error.code === 'ENXIO',
      );
    const moments: [string, (said: readonly string[]) => Promise<boolean>][] = [
      ['when it had only written down what it is to be', holds(`${RUN}/lab.json`)],
      ['when it had the router', holds(`${RUN}/router/hosts`)],
      ['when the first engine was about to start', holds(`${RUN}/host-A/daemon.json`)],
      ['when an engine listened', holds(`${RUN}/host-B/docker.sock`)],
      ['when images were being made', async (said) => said.some((line) => line.startsWith('making the images'))],
    ];

    it.each(moments)('%s, is taken down without a trace', async (moment, condition) => {
      await killWhen(UP_SCRIPT, moment, condition);
      await labDown(LAB, () => {});
      expect(leftBehind(before, await observeMachine(LAB))).toEqual({});
    });

    it('again and again, is whole after the next up', async () => {
      for (const [moment, condition] of moments) await killWhen(UP_SCRIPT, moment, condition);
      const { phase, dns, hosts } = await up();
      expect({ phase, dns, answers: hosts.map(({ answers }) => answers) }).toEqual({ phase: 'up', dns: true, answers: [true, true] });
      const removal = `import { labDown } from './src/lab/down.ts'; await labDown('${LAB}', () => {});`;
      const isRemoving = async () => (await readFile(`${RUN}/lab.json`, 'utf8').catch(() => '')).includes('removing');
      await killWhen(removal, 'while it is being taken down', isRemoving);
      await labDown(LAB, () => {});
      expect(leftBehind(before, await observeMachine(LAB))).toEqual({});
    });
  });

  it('refuses a foreign link of its name, and neither up nor down touches it', async () => {
    await run('ip', ['link', 'add', `pets-${LAB}`, 'type', 'bridge']);
    try {
      await expect(up()).rejects.toMatchObject({
        code: 'LAB_FAILED',
        message: expect.stringContaining(`link pets-${LAB} that no lab made`),
      });
      await labDown(LAB, () => {});
      expect((await run('ip', ['-details', 'link', 'show', `pets-${LAB}`])).stdout).toContain('bridge');
    } finally {
      await run('ip', ['link', 'delete', `pets-${LAB}`]);
    }
    expect(leftBehind(before, await observeMachine(LAB))).toEqual({});
  });

  it('takes the next free subnet where the machine already uses the guide’s', async () => {
    const choose = `
      const { chooseSubnet } = await import('${new URL('../../src/lab/subnet.ts', import.meta.url).pathname}');
      const said = [];
      const { first } = await chooseSubnet(undefined, (text) => said.push(text));
      console.log(JSON.stringify({ third: Number((first >> 8n) & 255n), said }));
    `;
    const choices = async (prepare: string) => {
      const { stdout } = await run('unshare', [
        '--net',
        'sh',
        '-c',
        `${prepare}; exec "$0" --input-type=module --eval "$1"`,
        process.execPath,
        choose,
      ]);
      return JSON.parse(stdout);
    };
    expect(await choices('ip link set lo up')).toEqual({ third: 0, said: [] });
    expect(await choices('ip address add 192.168.0.200/25 dev lo; ip link set lo up; ip route add 192.168.1.0/24 dev lo')).toEqual({
      third: 2,
      said: ['this machine already uses 192.168.0.0/24, so the lab takes 192.168.2.0/24'],
    });
  });
});

describe('where no lab can be made', () => {
  afterEach(() => vi.restoreAllMocks());

  it('says that it needs root, and what to do instead', async () => {
    vi.spyOn(process, 'getuid').mockReturnValue(1000);
    const found = await labObstacles();
    expect(found[0]).toMatchObject({ kind: process.platform === 'linux' ? 'root' : 'platform' });
    expect(found[0]?.hint).toContain('pets-console --host');
  });

  it('says that it needs Linux', async () => {
    vi.spyOn(process, 'platform', 'get').mockReturnValue('darwin');
    expect(await labObstacles()).toEqual([{ kind: 'platform', message: expect.stringContaining('darwin'), hint: expect.any(String) }]);
  });
});

const CONNECT_TO_EACH = `
  const { connect } = require('node:net');
  const answerOf = (host) =>
    new Promise((resolve) => {
      const socket = connect({ host, port: 9, timeout: 1500 });
      socket.on('timeout', () => resolve('silence')).on('error', ({ code }) => resolve(code)).on('connect', () => resolve('connected'));
    });
  const targets = process.argv.slice(1);
  Promise.all(targets.map(answerOf)).then((answers) => {
    for (const [index, answer] of answers.entries()) console.log(targets[index] + ' ' + answer);
    process.exit();
  });
`;

const QUERY_UNKNOWN = `
  const resolver = new (require('node:dns').Resolver)({ timeout: 2000, tries: 1 });
  resolver.setServers(['192.168.77.1']);
  resolver.resolve4('nobody.example.com', (error) => console.log(error?.code));
`;
