import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BoundScenario } from '../../src/cli/scenario-files.ts';
import { reduce } from '../../src/domain/reduce.ts';
import type { TenantState } from '../../src/domain/state.ts';
import { EMPTY_STATE } from '../../src/domain/state.ts';
import { decodeEvent } from '../../src/journal/encoding.ts';
import { createVirtualClock, playJournal } from '../../src/journal/player.ts';
import { sendHits } from '../../src/observe/send-hits.ts';
import type { EngineLab } from '../support/engine-lab.ts';
import { type LiveSession, openLiveSession } from './live-session.ts';

/** The tests of this suite follow one console through everything that happens to one database. */
export function describeWatchTenant(lab: EngineLab): void {
  describe('the watch of a tenant', () => {
    let live: LiveSession;
    let bound: BoundScenario;
    beforeAll(async () => {
      live = await openLiveSession(lab);
      bound = live.bind(readFileSync('scenarios/bridge.yaml', 'utf8'));
      live.watchHost();
      live.watchTenants(bound);
      expect((await live.run('up', bound)).failure).toBeUndefined();
      await live.until('the first reading', ({ tenants }) => tenants['bridge/cat']?.status === 'live');
    });
    afterAll(async () => {
      await live.run('down', bound);
      await live.close();
      expect(await lab.everything()).toEqual({ containers: [], networks: [] });
    });

    const hit = (count: number) => {
      const [tenant] = bound.tenants;
      if (tenant === undefined) throw new Error('the scenario has no tenant');
      return sendHits(tenant, count, live.session.stream.emit, new AbortController().signal);
    };
    const inRedis = async () => {
      const redis = (...words: readonly string[]) => lab.docker('exec', 'cat-db', 'redis-cli', ...words);
      const [total, byContainer] = await Promise.all([redis('get', 'pets:{cat}:total'), redis('hgetall', 'pets:{cat}:by-container')]);
      const words = byContainer.split('\n').filter((word) => word !== '');
      const pairs = Array.from({ length: words.length / 2 }, (_, pair) => [words[2 * pair], Number(words[2 * pair + 1])]);
      return { total: Number(total), byContainer: Object.fromEntries(pairs) as Record<string, number> };
    };
    const cat = (): TenantState => {
      const tenant = live.state().tenants['bridge/cat'];
      if (tenant === undefined) throw new Error('nobody watches cat');
      return tenant;
    };
    const expectAgreement = async () => {
      const counts = await inRedis();
      await live.until(`the count to be ${counts.total}`, ({ tenants }) => tenants['bridge/cat']?.total === counts.total);
      expect(cat().byContainer).toEqual(counts.byContainer);
      return counts;
    };
    const untilBack = () => live.until('the database to be back', ({ tenants }) => tenants['bridge/cat']?.status === 'live', 20_000);
    const untilLost = () => live.until('the loss', ({ tenants }) => tenants['bridge/cat']?.status === 'lost');

    it('agrees with Redis and with the answers after 1,000 concurrent hits, none twice and none missed', async () => {
      const sent = await hit(1_000);
      expect(sent).toMatchObject({ sent: 1_000, counted: 1_000, uncounted: 0, uncertain: 0, failed: 0 });
      const { total } = await expectAgreement();
      expect(total).toBe(1_000);
      const hits = live.told('hit.counted');
      expect(new Set(hits.map((each) => each.hit)).size).toBe(1_000);
      expect(hits.map((each) => each.total)).toEqual(Array.from({ length: 1_000 }, (_, index) => index + 1));
    });

    it('believes no publication that is not a hit', async () => {
      const before = cat();
      for (const text of ['nonsense', '{}', '{"hit":"h","container":"c","total":"many","containerTotal":1}'])
        await lab.docker('exec', 'cat-db', 'redis-cli', 'publish', 'pets:{cat}:hits', text);
      await hit(1);
      await live.until('the hit after them', ({ tenants }) => tenants['bridge/cat']?.total === 1_001);
      expect(cat().wentBackAt).toBe(before.wentBackAt);
      expect(Object.keys(cat().byContainer)).toEqual(Object.keys(before.byContainer));
    });

    it('counts on where it was when its tunnel dies under a burst', async () => {
      const burst = hit(300);
      await live.until('the burst to be under way', ({ tenants }) => (tenants['bridge/cat']?.total ?? 0) > 1_050);
      const [agent] = (await lab.docker('ps', '-q', '--filter', 'label=pets-console.sidecar')).split('\n');
      await lab.docker('rm', '-f', agent ?? '');
      const lost = await untilLost();
      expect(lost.tenants['bridge/cat']?.failure).toMatchObject({ code: 'AGENT_FAILED' });
      expect((await burst).counted).toBe(300);
      await untilBack();
      expect((await expectAgreement()).total).toBe(1_301);
      await hit(5);
      expect((await expectAgreement()).total).toBe(1_306);
    });

    it('follows a database that is started again into its new namespace, and reads its counts anew', async () => {
      await lab.docker('exec', 'cat-db', 'redis-cli', 'save');
      await lab.docker('restart', '-t', '1', 'cat-db');
      await untilLost();
      await untilBack();
      await hit(3);
      expect((await expectAgreement()).total).toBe(1_309);
      expect(cat().wentBackAt).toBeUndefined();
      expect(await agents(lab)).toHaveLength(1);
    });

    it('calls a paused database lost although its connection stands, and hits into it are not called counted', async () => {
      await lab.docker('pause', 'cat-db');
      const sent = await hit(3);
      expect(sent.counted).toBe(0);
      // They were on their way to it when it fell silent: it counts them when it wakes, and the pages said that it may.
      expect(sent.uncertain).toBeGreaterThan(0);
      expect(sent.uncounted + sent.uncertain).toBe(3);
      await untilLost();
      await lab.docker('unpause', 'cat-db');
      await untilBack();
      await expectAgreement();
    });

    it('says that the count went back when a new database begins without its data', async () => {
      const before = cat().total ?? 0;
      await lab.docker('rm', '-f', 'cat-db');
      await untilLost();
      expect((await live.run('up', bound)).failure).toBeUndefined();
      await untilBack();
      expect(cat().wentBackAt).toBeDefined();
      await hit(2);
      const { total } = await expectAgreement();
      expect(total).toBeLessThan(before);
      expect(await agents(lab)).toHaveLength(1);
    });

    it('ends at once when it is told to, and replays from its journal to the same state', async () => {
      const start = performance.now();
      await live.stopWatching();
      expect(performance.now() - start).toBeLessThan(500);
      live.session.agents.close();
      await live.session.agents.gone();
      expect(await agents(lab)).toEqual([]);
      const until = live.events.length;
      const replayed: unknown[] = [];
      const clock = createVirtualClock();
      let state = EMPTY_STATE;
      await live.until('the journal to be written', () => lab.journal().length >= until);
      const journal = lab.journal().map((line) => decodeEvent(JSON.stringify(line), 'journal'));
      playJournal(journal, clock, (event) => {
        replayed.push(event);
        state = reduce(state, event);
        expect(clock.now()).toBe(event.at);
      });
      expect(replayed).toEqual(live.events);
      expect(state).toEqual(live.state());
    });
  });
}

async function agents(lab: EngineLab): Promise<readonly string[]> {
  return (await lab.docker('ps', '-aq', '--filter', 'label=pets-console.sidecar')).split('\n').filter((line) => line !== '');
}
