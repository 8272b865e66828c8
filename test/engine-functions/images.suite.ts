import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { LABEL } from '../../src/domain/labels.ts';
import { APP_IMAGE, ensureAppImage, imageStates } from '../../src/engine/app-image.ts';
import { buildImage } from '../../src/engine/build-image.ts';
import { createContainer, inspectContainer, listContainers, startContainer } from '../../src/engine/containers.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { ensureImage } from '../../src/engine/ensure-image.ts';
import { imageOf, pullImage } from '../../src/engine/images.ts';
import { type Sidecar, startSidecar } from '../../src/engine/sidecar.ts';
import { askDocker, clearEngine, failureOfCall, type LabEngine, redisWish, TEST_LABELS } from './lab-engine.ts';

// biome-ignore lint/suspicious/noTemplateCurlyInString: the Dockerfile's own.
const FROM_BASE = 'ARG BASE\nFROM ${BASE}\n';

/** Images, and sidecars made from ours, on a real engine. */
export function describeImages(lab: () => LabEngine): void {
  let engine: Engine;
  let contextDir: string;
  const signal = new AbortController().signal;

  beforeAll(async () => {
    engine = lab().engine;
    contextDir = await mkdtemp(join(tmpdir(), 'pets-build-'));
  });
  afterAll(() => rm(contextDir, { recursive: true }));

  describe('images', () => {
    const build = async (dockerfile: string, files: readonly string[], onProgress?: (text: string) => void) => {
      await writeFile(join(contextDir, 'Dockerfile'), dockerfile);
      await writeFile(join(contextDir, 'a.txt'), 'meow');
      const recipe = { tag: 't-eng/made', contextDir, files, buildArgs: { BASE: 'pets-console/base:lab' }, labels: { made: 'yes' } };
      return buildImage(engine, recipe, signal, onProgress);
    };

    it('are built from files, arguments and labels, the same again from the same', async () => {
      const said: string[] = [];
      const dockerfile = `${FROM_BASE}COPY a.txt /a.txt\n`;
      const id = await build(dockerfile, ['Dockerfile', 'a.txt'], (text) => said.push(text));
      expect(await imageOf(engine, 't-eng/made', signal)).toMatchObject({ id, labels: { made: 'yes' } });
      expect(said).toContain('Step 3/4 : COPY a.txt /a.txt');
      expect(await build(dockerfile, ['Dockerfile', 'a.txt'])).toBe(id);
    });

    it("fail to build with the builder's words, though the engine says 200", async () => {
      const missing = await failureOfCall(build(`${FROM_BASE}COPY b.txt /\n`, ['Dockerfile']));
      expect(missing).toMatchObject({ code: 'BUILD_FAILED', message: expect.stringMatching(/t-eng\/made: COPY failed.*b\.txt/) });
      const broken = await failureOfCall(build('NONSENSE\n', ['Dockerfile']));
      expect(broken).toMatchObject({ code: 'BUILD_FAILED', message: expect.stringContaining('NONSENSE') });
      const unread = await failureOfCall(build('FROM x\n', ['Dockerfile', 'none.txt']));
      expect(unread).toMatchObject({ code: 'BUILD_FAILED', message: expect.stringContaining('none.txt cannot be read') });
    });

    it('are missing where no registry can be reached', async () => {
      for (const reference of ['nope', '127.0.0.1:1/x/y:2', 'pets-console/unknown']) {
        const failure = await failureOfCall(ensureImage(engine, reference, signal));
        expect(failure).toMatchObject({ code: 'IMAGE_MISSING', message: expect.stringContaining(`has no image ${reference}`) });
      }
      expect((await failureOfCall(pullImage(engine, 'Bad Name', signal))).code).toBe('IMAGE_MISSING');
    });

    it('of ours are built once, and again when their recipe changed', async () => {
      expect(await ensureImage(engine, 'pets-console/web', signal)).toBe('present');
      expect(await ensureImage(engine, 'redis', signal)).toBe('present');
      const asked = ['redis', 'pets-console/web', 'nope'];
      const states = await imageStates(engine, asked, signal);
      expect(states).toMatchObject({ redis: { current: true }, 'pets-console/web': { current: true } });
      expect(states).not.toHaveProperty('nope');
      await writeFile(join(contextDir, 'Dockerfile'), `FROM ${APP_IMAGE}\n`);
      const older = { tag: APP_IMAGE, contextDir, files: ['Dockerfile'], buildArgs: {}, labels: { 'pets-console.recipe': 'older' } };
      await buildImage(engine, older, signal);
      expect((await imageStates(engine, asked, signal))['pets-console/web']?.current).toBe(false);
      expect((await ensureAppImage(engine, signal)).built).toBe(true);
      expect((await imageStates(engine, asked, signal))['pets-console/web']?.current).toBe(true);
    });
  });

  describe('a sidecar', () => {
    afterEach(() => clearEngine(engine));

    const ECHO = 'console.error("up");process.stdin.pipe(process.stdout)';
    const start = (networkMode: string, script = ECHO): Promise<Sidecar> =>
      startSidecar(engine, { image: APP_IMAGE, command: ['node', '-e', script], networkMode, labels: TEST_LABELS }, signal);

    it('shares the network of the container beside it, and nothing else', async () => {
      const id = await createContainer(engine, redisWish('cat-db'), TEST_LABELS);
      await startContainer(engine, id);
      const script = 'fetch("http://127.0.0.1:6379").catch((e) => console.log(String(e.cause ?? e), process.getuid(), process.env.DB))';
      const sidecar = await start(`container:${id}`, script);
      let said = '';
      for await (const chunk of sidecar.stdout) said += String(chunk);
      // Redis closes the connection of one that speaks HTTP; nobody there would be ECONNREFUSED.
      expect(said).toMatch(/(other side closed|ECONNRESET|HPE_|Parse Error).* 65534 undefined/);
      expect(await sidecar.ended).toEqual({ reason: 'exited with status 0' });
    });

    it('is confined and marked, and leaves nothing when it is stopped', async () => {
      const sidecar = await start('host');
      expect((await inspectContainer(engine, sidecar.id))?.labels).toMatchObject({ ...TEST_LABELS, [LABEL.sidecar]: 'true' });
      const hostConfig = JSON.parse(await askDocker(lab().socket, 'inspect', '-f', '{{json .HostConfig}}', sidecar.id));
      expect(hostConfig).toMatchObject({
        AutoRemove: true,
        CapDrop: ['ALL'],
        ReadonlyRootfs: true,
        PidsLimit: 64,
        LogConfig: { Type: 'none' },
      });
      await sidecar.stop();
      expect(await sidecar.ended).toEqual({ reason: 'stopped' });
      expect(await listContainers(engine)).toEqual([]);
    });

    it('carries bytes both ways without losing any, as fast as they are read', async () => {
      const sidecar = await start('host');
      const block = Buffer.alloc(1 << 20, 'pets');
      const writing = (async () => {
        for (let count = 0; count < 16; count += 1) if (!sidecar.stdin.write(block)) await once(sidecar.stdin, 'drain');
      })();
      let bytes = 0;
      for await (const chunk of sidecar.stdout) {
        const from = bytes % block.length;
        expect(block.subarray(from, from + chunk.length).equals(chunk) || from + chunk.length > block.length).toBe(true);
        bytes += chunk.length;
        if (bytes === 16 * block.length) break;
      }
      await writing;
      expect(sidecar.stderrTail()).toBe('up');
      await sidecar.stop();
    });

    it('is not read ahead when nobody reads', async () => {
      const sidecar = await start(
        'host',
        'const b = Buffer.alloc(65536); const f = () => { while (process.stdout.write(b)); }; process.stdout.on("drain", f); f()',
      );
      sidecar.stdout.on('readable', () => undefined);
      await expect.poll(() => sidecar.stdout.readableLength, { timeout: 5000 }).toBeGreaterThan(0);
      expect(sidecar.stdout.readableLength).toBeLessThan(1 << 20);
      await sidecar.stop();
    });

    it('ends with our connection', async () => {
      const sidecar = await start('host', 'process.stdin.on("end", () => process.exit(7)).resume()');
      sidecar.stdin.end();
      sidecar.stdout.resume();
      expect(await sidecar.ended).toEqual({ reason: 'exited with status 7' });
      await expect.poll(() => inspectContainer(engine, sidecar.id), { timeout: 5000 }).toBeUndefined();
    });

    it('leaves nothing when it cannot start', async () => {
      const nothing = startSidecar(engine, { image: APP_IMAGE, command: ['nosuch'], networkMode: 'host', labels: TEST_LABELS }, signal);
      expect((await failureOfCall(nothing)).message).toContain('nosuch');
      const missing = startSidecar(engine, { image: 'nope:1', command: ['x'], networkMode: 'host', labels: TEST_LABELS }, signal);
      expect((await failureOfCall(missing)).code).toBe('IMAGE_MISSING');
      expect(await listContainers(engine)).toEqual([]);
    });
  });
}
