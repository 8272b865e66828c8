import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { APP_IMAGE } from '../../src/engine/app-image.ts';
import { copyImage } from '../../src/engine/copy-image.ts';
import { closeEngine, type Engine, openEngine } from '../../src/engine/engine.ts';
import { ensureImage } from '../../src/engine/ensure-image.ts';
import { imageOf } from '../../src/engine/images.ts';
import { callEngine } from '../../src/engine/request.ts';
import { processMark } from '../../src/lab/names.ts';
import { killMarked } from '../../src/lab/processes.ts';
import { waitUntil } from '../support/wait-until.ts';
import { layWire, type Wire } from '../support/wire.ts';
import { askDocker, failureOfCall } from './lab-engine.ts';
import { busyConnections, from, imagesOf, listen, socketOf, type TwoEngines } from './two-engines.ts';

/** Copies between two real engines, over a real wire that can fail. */
export function describeCopies(raised: () => TwoEngines): void {
  describe('a copy', () => {
    const signal = new AbortController().signal;
    let lab: string;
    let a: Engine;
    let b: Engine;
    let folder: string;
    const docker = (engine: Engine, ...words: readonly string[]) => askDocker(socketOf(engine), ...words);

    beforeAll(async () => {
      ({ lab, a, b } = raised());
      folder = await mkdtemp(join(tmpdir(), 'pets-copy-'));
      await docker(a, 'tag', APP_IMAGE, 'kept/pets:1');
    });
    afterAll(() => rm(folder, { recursive: true }));

    /** An end of a copy leaves nothing: no request under way, no image, no part of one. */
    const expectNothingLeft = async (before: Awaited<ReturnType<typeof imagesOf>>, ...engines: readonly Engine[]) => {
      for (const engine of engines) {
        await waitUntil(
          `no busy connection to ${engine.name}`,
          () => busyConnections(engine),
          (busy) => busy === 0,
        );
      }
      await waitUntil(
        'no part of an image on host-B',
        () => imagesOf(lab, b),
        ({ halves }) => halves.length === 0,
      );
      expect(await imagesOf(lab, b)).toEqual(before);
    };

    it('bears the reference and has the same ID, and tells its bytes of the size of the image', async () => {
      const heard = listen();
      const { id, sizeBytes } = await copyImage(a, b, 'kept/pets:1', signal, heard);
      expect(await imageOf(b, 'kept/pets:1', signal)).toMatchObject({ id, labels: (await imageOf(a, 'kept/pets:1', signal))?.labels });
      expect(sizeBytes).toBeGreaterThan(100_000_000);
      const bytes = heard.bytes();
      expect(bytes).toEqual([...bytes].sort((left, right) => left - right));
      expect(heard.told.at(-1)?.current).toBe((await imageOf(a, 'kept/pets:1', signal))?.sizeBytes);
      expect(heard.told.length).toBeGreaterThan(2);
      expect(heard.told.length).toBeLessThan(30);
      await docker(b, 'rmi', 'kept/pets:1');
    });

    /** Without the layers that it shares: what an engine has, it does not unpack again. */
    const forgetOnB = async () => {
      const refs = (await docker(b, 'images', '--filter', 'label=pets-console.recipe', '--format', '{{.Repository}}:{{.Tag}}')).split('\n');
      await docker(b, 'rmi', '--force', ...refs.filter((ref) => ref !== '' && !ref.includes('<none>')));
    };

    it('that is interrupted leaves nothing on the way and nothing half', async () => {
      await forgetOnB();
      const before = await imagesOf(lab, b);
      const interrupt = new AbortController();
      const onProgress = () => interrupt.abort();
      const failure = await failureOfCall(copyImage(a, b, 'kept/pets:1', interrupt.signal, { onProgress }));
      expect(failure).toMatchObject({
        code: 'INTERRUPTED',
        message: 'host-B: interrupted while trying to copy image kept/pets:1 from host-A',
      });
      await expectNothingLeft(before, a, b);
    });

    describe('over a faulty wire', () => {
      let wire: Wire;
      let behind: Engine;
      const lay = async (engine: Engine) => {
        wire = await layWire(socketOf(engine), { path: join(folder, `${engine.name}.sock`) });
        behind = await openEngine({ name: engine.name, endpoint: wire.endpoint });
      };
      afterEach(async () => {
        closeEngine(behind);
        await wire.close();
      });

      it('ends where the host that hands it out hangs, once nothing moved for a while', async () => {
        await lay(a);
        const before = await imagesOf(lab, b);
        const failure = await failureOfCall(copyImage(behind, b, 'kept/pets:1', signal, { onProgress: () => wire.hang(), silenceMs: 500 }));
        expect(failure).toMatchObject({ code: 'ENGINE_TIMEOUT', hint: expect.stringContaining('docker version') });
        expect(failure.message).toBe('host-B: cannot copy image kept/pets:1 from host-A: nothing moved for 0.5 s');
        await expectNothingLeft(before, behind, b);
      });

      it('names the host that was lost, whichever side it is', async () => {
        await lay(a);
        const before = await imagesOf(lab, b);
        const handing = await failureOfCall(copyImage(behind, b, 'kept/pets:1', signal, { onProgress: () => wire.cut() }));
        expect(handing).toMatchObject({ code: 'ENGINE_UNREACHABLE' });
        expect(handing.message).toMatch(/^host-A: cannot hand out image kept\/pets:1: the connection was cut/);
        await expectNothingLeft(before, behind, b);
        closeEngine(behind);
        await wire.close();
        await lay(b);
        const taking = await failureOfCall(copyImage(a, behind, 'kept/pets:1', signal, { onProgress: () => wire.cut() }));
        expect(taking).toMatchObject({ code: 'ENGINE_UNREACHABLE' });
        expect(taking.message).toMatch(/^host-B: cannot copy image kept\/pets:1 from host-A: the connection was cut/);
        await expectNothingLeft(before, a, behind);
      });
    });

    it('is refused for a platform that is not the engine’s', async () => {
      const load = {
        what: 'load an image',
        method: 'POST',
        path: '/images/load',
        upload: await tarOfImage('pets/arm:1', 'arm64'),
      } as const;
      await callEngine(a, load, signal);
      expect(await imageOf(a, 'pets/arm:1', signal)).toMatchObject({ platform: 'linux/arm64' });
      const before = await imagesOf(lab, b);
      const foreign = await failureOfCall(copyImage(a, b, 'pets/arm:1', signal));
      expect(foreign).toMatchObject({
        code: 'IMAGE_MISSING',
        message: expect.stringContaining('it is for linux/arm64, and the engine for linux/amd64'),
      });
      await expectNothingLeft(before, a, b);
    });

    it('whose host dies in the middle leaves nothing, and the next host is asked', async () => {
      // A second name for host-B stands for a third host.
      const c = await openEngine({ name: 'host-C', endpoint: b.endpoint });
      let killed: Promise<number> | undefined;
      const onProgress = (text: string) => {
        if (text.startsWith('copying from host-A')) killed ??= killMarked(processMark(lab, 'host-A'));
      };
      const before = await imagesOf(lab, b);
      const failure = await failureOfCall(ensureImage(b, 'kept/pets:1', signal, { onProgress, sources: from(a, c) }));
      expect(await killed).toBeGreaterThan(0);
      expect(failure.message).toMatch(/; not copied from host-A: host-A: cannot hand out image kept\/pets:1: /);
      expect(failure.message).toMatch(/; not copied from host-C: host-C does not have it$/);
      await expectNothingLeft(before, a, b, c);
      closeEngine(c);
    });
  });
}

/** An image of one empty layer, as `docker save` writes it. */
async function tarOfImage(reference: string, architecture: string): Promise<Readable> {
  const layer = pack();
  layer.finalize();
  const content = await buffer(layer);
  const diffId = `sha256:${createHash('sha256').update(content).digest('hex')}`;
  const config = { architecture, os: 'linux', config: {}, rootfs: { type: 'layers', diff_ids: [diffId] } };
  const tar = pack();
  tar.entry({ name: 'config.json' }, JSON.stringify(config));
  tar.entry({ name: 'layer.tar' }, content);
  tar.entry({ name: 'manifest.json' }, JSON.stringify([{ Config: 'config.json', RepoTags: [reference], Layers: ['layer.tar'] }]));
  tar.finalize();
  return Readable.from(tar);
}
