import { describe, expect, it } from 'vitest';
import { cleanDeep, cleanLines, cleanRecord, cleanText } from '../../src/domain/text.ts';

describe('cleanText', () => {
  it.each([
    ['\u001b[31mred\u001b[0m', '␛[31mred␛[0m'],
    ['a\r\nb\tc\0', 'a␍␊b␉c␀'],
    ['\u007f\u009b2J', '␡⟨U+009B⟩2J'],
    ['user\u202egnp.exe', 'user⟨U+202E⟩gnp.exe'],
    ['a\u200bb\u2066c\ufeffd\u00ade', 'a⟨U+200B⟩b⟨U+2066⟩c⟨U+FEFF⟩d⟨U+00AD⟩e'],
    ['tag\u{e0041}', 'tag⟨U+E0041⟩'],
    ['a\u2028b', 'a⟨U+2028⟩b'],
    ['half \ud83d', 'half \ufffd'],
  ])('shows what a terminal would obey or hide: %j', (raw, shown) => {
    expect(cleanText(raw)).toBe(shown);
  });

  it('leaves words of any language as they are', () => {
    for (const text of ['cat-db', 'größe', '猫データ', 'צוות', 'e\u0301', '🐈']) expect(cleanText(text)).toBe(text);
  });

  it('never lets a control or format character through, whatever the text', () => {
    for (let code = 0; code <= 0x10ffff; code += code < 0x3000 ? 1 : 97) {
      const cleaned = cleanText(`a${String.fromCodePoint(code)}b`);
      expect(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(cleaned), `U+${code.toString(16)}`).toBe(false);
    }
  });

  it('is bounded, and does not cut a character in half', () => {
    expect(cleanText('x'.repeat(5000))).toHaveLength(4096);
    expect(cleanText('x'.repeat(4096))).toBe('x'.repeat(4096));
    const cut = cleanText('🐈'.repeat(10), 10);
    expect(cut.isWellFormed()).toBe(true);
    expect(cut).toMatch(/^🐈+…$/u);
    expect(cleanText('\u001b'.repeat(1_000_000), 100)).toHaveLength(100);
  });

  it('is the same when done twice', () => {
    const once = cleanText('\u001b[1m\u202e\u0085');
    expect(cleanText(once)).toBe(once);
  });
});

describe('cleaning what holds texts', () => {
  it('keeps the line breaks of a log and cleans its lines', () => {
    expect(cleanLines('one\r\ntwo\u001b[2J\n')).toBe('one\ntwo␛[2J\n');
  });

  it('cleans keys and values to any depth, and merges no two keys', () => {
    const cleaned = cleanDeep(JSON.parse('{"a\\u001b":[{"b":"\\u202e"}],"a␛":1,"n":null,"t":true}'));
    expect(cleaned).toEqual({ 'a␛': [{ b: '⟨U+202E⟩' }], 'a␛ (2)': 1, n: null, t: true });
    expect(cleanRecord({ 'k\u0000': 'v\u0000', 'k␀': 'w' })).toEqual({ 'k␀': 'v␀', 'k␀ (2)': 'w' });
  });

  it('takes a key named __proto__ as a key like any other', () => {
    const cleaned = cleanDeep(JSON.parse('{"__proto__":{"polluted":true}}'));
    expect(Object.keys(cleaned as object)).toEqual(['__proto__']);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('survives nesting that is deeper than any stack', () => {
    let deep: unknown = 'end';
    for (let level = 0; level < 100_000; level += 1) deep = [deep];
    expect(JSON.stringify(cleanDeep(deep))).toContain('…');
  });
});
