import { describe, expect, test } from 'vitest';
import type { ConsoleEvent } from '../../src/domain/events.ts';
import { inspectText } from '../../src/domain/inspect-text.ts';
import type { JsonObject } from '../../src/domain/live.ts';
import { reduce } from '../../src/domain/reduce.ts';
import { STALE_AFTER_MS, selectHoldings, selectHosts } from '../../src/domain/select.ts';
import { selectHalted } from '../../src/domain/select-halted.ts';
import { selectHistory, selectTenants } from '../../src/domain/select-hits.ts';
import { addressMap, selectPools } from '../../src/domain/select-ipam.ts';
import { selectNetworks } from '../../src/domain/select-networks.ts';
import { selectRun } from '../../src/domain/select-run.ts';
import { CHANGE_MS, type ConsoleState, EMPTY_STATE } from '../../src/domain/state.ts';
import * as run from '../tui/bridge-run.ts';

const { START } = run;

function stateOf(events: readonly ConsoleEvent[]): ConsoleState {
  return events.reduce(reduce, EMPTY_STATE);
}

describe('hosts', () => {
  test('are live while they answer, stale with their age when silent, down when lost', () => {
    const answered = stateOf([...run.CONNECTED, { at: START, type: 'host.answered', host: 'host-A', latencyMs: 3 }]);
    const freshness = (state: ConsoleState, now: number) => selectHosts(state, now).map((host) => [host.freshness, host.ageMs]);
    expect(freshness(answered, START + STALE_AFTER_MS)).toEqual([['live', STALE_AFTER_MS]]);
    expect(freshness(answered, START + STALE_AFTER_MS + 1)).toEqual([['stale', STALE_AFTER_MS + 1]]);
    expect(freshness(stateOf(run.LOST_HOST), START + 10_000)[0]?.[0]).toBe('down');
  });

  test('that never answered have no age', () => {
    const state = stateOf([{ at: START, type: 'host.lost', host: 'host-B', failure: { code: 'ENGINE_UNREACHABLE', message: 'no' } }]);
    expect(selectHosts(state, START + 5)).toMatchObject([{ name: 'host-B', freshness: 'down', ageMs: undefined }]);
  });

  test('hold what carries the label, whatever its name', () => {
    expect(selectHoldings(stateOf(run.DONE), 'pets', START)).toMatchObject([{ host: 'host-A', containers: 2, networks: 1 }]);
    expect(selectHoldings(stateOf(run.DONE), 'catnet', START)).toEqual([]);
  });
});

describe('run', () => {
  test('times of steps are counted from the start of the run, of a running one up to now', () => {
    const view = selectRun(stateOf(run.RUNNING), START + 700);
    expect(view).toMatchObject({ phase: 'running', done: 4, total: 7, elapsedMs: 700 });
    expect(view?.steps.find((step) => step.title === 'run cat-web')).toMatchObject({ status: 'running', startMs: 155, durationMs: 545 });
  });

  test('a run that ended stands still, also for a step that never said how it ended', () => {
    const interrupted: ConsoleEvent = {
      at: START + 700,
      type: 'run.finished',
      run: '01KAQ0M3T7',
      verb: 'up',
      ok: false,
      durationMs: 700,
      changed: 2,
      checks: { passed: 0, failed: 0, uncertain: 0 },
    };
    const view = selectRun(stateOf([...run.RUNNING, interrupted]), START + 60_000);
    expect(view?.elapsedMs).toBe(700);
    expect(view?.steps.find((step) => step.title === 'run cat-web')?.durationMs).toBe(545);
  });

  test('"✕ failed" where the user pressed x: it was stopped, and so was the step under way', () => {
    const view = selectRun(stateOf(run.STOPPED), START + 700);
    expect(view).toMatchObject({ phase: 'stopped', failed: 0 });
    expect(view?.steps.find((step) => step.title === 'run cat-web')?.status).toBe('stopped');
    expect(selectRun(stateOf(run.FAILED), START + 700)).toMatchObject({ phase: 'failed', failed: 1 });
  });

  test('steps of one host stand together', () => {
    const [first, second, third] = run.STEPS;
    if (first === undefined || second === undefined || third === undefined) throw new Error('the fixture has steps');
    const steps = [first, { ...second, id: 'host-B/x', host: 'host-B' }, third];
    const state = stateOf([
      { at: START, type: 'run.started', run: 'r', verb: 'up', scenario: 'bridge', project: 'pets', steps, tenants: [] },
    ]);
    expect(selectRun(state, START)?.steps.map((step) => step.host)).toEqual(['host-A', 'host-A', 'host-B']);
  });
});

