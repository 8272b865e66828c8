import { describe, expect, it } from 'vitest';
import type { LiveEngine, LiveImageState } from '../../src/domain/live.ts';
import { hostsThatHave, imageWarnings } from '../../src/scenario/compare-images.ts';

const OWN = 'pets-console/web';
const id = (digit: string) => `sha256:${digit.repeat(64)}`;

function host(name: string, images: Readonly<Record<string, Partial<LiveImageState>>>): LiveEngine {
  const present = { platform: 'linux/amd64', current: true };
  const states = Object.entries(images).map(([reference, state]) => [reference, { id: id('a'), ...present, ...state }]);
  return { host: name, version: '28.5.2', networks: [], containers: [], services: [], images: Object.fromEntries(states) };
}

const wanted = (image: string, ...hosts: readonly string[]) => hosts.map((name) => ({ host: name, image }));

describe('one reference on several hosts', () => {
  it('is told where it names different images, with hosts and short digests', () => {
    const live = [host('host-A', { redis: {} }), host('host-B', { redis: { id: id('b') } }), host('host-C', { redis: {} })];
    expect(imageWarnings(live, wanted('redis', 'host-A', 'host-B', 'host-C'))).toEqual([
      'image redis is not the same everywhere: host-A has aaaaaaaaaaaa, host-B has bbbbbbbbbbbb, host-C has aaaaaaaaaaaa; one for all: docker pull redis on each',
    ]);
  });

  it('is as it should be where the IDs are equal, the platforms differ, or one host does not have it yet', () => {
    const images = wanted('redis', 'host-A', 'host-B');
    expect(imageWarnings([host('host-A', { redis: {} }), host('host-B', { redis: {} })], images)).toEqual([]);
    const arm = host('host-B', { redis: { id: id('b'), platform: 'linux/arm64' } });
    expect(imageWarnings([host('host-A', { redis: {} }), arm], images)).toEqual([]);
    expect(imageWarnings([host('host-A', { redis: {} }), host('host-B', {})], images)).toEqual([]);
  });

  it('is one image where two kinds of store name it differently', () => {
    const live = [host('host-A', { redis: { content: 'c' } }), host('host-B', { redis: { id: id('b'), content: 'c' } })];
    expect(imageWarnings(live, wanted('redis', 'host-A', 'host-B'))).toEqual([]);
    const other = host('host-B', { redis: { id: id('b'), content: 'd' } });
    expect(imageWarnings([...live.slice(0, 1), other], wanted('redis', 'host-A', 'host-B'))).toHaveLength(1);
  });

  it('is no matter on a host that does not run it, and none for our own image, which is made on each host', () => {
    const live = [host('host-A', { redis: {}, [OWN]: {} }), host('host-B', { redis: { id: id('b') }, [OWN]: { id: id('b') } })];
    expect(imageWarnings(live, [...wanted('redis', 'host-B'), ...wanted(OWN, 'host-A', 'host-B')])).toEqual([]);
    expect(imageWarnings(live, wanted('redis', 'host-A', 'host-B'))).toHaveLength(1);
  });

  it('is copied from the other hosts that have it, ours only of the present recipe; a name of every object is no image', () => {
    const live = [host('host-A', { redis: {}, [OWN]: { current: false } }), host('host-B', { redis: {}, [OWN]: {} }), host('host-C', {})];
    expect(hostsThatHave('redis', live, 'host-C')).toEqual(['host-A', 'host-B']);
    expect(hostsThatHave('redis', live, 'host-A')).toEqual(['host-B']);
    expect(hostsThatHave(OWN, live, 'host-C')).toEqual(['host-B']);
    expect(hostsThatHave('constructor', live, 'host-C')).toEqual([]);
  });
});
