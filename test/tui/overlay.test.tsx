import { describe, expect, test } from 'vitest';
import { START } from './bridge-run.ts';
import { drawFrame, MOMENTS, SIZES } from './frames.tsx';
import { KEY, openConsole } from './harness.tsx';
import * as overlay from './overlay-run.ts';

async function rowsOf(name: string, columns = 120, rows = 40): Promise<readonly string[]> {
  const moment = MOMENTS.find((each) => each.name === name);
  if (moment === undefined) throw new Error(`no moment ${name}`);
  return (await drawFrame(moment, columns, rows)).rows;
}

function rowWith(rows: readonly string[], text: string | RegExp): string {
  const row = rows.find((each) => (typeof text === 'string' ? each.includes(text) : text.test(each)));
  if (row === undefined) throw new Error(`no row with ${String(text)} in\n${rows.join('\n')}`);
  return row;
}

describe('the swarm', () => {
  test.each(SIZES)('at %i×%i: each service with its tasks, where they run, and their addresses', async (columns, height) => {
    const rows = await rowsOf('overlay-swarm', columns, height);
    expect(rowWith(rows, '›Services')).toMatch(/3 services .*made for pets +told by host-A +● converged/);
    expect(rowWith(rows, /● dog-web /)).toMatch(/2\/2 replicated +vip +dognet 10\.1\.0\.5/);
    expect(rowWith(rows, '● dog-web.2')).toMatch(/Running 9 s +host-B +dognet 10\.1\.0\.7/);
    const service = rows.findIndex((row) => row.includes('● dog-db '));
    expect(rows[service + 1]).toContain('● dog-db.1');
    // The states of services and tasks begin in one column.
    expect(rows[service]?.indexOf('1/1')).toBe(rows[service + 1]?.indexOf('Running'));
  });

  test('its nodes as docker node ls prints them, each with the host that it is', async () => {
    for (const [columns, height] of SIZES) {
      const rows = await rowsOf('overlay-nodes', columns, height);
      expect(rowWith(rows, /^ {3}hostname/)).toMatch(/hostname +status +availability +manager status +engine .*host/);
      expect(rowWith(rows, /^ {3}host-A +●/)).toMatch(/host-A +● Ready +Active +Leader +20\.10\.24 .*host-A/);
      expect(rowWith(rows, /^ {3}host-B +●/)).toMatch(/host-B +● Ready +Active {2,}20\.10\.24 .*host-B/);
    }
  });

  test('where the mesh is and which networks a service is on stands below, with the command that tells more', async () => {
    const console = openConsole(overlay.DONE, { now: START + 12_000, columns: 120, rows: 40 });
    await console.press('8', 'j', 'j', 'j', 'j');
    const rows = await console.screen();
    console.close();
    expect(rowWith(rows, '▸ ● dog-web')).toContain('8000->5000/tcp mesh');
    expect(rowWith(rows, 'endpoint mode vip')).toContain('port 8000 on every node, through the routing mesh');
    expect(rowWith(rows, 'docker service ps')).toContain('host-A $ docker service ps --no-trunc dog-web');
  });

  test("what keeps a task from running is marked, selected, and told in words of Docker's", async () => {
    for (const [columns, height] of SIZES) {
      const rows = await rowsOf('overlay-stuck', columns, height);
      expect(rowWith(rows, '›Services')).toContain('✕ not as wished');
      const stuck = rows.findIndex((row) => /^▌▸ {3}✕ dog-db\.1 +Rejected 4 s/.test(row));
      expect(rows[stuck + 1]).toMatch(/^▌ +No such image: nope:1 *$/);
      expect(rowWith(rows, /✕ dog-db /)).toContain('0/1');
      expect(rowWith(rows, '◐ dog-web ')).toContain('1/2');
      expect(rowWith(rows, '◐ dog-web.2')).toContain('Starting');
    }
    expect(rowWith(await rowsOf('overlay-stuck'), / host-B +● Ready/)).toContain('Drain');
  });

  test('is as old as the manager that told it', async () => {
    const rows = await rowsOf('overlay-stale');
    expect(rowWith(rows, '›Services')).toMatch(/✕ 23 s old *$/);
    expect(rowWith(rows, /dog-web\.1/)).toContain('○ dog-web.1');
    expect(rows.slice(3).join('\n')).not.toMatch(/● (dog|cat)/);
  });

  test('of which there is none says so, and what would make one', async () => {
    const rows = await rowsOf('overlay-none');
    expect(rowWith(rows, 'No host here manages a swarm.')).toContain('overlay-tenants makes one');
    expect(rowWith(rows, /host-A +– in no swarm/)).toBeDefined();
  });

  test('gives its hosts their part in the header and in the list of hosts', async () => {
    const rows = await rowsOf('overlay-hosts');
    expect(rows[0]).toMatch(/host-A ● manager +20\.10 +2 ms +host-B ● worker +20\.10/);
    expect(rowWith(rows, '▸ host-A')).toMatch(/● live +leader +20\.10\.24/);
    // Before there is one nothing of it takes room.
    expect((await rowsOf('overlay-none'))[0]).toMatch(/host-A ● 20\.10/);
  });
});