describe('containers that do not run', () => {
  const halted = (events: readonly ConsoleEvent[]) => selectHalted(stateOf(events), START + 9000);

  test('are told with their state, and since when where the engine knows', () => {
    expect(halted(run.DONE)).toEqual([]);
    expect(halted(run.HALTED)).toMatchObject([{ name: 'cat-web', host: 'host-A', state: 'exited', exitCode: 137, sinceMs: 3088 }]);
    expect(halted(run.PAUSED)).toMatchObject([{ name: 'cat-web', state: 'paused', sinceMs: undefined }]);
  });

  test('are only ours', () => {
    const foreign = run.HALTED.map((event) =>
      event.type === 'container.inspected' ? { ...event, container: { ...event.container, labels: {} } } : event,
    );
    expect(halted(foreign)).toEqual([]);
  });
});

describe('networks', () => {
  test("stand in an order of their own: ours, the users', the engines'", () => {
    const mine: ConsoleEvent = {
      at: START,
      type: 'network.inspected',
      host: 'host-A',
      network: run.network([], { id: '1', name: 'zoo', labels: {} }),
    };
    expect(selectNetworks(stateOf([...run.DONE, mine]), START).map((row) => row.live.name)).toEqual([
      'catnet',
      'zoo',
      'bridge',
      'host',
      'none',
    ]);
  });

  test('changes a moment apart share what stood there before, later ones do not', () => {
    const at = (afterMs: number, count: number): ConsoleEvent => ({
      at: START + afterMs,
      type: 'network.inspected',
      host: 'host-A',
      network: run.network([run.DB_ENDPOINT, run.WEB_ENDPOINT].slice(0, count)),
    });
    const endpointsBefore = (events: readonly ConsoleEvent[]) => selectNetworks(stateOf(events), START)[0]?.previous?.endpoints.length;
    expect(endpointsBefore([at(0, 0), at(400, 1), at(600, 2)])).toBe(0);
    expect(endpointsBefore([at(0, 0), at(400, 1), at(400 + CHANGE_MS, 2)])).toBe(1);
  });
});

describe('inspect', () => {
  const body = run.network([run.DB_ENDPOINT]).raw;
  const text = (lines: ReturnType<typeof inspectText>) =>
    lines
      .map((each) => `${' '.repeat(each.indent * 4)}${each.key === undefined ? '' : `${JSON.stringify(each.key)}: `}${each.rest}`)
      .join('\n');

  test('prints as the CLI does: a list of one, indented by four', () => {
    expect(text(inspectText(body, undefined))).toBe(JSON.stringify([body], null, 4));
    const odd: JsonObject = { empty: {}, none: [], list: [1, ['a', {}], null], 'a "key"': true };
    expect(text(inspectText(odd, undefined))).toBe(JSON.stringify([odd], null, 4));
  });

  test('marks the lines of what is new and of what differs, and nothing else', () => {
    const more = run.network([run.DB_ENDPOINT, run.WEB_ENDPOINT]).raw;
    const changed = inspectText({ ...more, Internal: true }, body).filter((each) => each.changed);
    expect(changed.map((each) => each.key)).toEqual(
      [run.WEB_ENDPOINT.containerId, 'Name', 'EndpointID', 'MacAddress', 'IPv4Address', 'IPv6Address', 'Internal'].toSorted(byPlace(more)),
    );
    expect(inspectText(body, undefined).some((each) => each.changed)).toBe(false);
  });

  test('marks the parent of what was taken away', () => {
    const both = run.network([run.DB_ENDPOINT, run.WEB_ENDPOINT]).raw;
    expect(
      inspectText(body, both)
        .filter((each) => each.changed)
        .map((each) => each.key),
    ).toEqual(['Containers']);
  });

  /** In the order in which the body has them. */
  function byPlace(of: JsonObject): (one: string, other: string) => number {
    const order = inspectText({ ...of, Internal: true }, undefined).map((each) => each.key);
    return (one, other) => order.lastIndexOf(one) - order.lastIndexOf(other);
  }
});

