import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type AgentPool, createAgentPool } from '../../src/agent/agent-pool.ts';
import type { BoundScenario } from '../../src/cli/scenario-files.ts';
import { type Failure, failureOf } from '../../src/domain/errors.ts';
import type { Unstamped } from '../../src/domain/events.ts';
import type { BoundHost } from '../../src/domain/scenario.ts';
import { type Engine, openEngine } from '../../src/engine/engine.ts';
import { runVerb, type VerbOutcome } from '../../src/run/run-verb.ts';
import type { ActingVerb } from '../../src/run/verb-request.ts';
import type { EngineLab } from '../support/engine-lab.ts';
import { bindTwoHosts, CHECKS } from './hosts-scenario.ts';
import { closeEngines, never, openEngines } from './lab-engines.ts';

const MASQUERADE = 'host-B:8001 sees cat-web as 192.168.88.11';
const NO_NAME = 'cat-web fails to reach cat-db:6379';
const APART = 'host-A fails to reach 192.168.88.4:5000';
/** The kernel remembers for a moment that nobody answered its question, and then does not even try. */
const NO_WAY = 'host-A (gets no answer from 192\\.168\\.88\\.4:5000|has no way to 192\\.168\\.88\\.4:5000: EHOSTUNREACH)';
const ALL_RUN = { 'host-A': ['cat-web', 'dog-web'], 'host-B': ['cat-db', 'dog-db'] } as const;

