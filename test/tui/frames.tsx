import type { ConsoleEvent } from '../../src/domain/events.ts';
import * as run from './bridge-run.ts';
import * as fleet from './fleet-run.ts';
import { KEY, openConsole } from './harness.tsx';
import * as macvlan from './macvlan-run.ts';
import * as multi from './multi-host-run.ts';
import * as overlay from './overlay-run.ts';

/** Every screen and key state, by name: what the pictures are taken of and the grid is checked on. */
export interface Moment {
  readonly name: string;
  readonly events: readonly ConsoleEvent[];
  readonly now: number;
  readonly keys: readonly string[];
}

const { START } = run;

/** `j` twice chooses the third scenario of the list. */
const MULTI = ['j', 'j'];
const MACVLAN = ['j', 'j', 'j'];

const SEVERAL_HOSTS: readonly Moment[] = [
  { name: 'multi-found', events: multi.FOUND, now: START - 9000, keys: ['0'] },
  { name: 'multi-looking', events: multi.LOOKING, now: START - 2900, keys: [...MULTI, KEY.tab] },
  { name: 'multi-plan', events: multi.PLANNED, now: START - 2600, keys: [...MULTI, KEY.tab] },
  { name: 'multi-obstructed', events: multi.OBSTRUCTED, now: START - 2600, keys: [...MULTI, KEY.tab] },
  { name: 'multi-unchecked', events: multi.UNCHECKED, now: START - 2600, keys: [...MULTI, KEY.tab] },
  { name: 'multi-copying', events: multi.COPYING, now: START + 920, keys: ['2'] },
  { name: 'multi-refused', events: multi.REFUSED, now: START + 2100, keys: ['2'] },
  { name: 'multi-dead', events: multi.DEAD_HOST, now: START + 12_000, keys: ['2'] },
  { name: 'multi-done', events: multi.DONE, now: START + 3000, keys: ['2'] },
  { name: 'multi-hit', events: multi.HIT, now: START + 5500, keys: ['2'] },
  { name: 'multi-cut-off', events: multi.CUT_OFF, now: START + 26_000, keys: ['3'] },
  { name: 'multi-hosts', events: multi.CUT_OFF, now: START + 26_000, keys: ['0'] },
  { name: 'multi-confirm', events: multi.CUT_OFF, now: START + 26_000, keys: [...MULTI, 'D'] },
  { name: 'macvlan-plan', events: macvlan.PLANNED, now: START - 2600, keys: [...MACVLAN, KEY.tab] },
  { name: 'macvlan-running', events: macvlan.RUNNING, now: START + 700, keys: ['2'] },
  { name: 'macvlan-done', events: macvlan.DONE, now: START + 2000, keys: ['2'] },
  { name: 'macvlan-networks', events: macvlan.BESIDE, now: START + 8500, keys: ['3'] },
  { name: 'macvlan-ipam', events: macvlan.BESIDE, now: START + 8500, keys: ['4'] },
  { name: 'macvlan-tenants', events: macvlan.BESIDE, now: START + 8500, keys: ['5'] },
  { name: 'fleet-4', events: fleet.FOUR, now: START + 16_000, keys: ['3'] },
  { name: 'fleet-12', events: fleet.TWELVE, now: START + 16_000, keys: ['3'] },
  { name: 'fleet-12-run', events: fleet.TWELVE, now: START + 16_000, keys: ['2'] },
  { name: 'fleet-12-hosts', events: fleet.TWELVE, now: START + 16_000, keys: ['0'] },
  { name: 'fleet-12-ipam', events: fleet.TWELVE, now: START + 16_000, keys: ['4'] },
  { name: 'fleet-12-confirm', events: fleet.TWELVE_ENDED, now: START + 16_000, keys: ['D'] },
  { name: 'fleet-12-tenants', events: fleet.TWELVE, now: START + 16_000, keys: ['5'] },
];

/** The last scenario of the list. */
const OVERLAY = ['G'];

const ON_A_SWARM: readonly Moment[] = [
  { name: 'overlay-about', events: overlay.CONNECTED, now: START - 4000, keys: [...OVERLAY, KEY.tab] },
  { name: 'overlay-none', events: overlay.CONNECTED, now: START - 4000, keys: ['8'] },
  { name: 'overlay-obstructed', events: overlay.OBSTRUCTED, now: START - 2600, keys: [...OVERLAY, KEY.tab] },
  { name: 'overlay-variant', events: overlay.PLANNED_IN_VARIANT, now: START - 2600, keys: [...OVERLAY, 'o'] },
  { name: 'overlay-running', events: overlay.RUNNING, now: START + 1600, keys: ['2'] },
  { name: 'overlay-done', events: overlay.DONE, now: START + 4000, keys: ['2'] },
  { name: 'overlay-verified', events: overlay.VERIFIED, now: START + 6000, keys: ['2'] },
  { name: 'overlay-swarm', events: overlay.DONE, now: START + 12_000, keys: ['8'] },
  { name: 'overlay-nodes', events: overlay.DONE, now: START + 12_000, keys: ['8', KEY.tab] },
  { name: 'overlay-stuck', events: overlay.STUCK, now: START + 12_000, keys: ['8'] },
  { name: 'overlay-stale', events: overlay.CUT_OFF, now: START + 26_000, keys: ['8'] },
  { name: 'overlay-networks', events: overlay.DONE, now: START + 12_000, keys: ['3'] },
  { name: 'overlay-ipam', events: overlay.DONE, now: START + 12_000, keys: ['4', 'j'] },
  { name: 'overlay-ipam-stale', events: overlay.CUT_OFF, now: START + 26_000, keys: ['4', 'j'] },
  { name: 'overlay-tenants', events: overlay.DONE, now: START + 4000, keys: ['5'] },
  { name: 'overlay-hosts', events: overlay.DONE, now: START + 12_000, keys: ['0'] },
  { name: 'overlay-confirm', events: overlay.DONE, now: START + 12_000, keys: [...OVERLAY, 'D'] },
];