describe('a run on a swarm', () => {
  test('has a lane for what belongs to all nodes, with the manager that is asked', async () => {
    for (const [columns, height] of SIZES.slice(1)) {
      const rows = await rowsOf('overlay-running', columns, height);
      const lane = rows.findIndex((row) => row.startsWith('   swarm '));
      expect(rows[lane]).toContain('create network dognet');
      expect(rows[lane + 1]).toMatch(/^ {3}via host-A +create network catnet/);
      // Tasks are no bytes: "0.0 of 0.0 kB  dog-web 1/2".
      expect(rowWith(rows, 'wait for the tasks of dog-web')).toMatch(/◐ dog-web 1\/2 *$/);
    }
  });

  test('tells the command of a step on the manager', async () => {
    const console = openConsole(overlay.DONE, { now: START + 4000, columns: 200, rows: 60 });
    await console.press('2', 'k');
    expect(rowWith(await console.screen(), '$ docker')).toContain('host-A $ docker service create --network catnet');
    console.close();
  });

  test('hits are told by the names of tasks and their hosts', async () => {
    const rows = await rowsOf('overlay-tenants', 80, 24);
    expect(rowWith(rows, 'dog-web.1')).toMatch(/dog-web\.1 +host-A +642 +━/);
    expect(rowWith(rows, 'dog-web.2')).toMatch(/dog-web\.2 +host-B +640 +━/);
  });

  test('what is open beside its networks is told under the checks, and no check', async () => {
    for (const [columns, height] of SIZES) {
      const rows = await rowsOf('overlay-verified', columns, height);
      expect(rowWith(rows, '›verify')).toContain('✓ as expected, 1 of 1 check passed');
      expect(rowWith(rows, 'Beside the networks of the scenario')).toBeDefined();
      expect(rowWith(rows, '→ cat-web reaches dog-web:5000')).toContain('at 172.18.0.4 through docker_gwbridge');
      expect(rowWith(rows, 'no answer from 2 ways through ingress')).toMatch(/^ +·/);
    }
  });

  test('what a take-down would take counts services and shared networks once', async () => {
    const rows = await rowsOf('overlay-confirm', 80, 24);
    expect(rowWith(rows, 'Take down pets?')).toContain('3 services, 4 containers and 2 networks on 2 hosts');
    expect(rowWith(rows, /^ {3}swarm /)).toMatch(/swarm +3 services +2 networks/);
    expect(rowWith(rows, 'The swarm made for it ends too')).toBeDefined();
  });
});

