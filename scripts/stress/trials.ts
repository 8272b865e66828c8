import { setTimeout as sleep } from 'node:timers/promises';
import { differencesOf, type Inventory, takeInventory } from './inventory.ts';
import type { Subject } from './subjects.ts';
import type { TwoHosts } from './two-hosts.ts';

/** One subject beside what was there before it; each trial ends taken down and says what was wrong, nothing if nothing was. */
export interface Trials {
  cycle(): Promise<readonly string[]>;
  /** After the kill either `up` completes it and then changes nothing, or `down` leaves nothing, in turn. */
  killUp(afterMs: number, index: number): Promise<readonly string[]>;
  /** After the kill either `up` heals it first, or `down` goes on at once, in turn. */
  killDown(afterMs: number, index: number): Promise<readonly string[]>;
  /** How long `up` and `down` take, undisturbed. */
  times(): Promise<readonly [upMs: number, downMs: number]>;
}

export function trialsOf({ scenario, flags }: Subject, hosts: TwoHosts, before: Inventory): Trials {
  const up = ['up', scenario, ...flags];
  const down = ['down', scenario];
  const succeed = async (...args: readonly string[]): Promise<readonly string[]> => {
    const { status, said } = await hosts.console(...args);
    return status === 0 ? [] : [`${args[0]} ended with ${status}: ${said.slice(-600)}`];
  };
  const takeDown = async () => [...(await succeed(...down)), ...differencesOf(before, await takeInventory(hosts))];
  const expectNoChange = async (): Promise<readonly string[]> => {
    const { said } = await hosts.console(...up, '--json');
    if (/"type":"run.finished".*"changed":0/.test(said)) return [];
    return [`a second up still changed something: ${said.slice(-600)}`];
  };
  const time = async (args: readonly string[]) => {
    const start = performance.now();
    await hosts.console(...args);
    return performance.now() - start;
  };
  return {
    cycle: async () => [...(await succeed(...up)), ...(await takeDown())],
    killUp: async (afterMs, index) => {
      await killAfter(afterMs, hosts, up);
      const healed = index % 2 === 0 ? [...(await succeed(...up)), ...(await expectNoChange())] : [];
      return [...healed, ...(await takeDown())];
    },
    killDown: async (afterMs, index) => {
      const faults = await succeed(...up);
      await killAfter(afterMs, hosts, down);
      const healed = index % 2 === 0 ? await succeed(...up) : [];
      return [...faults, ...healed, ...(await takeDown())];
    },
    times: async () => [await time(up), await time(down)],
  };
}

async function killAfter(ms: number, hosts: TwoHosts, args: readonly string[]): Promise<void> {
  const child = hosts.start(...args);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  await Promise.race([ended, sleep(ms)]);
  child.kill('SIGKILL');
  await ended;
}
