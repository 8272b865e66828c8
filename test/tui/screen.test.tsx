import { render } from 'ink-testing-library';
import { describe, expect, test } from 'vitest';
import { Screen } from '../../src/tui/components/screen.tsx';
import type { Frame } from '../../src/tui/frame.ts';
import { span } from '../../src/tui/line.ts';
import { themeFor } from '../../src/tui/theme.ts';

const THEME = themeFor(true);
const frameOf = (...rows: readonly string[]): Frame => rows.map((text) => [span(text)]);

describe('a screen', () => {
  test('draws its rows as they are, spaces and blank rows included', () => {
    const rows = ['  cat-db   172.18.0.2', ' '.repeat(21), '  cat-web  172.18.0.3'];
    const { lastFrame, unmount } = render(<Screen frame={frameOf(...rows)} theme={THEME} />);
    expect(
      lastFrame()
        ?.split('\n')
        .map((row) => row.padEnd(21)),
    ).toEqual(rows);
    unmount();
  });

  test('puts the spans of a row side by side, whatever their tones', () => {
    const row = [span('✓ ', 'ok'), span('done', 'strong'), span(', 3 changed', 'dim')];
    const { lastFrame, unmount } = render(<Screen frame={[row]} theme={THEME} />);
    expect(lastFrame()).toBe('✓ done, 3 changed');
    unmount();
  });

  test('never wraps a row that is wider than the terminal', () => {
    const { lastFrame, unmount } = render(<Screen frame={frameOf('x'.repeat(150), 'below')} theme={THEME} />);
    expect(lastFrame()?.split('\n')).toHaveLength(2);
    expect(lastFrame()?.split('\n')[1]).toBe('below');
    unmount();
  });

  test('follows its frame to fewer rows, leaving nothing of the old one', () => {
    const { lastFrame, rerender, unmount } = render(<Screen frame={frameOf('one', 'two', 'three')} theme={THEME} />);
    rerender(<Screen frame={frameOf('only')} theme={THEME} />);
    expect(lastFrame()).toBe('only');
    unmount();
  });
});
