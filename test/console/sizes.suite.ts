import { describe, expect, it } from 'vitest';
import type { EngineLab } from '../support/engine-lab.ts';
import type { Terminal } from '../support/terminal.ts';
import { bringUp } from './bridge-project.ts';
import type { OpenConsole } from './open-console.ts';

/** What changes by itself: times, counts and the marks of what has just happened. */
function withoutNumbers(screen: string): string {
  return screen
    .replaceAll('▌', ' ')
    .replace(/[\d.,]+/g, '0')
    .replace(/ +/g, ' ');
}

/** One header, one footer in the last row, rules as wide as the screen, and no row that ran on into the next. */
async function expectWholeScreen(terminal: Terminal, columns: number, rows: number): Promise<void> {
  const screen = await terminal.see(
    new RegExp(`^ pets-console[^\\n]*\\n[^\\n]*\\n─{${columns}}\\n(.*\\n){${rows - 5}}─{${columns}}\\n.*quit *\\n$`),
  );
  expect(screen.split('pets-console ')).toHaveLength(2);
  expect(screen.split('q quit')).toHaveLength(2);
  expect((await terminal.unwrappedScreen()).split('\n')).toHaveLength(rows + 1);
}

export function describeSizes(lab: EngineLab, open: OpenConsole): void {
  describe('while its size changes', () => {
    it.each(['1', '2', '3', '4', '5', '0'])('draws view %s anew at each size, with nothing left over', async (view) => {
      await bringUp(lab);
      const terminal = await open();
      await terminal.press(view);
      await terminal.see(/ pets-console/);
      const sizes = [
        [120, 40],
        [80, 24],
        [60, 15],
        [200, 60],
      ] as const;
      for (const [columns, rows] of sizes) {
        await terminal.resize(columns, rows);
        await expectWholeScreen(terminal, columns, rows);
      }
      await terminal.resize(50, 10);
      expect((await terminal.see('this terminal is 50×10')).trim().split('\n')).toHaveLength(3);
      await terminal.resize(120, 40);
      await expectWholeScreen(terminal, 120, 40);
    });

    it('keeps what it showed when it comes back from a size that is too small', async () => {
      await bringUp(lab);
      const terminal = await open();
      await terminal.press('4');
      await terminal.press('Enter');
      // The hit keys come once the tenant is known: the last thing to come by itself.
      await terminal.see(/›Addresses[\s\S]*cat-web[\s\S]*h hit/);
      const before = withoutNumbers(await terminal.screen());
      await terminal.resize(50, 10);
      await terminal.see('this terminal is 50×10');
      await terminal.resize(120, 40);
      await terminal.see(/›Addresses[\s\S]*cat-web[\s\S]*h hit/);
      expect(withoutNumbers(await terminal.screen())).toBe(before);
    });
  });

  it('draws without colours where NO_COLOR is set, and with them elsewhere', async () => {
    const coloured = /\u001b\[[\d;]*3[1-7]/;
    const plain = await open({ env: { NO_COLOR: '1' } });
    expect(await plain.paintedScreen()).not.toMatch(coloured);
    expect(await (await open()).paintedScreen()).toMatch(coloured);
  });
}
