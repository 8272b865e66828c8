import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConsoleState } from '../../src/domain/state.ts';
import { watchEvents } from '../../src/engine/events.ts';
import { createEnginePicture } from '../../src/observe/engine-picture.ts';
import type { EngineLab } from '../support/engine-lab.ts';
import { type LiveSession, openLiveSession } from './live-session.ts';

const HOST = 'host-A';
/** Measured: 60 to 80 ms. The bound leaves room for a busy machine, not for a wait of the next full look. */
const SOON_MS = 1_000;

export function describeWatchEngine(lab: EngineLab): void {
  describe('the watch of an engine', () => {
    let live: LiveSession;
    beforeEach(async () => {
      live = await openLiveSession(lab);
      live.watchHost();
      await live.until('the first look', (state) => networkNamed(state, 'bridge') !== undefined);
    });
    afterEach(async () => {
      await live.close();
      for (const name of (await lab.everything()).containers) await lab.docker('rm', '-f', name);
      for (const name of (await lab.everything()).networks) await lab.docker('network', 'rm', name);
    });

    it('tells what is made, attached, paused, renamed, detached and removed by hand, soon after the engine says so', async () => {
      const said = new AbortController();
      const delays: number[] = [];
      const changes: { readonly at: number; readonly words: string }[] = [];
      const watch = watchEvents(live.engine, said.signal);
      const listening = (async () => {
        for await (const { at, type, action } of watch) changes.push({ at, words: `${type} ${action}` });
      })();
      await watch.opened;
      const expectSoon = async (command: readonly string[], last: string, isThere: (state: ConsoleState) => boolean) => {
        await lab.docker(...command);
        const { at } = await live.until(command.join(' '), isThere);
        delays.push(at - (changes.findLast(({ words }) => words === last)?.at ?? 0));
      };
      await expectSoon(['network', 'create', 'net-1'], 'network create', (state) => networkNamed(state, 'net-1') !== undefined);
      const run = ['run', '-d', '--name', 'db', '--net', 'net-1', 'redis'];
      await expectSoon(run, 'container start', (state) => stateOf(state, 'db') === 'running' && membersOf(state, 'net-1').includes('db'));
      await expectSoon(['pause', 'db'], 'container pause', (state) => stateOf(state, 'db') === 'paused');
      await expectSoon(['unpause', 'db'], 'container unpause', (state) => stateOf(state, 'db') === 'running');
      const attached = (state: ConsoleState) => membersOf(state, 'bridge').includes('db');
      await expectSoon(['network', 'connect', 'bridge', 'db'], 'network connect', attached);
      await expectSoon(['rename', 'db', 'cache'], 'container rename', (state) => membersOf(state, 'bridge').includes('cache'));
      await expectSoon(
        ['network', 'disconnect', 'bridge', 'cache'],
        'network disconnect',
        (state) => membersOf(state, 'bridge').length === 0,
      );
      await expectSoon(['rm', '-f', 'cache'], 'container destroy', (state) => stateOf(state, 'cache') === undefined);
      await expectSoon(['network', 'rm', 'net-1'], 'network destroy', (state) => networkNamed(state, 'net-1') === undefined);
      said.abort();
      await listening;
      expect(delays.filter((delay) => delay > SOON_MS)).toEqual([]);
    });

    it('tells on a second look at everything only what has changed since', async () => {
      const told: string[] = [];
      const { signal } = new AbortController();
      const picture = createEnginePicture(live.engine, (event) => told.push(event.type));
      await picture.takeWhole(signal);
      expect(told.length).toBeGreaterThan(0);
      told.length = 0;
      await picture.takeWhole(signal);
      expect(told).toEqual([]);
      await lab.docker('network', 'create', 'net-2');
      await picture.takeWhole(signal);
      expect(told).toEqual(['network.inspected']);
    });

    it('calls a frozen engine lost, once, keeps what it knew, and calls it back when it answers', async () => {
      const daemon = await lab.daemonOf(HOST);
      const known = Object.keys(live.state().hosts[HOST]?.networks ?? {});
      process.kill(daemon, 'SIGSTOP');
      try {
        const state = await live.until('the loss', ({ hosts }) => hosts[HOST]?.connected === false);
        expect(state.hosts[HOST]?.failure).toMatchObject({ code: 'ENGINE_TIMEOUT' });
        expect(Object.keys(state.hosts[HOST]?.networks ?? {})).toEqual(known);
      } finally {
        process.kill(daemon, 'SIGCONT');
      }
      await live.until('the engine to be back', ({ hosts }) => hosts[HOST]?.connected === true);
      expect(live.told('host.lost')).toHaveLength(1);
      await lab.docker('network', 'create', 'net-3');
      await live.until('changes to be told again', (state) => networkNamed(state, 'net-3') !== undefined);
    });

    it('looks at everything again after an engine came back, since it says nothing of what was missed', async () => {
      await lab.docker('run', '-d', '--name', 'db', 'redis');
      await live.until('the container', (state) => stateOf(state, 'db') === 'running');
      await lab.kill(HOST);
      await live.until('the loss', ({ hosts }) => hosts[HOST]?.connected === false);
      await lab.mend();
      await live.until('the engine to be back', ({ hosts }) => hosts[HOST]?.connected === true);
      // Back means looked at: what ran went with its engine, and no event ever told so.
      const since = live.events.slice(live.events.findIndex(({ type }) => type === 'host.lost')).map(({ type }) => type);
      expect(since).toContain('container.removed');
      expect(since.indexOf('host.answered')).toBeGreaterThan(since.indexOf('container.removed'));
      expect(stateOf(live.state(), 'db')).toBeUndefined();
    });
  });
}

function networkNamed(state: ConsoleState, name: string) {
  return Object.values(state.hosts[HOST]?.networks ?? {}).find(({ live }) => live.name === name);
}

function membersOf(state: ConsoleState, network: string): readonly string[] {
  return networkNamed(state, network)?.live.endpoints.map(({ containerName }) => containerName) ?? [];
}

function stateOf(state: ConsoleState, name: string): string | undefined {
  return Object.values(state.hosts[HOST]?.containers ?? {}).find((container) => container.name === name)?.state;
}