export function describeVerifyHosts(lab: EngineLab): void {
  describe('verify over two hosts', () => {
    let engines: ReadonlyMap<string, Engine>;
    let agents: AgentPool;
    let events: Unstamped[] = [];
    beforeAll(async () => {
      engines = await openEngines(lab);
      agents = createAgentPool((event) => events.push(event), never);
      expect((await run('up', bindTwoHosts(hosts()))).failure).toBeUndefined();
    });
    afterEach(async () => {
      for (const [host, containers] of Object.entries(ALL_RUN)) expect((await lab.everything(host)).containers).toEqual(containers);
    });
    afterAll(async () => {
      await run('down', bindTwoHosts(hosts()));
      for (const { name } of lab.hosts) expect(await lab.everything(name)).toEqual({ containers: [], networks: [] });
      agents.close();
      await agents.gone();
      closeEngines(engines);
    });
    const hosts = (): readonly BoundHost[] => lab.hosts.map(({ name, address, endpoint }) => ({ name, address, endpoint }));
    const run = (verb: ActingVerb, bound: BoundScenario, lost: ReadonlyMap<string, Failure> = new Map()): Promise<VerbOutcome> => {
      events = [];
      const answering = new Map([...engines].filter(([name]) => !lost.has(name)));
      const emit = (event: Unstamped) => events.push(event);
      return runVerb({ verb, ...bound, project: 'two-hosts', engines: answering, lost, agents, emit, signal: never, run: 'test' });
    };
    const verdictOf = (check: string) =>
      events.find((event) => event.type.startsWith('check.') && 'check' in event && event.check === check);
    const lossOf = async (name: string): Promise<ReadonlyMap<string, Failure>> => {
      const failure = await openEngine({ name, endpoint: `unix:///run/pets-console/${lab.name}/none.sock` }).catch(failureOf);
      if ('docker' in failure) throw new Error('an engine answered where none is');
      return new Map([[name, failure]]);
    };

    it('finds everything as the models teach it, says from where and as whom, and leaves no agent on any host', async () => {
      const outcome = await run('verify', bindTwoHosts(hosts()));
      expect(events.filter(({ type }) => type === 'check.failed' || type === 'check.uncertain')).toEqual([]);
      expect(outcome).toMatchObject({ ok: true, checks: { passed: CHECKS, failed: 0, uncertain: 0 } });
      expect(verdictOf('cat-web reaches host-B:8001')).toMatchObject({
        text: expect.stringMatching(/^answered from 192\.168\.88\.12:8001 in [\d.]+ ms$/),
      });
      expect(verdictOf(MASQUERADE)).toMatchObject({ text: 'answered from 192.168.88.12:8001, which sees cat-web as 192.168.88.11' });
      expect(verdictOf('dog-db:6379 sees dog-web as 192.168.88.4')).toMatchObject({
        text: 'answered from 192.168.88.5:6379, which sees dog-web as 192.168.88.4',
      });
      expect(verdictOf(NO_NAME)).toMatchObject({
        text: 'cat-web cannot find the name cat-db: names end at their host; host-B:8001 answered in the same round',
      });
      expect(verdictOf(APART)).toMatchObject({
        text: expect.stringMatching(
          new RegExp(`^${NO_WAY}: a host and its own containers are kept apart; 192\\.168\\.88\\.5:6379 answered in the same round$`),
        ),
      });
      const onHosts = events.flatMap((event) => (event.type === 'agent.started' && event.beside === 'host' ? [event.host] : []));
      expect(onHosts.sort()).toEqual(['host-A', 'host-B']);
    });

    it('is not content with a failure that does not happen, or not in the way that is taught', async () => {
      await lab.dockerOn('host-A', 'run', '-d', '--name', 'stranger', '--network', 'local', '--network-alias', 'cat-db', 'redis');
      try {
        const outcome = await run(
          'verify',
          bindTwoHosts(hosts(), (text) => text.replace('control: "192.168.88.5:6379"', 'how: refused, control: "192.168.88.5:6379"')),
        );
        expect(outcome).toMatchObject({ ok: false, failure: { code: 'CHECK_FAILED' }, checks: { failed: 3, uncertain: 0 } });
        expect(verdictOf(NO_NAME)).toMatchObject({
          type: 'check.failed',
          text: expect.stringMatching(
            /^cat-web reaches cat-db:6379 \(172\.\d+\.0\.\d+\), although it is expected to fail: names end at their host$/,
          ),
          hint: 'see its networks: on host-B: docker inspect cat-db',
        });
        expect(verdictOf('cat-web does not reach cat-db:6379')).toMatchObject({ type: 'check.failed' });
        expect(verdictOf(APART)).toMatchObject({
          type: 'check.failed',
          text: expect.stringMatching(
            new RegExp(`^${NO_WAY} \\((timed-out|unreachable)\\), but it is expected to fail otherwise: refused$`),
          ),
        });
      } finally {
        await lab.dockerOn('host-A', 'rm', '-f', 'stranger');
      }
    });

    it('believes no failure whose control is silent, or whose target is away', async () => {
      await lab.dockerOn('host-B', 'pause', 'dog-db');
      try {
        await run('verify', bindTwoHosts(hosts()));
        expect(verdictOf(APART)).toMatchObject({
          type: 'check.uncertain',
          text: expect.stringMatching(
            new RegExp(`^${NO_WAY}, but none from the control 192\\.168\\.88\\.5:6379 either \\((timed-out|unreachable)\\)$`),
          ),
        });
        expect(verdictOf('dog-db:6379 sees dog-web as 192.168.88.4')).toMatchObject({
          type: 'check.failed',
          hint: 'on host-B: docker logs dog-db',
        });
      } finally {
        await lab.dockerOn('host-B', 'unpause', 'dog-db');
      }
      await lab.dockerOn('host-A', 'pause', 'dog-web');
      try {
        await run('verify', bindTwoHosts(hosts()));
        expect(verdictOf(APART)).toMatchObject({
          type: 'check.uncertain',
          text: 'dog-web is not running, so nothing can be asked from it',
        });
      } finally {
        await lab.dockerOn('host-A', 'unpause', 'dog-web');
      }
    });

    it('tells whom a database sees when it is not who was expected', async () => {
      const unlike = (text: string) => text.replace(/(?<=from: cat-web, at: .*, as: )"[^"]*"/, '10.9.9.9');
      await run('verify', bindTwoHosts(hosts(), unlike));
      expect(verdictOf('host-B:8001 sees cat-web as 10.9.9.9')).toMatchObject({
        type: 'check.failed',
        text: 'answered from 192.168.88.12:8001, which sees cat-web as 192.168.88.11, not as 10.9.9.9',
        hint: 'on host-B: docker exec cat-db redis-cli client list',
      });
    });

    it('with one engine lost, believes what answers and calls no silence of its host a failure', async () => {
      const lost = await lossOf('host-B');
      expect(await run('verify', bindTwoHosts(hosts()), lost)).toMatchObject({ checks: { failed: 0 } });
      expect(verdictOf('cat-web reaches host-B:8001')).toMatchObject({ type: 'check.passed' });
      expect(verdictOf('http://192.168.88.11:8000 answers 200')).toMatchObject({ type: 'check.passed' });
      const reason = lost.get('host-B')?.message ?? '';
      expect(reason).toMatch(/^host-B: /);
      expect(verdictOf(NO_NAME)).toMatchObject({ type: 'check.uncertain', text: `nothing can be asked from cat-db: ${reason}` });
      expect(verdictOf('host-B reaches 192.168.88.4:5000')).toMatchObject({
        type: 'check.uncertain',
        text: `nothing can be asked from host-B: ${reason}`,
      });

      await lab.dockerOn('host-B', 'pause', 'cat-db');
      try {
        expect(await run('verify', bindTwoHosts(hosts()), lost)).toMatchObject({ checks: { failed: 0 } });
        for (const check of ['cat-web reaches host-B:8001', 'http://192.168.88.11:8000 answers 200'])
          expect(verdictOf(check)).toMatchObject({ type: 'check.uncertain', text: expect.stringContaining(reason) });
      } finally {
        await lab.dockerOn('host-B', 'unpause', 'cat-db');
      }
    });

    it('starts nothing on a host that is read-only, and says that it was not probed', async () => {
      const guarded = hosts().map((host) => (host.name === 'host-A' ? { ...host, readOnly: true as const } : host));
      expect(await run('verify', bindTwoHosts(guarded))).toMatchObject({ checks: { failed: 0 } });
      expect(verdictOf('cat-web reaches host-B:8001')).toMatchObject({ type: 'check.uncertain', text: 'host-A is read-only: not probed' });
      expect(verdictOf(APART)).toMatchObject({ type: 'check.uncertain', text: 'host-A is read-only: not probed' });
      expect(verdictOf('host-B reaches 192.168.88.4:5000')).toMatchObject({ type: 'check.passed' });
      expect(verdictOf('http://192.168.88.4:5000 answers 200')).toMatchObject({ type: 'check.passed' });
      expect(events.flatMap((event) => (event.type === 'agent.started' ? [event.host] : []))).not.toContain('host-A');
    });
  });
}
