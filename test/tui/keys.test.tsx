import { afterEach, expect, test, vi } from 'vitest';
import type { ConsoleEvent } from '../../src/domain/events.ts';
import { BINDINGS } from '../../src/tui/keys.ts';
import * as run from './bridge-run.ts';
import { type Console, KEY, openConsole } from './harness.tsx';

let console: Console;
afterEach(() => console.close());

function open(
  events: readonly ConsoleEvent[],
  now: number,
  options: { mode?: 'live' | 'replay'; columns?: number; rows?: number } = {},
): Console {
  console = openConsole(events, { now, ...options });
  return console;
}

async function text(): Promise<string> {
  return (await console.screen()).join('\n');
}

test('enter shows the plan, enter again runs it and opens the run', async () => {
  open(run.CONNECTED, run.START - 4000);
  await console.press(KEY.enter);
  expect(console.intents).toEqual([{ kind: 'plan', scenario: 'bridge' }]);
  console.store.add(run.PLANNING.slice(-1), run.START - 2990);
  expect(await text()).toContain('asking the hosts what they hold');
  await console.press(KEY.enter);
  expect(console.intents).toHaveLength(1);
  console.store.add(run.PLANNED.slice(-1), run.START - 2960);
  expect(await text()).toContain('docker network create -d bridge catnet');
  await console.press(KEY.enter);
  expect(console.intents.at(-1)).toEqual({ kind: 'run', scenario: 'bridge' });
  console.store.add(run.RUNNING.slice(run.PLANNED.length), run.START + 580);
  expect(await text()).toMatch(/up {2}bridge {2}4 of 7 steps/);
});

test('with an obstacle in the way, enter plans again and never runs', async () => {
  open(run.OBSTACLES, run.START - 2900);
  await console.press(KEY.tab, KEY.enter);
  expect(console.intents).toEqual([{ kind: 'plan', scenario: 'bridge' }]);
});

test('while a run is on, only stopping it changes an engine', async () => {
  open(run.RUNNING, run.START + 580);
  await console.press('v', 'D', KEY.enter, 'x');
  expect(console.intents).toEqual([{ kind: 'cancel' }]);
});

test('h sends one hit, b a hundred', async () => {
  open(run.DONE, run.START + 1500);
  await console.press('h', 'b');
  expect(console.intents).toEqual([
    { kind: 'hit', tenant: 'cat', count: 1 },
    { kind: 'hit', tenant: 'cat', count: 100 },
  ]);
});

test('keys typed at once are each judged by what the one before them did', async () => {
  open(run.DONE, run.START + 1500);
  await console.press('2hh');
  expect(console.intents).toHaveLength(2);
  expect(await text()).toContain('up  bridge');
});

test.each([['D'], [KEY.ctrlD]])('%j asks first, naming hosts and counts; enter takes down', async (key) => {
  open(run.DONE, run.START + 1500);
  await console.press(key);
  expect(console.intents).toEqual([]);
  expect(await text()).toMatch(/Take down pets\?[\s\S]*host-A +2 containers +1 network/);
  await console.press(KEY.enter);
  expect(console.intents).toEqual([{ kind: 'down', scenario: 'bridge' }]);
});

test('escape keeps what the question was about', async () => {
  open(run.DONE, run.START + 1500);
  await console.press('D', KEY.esc);
  // Ink holds a lone escape back for a moment, to see whether a sequence follows.
  await vi.waitFor(async () => expect(await text()).not.toContain('Take down pets?'));
  expect(console.intents).toEqual([]);
});

test('there is nothing to take down while no host holds anything of the project', async () => {
  open(run.PLANNED, run.START);
  await console.press('D');
  expect(await text()).not.toContain('Take down');
  expect((await console.screen()).at(-1)).not.toContain('take down');
});

test('no single bare key takes anything down', async () => {
  for (const key of BINDINGS.flatMap((binding) => binding.keys).filter((name) => name.length === 1)) {
    if (key === 'q') continue;
    const each = openConsole(run.DONE, { now: run.START + 1500 });
    await each.press(key);
    expect(each.intents.filter((intent) => intent.kind === 'down')).toEqual([]);
    each.close();
  }
});

