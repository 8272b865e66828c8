import { describe, expect, it } from 'vitest';
import type { Terminal } from '../support/terminal.ts';
import { waitUntil } from '../support/wait-until.ts';
import type { OpenConsole } from './open-console.ts';

const SANE = ['echo', 'icanon', 'isig', 'iexten', 'icrnl', 'opost', 'onlcr'];

async function expectWhole(terminal: Terminal): Promise<void> {
  const { line, ...screen } = await terminal.modes();
  expect(screen).toEqual({ alternateScreen: false, cursorVisible: true, mouse: false });
  expect(line).toEqual(expect.arrayContaining(SANE));
  // What is typed now is echoed, and repeated by `cat` once Enter ends the line.
  await terminal.press('still here', 'Enter');
  await terminal.see('still here\nstill here');
}

/** A bug of ours at a moment of the test's choosing, outside of everything that could catch it. */
const PLANTED = "process.once('SIGUSR2', () => { throw new Error('a planted bug') })";

export function describeEnds(open: OpenConsole): void {
  describe('leaves the terminal whole', () => {
    it('has taken the screen, the cursor and the keyboard for itself until then', async () => {
      const { line, ...screen } = await (await open()).modes();
      expect(screen).toEqual({ alternateScreen: true, cursorVisible: false, mouse: false });
      expect(line).toEqual(expect.arrayContaining(['-echo', '-icanon']));
    });

    it.each([
      ['q', 'q'],
      ['ctrl-c', 'C-c'],
    ])('after %s, with status 0', async (_, key) => {
      const terminal = await open();
      await terminal.press(key);
      expect(await terminal.ended()).toBe(0);
      await expectWhole(terminal);
    });

    it.each([
      ['SIGINT', 130],
      ['SIGTERM', 143],
      ['SIGHUP', 129],
    ] as const)('after %s, with status %i', async (signal, status) => {
      const terminal = await open();
      process.kill(await terminal.pid(), signal);
      expect(await terminal.ended()).toBe(status);
      await expectWhole(terminal);
    });

    it('after a bug of ours, which can be read, with status 70', async () => {
      const terminal = await open({ env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(PLANTED)}` } });
      process.kill(await terminal.pid(), 'SIGUSR2');
      expect(await terminal.ended()).toBe(70);
      expect(await terminal.screen()).toContain('a planted bug');
      await expectWhole(terminal);
    });

    it('ends when its terminal is closed under it', async () => {
      const terminal = await open();
      const pid = await terminal.pid();
      await terminal.close();
      await waitUntil(
        'the console to have ended',
        () => isAlive(pid),
        (alive) => !alive,
        3_000,
      );
    });
  });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
