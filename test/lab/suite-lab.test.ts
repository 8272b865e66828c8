import { readFile, stat } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { labDown } from '../../src/lab/down.ts';
import { PROCESS_MARK } from '../../src/lab/names.ts';
import { findMarked } from '../../src/lab/processes.ts';
import { ensureSuiteRoot, purgeSuites, suiteRoot } from '../../src/lab/suite-roots.ts';
import { labUp } from '../../src/lab/up.ts';
import { enginesUnderTest } from '../support/engines-under-test.ts';
import { skipWithoutLab } from '../support/lab-or-skip.ts';
import { killWhen, leftBehind, lines, type MachineState, observeMachine, waitUntil } from './machine.ts';

const LAB = 't-suite';
const SUBNET = '192.168.102.0/24';
const wish = enginesUnderTest();
const suite = wish.suite ?? 'sid';

const up = (more: object = {}) =>
  labUp({ name: LAB, engines: 2, subnet: SUBNET, onProgress: () => undefined, signal: new AbortController().signal, ...more });

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

// The root of a suite is a large download: `npm run test:engines` makes it, `npm test` does not.
describe.skipIf(skipWithoutLab || wish.suite === undefined)('a lab with the engines of another suite', { timeout: 120_000 }, () => {
  let before: MachineState;
  let begunAt: number;

  beforeAll(async () => {
    await labDown(LAB, () => undefined);
    await ensureSuiteRoot(suite, () => undefined, new AbortController().signal);
    before = await observeMachine(LAB);
    begunAt = Date.now() / 1000;
  });
  afterAll(() => labDown(LAB, () => undefined));

  it("runs the suite's engine on each host, or on all but the first, and keeps it when nothing is wished", async () => {
    const made = await up(wish);
    const [first, second] = made.hosts;
    expect(second).toMatchObject({ suite, answers: true, engineVersion: expect.stringMatching(/^(?:2[6-9]|[3-9]\d)\./) });
    expect(first).toMatchObject({ answers: true, engineVersion: expect.stringMatching(/^\d+\.\d+\.\d+$/) });
    expect(first?.suite).toBe(wish.mixed === true ? undefined : suite);
    expect(first?.engineVersion === second?.engineVersion).toBe(wish.mixed !== true);
    const processes = (await observeMachine(LAB)).processes;
    expect(await up()).toEqual(made);
    expect((await observeMachine(LAB)).processes).toEqual(processes);
  });

  it('keeps the root that it runs on from a purge', async () => {
    const { kept } = await purgeSuites();
    expect(kept).toContainEqual({ suite, because: expect.stringMatching(/^lab \S+ runs on it$/) });
    expect(await exists(suiteRoot(suite))).toBe(true);
  });

  it("leaves the suite's root as it was, whatever its engines wrote", async () => {
    expect(await lines('find', [suiteRoot(suite), '-newerct', `@${begunAt}`])).toEqual([]);
    expect(await exists(`${suiteRoot(suite)}/etc/docker/daemon.json`)).toBe(false);
  });

  it('makes a host anew that is to have another engine, and only that one', async () => {
    const changed = await up({ suite, mixed: wish.mixed !== true });
    expect(changed.hosts.map((host) => host.suite)).toEqual([wish.mixed === true ? suite : undefined, suite]);
    expect(changed.phase).toBe('up');
  });

  it('leaves nothing behind when it is taken down', async () => {
    await labDown(LAB, () => undefined);
    expect(leftBehind(before, await observeMachine(LAB))).toEqual({});
  });

  // Of a suite that nothing here needs: only its beginning is made.
  it('leaves neither a process nor half a root when the making of one is killed', async ({ skip }) => {
    const other = 'trixie';
    const half = `${suiteRoot(other)}.half`;
    skip(await exists(suiteRoot(other)), `a root of ${other} is kept here`);
    const script = `
      import { ensureSuiteRoot } from './src/lab/suite-roots.ts';
      await ensureSuiteRoot('${other}', () => {}, new AbortController().signal);
    `;
    await killWhen(script, 'debootstrap has begun', () => exists(`${half}/debootstrap`));
    // Nobody ends them: they end with the process that started them.
    await waitUntil('debootstrap has ended', async () => (await findMarked(`${PROCESS_MARK}=.suites/${other}`)).length === 0);
    expect(await exists(half)).toBe(true);
    await labDown(LAB, () => undefined);
    expect(await exists(half)).toBe(false);
    expect(await exists(suiteRoot(other))).toBe(false);
    expect(leftBehind(before, await observeMachine(LAB))).toEqual({});
    expect(await readFile('/proc/self/mountinfo', 'utf8')).not.toContain('.suites');
  });
});
