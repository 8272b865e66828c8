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
    expect(rowWith(await rowsOf('empty', 80, 24), 'No scenario was found.')).toBeDefined();
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
    expect(rowWith(rows, 'host-A/network/catnet')).toContain('host-A/container/cat-db');
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
    expect(rowWith(rows, 'console → http://192.168.0.11:8000')).toBeDefined();
    expect(rowWith(rows, 'answered and counted')).toContain('served by cat-web, 6 ms');
  });

  test('folds to one panel, and still sums up network and hits in one row', async () => {
    const rows = await rowsOf('hit', 80, 24);
    expect(rowWith(rows, 'tab  Steps  Network  Addresses  Hits')).toBeDefined();
    expect(rows.at(-3)).toMatch(/cat +1 hit +0\.1\/s .*█ +catnet · 2 endpoints$/);
  });

  test('lists checks with their outcome, and the hint of the one that failed', async () => {
    const rows = await rowsOf('verified', 80, 24);
    expect(rowWith(rows, 'verify  bridge')).toContain('✕ not as expected, 2 of 3 checks passed');
    expect(rowWith(rows, 'cat-web reaches cat-db:6379')).toMatch(/✓ .* 2 ms/);
    expect(rowWith(rows, 'console does not reach')).toMatch(/^▌ {2}! /);
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
    expect(rowWith(rows, ' 1 hit ')).toContain('last 19 s ago');
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
    expect(rowWith(rows, 'more, all free')).toContain('65,520');
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
