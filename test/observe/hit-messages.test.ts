import { describe, expect, it } from 'vitest';
import { parseCounts, parseHit } from '../../src/observe/hit-messages.ts';

describe('counts as a database holds them', () => {
  it('are zero where nothing was ever counted', () => {
    expect(parseCounts(null, {})).toEqual({ total: 0, byContainer: {} });
  });

  it.each(['many', '-1', '1.5', '', '99999999999999999999'])('are refused when somebody wrote %j there', (value) => {
    expect(() => parseCounts(value, {})).toThrow(/where the total should be/);
    expect(() => parseCounts('1', { c1: value })).toThrow(/where the hits of c1 should be/);
  });
});

describe('a publication', () => {
  it('is a hit only with all of its parts', () => {
    const hit = { hit: 'h1', container: 'c1', total: 2, containerTotal: 1 };
    expect(parseHit(JSON.stringify(hit))).toEqual(hit);
    for (const key of Object.keys(hit)) expect(parseHit(JSON.stringify({ ...hit, [key]: null }))).toBeUndefined();
    for (const text of ['', 'null', '[]', '"hit"', '{']) expect(parseHit(text)).toBeUndefined();
  });

  it('cannot bring control bytes to a terminal', () => {
    const text = JSON.stringify({ hit: 'h\u001b[2J', container: 'c\u202e', total: 1, containerTotal: 1 });
    expect(JSON.stringify(parseHit(text))).not.toMatch(/\\u001b|\u202e/);
  });
});
