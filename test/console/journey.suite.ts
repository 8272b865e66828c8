import { expect, it } from 'vitest';
import type { EngineLab } from '../support/engine-lab.ts';
import type { Terminal } from '../support/terminal.ts';
import { waitUntil } from '../support/wait-until.ts';
import { bringUp, takeDown, waitForNothing } from './bridge-project.ts';

/** What a person does with it, at any size: each of these holds at the smallest screen as well as at the largest. */
export function describeJourney(lab: EngineLab, open: () => Promise<Terminal>): void {
  async function openRunning(): Promise<Terminal> {
    await bringUp(lab);
    return open();
  }

  it('shows the plan with docker’s commands, then runs it before one’s eyes', async () => {
    await takeDown(lab);
    const terminal = await open();
    await terminal.press('Enter');
    const plan = await terminal.see(/docker network create -d bridge catnet/);
    expect(plan).toContain('docker run -d --net catnet --name cat-db redis');
    expect(plan).toMatch(/docker run -d --net catnet --name cat-web/);
    await terminal.see('the hosts were looked at: nothing in the way');
    // The look left nothing behind, and nothing was made.
    await waitForNothing(lab);
    await terminal.press('Enter');
    await terminal.see(/[0-5] of 6 steps .*◐ running/);
    const done = await terminal.see(/6 of 6 steps .*✓ done, 3 changed/);
    for (const step of ['look at the host', 'create network catnet', 'run cat-db', 'wait for cat-db', 'run cat-web', 'wait for cat-web']) {
      expect(done).toMatch(new RegExp(`${step} .* ms ✓`));
    }
    // Only then its hits can be followed, through an agent beside the database.
    await terminal.see(/cat +0 hits/);
    expect(await lab.everything()).toMatchObject({ networks: ['catnet'], containers: expect.arrayContaining(['cat-db', 'cat-web']) });
  });

  it('prints the network as docker network inspect does, line for line', async () => {
    const terminal = await openRunning();
    await terminal.press('3');
    await terminal.see(/▸ catnet/);
    await terminal.press('Enter');
    await terminal.see(/›Network +catnet/);
    const printed = (await lab.docker('network', 'inspect', 'catnet')).split('\n');
    // From the first line on, window by window.
    await terminal.press('g');
    for (let seen = 0; seen < printed.length; ) {
      const { first, lines } = await waitUntil(
        `line ${seen + 1} of the network`,
        async () => inspectWindow(await terminal.screen()),
        (window) => window.first <= seen + 1 && window.first + window.lines.length > seen + 1,
      );
      for (const [index, line] of lines.entries()) expectPrinted(line, printed[first - 1 + index] ?? '');
      seen = first - 1 + lines.length;
      await terminal.press('PageDown');
    }
  });

  it('shows who has which address, and how many are used and free', async () => {
    const terminal = await openRunning();
    const [network] = JSON.parse(await lab.docker('network', 'inspect', 'catnet'));
    const [{ Subnet: subnet, Gateway: gateway }] = network.IPAM.Config;
    await terminal.press('4');
    await terminal.see(/▸ catnet/);
    await terminal.press('Enter');
    const screen = await terminal.see(/used +65,531 free +of 65,534/);
    expect(screen).toContain(`subnet ${subnet}   gateway ${gateway}`);
    expect(screen).toMatch(/\b3 used/);
    for (const { Name, IPv4Address, MacAddress } of Object.values<Record<string, string>>(network.Containers)) {
      expect(screen).toMatch(new RegExp(`${IPv4Address?.split('/')[0]} +${MacAddress} +${Name}`));
    }
  });

  it('sends a hit and a burst of 100, says from where, and counts what others send', async () => {
    await takeDown(lab);
    const terminal = await openRunning();
    const url = `http://${lab.host.address}:8000`;
    await terminal.press('5');
    await terminal.see(/cat +0 hits/);
    await terminal.press('h');
    await terminal.see(/cat +1 hit /);
    await terminal.see(/answered and counted/);
    expect(await terminal.screen()).toMatch(new RegExp(`from this machine → ${url}`));
    await terminal.press('b');
    await terminal.see(/cat +101 hits/);
    await terminal.see('100 hits sent, 100 counted');
    expect((await fetch(url)).headers.get('x-pets-hits')).toBe('102');
    await terminal.see(/cat +102 hits/, 2_000);
    expect(await lab.docker('exec', 'cat-db', 'redis-cli', 'get', 'pets:{cat}:total')).toBe('102');
  });

  it('shows what somebody does by hand beside it', async () => {
    const terminal = await openRunning();
    await terminal.press('4');
    await terminal.see(/▸ catnet +host-A .* 3 +65,531/);
    await terminal.press('Enter');
    await lab.docker('run', '-d', '--name', 'stranger', 'redis');
    await lab.docker('network', 'connect', 'catnet', 'stranger');
    await terminal.see(/172\.\d+\.0\.4 +02:42:\S+ +stranger/, 2_000);
    await terminal.see(/\b4 used +65,530 free/);
    await lab.docker('network', 'disconnect', 'catnet', 'stranger');
    await terminal.see(/\b3 used +65,531 free/, 2_000);
    expect(await terminal.screen()).not.toContain('stranger');
    await lab.docker('rm', '-f', 'stranger');
  });

  it('explains its keys, asks before it takes anything down, takes all of it down, and quits', async () => {
    const terminal = await openRunning();
    await terminal.press('?');
    await terminal.see('send one hit');
    await terminal.press('Escape');
    await terminal.see('One tenant on one host');
    await terminal.press('D');
    await terminal.see(/host-A +2 containers +1 network/);
    await terminal.press('Escape');
    await terminal.see('One tenant on one host');
    expect((await lab.everything()).networks).toEqual(['catnet']);
    await terminal.press('D');
    await terminal.see(/host-A +2 containers +1 network/);
    await terminal.press('Enter');
    const done = await terminal.see(/›down +bridge .*✓ done/);
    for (const step of ['remove cat-db', 'remove cat-web', 'remove network catnet']) expect(done).toContain(step);
    await waitForNothing(lab);
    await terminal.press('q');
    expect(await terminal.ended()).toBe(0);
  });
}

/** The part of the network that its panel shows: the whole width, or what is right of the rule. */
function inspectWindow(screen: string): { readonly first: number; readonly lines: readonly string[] } {
  const rows = screen.split('\n').map((row) => row.slice(row.indexOf('▏') + 1).trim());
  const [, first = 0, last = 0] = (/(\d+)–(\d+) of/.exec(screen) ?? []).map(Number);
  const heading = rows.findIndex((row) => /Network +catnet/.test(row));
  return { first, lines: rows.slice(heading + 1, heading + 2 + last - first) };
}

/** A line too long for its panel ends in an ellipsis. */
function expectPrinted(shown: string, printed: string): void {
  const line = printed.trim();
  if (shown.endsWith('…')) expect(line.slice(0, shown.length - 1)).toBe(shown.slice(0, -1));
  else expect(shown).toBe(line);
}
