import { describe, expect, test } from 'vitest';
import { didYouMean, editDistance, suggest } from '../../src/domain/suggest.ts';

describe('suggest', () => {
  test.each([
    ['brige', 'bridge'],
    ['bridge', 'bridge'],
    ['BRIDGE', 'bridge'],
    ['netwoks', 'networks'],
    ['servcies', 'services'],
  ])('takes %s for %s', (word, meant) => {
    expect(suggest(word, ['overlay', 'networks', 'services', 'bridge'])).toBe(meant);
  });

  test.each(['', 'x', 'zebra', 'a'.repeat(65)])('does not guess for %j', (word) => {
    expect(suggest(word, ['overlay', 'networks', 'y'])).toBeUndefined();
    expect(didYouMean(word, ['overlay', 'networks', 'y'])).toBe('');
  });

  test('counts a swap of neighbours as one change', () => {
    expect(editDistance('servcies', 'services')).toBe(1);
    expect(editDistance('kitten', 'sitting')).toBe(3);
    expect(editDistance('', 'abc')).toBe(3);
  });

  test('is a metric: nothing from itself, the same both ways, never over the longer length', () => {
    const words = ['', 'a', 'ab', 'ba', 'networks', 'network', 'ipam', 'maip', 'on'];
    for (const left of words) {
      expect(editDistance(left, left)).toBe(0);
      for (const right of words) {
        expect(editDistance(left, right)).toBe(editDistance(right, left));
        expect(editDistance(left, right)).toBeLessThanOrEqual(Math.max(left.length, right.length));
        if (left !== right) expect(editDistance(left, right)).toBeGreaterThan(0);
      }
    }
  });
});
