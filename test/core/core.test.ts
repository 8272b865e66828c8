import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createCore } from '../../src/core/console-core.ts';
import { createStore } from '../../src/core/store.ts';
import { createEventStream } from '../../src/core/stream.ts';
import { PetsError } from '../../src/domain/errors.ts';
import type { ConsoleEvent, Intent } from '../../src/domain/events.ts';

const RUN: Intent = { kind: 'run', scenario: 'bridge' };

function collect() {
  const events: ConsoleEvent[] = [];
  const times = [100, 90, 200];
  const stream = createEventStream({ now: () => times.shift() ?? 300 });
  stream.subscribe((event) => events.push(event));
  return { events, stream };
}

describe('the stream', () => {
  it('stamps events, and never goes back in time', () => {
    const { events, stream } = collect();
    for (const step of ['a', 'b', 'c']) stream.emit({ type: 'step.started', step });
    expect(events.map((event) => event.at)).toEqual([100, 100, 200]);
  });

  it('hands on events that have their time as they are', () => {
    const { events, stream } = collect();
    stream.forward({ at: 7, type: 'step.started', step: 'a' });
    expect(events).toEqual([{ at: 7, type: 'step.started', step: 'a' }]);
  });
});

describe('the store', () => {
  it('tells its listeners once for a burst of events', async () => {
    const store = createStore({ now: () => 5 });
    let calls = 0;
    const told = new Promise<void>((resolve) => {
      store.subscribe(() => {
        calls += 1;
        resolve();
      });
    });
    for (let hits = 0; hits < 1000; hits += 1) store.apply({ at: hits, type: 'step.started', step: 'a' });
    const keep = setInterval(() => {}, 1000);
    await told;
    clearInterval(keep);
    expect(calls).toBe(1);
    expect(store.getSnapshot().state.at).toBe(999);
    store.close();
  });
});

describe('the second hand of the store', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function countingStore() {
    const store = createStore({ now: () => Date.now() });
    const seen: number[] = [];
    store.subscribe(() => seen.push(store.getSnapshot().now));
    return { store, seen };
  }

  it('stands still while nothing ages', () => {
    const { store, seen } = countingStore();
    store.apply({ at: Date.now(), type: 'scenarios.listed', scenarios: [], broken: [] });
    vi.advanceTimersByTime(600_000);
    expect(seen).toHaveLength(1);
    store.close();
  });

  it('moves once a second while a run is on, on the whole second, and rests after it', () => {
    vi.setSystemTime(1_700_000_000_400);
    const { store, seen } = countingStore();
    const run = { run: 'r', verb: 'up' };
    store.apply({ at: Date.now(), type: 'run.started', ...run, scenario: 'bridge', project: 'pets', steps: [], tenants: [] });
    vi.advanceTimersByTime(3_100);
    expect(seen.slice(1).map((at) => at % 1000)).toEqual([0, 0, 0]);
    const checks = { passed: 0, failed: 0, uncertain: 0 };
    store.apply({ at: Date.now(), type: 'run.finished', ...run, ok: true, durationMs: 3100, changed: 0, checks });
    vi.advanceTimersByTime(60_000);
    expect(seen).toHaveLength(5);
    store.close();
  });
});

describe('the core', () => {
  it('records an intent before it is carried out', () => {
    const { events, stream } = collect();
    createCore(
      stream,
      async () => stream.emit({ type: 'step.started', step: 'a' }),
      (bug) => expect.unreachable(String(bug)),
    ).dispatch(RUN);
    expect(events.map((event) => event.type)).toEqual(['intent.received', 'step.started']);
  });

  it('refuses a second verb while one is under way, and says which', async () => {
    const { events, stream } = collect();
    const { promise, resolve } = Promise.withResolvers<void>();
    const core = createCore(
      stream,
      () => promise,
      (bug) => expect.unreachable(String(bug)),
    );
    core.dispatch(RUN);
    core.dispatch({ kind: 'down', scenario: 'bridge' });
    expect(events.at(-1)).toMatchObject({ type: 'intent.failed', failure: { message: "'run' is still under way" } });
    resolve();
    await core.close();
  });

  it('lets hits through beside a verb, and stops the verb on cancel', async () => {
    const { stream } = collect();
    const seen: string[] = [];
    const core = createCore(
      stream,
      async (intent, signal) => {
        seen.push(intent.kind);
        if (intent.kind === 'run') await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
        seen.push(`${intent.kind} ended`);
      },
      (bug) => expect.unreachable(String(bug)),
    );
    core.dispatch(RUN);
    core.dispatch({ kind: 'hit', tenant: 'cat', count: 1 });
    core.dispatch({ kind: 'cancel' });
    await core.close();
    expect(seen.sort()).toEqual(['hit', 'hit ended', 'run', 'run ended']);
  });

  it('tells a failure as an event and a bug to its owner', async () => {
    const { events, stream } = collect();
    const bugs: unknown[] = [];
    const bug = new TypeError('a bug');
    const failures = [new PetsError('NOT_FOUND', { message: 'no such tenant' }), bug];
    const core = createCore(
      stream,
      async () => Promise.reject(failures.shift()),
      (error) => bugs.push(error),
    );
    core.dispatch({ kind: 'hit', tenant: 'x', count: 1 });
    core.dispatch({ kind: 'hit', tenant: 'y', count: 1 });
    await core.close();
    expect(events.filter((event) => event.type === 'intent.failed')).toHaveLength(1);
    expect(bugs).toEqual([bug]);
  });
});