test('a replay is looked at, not acted on', async () => {
  open(run.DONE, run.START + 1500, { mode: 'replay' });
  await console.press('h', 'b', 'v', 'D', KEY.enter, 'x');
  expect(console.intents).toEqual([]);
  expect((await console.screen())[0]).toMatch(/replay$/);
  expect((await console.screen()).at(-1)).not.toMatch(/hit|verify|take down/);
});

test('arrows move the selection, which stays on its network while the list changes', async () => {
  open(run.DONE, run.START + 1500);
  await console.press('3', KEY.down);
  expect(await text()).toContain('▸ bridge ');
  console.store.add(
    [{ at: run.START + 2000, type: 'network.inspected', host: 'host-A', network: run.network([], { id: 'a'.repeat(64), name: 'aaa' }) }],
    run.START + 2000,
  );
  const rows = await console.screen();
  expect(rows.findIndex((row) => row.includes('aaa'))).toBeLessThan(rows.findIndex((row) => row.includes('▸ bridge ')));
  await console.press('k', 'g');
  expect(await text()).toContain('▸ aaa');
  await console.press('G');
  expect(await text()).toContain('▸ none');
});

test('inspect scrolls as far as it has rows, and back at the first press', async () => {
  open(run.DONE, run.START + 1500);
  await console.press('3', KEY.enter);
  const top = await console.screen();
  await console.press('G', 'j', 'j');
  expect(await text()).toContain('–52 of 52');
  await console.press('k');
  expect(await text()).toContain('–51 of 52');
  await console.press('g');
  expect(await console.screen()).toEqual(top);
});

test('tab and shift-tab go round the panels of a view', async () => {
  open(run.DONE, run.START + 1500);
  await console.press('2', KEY.tab);
  expect(await text()).toContain('›Network');
  await console.press(KEY.shiftTab, KEY.shiftTab);
  expect(await text()).toContain('›Hits');
  await console.press(KEY.esc);
  await vi.waitFor(async () => expect(await text()).toContain('›up'));
});

test('help is the key table', async () => {
  open(run.DONE, run.START + 1500, { columns: 80, rows: 24 });
  await console.press('?');
  const rows = await text();
  for (const binding of BINDINGS) expect(rows).toContain(binding.help);
});

test.each([['q'], [KEY.ctrlC]])('%j quits', async (key) => {
  open(run.DONE, run.START + 1500);
  await console.press(key);
  await expect(console.ended).resolves.toBeUndefined();
});

test.each([['q'], [KEY.ctrlC]])('while a run is on, %j asks before it stops the run; pressed again it leaves', async (key) => {
  open(run.RUNNING, run.START + 580);
  await console.press('2', key);
  expect((await console.screen()).at(-2)).toMatch(/^ ! up is running: q again stops it after the steps under way/);
  // Any other key takes the question back.
  await console.press('j');
  expect(await text()).not.toContain('q again');
  await console.press(key);
  expect(await text()).toContain('q again');
  await console.press(key);
  await expect(console.ended).resolves.toBeUndefined();
});

test('in a replay there is no run to stop: q leaves at once', async () => {
  open(run.RUNNING, run.START + 580, { mode: 'replay' });
  await console.press('q');
  await expect(console.ended).resolves.toBeUndefined();
});

test('enter on a plan that was run plans again, and does not run it', async () => {
  open(run.DONE, run.START + 1500);
  await console.press(KEY.tab, KEY.enter);
  expect(console.intents).toEqual([{ kind: 'plan', scenario: 'bridge' }]);
});

test('the footer of the question offers what enter does', async () => {
  open(run.DONE, run.START + 1500);
  await console.press('D');
  expect((await console.screen()).at(-1)).toMatch(/enter take down {2}esc back/);
  await console.press(KEY.enter, '?');
  expect((await console.screen()).at(-1)).not.toContain('take down');
});
