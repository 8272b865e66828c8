import { expect, it } from 'vitest';
import { clockSkewMs } from '../../src/engine/describe.ts';

const ASKED = Date.UTC(2026, 0, 1, 12);

it.each([
  ['within the time of the answer', 30, 0],
  ['before it was asked', -2_000, -2_000],
  ['after it answered', 5_100, 5_000],
])('takes a time %s for what it tells of the clock', (_, offset, skewMs) => {
  const theirs = new Date(ASKED + offset).toISOString();
  expect(clockSkewMs(theirs, ASKED, ASKED + 100)).toBe(skewMs);
});

it.each([undefined, 'yesterday'])('finds no skew where the engine says no time (%s)', (theirs) => {
  expect(clockSkewMs(theirs, ASKED, ASKED)).toBe(0);
});