describe('networks that hosts share', () => {
  test('are one row each, with the containers of all hosts and what tells them apart on the wire', async () => {
    const rows = await rowsOf('overlay-networks', 200, 60);
    expect(rows.filter((row) => /^.{3}(dognet|catnet|ingress) /.test(row))).toHaveLength(3);
    expect(rowWith(rows, /^.{3}dognet/)).toMatch(/dognet +swarm +overlay +10\.1\.0\.0\/24 +3/);
    expect(rowWith(rows, 'Network  catnet')).toContain('catnet · swarm · overlay · VNI 4098 · on host-A, host-B');
  });

  test('hold what tasks, virtual IPs and load balancers of every node hold', async () => {
    const rows = await rowsOf('overlay-ipam');
    // Gateway, three tasks, two virtual IPs, a load balancer on each of two nodes.
    expect(rowWith(rows, '▸ dognet')).toMatch(/swarm +10\.1\.0\.0\/24 +8 +246/);
    expect(rowWith(rows, 'V  10.1.0.5')).toMatch(/dog-web +virtual IP/);
    expect(rowWith(rows, '10.1.0.7 ')).toMatch(/dog-web\.2 +host-B/);
    expect(rowWith(rows, '10.1.0.8 ')).toMatch(/load balancer +host-B/);
    expect(rowWith(rows, /^.*0\.0 +– /)).toMatch(/– {2}G {2}V {2}d {2}= {2}V {2}w {2}\S {2}= {2}·/);
  });

  test('are a lower bound while a node is not heard', async () => {
    const rows = await rowsOf('overlay-ipam-stale');
    expect(rowWith(rows, '▸ dognet')).toMatch(/≥8 +≤246/);
    expect(rowWith(rows, 'at least 8 used')).toContain('at most 246 free');
    expect(rowWith(rows, 'what host-A holds there is not known now')).toBeDefined();
  });
});

describe('another variant', () => {
  test('is offered where an obstacle stands, which two hosts have in common', async () => {
    for (const [columns, height] of SIZES) {
      const rows = await rowsOf('overlay-obstructed', columns, height);
      expect(rows.filter((row) => row.includes('the kernel has no ip_vs'))).toHaveLength(1);
      expect(rowWith(rows, 'host-A, host-B: the kernel')).toMatch(/^.*▌ {2}✕/);
      expect(rowWith(rows, 'o plans the variant dnsrr.')).toContain('For kernels without ip_vs');
      expect(rows.at(-1)).toContain('o other variant');
      expect(rows.at(-1)).not.toContain('enter run');
    }
  });

  test('is planned by its key, run by enter as planned, and named on both screens', async () => {
    const console = openConsole(overlay.OBSTRUCTED, { now: START - 2600, columns: 120, rows: 40 });
    await console.press('G', 'o');
    const plan = { kind: 'plan', scenario: 'overlay-tenants', variant: 'dnsrr' };
    expect(console.intents).toEqual([plan]);
    console.store.add(overlay.PLANNED_IN_VARIANT.slice(-3), START - 2600);
    expect(rowWith(await console.screen(), '›Plan')).toContain('overlay-tenants · dnsrr');
    await console.press(KEY.enter);
    expect(console.intents).toEqual([plan, { ...plan, kind: 'run' }]);
    console.store.add(overlay.RUNNING.slice(overlay.PLANNED_IN_VARIANT.length), START + 1600);
    expect(rowWith(await console.screen(), '›up')).toContain('overlay-tenants · dnsrr');
    console.close();
  });

  test("comes round to the scenario's own way, which a plan of the variant cannot run", async () => {
    const console = openConsole(overlay.PLANNED_IN_VARIANT, { now: START - 2600, columns: 120, rows: 40 });
    // Planned in the variant by somebody else: enter plans what is chosen here before it runs anything.
    await console.press('G', KEY.tab, KEY.enter);
    expect(console.intents).toEqual([{ kind: 'plan', scenario: 'overlay-tenants', variant: '' }]);
    await console.press('o', 'o');
    expect(console.intents.slice(1).map((intent) => ('variant' in intent ? intent.variant : undefined))).toEqual(['dnsrr', '']);
    console.close();
  });

  test('there is none of a scenario that has no variants', async () => {
    const console = openConsole(overlay.CONNECTED, { now: START - 2600, columns: 120, rows: 40 });
    await console.press('o', KEY.enter);
    expect(console.intents).toEqual([{ kind: 'plan', scenario: 'bridge-bind' }]);
    expect((await console.screen()).at(-1)).not.toContain('other variant');
    console.close();
  });
});
