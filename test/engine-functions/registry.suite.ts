import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { APP_IMAGE, imageStates } from '../../src/engine/app-image.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { ensureImage } from '../../src/engine/ensure-image.ts';
import { imageOf, pullImage } from '../../src/engine/images.ts';
import { performOn } from '../../src/run/perform-step.ts';
import { makeStep } from '../../src/scenario/steps.ts';
import { type Registry, startRegistry } from '../support/registry.ts';
import { askDocker, failureOfCall } from './lab-engine.ts';
import { from, imagesOf, listen, socketOf, type TwoEngines } from './two-engines.ts';

const NOT_FOUND = /manifest.*(not found|unknown)/;

/** A host that gets an image from a real registry, or where that fails from another host. */
export function describeRegistry(raised: () => TwoEngines): void {
  describe('an image that a host does not have', () => {
    const signal = new AbortController().signal;
    let lab: TwoEngines['lab'];
    let a: Engine;
    let b: Engine;
    let registry: Registry;
    let reference: string;
    const docker = (engine: Engine, ...words: readonly string[]) => askDocker(socketOf(engine), ...words);

    beforeAll(async () => {
      ({ lab, a, b } = raised());
      registry = await startRegistry(lab, 'host-A');
      reference = `${registry.address}/pets/redis:7`;
      await docker(a, 'tag', 'redis', reference);
      await docker(a, 'push', '--quiet', reference);
      await docker(b, 'tag', 'redis', reference);
    });
    afterAll(() => registry?.stop());

    /** All names of it, or an engine would keep its layers. */
    const forget = (engine: Engine) => docker(engine, 'rmi', '--force', reference, 'redis');
    afterEach(async () => {
      await registry.pace();
      for (const engine of [a, b]) {
        const other = engine === a ? b : a;
        if ((await imageOf(engine, reference, signal)) === undefined)
          await ensureImage(engine, reference, signal, { sources: from(other) });
        await docker(engine, 'tag', reference, 'redis');
      }
    });

    it('is the same image on all hosts of a lab from the start, as a registry would give it', async () => {
      const [left, right] = await Promise.all([a, b].map((engine) => imageOf(engine, 'redis', signal)));
      expect(left?.id).toMatch(/^sha256:/);
      expect(right).toEqual(left);
    });

    it('is pulled, and the bytes of all its layers are told, never fewer than before', async () => {
      const id = (await imageOf(a, reference, signal))?.id;
      await forget(a);
      expect(await imageOf(a, reference, signal)).toBeUndefined();
      await registry.pace(4_000_000);
      const heard = listen();
      const outcome = await ensureImage(a, reference, signal, heard);
      expect(outcome).toMatch(/^pulled, [78]\.\d MB$/);
      expect((await imageOf(a, reference, signal))?.id).toBe(id);
      const bytes = heard.bytes();
      expect(bytes).toEqual([...bytes].sort((left, right) => left - right));
      expect(bytes.at(-1)).toBe(heard.told.at(-1)?.total);
      expect(
        heard.told.some(({ text, current, total }) => /^pulling, .* of [78]\.\d MB$/.test(text) && (current ?? 0) < (total ?? 0)),
      ).toBe(true);
      // The engine says some ten lines a second for each layer; a journal keeps a few.
      expect(heard.told.length).toBeGreaterThan(3);
      expect(heard.told.length).toBeLessThan(20);
      expect(await ensureImage(a, reference, signal)).toBe('present');
    });

    it('is missing where the registry does not have that tag, and the failure says each way that was tried', async () => {
      const missing = reference.replace(':7', ':8');
      const failure = await failureOfCall(ensureImage(a, missing, signal, { sources: from(b) }));
      expect(failure).toMatchObject({ code: 'IMAGE_MISSING', hint: expect.stringContaining('check its name') });
      expect(failure.message).toMatch(new RegExp(`^host-A: has no image ${missing} and cannot get it; not pulled: ${NOT_FOUND.source}`));
      expect(failure.message).toMatch(/; not copied from host-B: host-B does not have it$/);
      const alone = await failureOfCall(ensureImage(a, missing, signal));
      expect(alone.message).toMatch(/; not copied: no other host here has it$/);
    });

    it('is copied from a host that has it where no registry listens, and that is told', async () => {
      // The registry listens on host-A's loopback only.
      await forget(b);
      const heard = listen();
      const outcome = await ensureImage(b, reference, signal, { ...heard, sources: from(a) });
      expect(outcome).toMatch(/^copied from host-A, 18\.\d MB in \d+\.\d s \(not pulled: .*connection refused\)$/);
      expect((await imageOf(b, reference, signal))?.id).toBe((await imageOf(a, reference, signal))?.id);
      expect(heard.told[0]?.text).toMatch(/^not pulled: .*connection refused; looking for a host that has it$/);
      expect(heard.told.map(({ text }) => text)).toContainEqual(expect.stringMatching(/^copying from host-A, .* of 18\.1 MB$/));
    });

    it('is copied where the registry hangs in the middle of a pull, once nothing moved for a while', async () => {
      await forget(a);
      await registry.pace(2_000_000);
      const onProgress = (text: string) => {
        if (text.startsWith('pulling')) registry.hang();
      };
      try {
        const outcome = await ensureImage(a, reference, signal, { onProgress, sources: from(b), silenceMs: 1500 });
        expect(outcome).toMatch(/^copied from host-B, .* \(not pulled: nothing moved for 1\.5 s\)$/);
        expect((await imageOf(a, reference, signal))?.id).toBe((await imageOf(b, reference, signal))?.id);
        expect((await imagesOf(lab, a)).halves).toEqual([]);
      } finally {
        await registry.stop();
        registry = await startRegistry(lab, 'host-A');
      }
      await docker(a, 'push', '--quiet', reference);
    });

    it('is not copied under a digest, a name that only a pull gives', async () => {
      const digest = await docker(a, 'image', 'inspect', '--format', '{{index .RepoDigests 0}}', reference);
      expect(digest).toMatch(/@sha256:/);
      const failure = await failureOfCall(ensureImage(b, digest, signal, { sources: from(a) }));
      expect(failure.message).toMatch(/; not copied from host-A: a digest is a name that only a pull gives$/);
    });

    it('is let go of at once when the pull is interrupted', async () => {
      await forget(a);
      await registry.pace(1_000_000);
      const interrupt = new AbortController();
      const onProgress = () => interrupt.abort();
      const failure = await failureOfCall(ensureImage(a, reference, interrupt.signal, { onProgress, sources: from(b) }));
      expect(failure).toMatchObject({ code: 'INTERRUPTED', message: `host-A: interrupted while trying to pull image ${reference}` });
      expect(await imageOf(a, reference, signal)).toBeUndefined();
    });

    const getOn = (engine: Engine, image: string, ...hosts: readonly string[]) =>
      makeStep(engine.name, { kind: 'image.ensure', image, from: hosts });

    it('comes from a host that is only now pulling it, in one run', async () => {
      await Promise.all([forget(a), forget(b)]);
      await registry.pace(8_000_000);
      const { perform, close } = performOn(new Map([a, b].map((engine) => [engine.name, engine])));
      const outcomes = await Promise.all([a, b].map((engine) => perform(getOn(engine, reference), () => undefined, signal)));
      close();
      expect(outcomes[0]).toMatch(/^pulled, /);
      expect(outcomes[1]).toMatch(/^copied from host-A, /);
    });

    it('is no longer waited for once the run is interrupted', async () => {
      await Promise.all([forget(a), forget(b)]);
      await registry.pace(1_000_000);
      const { perform, close } = performOn(new Map([a, b].map((engine) => [engine.name, engine])));
      const interrupt = new AbortController();
      const pulling = failureOfCall(perform(getOn(a, reference), () => undefined, interrupt.signal));
      const waiting = failureOfCall(
        perform(getOn(b, reference), (text) => text.endsWith('looking for a host that has it') && interrupt.abort(), interrupt.signal),
      );
      expect(await pulling).toMatchObject({ code: 'INTERRUPTED' });
      expect(await waiting).toMatchObject({ code: 'INTERRUPTED' });
      close();
      await registry.pace();
      await pullImage(a, reference, signal);
    });

    it('is not waited for by two hosts of a run that can both only wait for each other', async () => {
      const { perform, close } = performOn(new Map([a, b].map((engine) => [engine.name, engine])));
      const missing = '127.0.0.1:1/pets/none:1';
      const failures = await Promise.all(
        [a, b].map((engine) => failureOfCall(perform(getOn(engine, missing, 'host-A', 'host-B'), () => undefined, signal))),
      );
      close();
      expect(failures.map(({ message }) => message)).toEqual([
        expect.stringMatching(/^host-A: .*; not copied from host-B: host-B does not have it$/),
        expect.stringMatching(/^host-B: .*; not copied from host-A: host-A does not have it$/),
      ]);
    });

    it('is copied when it is ours and there is neither a base nor a registry, and is of the present recipe there', async () => {
      await docker(b, 'rmi', '--force', APP_IMAGE, 'pets-console/base:lab');
      const heard = listen();
      const outcome = await ensureImage(b, 'pets-console/web', signal, { ...heard, sources: from(a) });
      expect(outcome).toMatch(/^copied from host-A, 1\d\d MB in .* \(not built: cannot pull image node:24-slim: .*\)$/);
      expect((await imageOf(b, APP_IMAGE, signal))?.id).toBe((await imageOf(a, APP_IMAGE, signal))?.id);
      expect((await imageStates(b, [APP_IMAGE], signal))[APP_IMAGE]?.current).toBe(true);
      expect(await ensureImage(b, 'pets-console/web', signal)).toBe('present');
      expect((await failureOfCall(pullImage(b, 'node:24-slim', signal))).code).toBe('IMAGE_MISSING');
    });
  });
}
