import { describe, expect, it } from 'vitest';
import { PetsError } from '../../src/domain/errors.ts';
import type { Unstamped } from '../../src/domain/events.ts';
import type { Step, StepAction } from '../../src/domain/plan.ts';
import { CHANGES_AT_ONCE_PER_HOST, executePlan } from '../../src/run/execute.ts';

const CHANGE: StepAction = { kind: 'network.remove', id: 'n', name: 'n' };
const WAIT: StepAction = { kind: 'container.ready', name: 'c', ready: { kind: 'running' } };

function step(id: string, needs: readonly string[] = [], { host = 'host-A', action = CHANGE } = {}): Step {
  return { id, host, resource: id, title: id, command: '', needs, action };
}

/** Steps that end when the test says so: which are under way is the question. */
function runByHand(steps: readonly Step[], signal = new AbortController().signal) {
  const events: Unstamped[] = [];
  const underWay = new Map<string, { done(): void; fail(error: unknown): void }>();
  const execution = executePlan(
    { steps },
    {
      perform: ({ id }) =>
        new Promise((resolve, reject) => {
          const end = (settle: () => void) => {
            underWay.delete(id);
            settle();
          };
          underWay.set(id, { done: () => end(() => resolve('made')), fail: (error) => end(() => reject(error)) });
        }),
      emit: (event) => events.push(event),
      signal,
      elapsed: () => 0,
    },
  );
  const settled = async (act: (running: { done(): void; fail(error: unknown): void }) => void, id: string) => {
    const running = underWay.get(id);
    if (running === undefined) throw new Error(`${id} is not under way; under way: ${[...underWay.keys()].join(', ')}`);
    act(running);
    // Everything that follows is promises, no timers: they are through when the next turn of the loop begins.
    await new Promise((resolve) => setImmediate(resolve));
  };
  return {
    execution,
    events,
    underWay: () => [...underWay.keys()],
    finish: (id: string) => settled((running) => running.done(), id),
    fail: (id: string, error: unknown = new PetsError('PORT_TAKEN', { message: 'port 8000 is taken' })) =>
      settled((running) => running.fail(error), id),
  };
}

describe('the graph of steps', () => {
  it('starts at once what needs nothing, and each other step as soon as the last that it needs has finished', async () => {
    const run = runByHand([step('net'), step('image'), step('db', ['net']), step('web', ['net', 'image'])]);
    expect(run.underWay()).toEqual(['net', 'image']);
    await run.finish('net');
    expect(run.underWay()).toEqual(['image', 'db']);
    await run.finish('image');
    expect(run.underWay()).toEqual(['db', 'web']);
    await run.finish('web');
    await run.finish('db');
    expect(await run.execution).toEqual({ changed: 4, failed: [], skipped: [] });
  });

  it('skips what needs a failed step, however far away, and goes on with the rest', async () => {
    const run = runByHand([step('net'), step('db', ['net']), step('wait', ['db']), step('other')]);
    await run.fail('net');
    expect(run.events).toContainEqual({ type: 'step.skipped', step: 'db', reason: 'needs net' });
    expect(run.events).toContainEqual({ type: 'step.skipped', step: 'wait', reason: 'needs db' });
    expect(run.underWay()).toEqual(['other']);
    await run.finish('other');
    expect(await run.execution).toEqual({
      changed: 1,
      failed: [{ step: 'net', failure: { code: 'PORT_TAKEN', message: 'port 8000 is taken' } }],
      skipped: ['db', 'wait'],
    });
  });

  it('skips what needs a skipped step, also where that stands after it', async () => {
    const run = runByHand([step('image'), step('web ready', ['db ready']), step('db', ['image']), step('db ready', ['db'])]);
    await run.fail('image');
    const execution = await run.execution;
    expect(execution.failed.map((each) => each.step)).toEqual(['image']);
    expect([...execution.skipped].sort()).toEqual(['db', 'db ready', 'web ready']);
  });

  it('keeps a bound on changes per host, which other hosts do not feel', async () => {
    const many = Array.from({ length: CHANGES_AT_ONCE_PER_HOST + 2 }, (_, index) => step(`a${index}`));
    const run = runByHand([...many, step('b', [], { host: 'host-B' })]);
    expect(run.underWay()).toHaveLength(CHANGES_AT_ONCE_PER_HOST + 1);
    expect(run.underWay()).toContain('b');
    await run.finish('a0');
    expect(run.underWay()).toContain(`a${CHANGES_AT_ONCE_PER_HOST}`);
    expect(run.underWay()).not.toContain(`a${CHANGES_AT_ONCE_PER_HOST + 1}`);
    for (let left = run.underWay(); left.length > 0; left = run.underWay()) for (const id of left) await run.finish(id);
    expect(await run.execution).toMatchObject({ changed: many.length + 1 });
  });

  it('gives no room of the bound to waiting: nine web servers that wait for a database let it start', async () => {
    const webs = Array.from({ length: CHANGES_AT_ONCE_PER_HOST + 1 }, (_, index) => [
      step(`web${index}`),
      step(`web${index}-ready`, [`web${index}`], { action: WAIT }),
    ]);
    const run = runByHand([...webs.flat(), step('db')]);
    for (const [web] of webs) await run.finish(web?.id ?? '');
    expect(run.underWay()).toContain('db');
    for (const id of run.underWay()) await run.finish(id);
    expect(await run.execution).toMatchObject({ changed: webs.length + 1, failed: [] });
  });

  it('starts nothing more once interrupted, and waits for what is under way', async () => {
    const interrupt = new AbortController();
    const run = runByHand([step('net'), step('db', ['net']), step('other')], interrupt.signal);
    interrupt.abort();
    await run.finish('net');
    expect(run.underWay()).toEqual(['other']);
    await run.finish('other');
    expect(await run.execution).toEqual({ changed: 2, failed: [], skipped: ['db'] });
    expect(run.events).toContainEqual({ type: 'step.skipped', step: 'db', reason: 'interrupted' });
  });

  it('takes what was done before these steps for done, and skips what failed there', async () => {
    const emitted: Unstamped[] = [];
    const failure = { code: 'IMAGE_MISSING', message: 'no such image' } as const;
    const execution = await executePlan(
      { steps: [step('web', ['image-web']), step('db', ['image-db']), step('net'), step('cache', ['image-cache'])] },
      { perform: async () => 'made', emit: (event) => emitted.push(event), signal: new AbortController().signal, elapsed: () => 0 },
      { changed: 1, failed: [{ step: 'image-db', failure }], skipped: ['image-cache'] },
    );
    expect(execution).toEqual({ changed: 2, failed: [], skipped: ['db', 'cache'] });
    expect(emitted).toContainEqual({ type: 'step.skipped', step: 'db', reason: 'needs image-db' });
  });

  it('throws a bug of a step after the other steps have ended, and never calls it an engine’s', async () => {
    const run = runByHand([step('net'), step('db', ['net']), step('other')]);
    const caught = run.execution.catch((error: unknown) => error);
    const bug = new TypeError('undefined is not a function');
    await run.fail('net', bug);
    expect(run.events).toContainEqual(expect.objectContaining({ type: 'step.failed', failure: expect.objectContaining({ code: 'BUG' }) }));
    await run.finish('other');
    expect(await caught).toBe(bug);
  });

  it('throws on a plan whose steps wait for each other, and does not end in silence', async () => {
    const run = runByHand([step('one', ['two']), step('two', ['one'])]);
    await expect(run.execution).rejects.toThrow('steps that can never start: one, two');
  });
});
