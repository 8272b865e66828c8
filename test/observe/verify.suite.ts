import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BoundScenario } from '../../src/cli/scenario-files.ts';
import type { ConsoleEvent } from '../../src/domain/events.ts';
import type { EngineLab } from '../support/engine-lab.ts';
import { type LiveSession, openLiveSession } from './live-session.ts';

/** Two tenants side by side: one may not reach the other. */
const TWO_TENANTS = `
version: 1
name: two-tenants
model: bridge
title: Two tenants on one host
summary: Each on a bridge network of its own.
benefits: [they do not meet]
limits: [one host]
hosts: [host-A]
networks: { dognet: { driver: bridge }, catnet: { driver: bridge } }
services:
  dog-db: { image: redis, networks: [dognet] }
  dog-web: { image: pets-console/web, networks: [dognet], environment: { DB: dog-db, ROLE: dog } }
  cat-db: { image: redis, networks: [catnet] }
expect:
  - reach: { from: dog-web, to: "dog-db:6379" }
  - deny: { from: dog-web, to: "cat-db:6379", control: "dog-db:6379" }
`;
const DENIAL = 'dog-web does not reach cat-db:6379';

export function describeVerify(lab: EngineLab): void {
  describe('verify', () => {
    let live: LiveSession;
    let bound: BoundScenario;
    beforeEach(async () => {
      live = await openLiveSession(lab);
      bound = live.bind(TWO_TENANTS);
    });
    afterEach(async () => {
      await live.run('down', bound);
      await live.close();
      for (const name of (await lab.everything()).containers) await lab.docker('rm', '-f', name);
      expect(await lab.everything()).toEqual({ containers: [], networks: [] });
    });
    const up = async () => {
      expect((await live.run('up', bound)).failure).toBeUndefined();
    };
    const verdictOf = (check: string) =>
      live.events.findLast((event) => event.type.startsWith('check.') && 'check' in event && event.check === check);

    it('believes a denial that has its controls, not one whose target is away, and finds a way that was opened by hand', async () => {
      await up();
      expect(await live.run('verify', bound)).toMatchObject({ ok: true, checks: { passed: 2, failed: 0, uncertain: 0 } });
      // At once, not soon: a verify leaves no agent behind.
      expect((await lab.everything()).containers).toEqual(['cat-db', 'dog-db', 'dog-web']);

      await lab.docker('pause', 'cat-db');
      await live.run('verify', bound);
      expect(verdictOf(DENIAL)).toMatchObject({ type: 'check.uncertain', text: 'cat-db is not running, so nothing can be asked from it' });
      await lab.docker('unpause', 'cat-db');
      await lab.docker('exec', 'cat-db', 'redis-cli', 'client', 'pause', '20000', 'all');
      await live.run('verify', bound);
      const silent = 'cat-db:6379 does not answer even beside itself (timed-out), so silence tells nothing';
      expect(verdictOf(DENIAL)).toMatchObject({ type: 'check.uncertain', text: silent });

      await lab.docker('network', 'connect', 'catnet', 'dog-web');
      const opened = await live.run('verify', bound);
      expect(opened).toMatchObject({ ok: false, checks: { passed: 1, failed: 1, uncertain: 0 }, failure: { code: 'CHECK_FAILED' } });
      const byName = expect.stringMatching(/^dog-web reaches cat-db:6379 at 172\.\d+\.0\.\d+:6379, which the scenario denies$/);
      expect(verdictOf(DENIAL)).toMatchObject({ type: 'check.failed', text: byName });
      await lab.docker('network', 'disconnect', 'catnet', 'dog-web');

      // The default bridge knows no names: only the address leads there.
      for (const name of ['dog-web', 'cat-db']) await lab.docker('network', 'connect', 'bridge', name);
      await live.run('verify', bound);
      const text = expect.stringMatching(/^dog-web reaches cat-db:6379 at 172\.17\.0\.\d+:6379, which the scenario denies$/);
      expect(verdictOf(DENIAL)).toMatchObject({ type: 'check.failed', text });
      // Five times it waits for an answer that does not come.
    }, 60_000);

    it('interrupted while its agents start, it gives no verdict and leaves no agent', async () => {
      await up();
      const interrupt = new AbortController();
      const created = untilCreated(live, lab);
      const verifying = live.run('verify', bound, interrupt.signal);
      await created;
      interrupt.abort();
      expect(await verifying).toMatchObject({ ok: false, failure: { code: 'INTERRUPTED' } });
      expect(live.events.filter(({ type }: ConsoleEvent) => type.startsWith('check.'))).toEqual([]);
      expect((await lab.everything()).containers).toEqual(['cat-db', 'dog-db', 'dog-web']);
      expect(live.events.at(-1)).toMatchObject({ type: 'run.finished', ok: false });
    });

    it('starts no agent beside a container that is not ours, whatever its name', async () => {
      await lab.docker('run', '-d', '--name', 'dog-web', 'redis');
      expect(await live.run('verify', bound)).toMatchObject({ ok: false, checks: { passed: 0, failed: 0, uncertain: 2 } });
      expect(live.told('agent.started')).toEqual([]);
      expect(verdictOf('dog-web reaches dog-db:6379')).toMatchObject({
        text: 'dog-web is not running, so nothing can be asked from it',
        hint: 'pets-console up two-tenants',
      });
    });
  });
}

/** Resolves when an agent's container was made, started or not: the worst moment to be interrupted. */
async function untilCreated({ session }: LiveSession, lab: EngineLab): Promise<void> {
  while (!session.signal.aborted) {
    if ((await lab.docker('ps', '-aq', '--filter', 'label=pets-console.sidecar')) !== '') return;
  }
}
