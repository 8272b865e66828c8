import { afterEach } from 'vitest';
import type { EngineLab } from '../support/engine-lab.ts';
import { openTerminal, type Terminal } from '../support/terminal.ts';

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
