import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { hostsTable, tellChanges } from '../../src/cli/hosts-table.ts';
import { painter } from '../../src/cli/report-layout.ts';
import { describePlan } from '../../src/cli/report-plan.ts';
import { textReporter } from '../../src/cli/report-text.ts';
import type { ConsoleEvent } from '../../src/domain/events.ts';
import type { PlanOutline, StepOutline } from '../../src/domain/plan.ts';
import { reduce } from '../../src/domain/reduce.ts';
import type { BoundHost } from '../../src/domain/scenario.ts';
import { selectHosts } from '../../src/domain/select.ts';
import { EMPTY_STATE } from '../../src/domain/state.ts';

const PLAIN = painter(false);
const A: BoundHost = { name: 'host-A', endpoint: 'unix:///a.sock', address: '192.168.0.11' };
const B: BoundHost = { name: 'a-much-longer-name-of-a-host', endpoint: 'tcp://192.168.0.12:2375', address: '192.168.0.12' };

function step(host: string, title: string): StepOutline {
  return { id: `${host}/${title}`, host, resource: 'x', title, command: `docker ${title}`, needs: [] };
}

const PLAN: PlanOutline = {
  verb: 'up',
  scenario: 'macvlan',
  project: 'macvlan',
  hosts: [A, B],
  steps: [step(A.name, 'network create macvlan'), step(B.name, 'network create macvlan'), step(A.name, 'run dog-web')],
  unchanged: [],
  obstacles: [
    {
      host: A.name,
      resource: 'port',
      message: 'port 8000 is taken by something that has quite a long name and story',
      owner: 'container grafana',
      hint: 'stop it',
    },
  ],
  warnings: ['two engines hand out the same addresses, each unaware of the other, from .2 upward on every host'],
};

/** What a terminal of so many columns is told. */
function toldIn(columns: number, events: readonly ConsoleEvent[]): string {
  const out = Object.assign(new PassThrough(), { columns });
  const report = textReporter(out, PLAIN);
  for (const event of events) report(event);
  return String(out.read() ?? '');
}

describe('a plan over several hosts', () => {
  it('says in which variant of the scenario it is', () => {
    expect(describePlan({ ...PLAN, variant: 'dnsrr' }, PLAIN)).toMatch(/^up macvlan · dnsrr project macvlan on /);
  });

  it('gives each host its own steps, in their order, under its name and address', () => {
    expect(describePlan({ ...PLAN, obstacles: [], warnings: [] }, PLAIN).split('\n')).toEqual([
      'up macvlan project macvlan on host-A, a-much-longer-name-of-a-host',
      '  host-A 192.168.0.11, unix:///a.sock',
      '  1  network create macvlan',
      '     $ docker network create macvlan',
      '  2  run dog-web',
      '     $ docker run dog-web',
      '  a-much-longer-name-of-a-host 192.168.0.12, tcp://192.168.0.12:2375',
      '  1  network create macvlan',
      '     $ docker network create macvlan',
      '',
    ]);
  });

  it('has a part for what belongs to all nodes of a swarm, with the manager that is asked', () => {
    const service: StepOutline = { ...step('swarm', 'service create dog-web'), via: 'host-A' };
    const plan = { ...PLAN, hosts: [A], steps: [step(A.name, 'swarm init'), service], obstacles: [], warnings: [] };
    expect(describePlan(plan, PLAIN).split('\n').slice(1)).toEqual([
      '  host-A 192.168.0.11, unix:///a.sock',
      '  1  swarm init',
      '     $ docker swarm init',
      '  swarm via host-A',
      '  1  service create dog-web',
      '     $ docker service create dog-web',
      '',
    ]);
    const told = toldIn(80, [
      { at: 0, type: 'plan.made', plan },
      { at: 0, type: 'steps.added', steps: plan.steps },
      ...plan.steps.map(({ id }): ConsoleEvent => ({ at: 1, type: 'step.finished', step: id, durationMs: 60, summary: 'made' })),
    ]);
    expect(told).toMatch(/ host-A {2}swarm init +60 ms {2}made\n.* swarm {3}service create dog-web +60 ms/);
  });

  it.each([80, 120])('folds what is told in a terminal of %d columns, and leaves commands whole', (columns) => {
    const lines = describePlan(PLAN, PLAIN, columns).split('\n');
    expect(lines.filter((line) => line.length > columns)).toEqual([]);
    expect(lines.join(' ').replaceAll(/\s+/g, ' ')).toContain(
      'port 8000 is taken by something that has quite a long name and story, held by container grafana stop it',
    );
  });
});

