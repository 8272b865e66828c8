import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { cleanText } from '../../src/domain/text.ts';
import * as run from './bridge-run.ts';
import { drawFrame, MOMENTS, type Moment, SIZES } from './frames.tsx';
import { openConsole } from './harness.tsx';

function moment(name: string): Moment {
  const found = MOMENTS.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no moment ${name}`);
  return found;
}

async function rowsOf(name: string, columns: number, rows: number): Promise<readonly string[]> {
  return (await drawFrame(moment(name), columns, rows)).rows;
}

/** The row in which a text stands. */
function rowWith(rows: readonly string[], text: string): string {
  const row = rows.find((each) => each.includes(text));
  if (row === undefined) throw new Error(`no row with ${JSON.stringify(text)} in\n${rows.join('\n')}`);
  return row;
}

describe.each(SIZES)('at %i×%i', (columns, rows) => {
  test.each(MOMENTS)('$name fills the grid and never leaves it', async (each) => {
    const frame = await drawFrame(each, columns, rows);
    expect(frame.rows).toHaveLength(rows);
    for (const row of frame.rows) expect(stringWidth(row), row).toBeLessThanOrEqual(columns);
    expect(frame.rows[0]).toMatch(/^ pets-console/);
    expect(frame.rows.at(-1)).toMatch(/\? help {2}q quit$/);
  });

  test('names whose letters are wide, joined or many columns keep the grid whole', async () => {
    const names = [
      '猫網絡猫網絡猫網絡猫網絡猫網絡',
      '👩‍👩‍👧‍👦🇩🇪🇫🇷1️⃣',
      `n${'\u0301'.repeat(40)}et`,
      'ﷺ'.repeat(12),
      `\u202egnp.exe\u001b[31mred\u0007`,
    ];
    const events = names.map((name, index) => ({
      at: run.START,
      type: 'network.inspected' as const,
      host: 'host-A',
      network: run.network([], {
        id: String(index).repeat(64),
        name: cleanText(name),
        pools: [{ subnet: `10.${index}.0.0/24`, auxAddresses: {} }],
      }),
    }));
    for (const keys of ['3', '4']) {
      const frame = await drawFrame(
        { name: 'hostile', events: [...run.CONNECTED, ...events], now: run.START, keys: [keys] },
        columns,
        rows,
      );
      expect(frame.rows).toHaveLength(rows);
      for (const row of frame.rows) expect(stringWidth(row), row).toBeLessThanOrEqual(columns);
      // The column after the name begins where it does for a plain name.
      const list = frame.rows.map((row) => (columns < 100 ? row : (row.split('▏')[0] ?? row))).filter((row) => row.includes('host-A '));
      const starts = new Set(list.slice(1).map((row) => stringWidth(row.slice(0, row.indexOf('host-A ')))));
      expect(list.length).toBeGreaterThan(names.length);
      expect([...starts]).toHaveLength(1);
    }
  });
});

describe('scenarios', () => {
  test('shows what a scenario teaches before its plan is asked for', async () => {
    const rows = await rowsOf('scenarios', 120, 40);
    expect(rowWith(rows, 'Good for')).toBeDefined();
    expect(rowWith(rows, 'enter shows the plan')).toBeDefined();
    expect(rowWith(rows, '▸ bridge')).toBeDefined();
  });

  test('says so when there is nothing to choose from', async () => {
    expect(rowWith(await rowsOf('none', 80, 24), 'No scenario was found.')).toBeDefined();
  });

  test('says nothing of what was not read yet ("No scenario was found. / Nothing is selected." in the first 200 ms)', async () => {
    for (const [columns, height] of SIZES) {
      const rows = await rowsOf('empty', columns, height);
      expect(rowWith(rows, '◐ reading the scenarios')).toBeDefined();
      expect(rows.join('\n')).not.toMatch(/No scenario|Nothing is selected/);
    }
  });

  test('a plan that was run is out of date: dim, and enter plans again ("5 steps … enter runs it" for a project that is up)', async () => {
    for (const [columns, height] of SIZES) {
      const rows = await rowsOf('outdated', columns, height);
      expect(rowWith(rows, 'out of date: the project changed since.')).toContain('enter plans again');
      expect(rowWith(rows, 'create network catnet')).toBeDefined();
      expect(rows.join('\n')).not.toContain('enter runs it');
      expect(rows.at(-1)).toContain('enter plan');
    }
  });

  test('puts each step beside the docker command that does the same', async () => {
    const rows = await rowsOf('plan', 120, 40);
    expect(rowWith(rows, 'create network catnet')).toMatch(/create network catnet +docker network create -d bridge catnet/);
    expect(rowWith(rows, 'Plan  bridge')).toContain('7 steps on host-A');
  });

  test('folds a long command as a shell takes it, no flag torn from its value', async () => {
    const rows = await rowsOf('plan', 80, 24);
    const first = rows.findIndex((row) => row.includes('docker run -d --net catnet -p'));
    expect(rows[first]).toMatch(/ \\ *$/);
    expect(rows.slice(first, first + 3).join(' ')).not.toMatch(/-e \\/);
    expect(rowWith(rows, "-e 'ROLE=cat'")).toBeDefined();
  });

  test('puts an obstacle first, with its owner and the way out, and does not offer to run', async () => {
    const rows = await rowsOf('obstacles', 80, 24);
    expect(rowWith(rows, '✕ 1 obstacle')).toBeDefined();
    const obstacle = rows.findIndex((row) => row.startsWith('▌') && row.includes('port 8000 is published by another container'));
    expect(rows[obstacle + 1]).toContain('held by container grafana');
    expect(rows[obstacle + 2]).toContain('→ docker');
    expect(obstacle).toBeLessThan(rows.findIndex((row) => row.includes('get image redis')));
    expect(rows.at(-1)).not.toContain('enter run');
  });

  test('names what already is as wished', async () => {
    const rows = await rowsOf('unchanged', 120, 40);
    expect(rowWith(rows, 'network/catnet')).toMatch(/host-A +network\/catnet, container\/cat-db/);
    expect(rowWith(rows, 'everything is as the scenario wishes')).toBeDefined();
  });
});

describe('run', () => {
  test('draws a running step from its start to now, with the time so far', async () => {
    const rows = await rowsOf('running', 120, 40);
    expect(rowWith(rows, 'run cat-web')).toMatch(/▇+ +425 ms ◐/);
    expect(rowWith(rows, 'run cat-db')).toMatch(/▇+ +406 ms ✓ dbf7f5918780/);
    expect(rowWith(rows, 'up  bridge')).toMatch(/4 of 7 steps +580 ms +◐ running/);
    expect(rowWith(rows, 'wait for cat-web')).not.toContain('▇');
  });

  test('opens the failing step with its whole message and its hint', async () => {
    for (const [columns, height] of SIZES) {
      const rows = await rowsOf('failed', columns, height);
      const failing = rows.findIndex((row) => row.startsWith('▌') && row.includes('run cat-web'));
      const opened = rows.slice(failing, failing + 4).join('\n');
      expect(opened).toContain('✕');
      expect(opened).toContain('port 8000 is held by container grafana');
      expect(opened).toContain('→ docker rm -f grafana');
    }
  });

  test('shows steps, network, addresses and hits at once where they fit', async () => {
    const rows = await rowsOf('hit', 120, 40);
    expect(rowWith(rows, '✓ done, 3 changed')).toBeDefined();
    expect(rowWith(rows, '"Name": "cat-web"')).toMatch(/^▌/);
    expect(rowWith(rows, '02:42:ac:13:00:03  cat-web')).toMatch(/▌ {2}w {2}172\.19\.0\.3/);
    expect(rowWith(rows, ' 1 hit ')).toMatch(/cat +1 hit +0\.1\/s +last just now/);
    expect(rowWith(rows, 'from this machine → http://192.168.0.11:8000')).toBeDefined();
    const answered = rows.findIndex((row) => row.includes('✓ answered and counted'));
    // Beside it there is no room: "served by cat-web, 64 …".
    expect(rows[answered + 1]).toMatch(/ served by cat-web, 6 ms *$/);
  });

  test('folds to one panel, and still sums up network and hits in one row', async () => {
    const rows = await rowsOf('hit', 80, 24);
    expect(rowWith(rows, 'tab  Steps  Network  Addresses  Hits')).toBeDefined();
    expect(rows.at(-3)).toMatch(/cat +1 hit +0\.1\/s .*█ +catnet · 2 endpoints$/);
    // For a few seconds after the key, also from where the hit went; then nothing of it is left, and nothing moved.
    expect(rows.at(-4)).toMatch(/^ {3}from this machine → http:\/\/192\.168\.0\.11:8000 {2}✓ answered and counted *$/);
    const later = (await drawFrame({ ...moment('hit'), now: run.START + 12_000 }, 80, 24)).rows;
    expect(later.at(-4)).toMatch(/^ *$/);
    expect(later.at(-3)).toMatch(/^ {3}cat +1 hit/);
  });

  test('a container that was stopped by hand is told where the run says how it went, with what brings it back', async () => {
    for (const [columns, height] of SIZES) {
      const rows = await rowsOf('halted', columns, height);
      expect(rowWith(rows, 'up  bridge')).toContain('! cat-web stopped');
      expect(rows.join('\n')).not.toContain('✓ done');
      expect(rowWith(rows, 'cat-web on host-A stopped 3 s ago')).toMatch(/^▌.*exit status 137/);
      expect(rowWith(rows, '→ pets-console up bridge')).toMatch(/^▌/);
    }
    expect(rowWith((await drawFrame({ ...moment('halted'), keys: ['1'] }, 120, 40)).rows, '▸ bridge')).toContain('! in part');
    expect(rowWith((await drawFrame({ ...moment('halted'), keys: ['4'] }, 120, 40)).rows, 'cat-web  stopped')).toContain('–  no address');
  });

  test('a paused container keeps its address, and says so', async () => {
    const rows = (await drawFrame({ ...moment('paused'), keys: ['4'] }, 120, 40)).rows;
    expect(rowWith(rows, 'cat-web  paused')).toContain('172.19.0.3');
    expect(rowWith(await rowsOf('paused', 80, 24), 'cat-web on host-A is paused')).toContain('→ pets-console up bridge');
  });

  test('a run that the user stopped did not fail', async () => {
    const rows = await rowsOf('stopped', 120, 40);
    expect(rowWith(rows, 'up  bridge')).toContain('■ stopped, 2 changed');
    expect(rowWith(rows, 'run cat-web')).toContain('■ stopped');
    expect(rowWith(rows, 'up was interrupted')).toContain('what was done stands');
    expect(rows.join('\n')).not.toMatch(/✕|failed/);
  });

  test('leaves the room of lanes to the panels below where nothing had to change', async () => {
    const quiet = await rowsOf('idempotent', 200, 60);
    expect(rowWith(quiet, 'Everything is as the scenario wishes.')).toBeDefined();
    expect(quiet.findIndex((row) => row.startsWith(' Network'))).toBeLessThan(13);
  });

  test('lanes keep their height from the first step to the last', async () => {
    for (const [columns, height] of SIZES.slice(1)) {
      const places = await Promise.all(
        ['running', 'failed', 'done', 'busy'].map(async (name) =>
          (await rowsOf(name, columns, height)).findIndex((row) => row.startsWith(' Network')),
        ),
      );
      expect(new Set(places).size).toBe(1);
    }
  });

  test('lists checks with their outcome, and the hint of the one that failed', async () => {
    const rows = await rowsOf('verified', 80, 24);
    expect(rowWith(rows, 'verify  bridge')).toContain('✕ not as expected, 2 of 3 checks passed');
    expect(rowWith(rows, 'cat-web reaches cat-db:6379')).toMatch(/✓ .* 2 ms/);
    expect(rowWith(rows, 'console does not reach')).toMatch(/^▌▸ ! /);
    expect(rowWith(rows, 'which the scenario denies')).toMatch(/^▌ {4}/);
    expect(rowWith(rows, '→ docker ps')).toBeDefined();
  });
});

describe('what is old says so', () => {
  test('a host that was lost is down with its age, what it held is a lower bound, the lost counter keeps its count', async () => {
    const rows = await rowsOf('lost', 120, 40);
    expect(rows[0]).toContain('host-A ✕ down 22 s');
    expect(rows.at(-2)).toMatch(/^ ✕ host-A did not answer within 3 s/);
    expect(rowWith(rows, 'at least 3 used')).toContain('at most 65,531 free');
    expect(rowWith(rows, 'the counter is lost')).toContain('✕');
    // Its rate is not 0.0/s: nobody knows it.
    expect(rowWith(rows, ' 1 hit ')).toMatch(/ 1 hit +○ 14 s +last 19 s ago/);
    expect(rows.join('\n')).not.toContain('0.0/s');
  });

  test('a count that was read back after an outage is not "no hit yet"', async () => {
    const rows = await rowsOf('read-back', 120, 40);
    expect(rowWith(rows, ' 41 hits ')).toContain('0.0/s');
    expect(rows.join('\n')).not.toContain('no hit yet');
    expect(rowWith(await rowsOf('done', 120, 40), ' 0 hits ')).toContain('no hit yet');
  });

  test('"the count went back: the database started em…" is told whole, and its mark fades before it does', async () => {
    const at = async (afterMs: number) => (await drawFrame({ ...moment('went-back'), now: run.START + afterMs }, 120, 40)).rows;
    const told = (rows: readonly string[]) =>
      rows.map((row) => row.split('▏').at(-1) ?? '').filter((row) => /the count went|^.{15}(started )?empty/.test(row));
    const fresh = told(await at(6000));
    expect(
      fresh
        .join(' ')
        .split(/[▌\s]+/)
        .join(' '),
    ).toContain('the count went back: the database started empty');
    for (const row of fresh) expect(row).toMatch(/^▌/);
    const later = told(await at(20_000));
    expect(later).toHaveLength(fresh.length);
    for (const row of later) expect(row).not.toMatch(/^▌/);
    expect(told(await at(70_000))).toEqual([]);
  });

  test('hits of which the page did not know whether they were counted are told', async () => {
    const rows = (await drawFrame(moment('uncertain'), 120, 40)).rows.join('\n');
    expect(rows).toMatch(/! 100 hits sent, 93 counted/);
    expect(rows).toContain('7 counted or not');
  });

  test('what was taken down is gone, not lost', async () => {
    const rows = await rowsOf('taken-down', 120, 40);
    expect(rowWith(rows, 'taken down, and its counts with it')).toContain('cat');
    expect(rowWith(rows, 'No network of ours on any host.')).toBeDefined();
    expect(rows.join('\n')).not.toContain('the counter is lost');
    expect(rows.at(-1)).not.toMatch(/hit|take down/);
  });

  test('a silent host is stale, and its networks show their age instead of a count', async () => {
    const rows = await rowsOf('stale', 120, 40);
    expect(rows[0]).toContain('host-A ○ 23 s');
    expect(rowWith(rows, '▸ catnet')).toContain('○ 23 s old');
  });

  test('marks fade, and nothing else changes place', async () => {
    const fresh = await rowsOf('hit', 120, 40);
    const later = (await drawFrame({ ...moment('hit'), now: run.START + 9000 }, 120, 40)).rows;
    expect(fresh.some((row) => row.startsWith('▌'))).toBe(true);
    expect(later.some((row) => row.includes('▌'))).toBe(false);
    const place = (rows: readonly string[]) => rows.findIndex((row) => row.includes('"Name": "cat-web"'));
    expect(place(later)).toBe(place(fresh));
  });
});

describe('ipam', () => {
  test('maps who holds which address and folds what is free', async () => {
    const rows = await rowsOf('ipam', 120, 40);
    expect(rowWith(rows, '▸ catnet')).toMatch(/172\.19\.0\.0\/16 +3 +65,531/);
    expect(rowWith(rows, '0.0 ')).toMatch(/0\.0 +– {2}G {2}d {2}w {2}· {2}·/);
    expect(rowWith(rows, 'more, all free')).toContain('65,519');
    expect(rowWith(rows, 'gateway 172.19.0.1')).toContain('subnet 172.19.0.0/16');
  });
});

test('a refused wish is told in the place of the lower rule, so that nothing moves', async () => {
  const refused = {
    at: run.START + 4000,
    type: 'intent.failed' as const,
    intent: { kind: 'verify' as const, scenario: 'bridge' },
    failure: { code: 'BAD_USAGE' as const, message: "'run' is still under way", hint: 'wait for its end' },
  };
  const before = await rowsOf('hit', 80, 24);
  const after = (await drawFrame({ ...moment('hit'), events: [...run.FIRST_HIT, refused] }, 80, 24)).rows;
  expect(after.at(-2)).toMatch(/^ ! 'run' is still under way {2}→ wait for its end/);
  expect(after.toSpliced(-2, 1)).toEqual(before.toSpliced(-2, 1));
});

test('why a host is down is told to its last word, and moves nothing', async () => {
  const message = `host-A: the engine has not answered a ping for 3 s, and then neither a second nor a third one`;
  const hint = 'it is asked again every second; is it stopped or overloaded? pets-console doctor';
  const lost = {
    at: run.START + 9000,
    type: 'host.lost' as const,
    host: 'host-A',
    failure: { code: 'ENGINE_TIMEOUT' as const, message, hint },
  };
  for (const [columns, height] of SIZES) {
    const frame = (await drawFrame({ ...moment('lost'), events: [...run.LOST_HOST, lost] }, columns, height)).rows;
    const alert = frame.findLastIndex((row) => row.startsWith(' ✕ host-A'));
    const words = frame.slice(alert, -1).join(' ').replaceAll('→', ' ').split(/\s+/).join(' ');
    expect(words).toContain(message);
    expect(words.trim().endsWith(hint)).toBe(true);
    expect(frame.slice(0, alert)).toEqual((await rowsOf('lost', columns, height)).slice(0, alert));
  }
});

describe('resizing', () => {
  test('folds and unfolds, and says what it needs when too small', async () => {
    const console = openConsole(run.FIRST_HIT, { columns: 120, rows: 40, now: run.START + 3500 });
    await console.press('2');
    expect(rowWith(await console.screen(), '›up')).toBeDefined();
    await console.resize(80, 24);
    expect(await console.screen()).toHaveLength(24);
    expect(rowWith(await console.screen(), 'tab  Steps')).toBeDefined();
    await console.resize(59, 14);
    const small = await console.screen();
    expect(rowWith(small, 'pets-console needs 60×15')).toBeDefined();
    expect(rowWith(small, 'this terminal is 59×14')).toBeDefined();
    for (const row of small) expect(stringWidth(row)).toBeLessThanOrEqual(59);
    await console.resize(60, 15);
    expect(rowWith(await console.screen(), '›up')).toBeDefined();
    await console.resize(200, 60);
    expect(await console.screen()).toHaveLength(60);
    console.close();
  });
});
