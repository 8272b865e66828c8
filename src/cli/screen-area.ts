import type { WriteStream } from 'node:tty';

/** Lines that are drawn again in their place on a terminal. */
export interface ScreenArea {
  draw(lines: readonly string[]): void;
}

export function openScreenArea(out: WriteStream): ScreenArea {
  let drawn: readonly string[] = [];
  return {
    draw: (lines) => {
      // What does not fit stays away: a line that scrolled off cannot be drawn over.
      const shown = out.isTTY ? lines.slice(0, Math.max(1, out.rows - 1)) : lines;
      if (shown.join('\n') === drawn.join('\n')) return;
      const back = drawn.length > 0 ? `\u001b[${drawn.length}A\r\u001b[J` : '';
      out.write(`${back}${shown.join('\n')}\n`);
      drawn = shown;
    },
  };
}
