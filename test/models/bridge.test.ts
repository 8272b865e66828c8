import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type Ended, startEngineLab } from '../support/engine-lab.ts';
import { skipWithoutLab } from '../support/lab-or-skip.ts';
import { waitUntil } from '../support/wait-until.ts';

const lab = startEngineLab('t-bridge', '192.168.80.0/24');
const NOTHING = { containers: [], networks: [] };

interface Event {
  readonly type: string;
  readonly [field: string]: unknown;
}

function eventsOf({ stdout }: Ended): readonly Event[] {
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Event);
}

/** The titles of the steps that a run took to change something. */
function stepsOf(ended: Ended): readonly string[] {
  return eventsOf(ended)
    .filter((event) => event.type === 'steps.added')
    .flatMap((event) => (event.steps as readonly { readonly title: string }[]).map((step) => step.title))
    .filter((title) => title !== 'look at the host');
}

const page = () => `http://${lab.host.address}:8000/`;

async function hitsOfTheDatabase(): Promise<number> {
  return Number(await lab.docker('exec', 'cat-db', 'redis-cli', 'get', 'pets:{cat}:total'));
}

/** `up`, which must succeed. */
async function up(scenario = 'bridge'): Promise<Ended> {
  const ended = await lab.console('up', scenario, '--json');
  expect(ended, ended.stderr + ended.stdout).toMatchObject({ status: 0 });
  return ended;
}

