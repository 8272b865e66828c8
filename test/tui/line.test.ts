import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { age, bar, count, duration, rate, size, sizeOf, sparkline } from '../../src/tui/format.ts';
import { cell, cut, cutMiddle, fitLine, fold, foldCommand, line, nameCell, span, spread, widthOfLine } from '../../src/tui/line.ts';
import { axis, laneBar, laneScale } from '../../src/tui/panels/lane.ts';
import { themeFor } from '../../src/tui/theme.ts';

const TEXTS = ['plain', '', '猫の網', 'e\u0301te\u0301', '👩‍👩‍👧‍👦 family', '🇩🇪 flag', '1️⃣', 'ﷺ', 'a\tb', 'mixed 猫 and é and 🐈'];

test.each(TEXTS)('%j is cut to every width, never beyond and never through a character', (text) => {
  for (let width = 0; width <= 24; width += 1) {
    expect(stringWidth(cut(text, width))).toBeLessThanOrEqual(width);
    expect(widthOfLine([cell(text, width)])).toBe(width);
    expect(stringWidth(cutMiddle(text, width))).toBeLessThanOrEqual(width);
    if (width > 0) expect(widthOfLine([nameCell(text, width)])).toBe(width);
    expect(widthOfLine(fitLine(line(text, span(text, 'dim'), ' tail'), width))).toBe(width);
    expect(widthOfLine(spread(line(text), line('12 ms'), width))).toBe(width);
  }
});

test('names that differ at their end are still told apart', () => {
  const names = ['rack-07-edge-frankfurt-east-1', 'rack-07-edge-frankfurt-east-2', 'rack-07-edge-frankfurt-west-1'];
  for (const width of [10, 12, 16, 24]) expect(new Set(names.map((name) => cutMiddle(name, width))).size, `${width}`).toBeGreaterThan(1);
  expect(cutMiddle('rack-07-edge-frankfurt-east-1', 16)).toBe('rack-07-…-east-1');
  expect(cutMiddle('host-A', 16)).toBe('host-A');
});

test('"rack-07-edge-gateway-frankfurt-am-main-pr… did not answer": a long word loses nothing, a path breaks at a slash', () => {
  const long = 'rack-07-edge-gateway-frankfurt-am-main-production-east-number-1';
  for (const width of [12, 30, 40]) {
    const rows = fold(`${long} did not answer`, width);
    for (const row of rows) expect(stringWidth(row)).toBeLessThanOrEqual(width);
    expect(rows.join('').replaceAll(' ', '')).toBe(`${long}didnotanswer`);
  }
  expect(fold('unix:///run/pets-console/lab/host-B/docker.sock', 44)).toEqual(['unix:///run/pets-console/lab/host-B/', 'docker.sock']);
});

test('bytes are told in one unit, whole in 15 columns', () => {
  expect(size(104_210_000)).toBe('104 MB');
  expect(size(17_912_000)).toBe('17.9 MB');
  expect(size(1_234_000_000)).toBe('1.2 GB');
  expect(size(512)).toBe('0.5 kB');
  expect(sizeOf(43_512_000, 104_210_000)).toBe('43.5 of 104 MB');
  expect(sizeOf(0, 17_912_000)).toBe(' 0.0 of 17.9 MB');
  // What was announced may be less than what came.
  expect(sizeOf(20_000_000, 17_912_000)).toBe('17.9 of 17.9 MB');
});

describe('commands', () => {
  const command = "docker run -d --net catnet -p 8000:5000 -e 'GREETING=it'\\''s you' -e 'ROLE=cat' --name cat-web pets-console/web";

  test('folded, they are the same words in the same order', () => {
    for (const width of [30, 44, 60, 200]) {
      const rows = foldCommand(command, width);
      for (const row of rows) expect(stringWidth(row)).toBeLessThanOrEqual(width);
      expect(rows.map((row) => row.replace(/ \\$/, '').trim()).join(' ')).toBe(command);
    }
  });

  test('no row ends inside quotes or between a flag and its value', () => {
    for (const row of foldCommand(command, 34)) {
      expect((row.replaceAll("\\'", '').match(/'/g) ?? []).length % 2).toBe(0);
      expect(row).not.toMatch(/ (-e|-p|--net|--name) \\$/);
    }
  });
});

test('numbers keep their width', () => {
  for (const ms of [0, 0.4, 999, 999.6, 1000, 61_234, 99_949, 99_950, 3_600_000, 90_000_000])
    expect(duration(ms).length).toBeLessThanOrEqual(7);
  for (const ms of [0, 999, 59_999, 60_000, 5_399_999, 360_000_000]) expect(age(ms).length).toBeLessThanOrEqual(6);
  expect([count(0), count(999), count(1000), count(65534), count(1234567)]).toEqual(['0', '999', '1,000', '65,534', '1,234,567']);
  expect([rate(0), rate(12.04), rate(1234.5)]).toEqual(['0.0/s', '12.0/s', '1,234/s']);
});

test('a sparkline tells one hit from none, and its peak from the rest', () => {
  expect(sparkline([0, 1, 50, 100])).toBe('▁▂▅█');
  expect(sparkline([0, 0])).toBe('▁▁');
});

test('a bar shows the least of something, and nothing for nothing', () => {
  expect([bar(0, 4), bar(0.01, 4), bar(1, 4), bar(3, 4)]).toEqual(['    ', '━   ', '━━━━', '━━━━']);
});

test('a lane is exactly as wide as asked, and even the shortest step shows', () => {
  const step = {
    id: '',
    host: '',
    via: undefined,
    title: '',
    reason: undefined,
    command: '',
    status: 'done' as const,
    text: '',
    hint: undefined,
    progress: undefined,
  };
  for (const width of [8, 17, 40, 90]) {
    for (const [startMs, durationMs] of [
      [0, 0],
      [999, 1],
      [400, 600],
      [1000, 0],
    ] as const) {
      const drawn = laneBar({ ...step, startMs, durationMs }, 1000, width);
      expect(widthOfLine(drawn)).toBe(width);
      expect(drawn.map((part) => part.text).join('')).toContain('▇');
    }
    expect(axis(1000, width)).toHaveLength(width);
    expect(axis(1000, width).trimEnd()).toMatch(/^0 s.* 1 s$/);
  }
});

test('the axis grows in leaps, and always holds the run', () => {
  expect([0, 1000, 1001, 3999, 4001].map(laneScale)).toEqual([1000, 1000, 2000, 4000, 10_000]);
  expect(laneScale(5_000_000)).toBeGreaterThanOrEqual(5_000_000);
});

test('without colour every tone is weight only', () => {
  for (const style of Object.values(themeFor(true))) expect(style).not.toHaveProperty('color');
  expect(Object.values(themeFor(false)).some((style) => 'color' in style)).toBe(true);
});
