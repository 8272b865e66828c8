import { rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { followHosts } from '../../../src/cli/follow-hosts.ts';
import { followKnownProjects } from '../../../src/cli/follow-projects.ts';
import { createIntentHandler, type IntentTools } from '../../../src/cli/intents.ts';
import { openSession, type Session } from '../../../src/cli/session.ts';
import type { Flags } from '../../../src/cli/verb.ts';
import { createTenantWatcher } from '../../../src/cli/watch-tenants.ts';
import type { ConsoleEvent } from '../../../src/domain/events.ts';
import { reduce } from '../../../src/domain/reduce.ts';
import { type ConsoleState, EMPTY_STATE } from '../../../src/domain/state.ts';
import type { EngineLab } from '../../support/engine-lab.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { layWire } from '../../support/wire.ts';
import { both, hostsFile, NOTHING, newFolder, succeed } from './two-hosts.ts';

/** The console without its screen, put together as it does it. */
interface Open {
  readonly session: Session;
  readonly tools: IntentTools;
  readonly events: readonly ConsoleEvent[];
  until(what: string, isThere: (state: ConsoleState) => boolean): Promise<ConsoleState>;
  close(): Promise<void>;
}

async function openConsole(lab: EngineLab, flags: Flags): Promise<Open> {
  const events: ConsoleEvent[] = [];
  let state = EMPTY_STATE;
  const note = (event: ConsoleEvent) => {
    events.push(event);
    state = reduce(state, event);
  };
  const leaving = new AbortController();
  const bugs: unknown[] = [];
  const onBug = (error: unknown) => void bugs.push(error);
  const { stdin, stdout, stderr } = process;
  const context = { env: lab.env, cwd: process.cwd(), stdin, stdout, stderr, signal: leaving.signal, version: 'test' };
  const session = await openSession('console', flags, context, { sinks: [note], waitFor: 'any' });
  const tenants = createTenantWatcher(session, leaving.signal, onBug);
  const tools = { session, binds: {}, wish: { set: {}, project: flags.as, underlay: session.underlay }, context, tenants };
  followKnownProjects(tools, onBug);
  const hosts = followHosts(session, leaving.signal, onBug);
  return {
    session,
    tools,
    events,
    until: (what, isThere) => waitUntil(what, () => state, isThere),
    close: async () => {
      leaving.abort();
      await Promise.all([hosts.ended(), tenants.ended()]);
      await session.close();
      expect(bugs).toEqual([]);
    },
  };
}

export function describeJoining(lab: EngineLab): void {
  describe('a console over hosts of which some come later', () => {
    let path: string;
    let file: string;
    beforeEach(() => {
      path = `${newFolder()}/docker.sock`;
      file = hostsFile(lab, [{ name: 'host-A' }, { name: 'host-B', endpoint: `unix://${path}` }]);
    });
    afterEach(() => rmSync(path, { force: true }));

    function layWireToB() {
      return layWire(lab.hosts[1]?.endpoint.replace('unix://', '') ?? '', { path });
    }

    it('opens with what answers, and follows a host that is back, with the hits of a project under another name', async () => {
      await succeed(lab, 'up', 'multi-host-bridge', '--as', 'kennel');
      const open = await openConsole(lab, { hosts: file });
      try {
        const before = await open.until('the loss of host-B', ({ hosts }) => hosts['host-B']?.failure !== undefined);
        expect(before.hosts['host-A']?.connected).toBe(true);
        expect([...open.session.engines.keys()]).toEqual(['host-A']);
        const wire = await layWireToB();
        try {
          await open.until('host-B to be watched', ({ hosts }) => Object.keys(hosts['host-B']?.networks ?? {}).length > 0);
          await open.until('host-B to tell of itself', ({ hosts }) => hosts['host-B']?.description !== undefined);
          const { tenants } = await open.until('the counter', (state) => state.tenants['kennel/cat']?.status === 'live');
          const counted = tenants['kennel/cat']?.total ?? -1;
          expect((await fetch(`http://${lab.host.address}:8000/`)).headers.get('x-pets-counted')).toBe('true');
          await open.until('the hit', (state) => state.tenants['kennel/cat']?.total === counted + 1);
          // One by name, while it is the only one of it.
          expect(open.tools.tenants.find('cat').id).toBe('kennel/cat');
          expect(() => open.tools.tenants.find('dog')).toThrow('tenants: kennel/cat');
          expect(open.events.filter(({ type }) => type === 'host.lost')).toHaveLength(1);
        } finally {
          await wire.close();
        }
      } finally {
        await open.close();
      }
    });

    it('tells two tenants of one name apart, each with the hosts that its project is on', async () => {
      await succeed(lab, 'up', 'bridge');
      await succeed(lab, 'up', 'bridge', '--as', 'kennel', '--bind', 'host-A=host-B');
      await succeed(lab, 'verify', 'kennel');
      const open = await openConsole(lab, { hosts: lab.hostsFile });
      try {
        const isLive = ({ tenants }: ConsoleState) => ['bridge/cat', 'kennel/cat'].every((id) => tenants[id]?.status === 'live');
        const { tenants } = await open.until('both counters', isLive);
        const urls = ['bridge/cat', 'kennel/cat'].map((id) => tenants[id]?.outline.url);
        expect(urls).toEqual(lab.hosts.map(({ address }) => `http://${address}:8000`));
        expect(() => open.tools.tenants.find('cat')).toThrow('tenant cat is in several projects: ');
        const before = tenants['kennel/cat']?.total ?? -1;
        await createIntentHandler(open.tools)({ kind: 'hit', tenant: 'kennel/cat', count: 5 }, new AbortController().signal);
        const after = await open.until('the hits', (state) => state.tenants['kennel/cat']?.total === before + 5);
        expect(after.tenants['bridge/cat']?.total).toBe(tenants['bridge/cat']?.total);
      } finally {
        await open.close();
      }
    });

    it('takes a project down on every host, also where its scenario is not bound to hosts any more', async () => {
      await succeed(lab, 'up', 'multi-host-bridge');
      const renamed = lab.hosts.map((host, index) => ({ ...host, name: `other-${index}` }));
      const open = await openConsole(lab, { hosts: hostsFile(lab, renamed) });
      try {
        await open.until('both hosts', ({ hosts }) => ['other-0', 'other-1'].every((name) => hosts[name]?.connected === true));
        await createIntentHandler(open.tools)({ kind: 'down', scenario: 'multi-host-bridge' }, new AbortController().signal);
        const { run } = await open.until('the end', (state) => state.run?.finishedAt !== undefined);
        expect(run).toMatchObject({ ok: true, changed: 2 });
        expect(await both(lab)).toEqual({ a: NOTHING, b: NOTHING });
      } finally {
        await open.close();
      }
    });

    it('plans for the hosts that answer at once, while another hangs', async () => {
      const wire = await layWireToB();
      wire.hang();
      const open = await openConsole(lab, { hosts: file });
      try {
        const asked = performance.now();
        await createIntentHandler(open.tools)({ kind: 'plan', scenario: 'bridge' }, new AbortController().signal);
        const { planning } = await open.until('the plan', (state) => state.planning?.plan !== undefined);
        expect(planning?.plan?.obstacles).toEqual([]);
        expect(performance.now() - asked).toBeLessThan(5_000);
        expect(open.events.map(({ type }) => type)).not.toContain('host.lost');
        wire.wake();
        await open.until('host-B to join', ({ hosts }) => hosts['host-B']?.connected === true);
      } finally {
        await open.close();
        await wire.close();
      }
    });

    it('starts no agent on a read-only host to count hits, and says so', async () => {
      await succeed(lab, 'up', 'bridge');
      const open = await openConsole(lab, { hosts: lab.hostsFile, readOnly: true });
      try {
        const { tenants } = await open.until('the refusal', (state) => state.tenants['bridge/cat']?.status === 'lost');
        expect(tenants['bridge/cat']?.failure?.message).toContain('host-A is read-only');
        expect(await lab.docker('ps', '-aq', '--filter', 'label=pets-console.sidecar')).toBe('');
      } finally {
        await open.close();
      }
    });
  });
}
