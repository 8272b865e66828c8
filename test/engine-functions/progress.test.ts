import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sumLayers, tellBytes } from '../../src/engine/progress.ts';

/** The words of 20.10 and 28.5 while they pull two layers. */
const layer = (id: string, status: string, current?: number, total?: number) => ({
  id,
  status,
  progressDetail: { ...(current === undefined ? {} : { current }), ...(total === undefined ? {} : { total }) },
});

describe('the bytes of a pull', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
  afterEach(() => void vi.useRealTimers());

  it('are the sum over the layers, and stay while a layer is counted once more for being unpacked', () => {
    const sum = sumLayers();
    const sumAfter = (...message: Parameters<typeof layer>) => {
      sum.note(layer(...message));
      return [sum.current, sum.total];
    };
    expect(sumAfter('a', 'Pulling fs layer')).toEqual([0, 0]);
    expect(sumAfter('a', 'Downloading', 10, 100)).toEqual([10, 100]);
    expect(sumAfter('b', 'Downloading', 30, 50)).toEqual([40, 150]);
    expect(sumAfter('b', 'Retrying in 5 seconds')).toEqual([40, 150]);
    expect(sumAfter('a', 'Download complete')).toEqual([130, 150]);
    expect(sumAfter('a', 'Extracting', 5, 100)).toEqual([130, 150]);
    expect(sumAfter('b', 'Verifying Checksum')).toEqual([150, 150]);
    expect(sumAfter('b', 'Extracting', 1)).toEqual([150, 150]);
    expect(sumAfter('c', 'Already exists')).toEqual([150, 150]);
  });

  it('have not moved where an engine only says the same again', () => {
    const sum = sumLayers();
    const isNew = (...message: Parameters<typeof layer>) => sum.note(layer(...message));
    expect(isNew('a', 'Downloading', 10, 100)).toBe(true);
    expect(isNew('b', 'Downloading', 10, 50)).toBe(true);
    expect(isNew('a', 'Downloading', 10, 100)).toBe(false);
    expect(isNew('a', 'Downloading', 11, 100)).toBe(true);
    expect(isNew('b', 'Download complete')).toBe(true);
    expect([sum.note({ status: 'Digest: sha256:0' }), sum.note({ status: 'Status: Downloaded' })]).toEqual([true, true]);
  });

  it('are told at once in a new phase and at the end, else seldom, and never fewer than before', () => {
    const told: (readonly [string, number | undefined, number | undefined])[] = [];
    const tell = tellBytes((...progress) => told.push([progress[0], progress[1], progress[2]]));
    tell('pulling', 100, 1000);
    for (let bytes = 101; bytes <= 500; bytes += 1) {
      vi.advanceTimersByTime(1);
      tell('pulling', bytes, 1000);
    }
    tell('unpacking', 300, 1000);
    tell('unpacking', 1500, 1000);
    tell('unpacking', 1500, 1000);
    // A layer that was fetched anew after an error.
    tell('pulling', 20, 1000);
    expect(told).toEqual([
      ['pulling, 100 B of 1.0 kB', 100, 1000],
      ['pulling, 350 B of 1.0 kB', 350, 1000],
      ['unpacking, 350 B of 1.0 kB', 350, 1000],
      ['unpacking, 1.0 kB of 1.0 kB', 1000, 1000],
      ['pulling, 1.0 kB of 1.0 kB', 1000, 1000],
    ]);
  });
});
