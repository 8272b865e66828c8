import { describe, expect, it } from 'vitest';
import { readBound } from '../../src/cli/intents.ts';
import type { ScenarioWish } from '../../src/cli/scenario-of-flags.ts';
import type { Ownership } from '../../src/domain/labels.ts';
import type { BoundHost } from '../../src/domain/scenario.ts';

const HOSTS: readonly BoundHost[] = ['host-A', 'host-B'].map((name) => ({ name, endpoint: `unix:///${name}`, address: '192.0.2.1' }));
const STANDING: Ownership = { project: 'pets', scenario: 'overlay', resource: 'service/dog-web', spec: 's', run: 'r', hosts: '' };

/** Reads a shipped scenario as the console would, opened with the flags that `wish` says. */
async function read(name: string, wish: Partial<ScenarioWish>, owner?: Ownership) {
  const tools = {
    session: { hosts: HOSTS },
    binds: {},
    wish: { set: {}, project: undefined, underlay: undefined, ...wish },
    context: { env: { HOME: '/nonexistent' } },
  };
  return (await readBound(name, tools, owner)).scenario;
}

describe('a scenario as the console reads it', () => {
  it('is in the variant that the console was opened with, where it has that one', async () => {
    expect((await read('overlay', { preferredVariant: 'dnsrr' })).variant).toBe('dnsrr');
    expect((await read('bridge', { preferredVariant: 'dnsrr' })).variant).toBeUndefined();
  });

  it('is in the variant that an intent asks for, before all else', async () => {
    const { variant, services } = await read('overlay', { variant: 'dnsrr', preferredVariant: 'other' });
    expect(variant).toBe('dnsrr');
    expect(services['dog-web']?.deploy?.replicas).toBe('global');
    await expect(read('overlay', { variant: 'other' })).rejects.toMatchObject({ code: 'BAD_USAGE' });
  });

  it('stands in the variant of its label, not in the one that the next would be made in', async () => {
    expect((await read('overlay', { preferredVariant: 'dnsrr' }, STANDING)).variant).toBeUndefined();
    expect((await read('overlay', {}, { ...STANDING, variant: 'dnsrr' })).variant).toBe('dnsrr');
    expect((await read('overlay', {}, { ...STANDING, variant: 'gone' })).variant).toBeUndefined();
  });

  it('is scaled where it has the service and that one can be scaled', async () => {
    const scale = { 'dog-web': 3, 'cat-web': 2 };
    const replicasOf = async (name: string, wish: Partial<ScenarioWish>, service: string) =>
      (await read(name, { scale, ...wish })).services[service]?.deploy?.replicas;
    expect(await replicasOf('overlay', {}, 'dog-web')).toBe(3);
    expect(await replicasOf('overlay', { preferredVariant: 'dnsrr' }, 'dog-web')).toBe('global');
    expect(await replicasOf('overlay-tenants', {}, 'cat-web')).toBe(2);
    expect(await replicasOf('bridge', {}, 'cat-web')).toBeUndefined();
  });
});
