import { afterAll, describe, expect, it } from 'vitest';
import { startEngineLab } from '../support/engine-lab.ts';
import { skipWithoutLab } from '../support/lab-or-skip.ts';
import type { Terminal } from '../support/terminal.ts';
import { chooseScenario, consolesOf } from './open-console.ts';

const lab = startEngineLab('t-console-swarm', '192.168.121.0/24', 2);
const open = consolesOf(lab);

/** Five services on two emulated hosts of a busy machine. */
const RUN_MS = 120_000;

describe.skipIf(skipWithoutLab)('the console on a swarm of two hosts', () => {
  let terminal: Terminal;
  // A test that fails leaves a swarm: the lab goes down with it.
  afterAll(async () => void (await lab.console('down', 'overlay-tenants')));

  it('plans the variant that a kernel without ip_vs needs, and runs what it planned', async () => {
    terminal = await open();
    await chooseScenario(terminal, 'overlay-tenants');
    await terminal.press('Enter');
    await terminal.see(/cannot run while|nothing in the way/, RUN_MS);
    await terminal.see('o plans the variant dnsrr.');
    await terminal.press('o');
    await terminal.see(/›Plan +overlay-tenants · dnsrr/);
    const plan = await terminal.see('the hosts were looked at: nothing in the way', RUN_MS);
    expect(plan).toMatch(/host-A +192\.168\.121\.11[\s\S]*docker swarm init[\s\S]*host-B[\s\S]*docker swarm join/);
    expect(plan).toMatch(/swarm +via host-A\n[\s\S]*docker network create -d overlay/);
    await terminal.press('Enter');
    await terminal.see(/›up +overlay-tenants · dnsrr .*✓ done/, RUN_MS);
    await terminal.resize(200, 60);
    await terminal.see(/ {3}via host-A +\S[\s\S]*wait for the tasks of admin .* ✓ 2\/2 on host-A, host-B/);

    // Which nodes, services and tasks there are, as Docker tells them, at every size.
    await terminal.press('8');
    const format = ['--format', '{{.Hostname}} {{.Status}} {{.Availability}} {{.ManagerStatus}}'];
    const nodes = (await lab.docker('node', 'ls', ...format)).split('\n').map((line) => line.trim());
    for (const [columns, rows] of [
      [200, 60],
      [120, 40],
      [80, 24],
    ] as const) {
      await terminal.resize(columns, rows);
      await terminal.see(/›Services +5 services .*made for pets .*● converged/);
      await terminal.see(/● admin +2\/2 global +dnsrr/);
      if (columns < 100) await terminal.press('Tab');
      for (const node of nodes) await terminal.see(new RegExp(node.replace('Ready', '● Ready').replaceAll(' ', ' +')));
    }
    await terminal.press('Tab');
    await terminal.resize(120, 40);
    const tasks = (await lab.docker('service', 'ps', 'dog-web', 'cat-web', '--format', '{{.Node}} {{.CurrentState}}')).split('\n');
    expect(tasks).toHaveLength(4);
    for (const service of ['dog-web', 'cat-web'])
      await terminal.see(new RegExp(`● ${service} +Running .*host-A.*\\n.*● ${service} +Running .*host-B`));

    // Both tenants, each counted in its own database, whichever node runs that.
    await terminal.press('5');
    await terminal.see(/dog +0 hits[\s\S]*cat +0 hits/, 30_000);
    await terminal.press('h');
    await terminal.see(/dog +1 hit [\s\S]*dog-web +host-A +1 [\s\S]*cat +0 hits/);
    await terminal.press('j', 'b');
    await terminal.see(/cat +100 hits[\s\S]*cat-web +host-A +100 /);

    // The networks that both share are told once, with who of both holds an address.
    await terminal.press('4');
    const ipam = await terminal.see(/catnet +swarm +10\.2\.0\.0\/24 +8 +246/);
    expect(ipam.match(/ dognet +swarm/g)).toHaveLength(1);
    for (const held of ['cat-web +host-A', 'cat-web +host-B', 'admin +host-A', 'admin +host-B', 'cat-db.1 +host-[AB]']) {
      expect(ipam).toMatch(new RegExp(`10\\.2\\.0\\.\\d+ .* ${held}`));
    }
    const addresses = (
      await lab.dockerOn('host-B', 'network', 'inspect', 'catnet', '--format', '{{range .Containers}}{{.IPv4Address}} {{end}}')
    )
      .trim()
      .split(' ')
      .map((address) => address.replace('/24', ''));
    for (const address of addresses) expect(ipam).toContain(` ${address} `);

    // What somebody does by hand, and what comes of it, in Docker's words.
    await terminal.press('8');
    await lab.docker('service', 'create', '-d', '--no-resolve-image', '--name', 'stray', '--endpoint-mode', 'dnsrr', 'nope:1');
    await terminal.see(/✕ not as wished[\s\S]*▌ +No such image: nope:1/);
    await lab.docker('service', 'rm', 'stray');
    await terminal.see('● converged');

    await terminal.press('1', 'D');
    const question = await terminal.see('Take down pets?');
    expect(question).toMatch(/5 services, 8 containers and \d networks on 2 hosts[\s\S]*swarm +5 services +2 networks/);
    await terminal.press('Enter');
    await terminal.see(/›down +overlay-tenants .*✓ done/, RUN_MS);
    await terminal.press('8');
    await terminal.see(/host-A +– in no swarm[\s\S]*host-B +– in no swarm/);
    for (const { name } of lab.hosts) expect(await lab.everything(name)).toEqual({ containers: [], networks: [] });
  }, 400_000);
});
