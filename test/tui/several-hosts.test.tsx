import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import type { ConsoleEvent } from '../../src/domain/events.ts';
import { START } from './bridge-run.ts';
import * as fleet from './fleet-run.ts';
import { drawFrame, MOMENTS, type Moment, SIZES } from './frames.tsx';
import { KEY, openConsole } from './harness.tsx';
import * as macvlan from './macvlan-run.ts';
import * as multi from './multi-host-run.ts';

function moment(name: string, change: Partial<Moment> = {}): Moment {
  const found = MOMENTS.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no moment ${name}`);
  return { ...found, ...change };
}

async function rowsOf(name: string, columns: number, rows: number, change: Partial<Moment> = {}): Promise<readonly string[]> {
  return (await drawFrame(moment(name, change), columns, rows)).rows;
}

function rowWith(rows: readonly string[], text: string): string {
  const row = rows.find((each) => each.includes(text));
  if (row === undefined) throw new Error(`no row with ${JSON.stringify(text)} in\n${rows.join('\n')}`);
  return row;
}

describe.each([
  [60, 15],
  [99, 29],
  [100, 30],
  [160, 45],
])('at %i×%i, where the layout turns', (columns, height) => {
  test.each(MOMENTS.filter(({ name }) => /^(multi|macvlan|fleet)-/.test(name)))(
    '$name fills the grid and never leaves it',
    async (each) => {
      const { rows } = await drawFrame(each, columns, height);
      expect(rows).toHaveLength(height);
      for (const row of rows) expect(stringWidth(row), row).toBeLessThanOrEqual(columns);
      expect(rows[0]).toMatch(/^ pets-console .* live$/);
      expect(rows.at(-1)).toMatch(/\? help {2}q quit$/);
    },
  );
});

describe('the header', () => {
  test('says of each host how it is, in fewer words where there is less room', async () => {
    expect((await rowsOf('multi-plan', 120, 40))[0]).toMatch(/host-A ● 20\.10 {3}2 ms {3}host-B ● 20\.10 {3}3 ms/);
    expect((await rowsOf('multi-plan', 80, 24))[0]).toMatch(/host-A ● +2 ms +host-B ● +3 ms/);
    expect((await rowsOf('multi-found', 120, 40))[0]).toContain('host-A ◐ connecting');
    expect((await rowsOf('multi-cut-off', 120, 40))[0]).toContain('host-B ✕ down 23 s');
  });

  test('no state of one host moves another', async () => {
    for (const [columns, height] of SIZES) {
      const places = await Promise.all(
        ['multi-found', 'multi-plan', 'multi-cut-off', 'multi-refused'].map(async (name) =>
          (await rowsOf(name, columns, height))[0]?.indexOf('host-B'),
        ),
      );
      expect(new Set(places).size, `${places}`).toBe(1);
      expect(places[0]).toBeGreaterThan(0);
    }
  });

  test('where not all fit, the rest is a number by state, the worst first', async () => {
    expect((await rowsOf('fleet-12', 120, 40))[0]).toMatch(/host-A ● .*\+8 {2}✕ 2 {2}○ 1 {2}◐ 1 {2}● 4 +live/);
    expect((await rowsOf('fleet-12', 200, 60))[0]).toMatch(/host-K ✕ {3}host-L ◐/);
    expect((await rowsOf('fleet-12', 60, 15))[0]).toMatch(/ 12 hosts {2}✕ 2 {2}○ 1 +live/);
  });

  test('the hosts of the run come before others that do not fit', async () => {
    const events = fleet.TWELVE.map((event): ConsoleEvent => {
      if (event.type !== 'run.started') return event;
      return { ...event, project: 'elsewhere', steps: event.steps.filter((step) => step.host === 'host-J') };
    });
    expect((await rowsOf('fleet-12', 80, 24, { events }))[0]).toMatch(/host-J ● /);
  });

  test('a host on which nothing may be changed says so', async () => {
    const hosts = multi.HOSTS.map((host) => ({ ...host, readOnly: true as const }));
    const events: readonly ConsoleEvent[] = [
      ...multi.CONNECTED,
      { at: START - 4000, type: 'hosts.found', source: 'hosts.yaml', hosts, tried: [] },
    ];
    expect((await rowsOf('multi-plan', 120, 40, { events, now: START - 3900 }))[0]).toMatch(/read-only.*read-only/);
    expect(rowWith(await rowsOf('fleet-12-hosts', 80, 24), 'host-G')).toContain('read-only');
  });
});

describe('hosts', () => {
  test('one that never answered shows why when one looks', async () => {
    const rows = await rowsOf('fleet-12-hosts', 120, 40, { keys: ['0', 'G', 'k'] });
    expect(rowWith(rows, '▸ host-K')).toContain('✕ no answer');
    expect(rowWith(rows, 'has never answered')).toContain('✕');
    expect(rowWith(rows, '→ is the engine running there?')).toBeDefined();
    expect(rowWith(rows, 'engine     not known yet')).toBeDefined();
  });

  test('one that answers shows what it is', async () => {
    const rows = await rowsOf('multi-hosts', 80, 24, { keys: ['0', 'g', KEY.enter] });
    expect(rowWith(rows, '›Host  host-A')).toContain('from hosts.yaml');
    expect(rowWith(rows, 'system')).toContain('Debian GNU/Linux 12 (bookworm), linux/amd64');
    expect(rowWith(rows, 'clock')).toContain("as this machine's");
    expect(rowWith(rows, 'endpoint')).toContain('unix:///run/pets-console/lab/host-A.sock');
  });

  test('several that are down are told in one line, those of the run first', async () => {
    const rows = await rowsOf('fleet-12', 120, 40);
    expect(rows.at(-2)).toMatch(/^ ✕ host-H: the engine has not answered a ping for 3 s {2}→ 1 more host down: press 0/);
    const outside = multi.CUT_OFF.filter((event) => event.type !== 'run.started' && event.type !== 'plan.made');
    expect((await rowsOf('multi-cut-off', 80, 24, { events: outside })).at(-2)).toMatch(/^ ✕ down: host-B {3}press 0 to see why/);
  });
});

describe('a plan', () => {
  test('is grouped by host, with the address of each', async () => {
    const rows = await rowsOf('multi-plan', 120, 40);
    const [a, b] = ['host-A  192.168.0.11', 'host-B  192.168.0.12'].map((text) => rows.findIndex((row) => row.includes(text)));
    expect(a).toBeGreaterThan(0);
    expect(b).toBeGreaterThan(a ?? 0);
    expect(rows.slice(a, b).join('\n')).toContain('run cat-web');
    expect(rows.slice(b).join('\n')).toContain('run cat-db');
    expect(rowWith(rows, '! cat-db: port 8001')).toMatch(/▌/);
  });

  test('says that the hosts are being looked at, then what came of it, in one and the same row', async () => {
    for (const [columns, height] of SIZES) {
      const place = (rows: readonly string[], text: string) => rows.findIndex((row) => row.includes(text));
      const looking = place(await rowsOf('multi-looking', columns, height), '◐ looking at the hosts');
      expect(looking).toBeGreaterThan(0);
      expect(place(await rowsOf('multi-plan', columns, height), '✓ the hosts were looked at: nothing in the way')).toBe(looking);
      expect(place(await rowsOf('multi-unchecked', columns, height), '? as far as could be seen')).toBe(looking);
      expect(place(await rowsOf('multi-obstructed', columns, height), '✕ cannot run while 2 obstacles stand in the way')).toBe(looking);
    }
  });

  test('what a host itself holds against it stands before its steps with its owner, and nothing can be run', async () => {
    const rows = await rowsOf('multi-obstructed', 80, 24);
    const obstacle = rows.findIndex((row) => row.startsWith('▌') && row.includes('host-A: port 8000 is in use'));
    expect(rows[obstacle + 1]).toContain('held by process nginx (1841)');
    expect(rows[obstacle + 2]).toContain('→ stop it there');
    expect(rows.at(-1)).not.toContain('enter run');
    const console = openConsole(multi.OBSTRUCTED, { now: START - 2600 });
    await console.press('j', 'j', KEY.tab, KEY.enter);
    expect(console.intents).toEqual([{ kind: 'plan', scenario: 'multi-host-bridge' }]);
    console.close();
  });

  test('may be run while the hosts are still being looked at: the run looks itself before it makes anything', async () => {
    const console = openConsole(multi.LOOKING, { now: START - 2900 });
    await console.press('j', 'j', KEY.tab, KEY.enter);
    expect(console.intents).toEqual([{ kind: 'run', scenario: 'multi-host-bridge' }]);
    console.close();
  });

  test('what could not be looked at is not called free', async () => {
    const rows = await rowsOf('multi-unchecked', 120, 40);
    expect(rowWith(rows, '? host-A was not looked at')).toContain('it does not have the image');
    expect(rowWith(rows, '! host-B has 0.8 GB left')).toBeDefined();
    expect(rows.at(-1)).toContain('enter run');
  });
});

describe('a run', () => {
  test('has a lane per host and step, all on one axis, and the bytes of an image on its way', async () => {
    const rows = await rowsOf('multi-copying', 120, 40);
    expect(rowWith(rows, 'host-A  ')).toContain('get image pets-console/web');
    expect(rowWith(rows, '▸ host-B')).toMatch(/get image pets-console\/web .*◐ 43\.5 of 104 MB {2}copi/);
    expect(rows.findIndex((row) => row.includes('▸ host-B'))).toBeGreaterThan(rows.findIndex((row) => row.includes('wait for cat-web')));
  });

  test('names the host of the lanes that are seen, also where its first one is scrolled away', async () => {
    const rows = await rowsOf('macvlan-done', 120, 40);
    const top = rows.findIndex((row) => row.includes('0 s')) + 1;
    expect(rows[top]).toMatch(/^ {3}host-A +run fox-db/);
  });

  test('tells on which host the selected command is run', async () => {
    const rows = await rowsOf('multi-copying', 120, 40, { keys: ['2', 'k'] });
    expect(rowWith(rows, '▸ ')).toContain('wait for cat-web');
    const run = await rowsOf('multi-copying', 120, 40, { keys: ['2', 'k', 'k'] });
    expect(rowWith(run, 'host-A $ docker run -d -p 8000:5000')).toBeDefined();
  });

  test('a host that died fails once, whatever else failed for the same reason, and what was skipped is one line', async () => {
    for (const [columns, height] of SIZES) {
      const rows = await rowsOf('multi-dead', columns, height);
      expect(rows.filter((row) => row.includes('did not answer within 10 s'))).toHaveLength(1);
      expect(rowWith(rows, 'for the same r')).toMatch(/^▌ +(✕ \S+ \S+ \S*)? *look at the host/);
      const end = await rowsOf('multi-dead', columns, height, { keys: ['2', 'G'] });
      expect(rowWith(end, '2 steps skipped')).toMatch(/run cat.*– needs look at/);
      expect(rowWith(rows, 'get image redis')).toContain(columns < 100 ? '✕ 20 s' : '✕ down 20 s');
      expect(rowWith(rows, '→ once it is back')).toBeDefined();
    }
  });

  test('a folded line keeps the selection that was on one of its steps', async () => {
    const console = openConsole(multi.COPYING, { columns: 120, rows: 40, now: START + 920 });
    await console.press('2', 'G');
    expect(rowWith(await console.screen(), '▸ ')).toContain('wait for cat-db');
    console.store.add(multi.DEAD_HOST.slice(multi.COPYING.length), START + 12_000);
    expect(rowWith(await console.screen(), '▸ ')).toContain('2 steps skipped');
    console.close();
  });

  test('obstacles that the look at the hosts found stand before everything, and it says that nothing was made', async () => {
    const rows = await rowsOf('multi-refused', 120, 40);
    expect(rowWith(rows, '›up')).toContain('✕ 2 obstacles, nothing was made');
    const first = rows.findIndex((row) => row.includes('▸ ✕ host-A: port 8000 is in use'));
    expect(first).toBe(rows.findIndex((row) => row.includes('›up')) + 3);
    expect(rows[first + 1]).toContain('held by process nginx (1841)');
    const below = await rowsOf('multi-refused', 80, 24, { keys: ['2', 'G'] });
    expect(rowWith(below, '2 steps skipped')).toBeDefined();
    expect(below.join('\n')).not.toContain('(and 1 more)');
  });

  test('shows the addresses of its networks on every host', async () => {
    const rows = await rowsOf('macvlan-done', 200, 60);
    expect(rowWith(rows, 'Addresses  macvlan · host-A · on eth0')).toBeDefined();
    expect(rowWith(rows, 'macvlan · host-B · on eth0')).toBeDefined();
    expect(rowWith(rows, '192.168.0.5')).toContain('dog-db');
  });

  test('more checks than rows are reached by the arrows', async () => {
    const checks = Array.from(
      { length: 30 },
      (_, index): ConsoleEvent => ({
        at: START + 9000,
        type: 'check.passed',
        check: `dog-web reaches peer-${index}`,
        text: 'answered',
        durationMs: 2,
      }),
    );
    const started: ConsoleEvent = {
      at: START + 8900,
      type: 'run.started',
      run: 'v',
      verb: 'verify',
      scenario: 'macvlan',
      project: 'macvlan',
      steps: [],
      tenants: [],
    };
    const events = [...macvlan.DONE, started, ...checks];
    const rows = await rowsOf('macvlan-done', 80, 24, { events, now: START + 9100, keys: ['2', 'G'] });
    expect(rowWith(rows, '▸ ')).toContain('dog-web reaches peer-29');
    expect((await rowsOf('macvlan-done', 80, 24, { events, now: START + 9100, keys: ['2'] })).join('\n')).not.toContain('peer-29');
  });
});

describe('networks and addresses', () => {
  test('of one name on two hosts are told apart, those of the run first, the old ones dim with their age', async () => {
    const rows = await rowsOf('multi-cut-off', 120, 40);
    const list = rows.map((row) => row.split('▏')[0] ?? '').slice(5, 11);
    expect(list[0]).toMatch(/▸ bridge +host-A +172\.17\.0\.0\/16 +1 *$/);
    expect(list[1]).toMatch(/bridge +host-B +172\.17\.0\.0\/16 +✕ 23 s old/);
    expect(list.filter((row) => row.includes('host-B'))).toHaveLength(3);
  });

  test('what a host has that never answered is unknown, not nothing', async () => {
    const rows = await rowsOf('fleet-12', 200, 60, { keys: ['3', 'G'] });
    expect(rowWith(rows, '✕ host-K has never answered')).toBeDefined();
    expect(rowWith(rows, '◐ host-L is being asked')).toBeDefined();
  });

  test('in a narrow list of pools names come before figures, which stand beside it', async () => {
    const rows = await rowsOf('macvlan-ipam', 100, 30);
    expect(rowWith(rows, '▸ bridge')).toMatch(/▸ bridge +host-A +172\.17\.0\.0\/16 +▏ +2 used/);
  });

  test('two engines that hand out the same macvlan addresses are marked, and told with the way out', async () => {
    const rows = await rowsOf('macvlan-ipam', 120, 40);
    expect(rows.filter((row) => /^▌.*macvlan +host-[AB] +192\.168\.0\.0\/24/.test(row))).toHaveLength(2);
    expect(rowWith(rows, '! macvlan on host-A and host-B hand out')).toMatch(/^▌/);
    const apart = macvlan.BESIDE.map((event): ConsoleEvent => {
      if (event.type !== 'network.inspected' || event.network.driver !== 'macvlan') return event;
      const ipRange = event.host === 'host-A' ? '192.168.0.64/26' : '192.168.0.128/26';
      return { ...event, network: { ...event.network, pools: event.network.pools.map((pool) => ({ ...pool, ipRange })) } };
    });
    expect((await rowsOf('macvlan-ipam', 120, 40, { events: apart })).join('\n')).not.toContain('hand out');
  });
});

describe('tenants', () => {
  test('carry their project only where another project has one of the name, and the host of each container', async () => {
    const rows = await rowsOf('macvlan-tenants', 120, 40);
    expect(rowWith(rows, 'cat · multi-host-bridge')).toContain('100 hits');
    expect(rowWith(rows, 'cat · macvlan')).toContain('7 hits');
    expect(rowWith(rows, ' dog ')).not.toContain('·');
    expect(rowWith(rows, 'dog-web')).toMatch(/dog-web +host-A +42/);
  });

  test('of which one is selected by the arrows is the one that is hit', async () => {
    const console = openConsole(macvlan.BESIDE, { now: START + 8500 });
    await console.press('5', 'j', 'j', 'h');
    expect(console.intents).toEqual([{ kind: 'hit', tenant: 'macvlan/cat', count: 1 }]);
    console.close();
  });

  test('containers of one name on several hosts are counted apart', async () => {
    const rows = await rowsOf('fleet-12-tenants', 120, 40);
    expect(rows.filter((row) => /cat-web +\S+ +(10|20|30) /.test(row))).toHaveLength(3);
  });
});

describe('the question before a take-down', () => {
  test('names every host with what it holds, and which cannot be reached', async () => {
    const rows = await rowsOf('multi-confirm', 80, 24);
    expect(rowWith(rows, 'Take down multi-host-bridge?')).toContain('2 containers on 2 hosts');
    expect(rowWith(rows, 'host-B  ')).toMatch(/host-B +1 container +✕ cannot be reached now/);
    expect(rowWith(rows, 'host-A  ')).toMatch(/host-A +1 container *$/);
    expect(rowWith(rows, 'What a silent host holds stays')).toBeDefined();
  });

  test('also names hosts of which nobody knows what they hold, and never hides how to answer', async () => {
    for (const [columns, height] of [...SIZES, [60, 15] as const]) {
      const rows = await rowsOf('fleet-12-confirm', columns, height);
      expect(rowWith(rows, 'enter takes it down')).toBeDefined();
      if (height >= 24) expect(rowWith(rows.slice(3), 'host-K')).toMatch(/host-K +\? +✕ cannot be reached now/);
      else expect(rowWith(rows, 'more hosts')).toBeDefined();
    }
  });
});
