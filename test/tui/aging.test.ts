import { expect, test } from 'vitest';
import { nextChange } from '../../src/domain/next-change.ts';
import { reduce } from '../../src/domain/reduce.ts';
import { EMPTY_STATE } from '../../src/domain/state.ts';
import { drawFrame } from '../../src/tui/frame.ts';
import { initialNavigation, VIEWS } from '../../src/tui/navigation.ts';
import { makeScene } from '../../src/tui/scene.ts';
import { MOMENTS } from './frames.tsx';

const LOOKED_AT_MS = 75_000;
const STEP_MS = 500;

test.each(MOMENTS)('$name: until the next change that is announced, every screen stays as it is', ({ events, now }) => {
  const state = events.reduce(reduce, EMPTY_STATE);
  const frame = (at: number) =>
    VIEWS.map((view) => {
      const navigation = { ...initialNavigation(undefined), view };
      const frames = drawFrame(makeScene({ state, now: at, navigation, columns: 200, rows: 60, mode: 'live', version: '0.1.0' }));
      return frames.map((row) => row.map((part) => `${part.tone} ${part.text}`).join('|')).join('\n');
    }).join('\n');
  let drawn = frame(now);
  let next = nextChange(state, now);
  for (let at = now; at < now + LOOKED_AT_MS; at += STEP_MS) {
    if (next === undefined || at < next) expect(frame(at), `${at - now} ms later`).toBe(drawn);
    else {
      drawn = frame(at);
      next = nextChange(state, at);
    }
  }
});

test('a console at which nothing happens sleeps until its host could fall silent', () => {
  const done = MOMENTS.find((moment) => moment.name === 'done');
  const state = (done?.events ?? []).reduce(reduce, EMPTY_STATE);
  const at = state.at + 60_000;
  const answered = reduce(state, { at, type: 'host.answered', host: 'host-A', latencyMs: 2 });
  expect((nextChange(answered, at) ?? 0) - at).toBeGreaterThan(9_000);
  expect(nextChange(EMPTY_STATE, at)).toBeUndefined();
});
