import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureBuilt } from '../support/built-product.ts';
import { skipWithoutLab } from '../support/lab-or-skip.ts';
import { openTerminal, type Terminal } from '../support/terminal.ts';
import { atTheTerminal } from './open-console.ts';

const LAUNCHER = join(process.cwd(), 'bin/pets-console.cjs');
/** A machine on which no engine and no lab runs: both have their sockets under /run. */
const ON_AN_EMPTY_MACHINE = ['unshare', '--mount', 'sh', '-c', 'mount -t tmpfs none /run && exec "$@"', 'sh'];

describe.skipIf(skipWithoutLab)('the console where there is no engine', () => {
  const home = mkdtempSync(join(tmpdir(), 'pets-home-'));
  let terminal: Terminal | undefined;
  beforeAll(ensureBuilt);
  afterAll(async () => {
    await terminal?.close();
    rmSync(home, { recursive: true });
  });

  async function open(redirection: string): Promise<Terminal> {
    const { DOCKER_HOST: _, DOCKER_CONTEXT: __, ...env } = atTheTerminal(process.env);
    const homes = { HOME: home, XDG_CONFIG_HOME: home, XDG_STATE_HOME: home };
    const redirected = ['sh', '-c', `cd && exec "$@" ${redirection}`, 'sh'];
    const command = [...ON_AN_EMPTY_MACHINE, ...redirected, process.execPath, LAUNCHER];
    await terminal?.close();
    terminal = await openTerminal({ columns: 120, rows: 40, command, env: { ...env, ...homes } });
    return terminal;
  }

  it.each(['</dev/null', '>/dev/null'])('refuses without a terminal (%s), and says what works without one', async (redirection) => {
    const refused = await open(redirection);
    expect(await refused.ended()).toBe(2);
    expect(await refused.screen()).toMatch(/the console needs a terminal[\s\S]*pets-console run bridge/);
  });

  it('in a terminal asks whether to make one; no is status 4 and the next command', async () => {
    const asking = await open('');
    await asking.see('Bring up a lab here');
    expect(await asking.screen()).toContain('no Docker engine was found');
    await asking.press('n', 'Enter');
    expect(await asking.ended()).toBe(4);
    await asking.see('pets-console lab up');
  });

  it.each([
    ['ctrl-c', 'C-c', 130],
    ['ctrl-d', 'C-d', 4],
  ])('takes %s for an answer too, and for no bug', async (_, key, status) => {
    const asking = await open('');
    await asking.see('[Y/n]');
    await asking.press(key);
    expect(await asking.ended()).toBe(status);
    expect(await asking.screen()).not.toContain('bug');
  });
});
