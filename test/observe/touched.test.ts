import { describe, expect, it } from 'vitest';
import type { EngineChange } from '../../src/engine/events.ts';
import { createTouchLog } from '../../src/observe/touched.ts';

const LONG_MS = 10_000;
const never = new AbortController().signal;

function change(type: string, action: string, id: string, attributes: Readonly<Record<string, string>> = {}): EngineChange {
  return { at: 0, type, action, id, name: '', attributes };
}

describe('what an engine’s changes touched', () => {
  it('is told once for a flurry: the containers, and the networks they joined', async () => {
    const log = createTouchLog();
    const touched = log.next(LONG_MS, never);
    for (const action of ['create', 'attach', 'start']) log.note(change('container', action, 'c1'));
    log.note(change('network', 'connect', 'n1', { container: 'c2' }));
    expect(await touched).toEqual({ containers: new Set(['c1', 'c2']), networks: new Set(['n1']) });
    expect(await log.next(1, never)).toBeUndefined();
  });

  it('is nothing for commands and health checks inside a container, for our own agents, and for what is not shown', async () => {
    const log = createTouchLog();
    for (const action of ['exec_create: redis-cli ping', 'exec_die', 'health_status: healthy', 'top'])
      log.note(change('container', action, 'c1'));
    log.note(change('container', 'start', 'c1', { 'pets-console.sidecar': 'true' }));
    log.note(change('image', 'tag', 'i1'));
    expect(await log.next(1, never)).toBeUndefined();
  });

  it('keeps what comes while the one before is looked at', async () => {
    const log = createTouchLog();
    log.note(change('container', 'start', 'c1'));
    await log.next(LONG_MS, never);
    log.note(change('container', 'die', 'c1'));
    expect(await log.next(LONG_MS, never)).toEqual({ containers: new Set(['c1']), networks: new Set() });
  });

  it('ends when aborted', async () => {
    const stop = new AbortController();
    const next = createTouchLog().next(LONG_MS, stop.signal);
    stop.abort();
    expect(await next).toBeUndefined();
  });
});
