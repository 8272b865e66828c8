import { describe, expect, it } from 'vitest';
import type { ConsoleEvent } from '../../src/domain/events.ts';
import { reduce } from '../../src/domain/reduce.ts';
import { type ConsoleState, EMPTY_STATE, HIT_HISTORY_SECONDS } from '../../src/domain/state.ts';
import * as bridge from '../tui/bridge-run.ts';

const AT = 1_700_000_000_000;
const tenant = { id: 'cat', name: 'cat', project: 'bridge', web: 'cat-web', db: 'cat-db', url: 'http://192.168.0.11:8000' };
const outline = (id: string) => ({ id, host: 'host-A', resource: 'network/catnet', title: id, command: '', needs: [] });

function reduceAll(events: readonly ConsoleEvent[], from: ConsoleState = EMPTY_STATE): ConsoleState {
  return events.reduce(reduce, from);
}

function hit(at: number, total: number, container = 'c1'): ConsoleEvent {
  return { at, type: 'hit.counted', tenant: 'cat', hit: `h${total}`, container, total, containerTotal: total };
}

describe('reduce', () => {
  it('knows no total until the database was read: unknown is not zero', () => {
    const state = reduceAll([{ at: AT, type: 'tenant.watched', tenant }]);
    expect(state.tenants.cat).toMatchObject({ status: 'connecting', total: undefined });
  });

  it('keeps the doors that a run found beside the networks, and those of no run before it', () => {
    const door = {
      from: 'dog-web',
      to: 'cat-web:5000',
      network: 'ingress',
      address: '10.0.0.7:5000',
      open: true,
      text: 'open',
      untried: 2,
    };
    const started = { at: AT, type: 'run.started', run: 'r', verb: 'verify', scenario: 's', project: 's', steps: [], tenants: [] } as const;
    const state = reduceAll([started, { at: AT, type: 'door.probed', ...door }]);
    expect(state.run).toMatchObject({ doors: [door], checks: [] });
    expect(reduceAll([started], state).run).toMatchObject({ doors: [] });
  });

  it('shows a run in the variant that it says, whichever was planned before it', () => {
    const plan = {
      verb: 'up',
      scenario: 's',
      project: 's',
      variant: 'dnsrr',
      hosts: [],
      steps: [],
      unchanged: [],
      obstacles: [],
      warnings: [],
    } as const;
    const run = { run: 'r', scenario: 's', project: 's', steps: [], tenants: [] } as const;
    const planned = reduceAll([{ at: AT, type: 'plan.made', plan }]);
    expect(planned.planning?.variant).toBe('dnsrr');
    expect(reduceAll([{ at: AT, type: 'run.started', verb: 'up', variant: 'dnsrr', ...run }], planned).run?.variant).toBe('dnsrr');
    expect(reduceAll([{ at: AT, type: 'run.started', verb: 'verify', ...run }], planned).run?.variant).toBeUndefined();
  });

  it('takes totals from the database, and hits into buckets of a second', () => {
    const state = reduceAll([
      { at: AT, type: 'tenant.watched', tenant },
      { at: AT, type: 'hits.read', tenant: 'cat', total: 5, byContainer: { c1: 5 } },
      hit(AT + 100, 6),
      hit(AT + 900, 7),
      hit(AT + 1500, 8, 'c2'),
    ]);
    expect(state.tenants.cat).toMatchObject({ status: 'live', total: 8, lastContainer: 'c2', lastHitAt: AT + 1500 });
    expect(state.tenants.cat?.buckets).toEqual([
      { second: AT / 1000, hits: 2 },
      { second: AT / 1000 + 1, hits: 1 },
    ]);
  });

  it('forgets hits that are older than its history', () => {
    const later = AT + (HIT_HISTORY_SECONDS + 5) * 1000;
    const state = reduceAll([{ at: AT, type: 'tenant.watched', tenant }, hit(AT, 1), hit(later, 2)]);
    expect(state.tenants.cat?.buckets).toEqual([{ second: later / 1000, hits: 1 }]);
  });

  it.each([
    ['read anew', { at: AT + 5, type: 'hits.read', tenant: 'cat', total: 2, byContainer: {} } as const],
    ['counting on', hit(AT + 5, 1)],
  ])('marks a database that went back, found when %s', (_, event) => {
    const before = reduceAll([
      { at: AT, type: 'tenant.watched', tenant },
      { at: AT, type: 'hits.read', tenant: 'cat', total: 9, byContainer: {} },
    ]);
    expect(reduce(before, event).tenants.cat).toMatchObject({ wentBackAt: AT + 5, total: 'total' in event ? event.total : 0 });
  });

  it('keeps the counts of a tenant whose database is lost, and says so', () => {
    const failure = { code: 'AGENT_FAILED', message: 'gone' } as const;
    const state = reduceAll([
      { at: AT, type: 'tenant.watched', tenant },
      hit(AT, 3),
      { at: AT, type: 'tenant.lost', tenant: 'cat', failure },
    ]);
    expect(state.tenants.cat).toMatchObject({ status: 'lost', total: 3, failure });
  });

  it('keeps what was read in the moment of a loss, for a hit in that same moment', () => {
    const state = reduceAll([
      { at: AT, type: 'tenant.watched', tenant },
      hit(AT, 9),
      { at: AT + 1, type: 'hits.read', tenant: 'cat', total: 2, byContainer: { c1: 1, c2: 1 } },
      hit(AT + 1, 3, 'c3'),
    ]);
    expect(state.tenants.cat).toMatchObject({ total: 3, wentBackAt: AT + 1, byContainer: { c1: 1, c2: 1, c3: 3 } });
  });

  it('does not call it a loss when a database that was taken down starts empty', () => {
    const checks = { passed: 0, failed: 0, uncertain: 0 };
    const state = reduceAll([
      { at: AT, type: 'tenant.watched', tenant },
      hit(AT, 9),
      { at: AT, type: 'run.started', run: 'r', verb: 'down', scenario: 'bridge', project: 'bridge', steps: [], tenants: [tenant] },
      { at: AT + 1, type: 'run.finished', run: 'r', verb: 'down', ok: true, durationMs: 1, changed: 3, checks },
      { at: AT + 2, type: 'hits.read', tenant: 'cat', total: 0, byContainer: {} },
    ]);
    expect(state.tenants.cat).toMatchObject({ status: 'live', total: 0, wentBackAt: undefined, buckets: [] });
  });

  it('keeps what a lost host held, so that it can be shown with its age', () => {
    const state = reduceAll([
      {
        at: AT,
        type: 'host.connected',
        host: 'host-A',
        endpoint: 'unix:///x',
        address: '192.168.0.11',
        source: 'lab lab',
        engineVersion: '20.10',
        apiVersion: '1.41',
        latencyMs: 2,
      },
      { at: AT + 10, type: 'network.removed', host: 'host-A', id: 'nothing' },
      { at: AT + 20, type: 'host.lost', host: 'host-A', failure: { code: 'ENGINE_TIMEOUT', message: 'no answer' } },
    ]);
    expect(state.hosts['host-A']).toMatchObject({ connected: false, lastSeenAt: AT + 10, address: '192.168.0.11' });
  });

  it('follows the steps of a run of several verbs', () => {
    const state = reduceAll([
      { at: AT, type: 'run.started', run: 'r', verb: 'run', scenario: 'bridge', project: 'bridge', steps: [], tenants: [] },
      { at: AT, type: 'steps.added', steps: [outline('a'), outline('b')] },
      { at: AT + 1, type: 'step.started', step: 'a' },
      { at: AT + 2, type: 'step.finished', step: 'a', durationMs: 1, summary: '10.0.0.0/24' },
      { at: AT + 3, type: 'step.failed', step: 'b', durationMs: 1, failure: { code: 'PORT_TAKEN', message: 'port 8000' } },
      { at: AT + 4, type: 'steps.added', steps: [outline('c')] },
    ]);
    expect(state.run?.order).toEqual(['a', 'b', 'c']);
    expect(Object.values(state.run?.steps ?? {}).map((step) => step.status)).toEqual(['done', 'failed', 'waiting']);
  });

  it.each(['constructor', '__proto__', 'toString'])('takes %s for a name like any other', (name) => {
    const state = reduceAll([
      { at: AT, type: 'tenant.watched', tenant: { ...tenant, id: name } },
      { at: AT, type: 'hits.read', tenant: name, total: 1, byContainer: {} },
      { at: AT, type: 'hit.counted', tenant: name, hit: 'x', container: name, total: 2, containerTotal: 2 },
    ]);
    expect(Object.keys(state.tenants)).toEqual([name]);
    expect(Object.entries(state.tenants)[0]?.[1]).toMatchObject({ total: 2 });
    expect(Object.entries(state.tenants)[0]?.[1].byContainer).toEqual(Object.fromEntries([[name, 2]]));
  });

  it('changes nothing but its partition', () => {
    const before = reduceAll([{ at: AT, type: 'tenant.watched', tenant }]);
    const after = reduce(before, hit(AT + 1, 1));
    expect(after.hosts).toBe(before.hosts);
    expect(after.scenarios).toBe(before.scenarios);
  });
});