describe('a run over several hosts', () => {
  const [first] = PLAN.steps;
  const failure = {
    code: 'ENGINE_TIMEOUT',
    message: `${B.name}: cannot create network macvlan: the engine did not answer within 10 s`,
  } as const;
  const events: readonly ConsoleEvent[] = [
    { at: 0, type: 'plan.made', plan: { ...PLAN, obstacles: [], warnings: [] } },
    { at: 0, type: 'steps.added', steps: PLAN.steps },
    { at: 1, type: 'step.finished', step: first?.id ?? '', durationMs: 104, summary: '10.0.0.0/24' },
    { at: 2, type: 'step.failed', step: PLAN.steps[1]?.id ?? '', durationMs: 10_000, failure },
  ];

  it('says the host of each step, one below the other, and puts below what does not fit beside', () => {
    expect(toldIn(80, events).split('\n')).toEqual([
      '  ✓ host-A                        network create macvlan   104 ms  10.0.0.0/24',
      '  ✕ a-much-longer-name-of-a-host  network create macvlan   10.0 s',
      '      a-much-longer-name-of-a-host: cannot create network macvlan: the engine',
      '      did not answer within 10 s',
      '',
    ]);
  });

  it('tells an obstacle once, and at the end only where it was', () => {
    const [obstacle] = PLAN.obstacles;
    const message = `${obstacle?.host}: ${obstacle?.message}`;
    const checks = { passed: 0, failed: 0, uncertain: 0 };
    const text = toldIn(200, [
      { at: 0, type: 'plan.made', plan: PLAN },
      {
        at: 1,
        type: 'run.finished',
        run: 'r',
        verb: 'up',
        ok: false,
        durationMs: 1,
        changed: 0,
        checks,
        failure: { code: 'OBSTACLES', message },
      },
    ]);
    expect(text.match(/quite a long name/g)).toHaveLength(1);
    expect(text).toContain('host-A: see above');
  });
});

describe('the table of hosts', () => {
  const description = {
    swarm: 'leader',
    clockSkewMs: -95_000,
    operatingSystem: 'Debian GNU/Linux 12 (bookworm)',
    kernelVersion: '6.1',
    platform: 'linux/amd64',
  } as const;
  const lost = { code: 'ENGINE_UNREACHABLE', message: `${B.name}: cannot reach the engine: ECONNREFUSED`, hint: 'start it' } as const;
  const found: ConsoleEvent = { at: 0, type: 'hosts.found', source: '--host', hosts: [A, { ...B, readOnly: true }], tried: [] };
  const facts = { endpoint: A.endpoint, address: A.address, source: '--host', engineVersion: '28.5.2', apiVersion: '1.51', latencyMs: 3.2 };
  const events: readonly ConsoleEvent[] = [
    found,
    { at: 1, type: 'host.connected', host: A.name, ...facts },
    { at: 2, type: 'host.lost', host: B.name, failure: lost },
    { at: 3, type: 'host.described', host: A.name, description },
    { at: 4, type: 'host.answered', host: A.name, latencyMs: 3 },
    { at: 5, type: 'host.answered', host: B.name, latencyMs: 3 },
  ];

  it('has a row for each host, says of one that is not reached why, and puts below what is too wide', () => {
    const state = events.slice(0, 4).reduce(reduce, EMPTY_STATE);
    const layout = { paint: PLAIN, columns: 80 };
    const lines = hostsTable(selectHosts(state, 3), { source: '--host', tried: [{ source: 'a', outcome: 'not given' }] }, layout);
    expect(lines).toEqual([
      '2 hosts from --host, 1 reached',
      '    HOST                          DOCKER  SWARM               CLOCK  ANSWER',
      '  ● host-A                        28.5.2  leader  1 min 35 s behind    3 ms',
      '    unix:///a.sock · address 192.168.0.11 · api 1.51 · Debian GNU/Linux 12',
      '    (bookworm) · linux/amd64',
      '  ✕ a-much-longer-name-of-a-host',
      '    tcp://192.168.0.12:2375 · address 192.168.0.12 · read-only',
      '    cannot reach the engine: ECONNREFUSED',
      '      start it',
      'before that, none were found in:',
      '  a  not given',
    ]);
  });

  it('tells, line by line, only what changes', () => {
    const out = new PassThrough();
    const tell = tellChanges(out);
    for (const event of events) tell(event);
    const lines = String(out.read()).trim().split('\n');
    expect(lines.map((line) => line.replace(/^\S+Z {2}/, ''))).toEqual([
      'host-A is reached: Docker 28.5.2',
      'a-much-longer-name-of-a-host is lost: cannot reach the engine: ECONNREFUSED',
      'a-much-longer-name-of-a-host is back',
    ]);
  });
});
