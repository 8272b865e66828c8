import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LABEL } from '../../src/domain/labels.ts';
import { startEngineLab } from '../support/engine-lab.ts';
import { skipWithoutLab } from '../support/lab-or-skip.ts';
import { waitUntil } from '../support/wait-until.ts';
import { type Event, eventsOf, hostsFile, newFolder, succeed } from './many-hosts/two-hosts.ts';

const SCENARIO = 'overlay-tenants';
const BUSY_MS = 120_000;

describe.skipIf(skipWithoutLab)('verify for services of a swarm', () => {
  const lab = startEngineLab('t-overlay-verify', '192.168.108.0/24', 2);
  const hosts = ['host-A', 'host-B'] as const;

  /** Where a task of a service runs: the only one, or the one on that host. */
  const taskOf = async (service: string, on: readonly string[] = hosts) => {
    for (const host of on) {
      const id = await lab.dockerOn(host, 'ps', '-q', '--no-trunc', '--filter', `label=com.docker.swarm.service.name=${service}`);
      if (id !== '') return { host, id };
    }
    throw new Error(`no task of ${service} on ${on.join(', ')}`);
  };
  /** A command of this machine in the network namespace of a container of the lab. */
  const inNamespaceOf = ({ id }: { readonly id: string }, command: string, ...args: readonly string[]) => {
    const pid = readdirSync('/proc').find((each) => /^\d+$/.test(each) && cgroupOf(each).includes(id));
    if (pid === undefined) throw new Error(`no process of container ${id}`);
    return execFileSync('nsenter', ['-t', pid, '-n', command, ...args], { encoding: 'utf8' });
  };
  const verify = async (...args: readonly string[]) => {
    const scenario = args.some((arg) => arg.endsWith('.yaml')) ? [] : [SCENARIO];
    const ended = await lab.console('verify', ...scenario, '--json', ...args);
    const events = eventsOf(ended);
    const verdictOf = (check: string): Event | undefined =>
      events.find((event) => event.type.startsWith('check.') && event.check === check);
    return { status: ended.status, events, verdictOf, doors: events.filter(({ type }) => type === 'door.probed') };
  };
  const sidecars = () => Promise.all(hosts.map((host) => lab.dockerOn(host, 'ps', '-aq', '--filter', `label=${LABEL.sidecar}`)));

  describe('without virtual IPs, a web front end on each host', () => {
    beforeAll(async () => void (await succeed(lab, 'up', SCENARIO, '--variant', 'dnsrr')), BUSY_MS);
    afterAll(async () => void (await succeed(lab, 'down', SCENARIO)), BUSY_MS);

    it(
      'asks from each task, names who answered, and tells who reached what a denial leaves silent',
      async () => {
        const { status, events, verdictOf, doors } = await verify();
        expect(events.filter(({ type }) => type === 'check.failed' || type === 'check.uncertain')).toEqual([]);
        expect(status).toBe(0);
        expect(verdictOf('dog-web reaches dog-db:6379')?.text).toMatch(
          /^from 2 tasks: answered from 10\.1\.0\.\d+:6379, task dog-db\.1 on host-[AB], in [\d.]+ ms$/,
        );
        expect(verdictOf('dog-web does not reach cat-db:6379')?.text).toMatch(
          /^from 2 tasks: no-such-name, timed-out, while dog-db:6379 answered in the same round and (cat-web|admin) reached 10\.2\.0\.\d+:6379$/,
        );
        expect(verdictOf('cat-db does not reach dog-web:5000')?.text).toMatch(/ reached 10\.1\.0\.\d+:5000 and 10\.1\.0\.\d+:5000$/);
        for (const { name, address } of lab.hosts)
          expect(verdictOf(`http://${address}:8000 answers 200`)?.text).toMatch(
            new RegExp(`^served by dog-web on ${name}, hit \\d+ of dog$`),
          );
        // Published on each host, so open by design; the bridge of the host lets no two containers speak.
        expect(doors.filter(({ open, network }) => open !== (network === 'published'))).toEqual([]);
        expect(doors.filter(({ network }) => network === 'docker_gwbridge')).not.toHaveLength(0);
        const address = lab.hosts[1]?.address;
        expect(doors.map(({ text }) => text)).toContain(
          `dog-web reaches cat-web:5000 at ${address}:9000, a published port, beside the networks of the scenario`,
        );
        expect(await sidecars()).toEqual(['', '']);
      },
      BUSY_MS,
    );

    it(
      'fails for a way beside the networks only where the scenario denies that very one',
      async () => {
        const path = join(newFolder(), 'shut.yaml');
        const shut = `  - deny: { from: cat-db, to: "\${host-B.address}:8000", control: "cat-web:5000" }\n`;
        writeFileSync(
          path,
          readFileSync(`scenarios/${SCENARIO}.yaml`, 'utf8').replace(/^expect:\n/m, (expect) => `${expect}${shut}`),
        );
        const { events } = await verify(path, '--variant', 'dnsrr');
        const address = lab.hosts[1]?.address;
        expect(events.filter(({ type }) => type === 'check.failed')).toMatchObject([
          {
            check: `cat-db does not reach ${address}:8000`,
            text: `cat-db.1 on ${(await taskOf('cat-db')).host} reaches ${address}:8000, which the scenario denies`,
          },
        ]);
      },
      BUSY_MS,
    );

    it(
      'believes no denial whose target is away, or answers not even beside itself',
      async () => {
        const cat = await taskOf('cat-db');
        await lab.dockerOn(cat.host, 'pause', cat.id);
        try {
          const { status, verdictOf } = await verify();
          expect(status).toBe(1);
          expect(verdictOf('dog-db does not reach cat-db:6379')).toMatchObject({
            type: 'check.uncertain',
            text: expect.stringMatching(/task cat-db\.1 is said to run on node host-[AB], but no running container of it was found/),
            hint: 'on host-A: docker service ps --no-trunc cat-db',
          });
          expect(verdictOf('dog-db does not reach cat-web:5000')).toMatchObject({ type: 'check.passed' });
        } finally {
          await lab.dockerOn(cat.host, 'unpause', cat.id);
        }
        // The database takes connections and answers nobody.
        await lab.dockerOn(cat.host, 'exec', cat.id, 'redis-cli', 'client', 'pause', '60000', 'all');
        const { verdictOf } = await verify();
        expect(verdictOf('dog-db does not reach cat-db:6379')).toMatchObject({
          type: 'check.uncertain',
          text: 'cat-db:6379 does not answer even beside itself (timed-out), so silence tells nothing',
        });
        await lab.dockerOn(cat.host, 'kill', cat.id);
        await waitUntil(
          'another task of cat-db',
          () => taskOf('cat-db').catch(() => cat),
          ({ id }) => id !== cat.id,
        );
        const ready = () => lab.console('verify', SCENARIO, '--json').then(({ status }) => status);
        await waitUntil('the new task to be known', ready, (status) => status === 0, BUSY_MS / 2);
      },
      BUSY_MS,
    );

    it(
      'names the one of several tasks that finds otherwise',
      async () => {
        const [db, web] = [await taskOf('dog-db'), await taskOf('dog-web', ['host-B'])];
        const address = await lab.dockerOn(db.host, 'inspect', '-f', '{{.NetworkSettings.Networks.dognet.IPAddress}}', db.id);
        inNamespaceOf(web, 'ip', 'route', 'add', 'blackhole', address);
        try {
          const { verdictOf } = await verify();
          expect(verdictOf('dog-web reaches dog-db:6379')).toMatchObject({
            type: 'check.failed',
            text: `dog-web on host-B has no way to dog-db:6379 (${address}, task dog-db.1 on ${db.host}): EINVAL (from 1 of 2 tasks)`,
            hint: 'on host-A: docker service logs dog-db',
          });
          // Its control is silent there, so its other silences tell nothing.
          expect(verdictOf('dog-web does not reach cat-db:6379')).toMatchObject({
            type: 'check.uncertain',
            text: expect.stringMatching(/^dog-web on host-B: .*none from the control dog-db:6379 either .*\(from 1 of 2 tasks\)$/),
          });
        } finally {
          inNamespaceOf(web, 'ip', 'route', 'delete', 'blackhole', address);
        }
      },
      BUSY_MS,
    );

    it(
      'calls nothing held that a host which does not answer may hold tasks of',
      async () => {
        const file = hostsFile(lab, [{ name: 'host-A' }, { name: 'host-B', endpoint: 'unix:///run/nobody/docker.sock' }]);
        const { status, verdictOf } = await verify('--hosts', file);
        expect(status).toBe(4);
        expect(verdictOf('admin reaches dog-web:5000')).toMatchObject({ type: 'check.uncertain', text: expect.stringContaining('host-B') });
        expect(verdictOf('dog-web does not reach cat-web:5000')).toMatchObject({ type: 'check.uncertain' });
      },
      BUSY_MS,
    );

    it(
      'finds the way that a network added by hand opened, with its address',
      async () => {
        const update = [
          'service',
          'update',
          '-q',
          '--update-parallelism',
          '2',
          '--update-monitor',
          '0s',
          '--network-add',
          'catnet',
          'dog-web',
        ];
        await lab.docker(...update);
        const { status, verdictOf } = await verify();
        expect(status).toBe(1);
        expect(verdictOf('dog-web does not reach cat-db:6379')).toMatchObject({
          type: 'check.failed',
          text: expect.stringMatching(
            /^dog-web on host-[AB] reaches cat-db:6379 at 10\.2\.0\.\d+:6379, which the scenario denies \(from 2 of 2 tasks\)$/,
          ),
          hint: 'see its networks: on host-A: docker service inspect --pretty dog-web cat-db',
        });
        expect(verdictOf('cat-db does not reach dog-web:5000')).toMatchObject({ type: 'check.failed' });
      },
      BUSY_MS,
    );
  });

  describe('with virtual IPs and the routing mesh, made by hand', () => {
    const labelsOf = (service: string) => {
      const labels = { project: 'pets', scenario: SCENARIO, resource: `service/${service}`, spec: 'x', run: 'x', hosts: 'x' } as const;
      const words = Object.entries(labels).map(([name, value]) => `${LABEL[name as keyof typeof labels]}=${value}`);
      return words.flatMap((word) => ['--label', word, '--container-label', word]);
    };
    const serve = (service: string, image: string, ...args: readonly string[]) =>
      lab.docker('service', 'create', '-d', '-q', '--no-resolve-image', '--name', service, ...labelsOf(service), ...args, image);

    beforeAll(async () => {
      await lab.docker('swarm', 'init', '--advertise-addr', lab.host.address);
      const token = await lab.docker('swarm', 'join-token', '-q', 'worker');
      await lab.dockerOn('host-B', 'swarm', 'join', '--token', token, lab.host.address);
      for (const [tenant, port, net] of [
        ['dog', 8000, 1],
        ['cat', 9000, 2],
      ] as const) {
        await lab.docker('network', 'create', '-d', 'overlay', '--subnet', `10.${net}.0.0/24`, `${tenant}net`);
        await serve(`${tenant}-db`, 'redis', '--network', `${tenant}net`);
        const environment = ['-e', `DB=${tenant}-db`, '-e', `ROLE=${tenant}`];
        await serve(`${tenant}-web`, 'pets-console/web', '--network', `${tenant}net`, '-p', `${port}:5000`, ...environment);
      }
      const replicas = () => lab.docker('service', 'ls', '--format', '{{.Name}} {{.Replicas}}');
      await waitUntil('every task to run', replicas, (text) => text.split('\n').every((line) => line.endsWith('1/1')), BUSY_MS / 2);
    }, BUSY_MS);
    afterAll(async () => {
      for (const host of ['host-B', 'host-A']) await lab.dockerOn(host, 'swarm', 'leave', '-f');
    }, BUSY_MS);

    it(
      'tells the network of the mesh, which Docker keeps shut, as open once its rules are gone',
      async () => {
        const throughMesh = async () =>
          (await verify()).doors.filter(({ network }) => network === 'ingress').map(({ from, open }) => [from, open]);
        const shut = await throughMesh();
        expect(shut.toSorted()).toEqual([
          ['cat-web', false],
          ['dog-web', false],
        ]);
        for (const service of ['dog-web', 'cat-web']) inNamespaceOf(await taskOf(service), 'iptables', '-F');
        expect((await throughMesh()).toSorted()).toEqual([
          ['cat-web', true],
          ['dog-web', true],
        ]);
      },
      BUSY_MS,
    );

    it(
      'names a virtual IP, and believes no denial while it answers nobody',
      async () => {
        const { verdictOf, events } = await verify();
        const reached = verdictOf('dog-web reaches dog-db:6379');
        expect(reached?.text).toMatch(/10\.1\.0\.\d+(:6379)?, the virtual IP of dog-db/);
        // Which of both depends on the kernel that the lab runs on: with ip_vs they answer.
        const denials = events.filter(({ check }) => typeof check === 'string' && /^(dog|cat)-web does not reach (dog|cat)-db/.test(check));
        expect(denials).toHaveLength(2);
        for (const denial of denials) {
          if (reached?.type === 'check.passed')
            expect(denial).toMatchObject({ type: 'check.passed', text: expect.stringContaining('reached 10.') });
          else
            expect(denial).toMatchObject({
              type: 'check.uncertain',
              text: expect.stringMatching(/:6379 does not answer (cat|dog)-web either/),
            });
        }
      },
      BUSY_MS,
    );
  });
});

function cgroupOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, 'utf8');
  } catch {
    // It ended meanwhile.
    return '';
  }
}