describe('a plan', () => {
  const { DONE, PLANNED, VERIFIED } = bridge;
  const outdated = (events: readonly ConsoleEvent[]) => reduceAll(events).planning?.outdated;

  it('holds until something of its project changes', () => {
    expect(outdated(PLANNED)).toBeUndefined();
    const foreign: ConsoleEvent = {
      at: AT,
      type: 'network.inspected',
      host: 'host-A',
      network: bridge.network([], { id: 'f'.repeat(64), name: 'theirs', labels: {} }),
    };
    expect(outdated([...PLANNED, foreign])).toBeUndefined();
    expect(outdated([...PLANNED, { at: AT, type: 'network.inspected', host: 'host-A', network: bridge.network([]) }])).toBe(true);
  });

  it('is out of date once it was run, and when something of it is removed', () => {
    expect(outdated(DONE)).toBe(true);
    const again = [...DONE, ...PLANNED.slice(-2)];
    expect(outdated(again)).toBeUndefined();
    const id = bridge.DB_ENDPOINT.containerId;
    expect(outdated([...again, { at: AT, type: 'container.removed', host: 'host-A', id }])).toBe(true);
    expect(outdated([...again, { at: AT, type: 'container.removed', host: 'host-A', id: 'f00' }])).toBeUndefined();
  });

  it('is not changed by a look: verify leaves it', () => {
    const verify = VERIFIED.filter(
      (event) => event.type.startsWith('check.') || (event.at >= bridge.START + 5000 && event.type.startsWith('run.')),
    );
    expect(verify.length).toBeGreaterThan(2);
    expect(outdated([...DONE, ...PLANNED.slice(-2), ...verify])).toBeUndefined();
  });
});

describe('latency', () => {
  it('follows what lasts, not the scatter of pings', () => {
    const answers = (...ms: readonly number[]) =>
      reduceAll([
        ...bridge.CONNECTED,
        ...ms.map((latencyMs): ConsoleEvent => ({ at: AT, type: 'host.answered', host: 'host-A', latencyMs })),
      ]).hosts['host-A']?.latencyMs;
    expect(answers(4, 3, 2, 5)).toBe(2);
    expect(answers(40)).toBe(40);
    expect(answers(40, 50)).toBe(40);
    expect(answers(40, 50, 2)).toBe(2);
  });
});
