import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { canonicalJson, digestOf } from '../../src/domain/canonical.ts';
import { decodeDocument, parseDocument } from '../../src/domain/document.ts';
import { LARGEST_DOCUMENT_BYTES } from '../../src/domain/document-limits.ts';
import { PetsError } from '../../src/domain/errors.ts';

const schema = z.strictObject({
  model: z.enum(['bridge', 'overlay']),
  names: z.array(z.string()).min(1),
  places: z.record(z.string().regex(/^[a-z]+$/, 'a place is small letters'), z.strictObject({ port: z.int().optional() })).optional(),
  ports: z.union([z.array(z.string()), z.record(z.string(), z.int())]).optional(),
});
const GOOD = 'model: bridge\nnames: [a]\n';

function refusalOf(text: string): PetsError {
  try {
    parseDocument('f.yaml', text, schema);
  } catch (error) {
    if (error instanceof PetsError) return error;
    throw error;
  }
  throw new Error('the document was accepted');
}

/** The lines that locate an issue, without the excerpts under them. */
function issuesOf(text: string): string[] {
  return refusalOf(text)
    .message.split('\n')
    .filter((line) => line.startsWith('f.yaml:'));
}

describe('parseDocument', () => {
  test('reads YAML, and JSON as the YAML that it is', () => {
    const value = { model: 'bridge', names: ['a'] };
    expect(parseDocument('f.yaml', GOOD, schema)).toEqual(value);
    expect(parseDocument('f.json', JSON.stringify(value), schema)).toEqual(value);
    expect(parseDocument('f.yaml', `\ufeff${GOOD}`, schema)).toEqual(value);
    expect(parseDocument('f.yaml', GOOD.replaceAll('\n', '\r\n'), schema)).toEqual(value);
  });

  test('reports every issue at once, in the order of the file', () => {
    const text = ['modle: x', 'model: brigde', 'names: []', 'places:', '  A1: {}', '  here: { prot: 1, port: no }', 'ports: 3'].join('\n');
    expect(issuesOf(text)).toEqual([
      'f.yaml:1:1: unknown key "modle"; valid here: model, names, places, ports. Did you mean model?',
      'f.yaml:2:8: "brigde" is not known here; valid: bridge, overlay. Did you mean bridge?',
      'f.yaml:3:8: expected at least 1 entry, found an empty list',
      'f.yaml:5:3: a place is small letters',
      'f.yaml:6:11: unknown key "prot"; valid here: port. Did you mean port?',
      'f.yaml:6:26: expected a number, found "no"',
      'f.yaml:7:8: expected a list or a map, found 3',
    ]);
  });

  test('shows the line and a caret under the place', () => {
    expect(refusalOf('names: [a]\nmodel: brigde\n').message).toBe(
      [
        'f.yaml:2:8: "brigde" is not known here; valid: bridge, overlay. Did you mean bridge?',
        '   2 | model: brigde',
        '     |        ^^^^^^',
      ].join('\n'),
    );
  });

  test.each([
    ['an empty file', '', ['f.yaml:1:1: expected a map, found nothing']],
    ['a missing key', 'model: bridge\n', ['f.yaml:1:1: names is missing']],
    ['a list where a map belongs', '- a\n', ['f.yaml:1:1: expected a map, found a list']],
    ['a wrong member of the form that was meant', `${GOOD}ports: { a: b }`, ['f.yaml:3:13: expected a number, found "b"']],
    ['a key given twice', `${GOOD}model: overlay\n`, ['f.yaml:3:1: map keys must be unique']],
    ['a tab as indentation', 'names:\n\t- a\n', ['f.yaml:2:1: tabs are not allowed as indentation']],
    ['a quote that never ends', 'model: "bridge\n', ['f.yaml:1:15: missing closing "quote']],
    ['a second document', `${GOOD}---\na: 1\n`, ['f.yaml:3:1: a second document starts here; the file must hold exactly one']],
    ['a tag that would make an object', 'model: !!js/function x\n', ['f.yaml:1:8: unresolved tag: tag:yaml.org,2002:js/function']],
    ['an alias of nothing', 'model: *m\n', ['f.yaml:1:8: alias *m has no anchor &m before it']],
    ['an alias of itself', 'names: &n [*n]\n', ['f.yaml:1:12: alias *n contains itself']],
    ['a key that no one wrote by mistake', `${GOOD}__proto__: { polluted: 1 }\n`, ['f.yaml:3:1: unknown key "__proto__"']],
  ])('locates %s', (_, text, expected) => {
    const issues = issuesOf(text);
    for (const [index, issue] of expected.entries()) expect(issues[index]).toContain(issue);
  });

  test('locates what came through an alias or a merge where it was written', () => {
    const good = `${GOOD}places:\n  a: &a { port: 1 }\n  b: *a\n  c: { <<: *a }\n`;
    expect(parseDocument('f.yaml', good, schema).places).toEqual({ a: { port: 1 }, b: { port: 1 }, c: { port: 1 } });
    expect(issuesOf(good.replace('port: 1', 'port: x'))).toEqual(['f.yaml:4:17: expected a number, found "x"']);
  });

  const tenfold = (wrap: (aliases: string) => string): string =>
    [
      'a: &a {k: [1]}',
      ...[...'bcdefghi'].map((name, index) => `${name}: &${name} ${wrap(Array(10).fill(`*${'abcdefghi'[index]}`).join(', '))}`),
    ].join('\n');
  test.each([
    ['aliases that multiply', tenfold((aliases) => `[${aliases}]`), 'stand for more than 100,000 values'],
    ['merges that multiply', tenfold((aliases) => `{<<: [${aliases}]}`), 'stand for more than 100,000 values'],
    ['very many aliases', `x: &x 1\ny: [${Array(101).fill('*x').join(', ')}]`, 'more than 100 aliases'],
    ['half a million brackets', '['.repeat(500_000), 'f.yaml:1:65: nested too deeply'],
    ['a staircase of dashes', '- '.repeat(200_000), 'nested too deeply'],
    ['a staircase of maps', '{a: '.repeat(100_000), 'nested too deeply'],
  ])('refuses %s at once', (_, text, expected) => {
    const started = performance.now();
    expect(refusalOf(text).message).toContain(expected);
    expect(performance.now() - started).toBeLessThan(2000);
  });

  test('refuses what is over 1 MB, measured in bytes', () => {
    expect(refusalOf(`# ${'é'.repeat(LARGEST_DOCUMENT_BYTES / 2)}`).message).toContain('over 1 MB');
    expect(() => decodeDocument('f.yaml', new Uint8Array(LARGEST_DOCUMENT_BYTES + 1))).toThrow('f.yaml: the file is over 1 MB');
    expect(decodeDocument('f.yaml', new Uint8Array(LARGEST_DOCUMENT_BYTES).fill(32))).toHaveLength(LARGEST_DOCUMENT_BYTES);
  });

  test('refuses bytes that are not UTF-8', () => {
    expect(() => decodeDocument('f.yaml', Uint8Array.of(0x61, 0xff, 0xfe))).toThrow('f.yaml: the file is not UTF-8 text');
  });

  test('never sends control bytes of a file to the terminal, and keeps the caret under its place', () => {
    const { message } = refusalOf('names: [a]\nmodel: "\\e[2J\u001b[31m\u202e"\n');
    expect(message).not.toMatch(/[\u001b\u202e]/);
    expect(message).toContain('f.yaml:2:8: ');
  });

  test('cuts a very long line around the place', () => {
    const { message } = refusalOf(`{"model": "bridge", "names": [${'"a", '.repeat(5000)}8000]}`);
    expect(message).toContain('f.yaml:1:25031: expected text, found 8000');
    for (const line of message.split('\n')) expect(line.length).toBeLessThan(140);
    const [, excerpt = '', carets = ''] = message.split('\n');
    expect(excerpt.slice(carets.indexOf('^'), carets.lastIndexOf('^') + 1)).toBe('8000');
  });

  test('names the rest when there are more issues than anybody reads', () => {
    const { message } = refusalOf(`${GOOD}${Array.from({ length: 60 }, (_, index) => `key${index}: 1`).join('\n')}`);
    expect(message).toMatch(/f\.yaml: and 10 more$/);
  });

  test('gives a usage error with the next step, whatever the text', () => {
    const pieces = [
      'model: ',
      'bridge',
      '\n',
      '[',
      ']',
      '{',
      '}',
      '&a ',
      '*a',
      '- ',
      '? ',
      ': ',
      '|',
      '"',
      "'",
      '\t',
      '#',
      '!!x ',
      '<<: ',
      '---\n',
      '\0',
      '%',
      '@',
      '`',
      '…',
    ];
    let seed = 7;
    const next = (): number => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed;
    };
    for (let round = 0; round < 2000; round++) {
      const text = Array.from({ length: (next() >> 8) % 12 }, () => pieces[(next() >> 8) % pieces.length]).join('');
      const refusal = refusalOf(text);
      expect([refusal.code, refusal.exitStatus], JSON.stringify(text)).toEqual(['BAD_FILE', 2]);
      expect(refusal.hint).toBeDefined();
      expect(refusal.message).toMatch(/^f\.yaml:[1-9]\d*:[1-9]\d*: ./);
    }
  });
});

describe('canonicalJson', () => {
  test('does not depend on the order of keys, but on the order of lists', () => {
    expect(canonicalJson({ b: [1, { d: 1, c: undefined }], a: null })).toBe('{"a":null,"b":[1,{"d":1}]}');
    expect(digestOf({ a: 1, b: 2 })).toBe(digestOf({ b: 2, a: 1 }));
    expect(digestOf([1, 2])).not.toBe(digestOf([2, 1]));
  });
});
