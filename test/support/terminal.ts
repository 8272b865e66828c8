import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { waitUntil } from './wait-until.ts';

const run = promisify(execFile);

/** A program in a real terminal: tmux, with a server of its own. */
export interface Terminal {
  /** What is on the screen, a line each. */
  screen(): Promise<string>;
  /** The same with colours and attributes as escape sequences. */
  paintedScreen(): Promise<string>;
  /** Lines that ran over the right edge come back as one: nothing of ours may. */
  unwrappedScreen(): Promise<string>;
  /** Waits until it is on the screen. @throws with the screen that stood there instead */
  see(expected: string | RegExp, boundMs?: number): Promise<string>;
  /** Keys by tmux's names (`Enter`, `C-c`) or as characters. */
  press(...keys: readonly string[]): Promise<void>;
  resize(columns: number, rows: number): Promise<void>;
  /** The program itself, not the shell around it. */
  pid(): Promise<number>;
  /** Resolves to the exit status, as a shell tells it, once the program has ended. */
  ended(): Promise<number>;
  modes(): Promise<TerminalModes>;
  close(): Promise<void>;
}

/** What a program may leave behind. */
export interface TerminalModes {
  readonly alternateScreen: boolean;
  readonly cursorVisible: boolean;
  readonly mouse: boolean;
  /** As `stty -a` says it: `echo`, `-icanon`. */
  readonly line: readonly string[];
}

export interface TerminalWish {
  readonly columns: number;
  readonly rows: number;
  readonly command: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** `cat` keeps the line as the program left it; a shell's prompt would set it anew. Ctrl-C on a line that is not raw is for the program. */
const WRAPPER = 'trap : INT; "$@"; echo "ended with $?"; exec cat';

export async function openTerminal({ columns, rows, command, env }: TerminalWish): Promise<Terminal> {
  const folder = mkdtempSync(join(tmpdir(), 'pets-terminal-'));
  const tmux = async (...args: readonly string[]) => (await run('tmux', ['-S', join(folder, 'socket'), ...args], { env })).stdout;
  const ask = async (format: string) => (await tmux('display-message', '-p', format)).trim();
  const size = ['-x', String(columns), '-y', String(rows)];
  await tmux('-f', '/dev/null', 'new-session', '-d', ...size, 'sh', '-c', WRAPPER, 'sh', ...command);
  const screen = () => tmux('capture-pane', '-p');
  const see = (expected: string | RegExp, boundMs?: number) =>
    waitUntil(
      `${expected} on the screen`,
      screen,
      (found) => (typeof expected === 'string' ? found.includes(expected) : expected.test(found)),
      boundMs,
    );
  return {
    screen,
    see,
    paintedScreen: () => tmux('capture-pane', '-p', '-e'),
    unwrappedScreen: () => tmux('capture-pane', '-p', '-J'),
    press: async (...keys) => void (await tmux('send-keys', ...keys)),
    resize: async (toColumns, toRows) => void (await tmux('resize-window', '-x', String(toColumns), '-y', String(toRows))),
    pid: async () => childOf(await ask('#{pane_pid}')),
    ended: async () => Number(/ended with (\d+)/.exec(await see(/ended with \d+/))?.[1]),
    modes: async () => {
      const [alternate, cursor, mouse, tty = ''] = (await ask('#{alternate_on} #{cursor_flag} #{mouse_any_flag} #{pane_tty}')).split(' ');
      const { stdout } = await run('stty', ['-a', '-F', tty]);
      const line = stdout.split(/[\s;]+/);
      return {
        alternateScreen: alternate === '1',
        cursorVisible: cursor === '1',
        mouse: mouse === '1',
        line,
      };
    },
    close: async () => {
      await tmux('kill-server').catch(() => undefined);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function childOf(pid: string): number {
  const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  if (!child) throw new Error('nothing runs in the terminal');
  return Number(child);
}
