import { expect, it } from 'vitest';
import { foreignSuite, parseSuite } from '../../src/lab/suites.ts';

it('names the suites that there are for one that is not known', () => {
  expect(parseSuite('sid')).toBe('sid');
  expect(() => parseSuite('buster')).toThrow("suite 'buster' is not known; suites: bookworm, trixie, sid");
});

it.each([
  ['without a suite', {}, 2, '--mixed needs a suite'],
  ['of one engine', { suite: 'sid' as const }, 1, '--mixed needs two engines'],
])('refuses a mixed lab %s', async (_case, wish, engines, words) => {
  await expect(foreignSuite({ ...wish, mixed: true }, engines)).rejects.toMatchObject({
    code: 'BAD_USAGE',
    message: expect.stringContaining(words),
  });
});
