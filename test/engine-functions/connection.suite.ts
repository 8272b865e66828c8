import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createContainer, listContainers, startContainer } from '../../src/engine/containers.ts';
import { closeEngine, type Engine, openEngine, pingEngine } from '../../src/engine/engine.ts';
import { watchEvents } from '../../src/engine/events.ts';
import { listNetworks } from '../../src/engine/networks.ts';
import { callEngine } from '../../src/engine/request.ts';
import { layWire, type Wire, type WireOptions } from '../support/wire.ts';
import { askDocker, clearEngine, failureOfCall, type LabEngine, redisWish, TEST_LABELS } from './lab-engine.ts';

/** How an engine is reached, and what happens when the way to it is bad: a faulty wire in front of a real engine. */
export function describeConnections(lab: () => LabEngine): void {
  let folder: string;
  const wires: Wire[] = [];
  const engines: Engine[] = [];
  const signal = new AbortController().signal;

  const wire = async (options?: WireOptions) => {
    const laid = await layWire(lab().socket, { path: join(folder, `wire${wires.length}.sock`) }, options);
    wires.push(laid);
    return laid;
  };
  const open = async (endpoint: string) => {
    const engine = await openEngine({ name: 'host-A', endpoint });
    engines.push(engine);
    return engine;
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pets-wire-'));
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    for (const engine of engines.splice(0)) closeEngine(engine);
    await Promise.all(wires.splice(0).map((laid) => laid.close()));
    await rm(folder, { recursive: true });
  });

  describe('opening', () => {
    it('agrees on the lower API version and tells the latency', async () => {
      const engine = await open((await wire()).endpoint);
      const [version, apiVersion] = (
        await askDocker(lab().socket, 'version', '--format', '{{.Server.Version}} {{.Server.APIVersion}}')
      ).split(' ');
      expect(engine).toMatchObject({ version, apiVersion });
      expect(engine.latencyMs).toBeGreaterThan(0);
      expect(await pingEngine(engine)).toBeGreaterThan(0);
    });

    it('is not led astray by the environment', async () => {
      vi.stubEnv('DOCKER_HOST', 'tcp://192.0.2.1:1');
      vi.stubEnv('DOCKER_CERT_PATH', '/nope');
      vi.stubEnv('DOCKER_TLS_VERIFY', '1');
      vi.stubEnv('DOCKER_PATH_PREFIX', '/elsewhere');
      expect(await listNetworks(await open(lab().engine.endpoint))).not.toEqual([]);
      expect(process.env.DOCKER_HOST).toBe('tcp://192.0.2.1:1');
    });

    it.each<[string, string, string, () => Promise<unknown>]>([
      ['no socket', 'ENGINE_UNREACHABLE', 'no such socket', () => open(`unix://${folder}/none`)],
      ['nobody listening', 'ENGINE_UNREACHABLE', 'nothing listens there', () => open('tcp://127.0.0.1:1')],
      [
        'an old engine',
        'ENGINE_TOO_OLD',
        'speaks API 1.30',
        async () => open((await wire({ rewrite: (text) => text.replace(/^1\.\d\d$/, '1.30') })).endpoint),
      ],
      [
        'no engine',
        'ENGINE_UNREACHABLE',
        'not a Docker engine',
        async () => open((await wire({ rewrite: (text) => text.replace('Api-', 'No-') })).endpoint),
      ],
      ['a strange endpoint', 'BAD_USAGE', 'endpoints: unix:///PATH, tcp://HOST:PORT', () => open('http://host')],
    ])('says what is wrong with %s', async (_case, code, words, call) => {
      const failure = await failureOfCall(call());
      expect(failure).toEqual({ code, message: expect.stringContaining(words), hint: expect.stringMatching(/\w/) });
    });

    it('cleans the words of an engine that does not', async () => {
      // Seven characters for seven, so that the length of the answer still fits.
      const engine = await open((await wire({ rewrite: (text) => text.replaceAll('No such', '\u001b[2J su') })).endpoint);
      expect((await failureOfCall(startContainer(engine, 'nope'))).message).toContain('␛[2J su');
    });
  });

  describe('a hung engine', () => {
    const ping = { what: 'ping the engine', method: 'GET', path: '/_ping', deadlineMs: 150 } as const;

    it('is given up at the deadline, and answers again once it wakes', async () => {
      const laid = await wire();
      const engine = await open(laid.endpoint);
      laid.hang();
      expect(await failureOfCall(callEngine(engine, ping, signal))).toMatchObject({
        code: 'ENGINE_TIMEOUT',
        message: expect.stringContaining('0.15 s'),
      });
      laid.wake();
      expect(await pingEngine(engine)).toBeGreaterThan(0);
    });

    it('lets go at once when the caller does, whatever it was asked', async () => {
      const laid = await wire();
      const engine = await open(laid.endpoint);
      laid.hang();
      const controller = new AbortController();
      const calls = [listNetworks(engine, controller.signal), listContainers(engine, controller.signal)].map(failureOfCall);
      controller.abort();
      expect((await Promise.all(calls)).map(({ code }) => code)).toEqual(['INTERRUPTED', 'INTERRUPTED']);
    });

    it('may still do what timed out: the failure says to look first', async () => {
      const laid = await wire();
      const engine = await open(laid.endpoint);
      laid.hang();
      const body = { Name: 'late', Labels: TEST_LABELS };
      const create = { what: 'create network late', method: 'POST', path: '/networks/create', body, deadlineMs: 150 } as const;
      const { code, message, hint } = await failureOfCall(callEngine(engine, create, signal));
      expect(code).toBe('ENGINE_TIMEOUT');
      expect(message).toContain('may still do so later');
      expect(hint).toContain('docker network ls');
      const names = async () => (await listNetworks(lab().engine)).map((network) => network.name);
      await expect.poll(names, { timeout: 5000 }).toContain('late');
      await clearEngine(lab().engine);
    });
  });

  describe('a bad wire', () => {
    const list = { what: 'list networks', method: 'GET', path: '/networks', deadlineMs: 400 } as const;
    const laidTo = async (port: boolean) => {
      const laid = await layWire(lab().socket, port ? { port: 0 } : { path: join(folder, `bad${wires.length}.sock`) });
      wires.push(laid);
      return { laid, engine: await open(laid.endpoint) };
    };

    it('that is slow is waited for, up to the deadline', async () => {
      const { laid, engine } = await laidTo(true);
      laid.break({ kind: 'delay', ms: 150 }, { path: /^\/networks$/, times: 1 });
      laid.break({ kind: 'delay', ms: 600 }, { path: /^\/networks$/, times: 1 });
      const begun = performance.now();
      expect(await callEngine(engine, list, signal)).not.toEqual([]);
      expect(performance.now() - begun).toBeGreaterThanOrEqual(140);
      expect(await failureOfCall(callEngine(engine, list, signal))).toMatchObject({ code: 'ENGINE_TIMEOUT' });
      expect(await callEngine(engine, list, signal)).not.toEqual([]);
    });

    it('that hangs amid an answer is given up at the deadline; other calls pass meanwhile', async () => {
      const { laid, engine } = await laidTo(false);
      laid.break({ kind: 'hang', at: 'body' }, { path: /^\/networks$/, times: 1 });
      const stuck = failureOfCall(callEngine(engine, list, signal));
      expect(await pingEngine(engine)).toBeGreaterThan(0);
      expect(await stuck).toMatchObject({ code: 'ENGINE_TIMEOUT', message: expect.stringContaining('0.4 s') });
    });

    it.each([
      ['cut before the answer', true, { kind: 'cut', at: 'answer' }],
      ['cut amid the answer', false, { kind: 'cut', at: 'body' }],
      ['reset before the answer', true, { kind: 'reset', at: 'answer' }],
      ['reset amid the answer', true, { kind: 'reset', at: 'body' }],
    ] as const)('that is %s fails that call at once, and not the next', async (_how, port, fault) => {
      const { laid, engine } = await laidTo(port);
      laid.break(fault, { method: 'GET', path: /^\/networks$/, times: 1 });
      const begun = performance.now();
      expect(await failureOfCall(callEngine(engine, { ...list, deadlineMs: 5_000 }, signal))).toMatchObject({
        code: 'ENGINE_UNREACHABLE',
        message: expect.stringContaining('the connection was cut'),
      });
      expect(performance.now() - begun).toBeLessThan(2_000);
      expect(await callEngine(engine, list, signal)).not.toEqual([]);
    });

    it('that answers 500 so many times is passed on in its own words', async () => {
      const { laid, engine } = await laidTo(true);
      laid.break({ kind: 'refuse', status: 500, message: 'no space left on device' }, { method: 'GET', path: /^\/networks/, times: 2 });
      for (const _ of [1, 2]) {
        expect(await failureOfCall(callEngine(engine, list, signal))).toMatchObject({
          code: 'ENGINE_ERROR',
          message: 'host-A: cannot list networks: no space left on device',
        });
      }
      expect(await callEngine(engine, list, signal)).not.toEqual([]);
    });
  });

  describe('events', () => {
    it('tell every change since the watch opened, and end with the signal', async () => {
      const controller = new AbortController();
      const watch = watchEvents(lab().engine, controller.signal);
      await watch.opened;
      const id = await createContainer(lab().engine, redisWish('cat-db'), TEST_LABELS);
      await clearEngine(lab().engine);
      const seen: string[] = [];
      for await (const change of watch) {
        expect(Math.abs(Date.now() - change.at)).toBeLessThan(5000);
        if (change.id === id) seen.push(`${change.type} ${change.action} ${change.name}`);
        if (change.action === 'destroy') controller.abort();
      }
      expect(seen).toEqual(['container create cat-db', 'container destroy cat-db']);
    });

    it('fail when the engine ends them, since nothing is replayed', async () => {
      const laid = await wire();
      const watch = watchEvents(await open(laid.endpoint), signal);
      await watch.opened;
      laid.cut();
      const drain = async () => {
        for await (const _ of watch);
      };
      expect(await failureOfCall(drain())).toMatchObject({ code: 'ENGINE_UNREACHABLE' });
    });

    it('fail where no engine is, for whoever looks', async () => {
      const laid = await wire();
      const engine = await open(laid.endpoint);
      await laid.close();
      const watch = watchEvents(engine, signal);
      expect(await failureOfCall(watch.opened)).toMatchObject({ code: 'ENGINE_UNREACHABLE' });
      expect(await failureOfCall(watch[Symbol.asyncIterator]().next())).toMatchObject({ code: 'ENGINE_UNREACHABLE' });
    });
  });
}