describe('ipam', () => {
  const pools = (events: readonly ConsoleEvent[]) => selectPools(selectNetworks(stateOf(events), START + 1000));

  test('gives each holder a letter of its own that reminds of its name', () => {
    expect(pools(run.DONE)[0]?.entries.map((entry) => [entry.letter, entry.owner])).toEqual([
      ['G', 'gateway'],
      ['d', 'cat-db'],
      ['w', 'cat-web'],
    ]);
  });

  test('tells who arrived with the last change', () => {
    expect(
      pools(run.DONE)[0]
        ?.entries.filter((entry) => entry.arrivedLately)
        .map((entry) => entry.owner),
    ).toEqual(['cat-db', 'cat-web']);
  });

  test('the map has every address of the subnet exactly once', () => {
    for (const subnet of ['172.19.0.0/16', '10.1.0.0/24', '10.1.0.0/29', '10.1.0.0/31', '10.1.0.0/12']) {
      const far = { ...run.DB_ENDPOINT, ipv4Address: subnet === '172.19.0.0/16' ? '172.19.200.7' : '10.1.0.1' };
      const network = run.network([far], { pools: [{ subnet, auxAddresses: {} }] });
      const [pool] = pools([...run.CONNECTED, { at: START, type: 'network.inspected', host: 'host-A', network }]);
      if (pool === undefined) throw new Error(`no pool for ${subnet}`);
      const addresses = (addressMap(pool) ?? []).reduce((sum, row) => sum + (row.kind === 'cells' ? row.cells.length : row.addresses), 0);
      expect(addresses, subnet).toBe(2 ** (32 - Number(subnet.split('/')[1])));
    }
  });

  test('"65,520 more, all free": the map has as many free addresses as the pool says', () => {
    const ranges = [undefined, '10.1.0.64/26', '10.1.0.0/25', '10.1.0.128/25'];
    const subnets = ['10.1.0.0/16', '10.1.0.0/24', '10.1.0.0/29', '10.1.0.0/31'];
    for (const [subnet, ipRange] of subnets.flatMap((each) => ranges.map((range) => [each, range] as const))) {
      const network = run.network([{ ...run.DB_ENDPOINT, ipv4Address: '10.1.0.5' }], {
        pools: [{ subnet, gateway: '10.1.0.1', auxAddresses: {}, ...(ipRange === undefined ? {} : { ipRange }) }],
      });
      const [pool] = pools([{ at: START, type: 'network.inspected', host: 'host-A', network }]);
      if (pool === undefined) throw new Error(`no pool for ${subnet}`);
      const free = (addressMap(pool) ?? []).reduce(
        (sum, row) => sum + (row.kind === 'cells' ? row.cells.filter((cell) => cell.kind === 'free').length : row.free),
        0,
      );
      expect(free, `${subnet} ${ipRange}`).toBe(pool.pool.free);
    }
  });

  test('IPv6 has no map', () => {
    const network = run.network([], { pools: [{ subnet: 'fd00::/64', auxAddresses: {} }] });
    const [pool] = pools([...run.CONNECTED, { at: START, type: 'network.inspected', host: 'host-A', network }]);
    expect(pool && addressMap(pool)).toBeUndefined();
  });
});

describe('hits', () => {
  test('unknown is not zero', () => {
    expect(selectTenants(stateOf(run.RUNNING), START + 600)[0]?.total).toBeUndefined();
    expect(selectTenants(stateOf(run.DONE), START + 1000)[0]?.total).toBe(0);
  });

  test('the history is one number a second and ends now', () => {
    const buckets = [
      { second: 100, hits: 3 },
      { second: 103, hits: 1 },
    ];
    expect(selectHistory(buckets, 103_999, 5)).toEqual([0, 3, 0, 0, 1]);
    expect(selectHistory(buckets, 106_000, 5)).toEqual([0, 1, 0, 0, 0]);
    expect(selectHistory(buckets, 99_000, 5)).toEqual([0, 0, 0, 0, 0]);
  });

  test('a counter that is not heard has an age and no rate, until it is heard again', () => {
    const row = (events: readonly ConsoleEvent[]) => selectTenants(stateOf(events), START + 10_000)[0];
    expect(row(run.LOST_HOST)).toMatchObject({ total: 1, silentMs: 1000, ratePerSecond: undefined });
    const again: ConsoleEvent[] = [
      { at: START + 9500, type: 'tenant.watched', tenant: run.TENANT },
      { at: START + 9600, type: 'tenant.lost', tenant: 'cat', failure: { code: 'AGENT_FAILED', message: 'again' } },
    ];
    expect(row([...run.LOST_HOST, ...again])?.silentMs).toBe(1000);
    const heard: ConsoleEvent = { at: START + 9700, type: 'hits.read', tenant: 'cat', total: 1, byContainer: {} };
    expect(row([...run.LOST_HOST, ...again, heard])).toMatchObject({ silentMs: undefined, ratePerSecond: 0.1 });
  });

  test('the rate falls back to nothing when nobody comes', () => {
    const rate = (now: number) => selectTenants(stateOf(run.FIRST_HIT), now)[0]?.ratePerSecond;
    expect(rate(START + 3500)).toBe(0.1);
    expect(rate(START + 13_000)).toBe(0);
  });
});
