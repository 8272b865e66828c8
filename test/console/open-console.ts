import { afterEach } from 'vitest';
import type { EngineLab } from '../support/engine-lab.ts';
import { openTerminal, type Terminal } from '../support/terminal.ts';
import { waitUntil } from '../support/wait-until.ts';

export interface ConsoleWish {
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: NodeJS.ProcessEnv;
}

export type OpenConsole = (wish?: ConsoleWish) => Promise<Terminal>;

/** The surroundings of a person: nothing that forbids or forces colours, nothing that says that no person is there. */
export function atTheTerminal({ NO_COLOR: _, FORCE_COLOR: __, CI: ___, ...env }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return env;
}

/** Opens the built console on the lab's host, each in a terminal of its own that goes away after the test. */
export function consolesOf(lab: EngineLab): OpenConsole {
  const opened: Terminal[] = [];
  afterEach(async () => {
    for (const terminal of opened.splice(0)) await terminal.close();
  });
  return async ({ columns = 120, rows = 40, env = {} } = {}) => {
    const terminal = await openTerminal({ columns, rows, command: lab.commandLine(), env: { ...atTheTerminal(lab.env), ...env } });
    opened.push(terminal);
    await terminal.see('One tenant on one host');
    return terminal;
  };
}

/** Moves the cursor of the list to a scenario, a key at a time: a screen that is late must not be taken for a key that was lost. */
export async function chooseScenario(terminal: Terminal, scenario: string): Promise<void> {
  const rowOf = (screen: string, text: string) => screen.split('\n').findIndex((line) => line.startsWith(text));
  const wanted = `   ${scenario} `;
  let screen = await terminal.see(wanted);
  for (;;) {
    const [cursor, target] = [rowOf(screen, ' ▸ '), rowOf(screen, wanted)];
    if (rowOf(screen, ` ▸ ${scenario} `) >= 0) return;
    await terminal.press(target < cursor ? 'k' : 'j');
    screen = await waitUntil(
      'the cursor moved',
      () => terminal.screen(),
      (next) => rowOf(next, ' ▸ ') >= 0 && rowOf(next, ' ▸ ') !== cursor,
    );
  }
}
