import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConsoleEvent } from '../../src/domain/events.ts';
import type { LiveSwarm, SwarmService } from '../../src/domain/live-swarm.ts';
import { reduce } from '../../src/domain/reduce.ts';
import { EMPTY_STATE } from '../../src/domain/state.ts';
import { decodeEvent, encodeEvent } from '../../src/journal/encoding.ts';
import { createVirtualClock, playJournal, readJournal } from '../../src/journal/player.ts';
import { openJournal } from '../../src/journal/writer.ts';

const AT = 1_700_000_000_000;
const RUN = '01J00000000000000000000000';
const tenant = { id: 'cat', name: 'cat', project: 'bridge', web: 'cat-web', db: 'cat-db', url: 'http://192.168.0.11:8000' };
const EVENTS: readonly ConsoleEvent[] = [
  { at: AT, type: 'journal.opened', version: '0.1.0', verb: 'up', run: RUN },
  { at: AT + 1, type: 'intent.received', intent: { kind: 'run', scenario: 'bridge' } },
  { at: AT + 2, type: 'tenant.watched', tenant },
  { at: AT + 900, type: 'hit.counted', tenant: 'cat', hit: 'h1', container: 'c1', total: 1, containerTotal: 1 },
];

describe('a journal', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pets-journal-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('gives back what was written, intents included', async () => {
    const journal = openJournal(folder, RUN);
    for (const event of EVENTS) journal.write(event);
    journal.close();
    expect(await readJournal(journal.path)).toEqual({ events: EVENTS, damage: undefined });
  });

  it('is readable by its owner only', () => {
    const journal = openJournal(join(folder, 'new'), RUN);
    journal.close();
    expect(statSync(journal.path).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'new')).mode & 0o777).toBe(0o700);
  });

  it('replays to the same states at the same times, on a clock that nobody waits for', async () => {
    const journal = openJournal(folder, RUN);
    for (const event of EVENTS) journal.write(event);
    journal.close();
    const clock = createVirtualClock();
    const times: number[] = [];
    let state = EMPTY_STATE;
    playJournal((await readJournal(journal.path)).events, clock, (event) => {
      times.push(clock.now());
      state = reduce(state, event);
    });
    expect(times).toEqual(EVENTS.map((event) => event.at));
    expect(state).toEqual(EVENTS.reduce(reduce, EMPTY_STATE));
  });

  it('plays up to its damage and says where that is', async () => {
    const journal = openJournal(folder, RUN);
    for (const event of EVENTS) journal.write(event);
    journal.close();
    appendFileSync(journal.path, '{"v":1,"at":17000');
    const { events, damage } = await readJournal(journal.path);
    expect(events).toEqual(EVENTS);
    expect(damage?.message).toContain(`${journal.path}:5: not a JSON object`);
  });

  it('loses at most the last moment to a kill -9', async () => {
    const script = `
      const { openJournal } = await import(process.argv[1]);
      const journal = openJournal(process.argv[2], ${JSON.stringify(RUN)});
      journal.write(${JSON.stringify(EVENTS[0])});
      setTimeout(() => { journal.write(${JSON.stringify(EVENTS[1])}); process.kill(process.pid, 'SIGKILL'); }, 600);`;
    const args = ['--input-type=module', '-e', script, join(process.cwd(), 'src/journal/writer.ts'), folder];
    expect(spawnSync(process.execPath, args).signal).toBe('SIGKILL');
    expect((await readJournal(join(folder, `${RUN}.jsonl`))).events).toEqual([EVENTS[0]]);
  });

  it('keeps the newest two hundred', () => {
    for (let index = 0; index < 203; index += 1) openJournal(folder, `01J${String(index).padStart(23, '0')}`).close();
    const kept = readdirSync(folder).sort();
    expect(kept).toHaveLength(200);
    expect(kept[0]).toBe(`01J${'3'.padStart(23, '0')}.jsonl`);
  });

  it('holds no secret', () => {
    const step = {
      id: 's',
      host: 'host-A',
      resource: 'container/x',
      title: 'run x',
      command: `docker run -e DB_PASSWORD='hunter2 !' -e API_TOKEN=abc123 -e DB=cat-db x`,
      needs: [],
    };
    const journal = openJournal(folder, RUN);
    journal.write({ at: AT, type: 'steps.added', steps: [step] });
    journal.write({
      at: AT,
      type: 'plan.failed',
      scenario: 'x',
      failure: { code: 'ENGINE_ERROR', message: 'join with SWMTKN-1-49nj1-8vxv at tcp://me:pw@host:1' },
    });
    journal.close();
    const text = readFileSync(journal.path, 'utf8');
    for (const secret of ['hunter2', 'abc123', 'SWMTKN-1-49nj1', 'me:pw']) expect(text).not.toContain(secret);
    expect(text).toContain('-e DB=cat-db x');
  });
});

describe('an encoded event', () => {
  it('holds no secret of a service, in its environment or among the words of its command', () => {
    const service: SwarmService = {
      ...{ id: 's1', name: 'db', labels: {}, ports: [], image: 'redis', replicas: 1, constraints: [], networkIds: [], aliases: {} },
      ...{ extraHosts: [], virtualIps: {}, update: undefined },
      mode: 'replicated',
      endpointMode: 'vip',
      command: ['redis-server', '--requirepass', 'hunter2', '--port', '6379'],
      environment: { KEY: 'abc123', DB: 'cat-db' },
    };
    const swarm: LiveSwarm = {
      ...{ error: '', nodeId: 'n1', address: '', isManager: true, managerAddresses: [], cluster: undefined },
      state: 'active',
    };
    const picture = { swarm, nodes: [], services: [service], tasks: [] };
    const text = encodeEvent({ at: AT, type: 'swarm.inspected', host: 'host-A', picture });
    for (const secret of ['hunter2', 'abc123']) expect(text).not.toContain(secret);
    for (const plain of ['redis-server', '6379', 'cat-db']) expect(text).toContain(plain);
  });

  it('begins with its version, time and type', () => {
    expect(encodeEvent({ at: AT, type: 'step.started', step: 'x' })).toBe(`{"v":1,"at":${AT},"type":"step.started","step":"x"}`);
  });

  it.each([
    ['{"v":2,"at":1,"type":"x"}', 'event version 2 is not known; versions: 1'],
    ['{"at":1,"type":"x"}', 'event version missing is not known'],
    ['{"v":1,"type":"x"}', 'an event needs a time (at) and a type'],
    ['[]', 'not a JSON object'],
    ['nonsense', 'not a JSON object'],
  ])('refuses %s', (line, message) => {
    expect(() => decodeEvent(line, 'j:1')).toThrow(`j:1: ${message}`);
  });
});
