import { beforeEach, describe, expect, it } from 'vitest';
import { startEngineLab } from '../support/engine-lab.ts';
import { skipWithoutLab } from '../support/lab-or-skip.ts';
import { waitUntil } from '../support/wait-until.ts';
import { chooseScenario, consolesOf } from './open-console.ts';

const lab = startEngineLab('t-console2', '192.168.98.0/24', 2);
const open = consolesOf(lab);

const planned = 'the hosts were looked at: nothing in the way';

describe.skipIf(skipWithoutLab)('the console on two hosts', () => {
  beforeEach(() => lab.clear());

  it.each([
    [120, 40],
    [80, 24],
  ])('of %i×%i: looks at both, runs on both, counts, and asks for both before it takes down', async (columns, rows) => {
    const terminal = await open({ columns, rows });
    await chooseScenario(terminal, 'multi-host-bridge');
    await terminal.press('Enter');
    const plan = await terminal.see(planned);
    expect(plan).toMatch(/host-A {2}192\.168\.98\.11[\s\S]*run cat-web[\s\S]*host-B {2}192\.168\.98\.12[\s\S]*run cat-db/);
    await terminal.press('Enter');
    const done = await terminal.see(/6 of 6 steps .*✓ done, 2 changed/);
    expect(done).toMatch(/host-A +look at the host[\s\S]*run cat-web[\s\S]*host-B +look at the host[\s\S]*run cat-db/);
    await terminal.press('5');
    await terminal.see(/cat +0 hits/);
    await terminal.press('b');
    await terminal.see(/cat +100 hits/);
    // Whose hits: the container by its name, and the host that it runs on.
    await terminal.see(/cat-web +host-A +100/);
    await terminal.press('3');
    await terminal.see(/▸ bridge +host-A[\s\S]* {3}bridge +host-B/);
    await terminal.press('D');
    const question = await terminal.see('Take down multi-host-bridge?');
    expect(question).toMatch(/host-A +1 container[\s\S]*host-B +1 container/);
    await terminal.press('Enter');
    await terminal.see(/›down +multi-host-bridge .*✓ done/);
    for (const host of ['host-A', 'host-B']) {
      await waitUntil(
        `nothing on ${host}`,
        () => lab.everything(host),
        (held) => held.containers.length + held.networks.length === 0,
      );
    }
  });

  it('tells a process that holds a port before anything runs, and runs once it is gone', async () => {
    const terminal = await open();
    const holder = await lab.docker('run', '-d', '--net', 'host', 'redis', 'redis-server', '--port', '8000');
    await chooseScenario(terminal, 'multi-host-bridge');
    await terminal.press('Enter');
    const refused = await terminal.see('cannot run while an obstacle stands in the way');
    expect(refused).toMatch(/✕ host-A: port 8000[\s\S]*held by /);
    expect(refused).not.toContain('enter run');
    await lab.docker('rm', '-f', holder);
    await terminal.press('Enter');
    await terminal.see(planned);
    await terminal.press('Enter');
    await terminal.see(/6 of 6 steps .*✓ done, 2 changed/);
  });

  it('shows what a host said last while it hangs, why it is down, and takes it back when it answers', async () => {
    const terminal = await open();
    await terminal.press('3');
    await terminal.see(/bridge +host-B +172\.17\.0\.0\/16 +0/);
    const daemon = await lab.daemonOf('host-B');
    process.kill(daemon, 'SIGSTOP');
    try {
      await terminal.see(/host-A ● .*host-B ✕ down \d+ s/);
      await terminal.see(/bridge +host-B +172\.17\.0\.0\/16 +✕ \d+ s old/);
      await terminal.see(/bridge +host-A +172\.17\.0\.0\/16 +0/);
      await terminal.press('0');
      await terminal.see(/▸ host-B +✕ down[\s\S]*has not answered/);
    } finally {
      process.kill(daemon, 'SIGCONT');
    }
    await terminal.see(/host-B ● 20\.10/);
  });
});