export const MOMENTS: readonly Moment[] = [
  { name: 'empty', events: [], now: START, keys: [] },
  { name: 'none', events: [{ at: START, type: 'scenarios.listed', scenarios: [], broken: [] }], now: START, keys: [] },
  { name: 'scenarios', events: run.CONNECTED, now: START - 4000, keys: [] },
  { name: 'planning', events: run.PLANNING, now: START - 2990, keys: [KEY.tab] },
  { name: 'plan', events: run.PLANNED, now: START - 2900, keys: [KEY.tab] },
  { name: 'unchanged', events: run.NOTHING_TO_DO, now: START - 2900, keys: [KEY.tab] },
  { name: 'obstacles', events: run.OBSTACLES, now: START - 2900, keys: [KEY.tab] },
  { name: 'outdated', events: run.DONE, now: START + 1500, keys: [KEY.tab] },
  { name: 'running', events: run.RUNNING, now: START + 580, keys: ['2'] },
  { name: 'failed', events: run.FAILED, now: START + 1200, keys: ['2'] },
  { name: 'done', events: run.DONE, now: START + 1500, keys: ['2'] },
  { name: 'hit', events: run.FIRST_HIT, now: START + 3500, keys: ['2'] },
  { name: 'busy', events: run.BUSY, now: START + 120_000, keys: ['2'] },
  { name: 'stopped', events: run.STOPPED, now: START + 1200, keys: ['2'] },
  { name: 'idempotent', events: run.IDEMPOTENT, now: START + 6000, keys: ['2'] },
  { name: 'halted', events: run.HALTED, now: START + 9000, keys: ['2'] },
  { name: 'paused', events: run.PAUSED, now: START + 9000, keys: ['2'] },
  { name: 'went-back', events: run.WENT_BACK, now: START + 6000, keys: ['2'] },
  { name: 'read-back', events: run.READ_BACK, now: START + 80_000, keys: ['2'] },
  { name: 'uncertain', events: run.UNCERTAIN, now: START + 6000, keys: ['2'] },
  { name: 'quitting', events: run.RUNNING, now: START + 580, keys: ['2', 'q'] },
  { name: 'run-network', events: run.FIRST_HIT, now: START + 3500, keys: ['2', KEY.tab] },
  { name: 'run-addresses', events: run.FIRST_HIT, now: START + 3500, keys: ['2', KEY.tab, KEY.tab] },
  { name: 'verified', events: run.VERIFIED, now: START + 6000, keys: ['2'] },
  { name: 'lost', events: run.LOST_HOST, now: START + 23_000, keys: ['2'] },
  { name: 'taken-down', events: run.TAKEN_DOWN, now: START + 9500, keys: ['2'] },
  { name: 'stale', events: run.FIRST_HIT, now: START + 24_000, keys: ['3'] },
  { name: 'networks', events: run.DONE, now: START + 1500, keys: ['3'] },
  { name: 'ipam', events: run.DONE, now: START + 1500, keys: ['4'] },
  { name: 'ipam-addresses', events: run.DONE, now: START + 1500, keys: ['4', KEY.tab] },
  { name: 'tenants', events: run.BUSY, now: START + 120_000, keys: ['5'] },
  { name: 'help', events: run.DONE, now: START + 1500, keys: ['?'] },
  { name: 'confirm', events: run.DONE, now: START + 1500, keys: ['D'] },
  ...SEVERAL_HOSTS,
  ...ON_A_SWARM,
];

export const SIZES = [
  [80, 24],
  [120, 40],
  [200, 60],
] as const;

export interface Frame {
  readonly name: string;
  readonly columns: number;
  readonly rows: readonly string[];
}

export async function drawFrame(moment: Moment, columns: number, rows: number): Promise<Frame> {
  const console = openConsole(moment.events, { columns, rows, now: moment.now });
  await console.press(...moment.keys);
  const frame = { name: moment.name, columns, rows: await console.screen() };
  console.close();
  return frame;
}

export async function* drawFrames(only: string): AsyncGenerator<Frame> {
  for (const moment of MOMENTS.filter((each) => each.name.startsWith(only))) {
    for (const [columns, rows] of SIZES) yield await drawFrame(moment, columns, rows);
  }
}