describe.skipIf(skipWithoutLab)('the bridge scenario on a real engine', () => {
  afterEach(async () => {
    await lab.console('down', 'bridge');
    // Whatever a test put there by hand, with no label of ours.
    for (const name of (await lab.everything()).containers) await lab.docker('rm', '-f', name);
    for (const name of (await lab.everything()).networks) await lab.docker('network', 'rm', name);
  });

  it('is planned with the guide’s own commands, and nothing is touched', async () => {
    const { status, stdout } = await lab.console('plan', 'bridge');
    expect(status).toBe(0);
    expect(stdout).toContain('$ docker network create -d bridge catnet\n');
    expect(stdout).toContain('$ docker run -d --net catnet --name cat-db redis\n');
    expect(stdout).toContain('$ docker run -d --net catnet --name cat-web -p 8000:5000 -e DB=cat-db -e ROLE=cat pets-console/web\n');
    expect(await lab.everything()).toEqual(NOTHING);
  });

  it('comes up: network, addresses of its pool, labels, readiness; then each page is one hit', async () => {
    const ended = await up();
    expect(eventsOf(ended).at(-1)).toMatchObject({ type: 'run.finished', ok: true, changed: 3 });
    const [network] = JSON.parse(await lab.docker('network', 'inspect', 'catnet'));
    const pool = String(network.IPAM.Config[0].Subnet);
    const addresses = Object.values(network.Containers as Record<string, { Name: string; IPv4Address: string }>);
    expect(addresses.map(({ Name }) => Name).sort()).toEqual(['cat-db', 'cat-web']);
    for (const { IPv4Address } of addresses) expect(IPv4Address.split('.').slice(0, 2)).toEqual(pool.split('.').slice(0, 2));
    expect(Object.keys(network.Labels).sort()).toEqual(
      ['hosts', 'project', 'resource', 'run', 'scenario', 'spec'].map((label) => `pets-console.${label}`),
    );
    for (let hits = 1; hits <= 5; hits += 1) {
      const answer = await fetch(page());
      expect(answer.status).toBe(200);
      expect(answer.headers.get('x-pets-hits')).toBe(String(hits));
    }
    expect(await hitsOfTheDatabase()).toBe(5);
  });

  it('changes nothing the second time, and says so', async () => {
    await up();
    const before = await lab.docker('ps', '-q', '--no-trunc');
    const second = await lab.console('up', 'bridge');
    expect(second.status).toBe(0);
    expect(second.stderr).toContain('nothing changed');
    for (const resource of ['network/catnet', 'container/cat-db', 'container/cat-web']) {
      expect(second.stderr).toContain(`= host-A/${resource} is as wished`);
    }
    expect(await lab.docker('ps', '-q', '--no-trunc')).toBe(before);
  });

  it('verifies who reaches whom and who does not, and counts its own page as a hit', async () => {
    await up();
    const ended = await lab.console('verify', 'bridge', '--json');
    expect(ended, ended.stdout).toMatchObject({ status: 0 });
    const events = eventsOf(ended);
    expect(events.find((event) => event.type === 'run.finished')).toMatchObject({ checks: { passed: 3, failed: 0, uncertain: 0 } });
    expect(await hitsOfTheDatabase()).toBe(1);
    await waitUntil('the agents to be gone', lab.everything, ({ containers }) => containers.length === 2);
  });

  it('verifies what stands with the inputs that it was made with, unless it is told others', async () => {
    const file = join(tmpdir(), 'bridge-inputs.yaml');
    const asked = readFileSync('scenarios/bridge.yaml', 'utf8').replaceAll(':8000', `:\${port}`).replace('"8000:', `"\${port}:`);
    writeFileSync(file, asked.replace('\nhosts:', '\ninputs:\n  port: { default: 8000, description: Where the page is }\nhosts:'));
    try {
      const made = await lab.console('up', file, '--set', 'port=8123');
      expect(made, made.stderr).toMatchObject({ status: 0 });
      const verified = await lab.console('verify', file);
      expect(verified, verified.stderr).toMatchObject({
        status: 0,
        stderr: expect.stringContaining(`http://${lab.host.address}:8123 answers`),
      });
      const elsewhere = await lab.console('verify', file, '--set', 'port=8124');
      expect(elsewhere, elsewhere.stderr).toMatchObject({
        status: 1,
        stderr: expect.stringContaining(`${lab.host.address}:8124 did not answer`),
      });
    } finally {
      rmSync(file);
    }
  });

  it('fails verification with status 1 when the database is stopped, in words', async () => {
    await up();
    await lab.docker('stop', '-t', '0', 'cat-db');
    const { status, stderr } = await lab.console('verify', 'bridge');
    expect(status).toBe(1);
    expect(stderr).toContain('cat-web cannot find the name cat-db');
    expect(stderr).toContain('its hit was not counted: the database is away');
  });

  it.each([
    ['a container stopped', ['stop', '-t', '0', 'cat-web'], ['start cat-web', 'wait for cat-web']],
    ['a container paused', ['pause', 'cat-db'], ['unpause cat-db', 'wait for cat-db']],
    ['a container removed', ['rm', '-f', 'cat-db'], ['run cat-db', 'wait for cat-db']],
    ['a container detached', ['network', 'disconnect', 'catnet', 'cat-web'], ['connect cat-web to catnet', 'wait for cat-web']],
    ['a network attached', ['network', 'connect', 'bridge', 'cat-web'], ['disconnect cat-web from bridge', 'wait for cat-web']],
  ])('changes back only what differs after %s by hand', async (_, change, steps) => {
    await up();
    await lab.docker(...change);
    expect(stepsOf(await up())).toEqual(steps);
    expect(stepsOf(await up())).toEqual([]);
    expect((await lab.console('verify', 'bridge')).status).toBe(0);
  });

  it('replaces only the container that an edit is about', async () => {
    const file = join(tmpdir(), 'bridge.yaml');
    copyFileSync('scenarios/bridge.yaml', file);
    await up(file);
    const database = await lab.docker('inspect', '-f', '{{.Id}}', 'cat-db');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/ROLE: cat\b/, 'ROLE: ferret'));
    expect(stepsOf(await up(file))).toEqual(['remove cat-web', 'run cat-web', 'wait for cat-web']);
    expect(await lab.docker('inspect', '-f', '{{.Id}}', 'cat-db')).toBe(database);
    expect((await fetch(page())).headers.get('x-pets-tenant')).toBe('ferret');
  });

  it('refuses in the plan a foreign container of the same name, which survives everything', async () => {
    const foreign = await lab.docker('run', '-d', '--name', 'cat-db', 'redis');
    const plan = await lab.console('plan', 'bridge');
    expect(plan.status).toBe(3);
    expect(plan.stdout).toContain(foreign.slice(0, 12));
    expect((await lab.console('up', 'bridge')).status).toBe(3);
    await lab.console('down', 'bridge');
    expect(await lab.docker('inspect', '-f', '{{.Id}} {{.State.Status}}', 'cat-db')).toBe(`${foreign} running`);
    expect(await lab.everything()).toEqual({ containers: ['cat-db'], networks: [] });
  });

  it('refuses in the plan a port that somebody holds, and names the holder', async () => {
    await lab.docker('run', '-d', '--name', 'grafana', '-p', '8000:1', 'redis');
    const plan = await lab.console('plan', 'bridge');
    expect(plan.status).toBe(3);
    expect(plan.stdout).toMatch(/8000.*grafana/s);
  });

  it('goes down by label only, without its file, and leaves what is foreign', async () => {
    const file = join(tmpdir(), 'kennel.yaml');
    writeFileSync(file, readFileSync('scenarios/bridge.yaml', 'utf8').replace('name: bridge\n', 'name: bridge\nproject: kennel\n'));
    await up(file);
    rmSync(file);
    expect((await lab.console('verify', 'kennel')).status).toBe(0);
    await lab.docker('network', 'create', 'theirs');
    await lab.docker('run', '-d', '--name', 'their-db', '--net', 'theirs', 'redis');
    expect((await lab.console('down', 'kennel')).status).toBe(0);
    expect(await lab.everything()).toEqual({ containers: ['their-db'], networks: ['theirs'] });
  });

  it('takes what it can when a foreign container is on its network, and says how to go on', async () => {
    await up();
    await lab.docker('run', '-d', '--name', 'their-db', '--net', 'catnet', 'redis');
    const down = await lab.console('down', 'bridge');
    expect(down.status).toBe(3);
    expect(down.stderr).toContain('docker network disconnect catnet their-db');
    expect(await lab.everything()).toEqual({ containers: ['their-db'], networks: ['catnet'] });
    await lab.docker('network', 'disconnect', 'catnet', 'their-db');
    expect((await lab.console('down', 'bridge')).status).toBe(0);
    expect(await lab.everything()).toEqual({ containers: ['their-db'], networks: [] });
  });

  it('says that there is nothing of a project that nobody made', async () => {
    const { status, stderr } = await lab.console('down', 'nothing-of-that-name');
    expect(status).toBe(2);
    expect(stderr).toContain('neither a scenario nor a project');
  });

  it.each([60, 150, 250, 400, 600])('is clean after a kill -9 of up at %i ms and a down', async (moment) => {
    const child = lab.start('up', 'bridge', '--json');
    const ended = new Promise((resolve) => child.once('exit', resolve));
    setTimeout(() => child.kill('SIGKILL'), moment);
    await ended;
    // The engine finishes what it was asked for; `down` may have to be said again for what came after it.
    await waitUntil(
      'nothing to be left',
      async () => {
        await lab.console('down', 'bridge');
        return lab.everything();
      },
      ({ containers, networks }) => containers.length + networks.length === 0,
    );
  });

  it('stops cleanly on SIGINT, says how to go on, and does', async () => {
    const child = lab.start('up', 'bridge', '--json');
    let [stdout, stderr] = ['', ''];
    child.stderr?.on('data', (chunk) => {
      stderr += chunk;
    });
    // Once: a second one would end it at once.
    let asked = false;
    child.stdout?.on('data', (chunk) => {
      stdout += chunk;
      if (!asked && stdout.includes('"step.started"')) asked = child.kill('SIGINT');
    });
    const status = await new Promise((resolve) => child.once('close', resolve));
    expect(status, stdout + stderr).toBe(130);
    const last = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
    expect(last).toMatchObject({ type: 'run.finished', ok: false, failure: { code: 'INTERRUPTED' } });
    expect(last.failure.hint).toContain('pets-console up bridge');
    await up();
    expect((await lab.console('verify', 'bridge')).status).toBe(0);
  });

  it('journals every run, its end included', async () => {
    await up();
    const journal = lab.journal();
    expect(journal[0]).toMatchObject({ v: 1, type: 'journal.opened', verb: 'up' });
    expect(journal.at(-1)).toMatchObject({ type: 'run.finished', ok: true });
  });
});
