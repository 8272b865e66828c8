import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BoundScenario } from '../../src/cli/scenario-files.ts';
import { openSession, type Session } from '../../src/cli/session.ts';
import { createTenantWatcher } from '../../src/cli/watch-tenants.ts';
import { reduce } from '../../src/domain/reduce.ts';
import { type ConsoleState, EMPTY_STATE } from '../../src/domain/state.ts';
import { sendHits } from '../../src/observe/send-hits.ts';
import { watchEngine } from '../../src/observe/watch-engine.ts';
import { runVerb } from '../../src/run/run-verb.ts';
import type { EngineLab } from '../support/engine-lab.ts';
import { waitUntil } from '../support/wait-until.ts';
import { bindTwoHosts } from './hosts-scenario.ts';
import { never } from './lab-engines.ts';

export function describeHitsOnHosts(lab: EngineLab): void {
  describe('hits over two hosts', () => {
    let session: Session;
    let bound: BoundScenario;
    let state: ConsoleState = EMPTY_STATE;
    const watching = new AbortController();
    const watches: Promise<unknown>[] = [];
    const change = async (verb: 'up' | 'down') => {
      const { agents, engines, lost, stream, signal, run } = session;
      const outcome = await runVerb({ verb, ...bound, project: 'two-hosts', engines, lost, agents, emit: stream.emit, signal, run });
      expect(outcome.failure).toBeUndefined();
    };
    const until = (what: string, isThere: (state: ConsoleState) => boolean) => waitUntil(what, () => state, isThere, 20_000);
    const tenantNamed = (name: string) => {
      const tenant = bound.tenants.find((each) => each.name === name);
      if (tenant === undefined) throw new Error(`no tenant ${name}`);
      return tenant;
    };
    const stateOf = (name: string) => state.tenants[tenantNamed(name).id];
    beforeAll(async () => {
      const { stdin, stdout, stderr } = process;
      const context = { env: lab.env, cwd: process.cwd(), stdin, stdout, stderr, signal: never, version: 'test' };
      const note = (event: Parameters<typeof reduce>[1]) => {
        state = reduce(state, event);
      };
      session = await openSession('test', { hosts: lab.hostsFile }, context, { sinks: [note] });
      bound = bindTwoHosts(session.hosts);
      const tenants = createTenantWatcher(session, watching.signal, (bug) => watches.push(Promise.reject(bug)));
      for (const engine of session.engines.values()) watches.push(watchEngine(engine, session.stream.emit, watching.signal));
      tenants.watch(bound);
      watches.push(tenants.ended());
      await change('up');
    });
    afterAll(async () => {
      await change('down');
      watching.abort();
      await Promise.all(watches);
      await session.close();
      for (const { name } of lab.hosts) expect(await lab.everything(name)).toEqual({ containers: [], networks: [] });
    });

    it.each([
      ['cat', 'cat-db', 'over a published port of the other host'],
      ['dog', 'dog-db', 'over addresses of the underlay'],
    ])('of %s are counted beside %s, %s, each once', async (name, database) => {
      await until('the first reading', () => stateOf(name)?.status === 'live');
      const sent = await sendHits(tenantNamed(name), 200, session.stream.emit, never);
      expect(sent).toMatchObject({ sent: 200, counted: 200, uncounted: 0, uncertain: 0, failed: 0 });
      await until('the count', () => stateOf(name)?.total === 200);
      expect(await lab.dockerOn('host-B', 'exec', database, 'redis-cli', 'get', `pets:{${name}}:total`)).toBe('200');
      expect(Object.values(stateOf(name)?.byContainer ?? {})).toEqual([200]);
    });

    it('are followed from one agent beside each database, and none on a host that has none', async () => {
      const besides = async (host: string) =>
        lab.dockerOn(host, 'ps', '--filter', 'label=pets-console.sidecar', '--format', '{{.Label "pets-console.resource"}}');
      expect((await besides('host-B')).split('\n').sort()).toEqual(['sidecar/cat-db', 'sidecar/dog-db']);
      expect(await besides('host-A')).toBe('');
    });
  });
}
