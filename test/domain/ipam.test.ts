import { describe, expect, it } from 'vitest';
import { type IpamLedger, ledgerOf } from '../../src/domain/ipam.ts';
import type { LiveEndpoint, LiveNetwork, LivePool } from '../../src/domain/live.ts';

function network(pools: readonly Partial<LivePool>[], endpoints: readonly Partial<LiveEndpoint>[] = []): LiveNetwork {
  return {
    id: 'n1',
    name: 'catnet',
    driver: 'bridge',
    scope: 'local',
    internal: false,
    attachable: false,
    enableIPv6: false,
    options: {},
    pools: pools.map((pool) => ({ subnet: '', auxAddresses: {}, ...pool })),
    labels: {},
    endpoints: endpoints.map((endpoint) => ({
      containerId: '',
      containerName: '',
      endpointId: '',
      macAddress: '',
      ipv4Address: '',
      ipv6Address: '',
      ...endpoint,
    })),
    raw: {},
  };
}

function onlyPool({ pools }: IpamLedger) {
  const [pool] = pools;
  if (pool === undefined || pools.length > 1) throw new Error(`one pool is expected, not ${pools.length}`);
  return pool;
}

const cats = [
  { containerName: 'cat-web', ipv4Address: '172.18.0.3', macAddress: '02:42:ac:12:00:03' },
  { containerName: 'cat-db', ipv4Address: '172.18.0.2', macAddress: '02:42:ac:12:00:02' },
];

describe('the ledger of a network', () => {
  it('counts a /16 with two containers as three used of 65534', () => {
    const pool = onlyPool(ledgerOf(network([{ subnet: '172.18.0.0/16', gateway: '172.18.0.1' }], cats)));
    expect(pool).toMatchObject({ used: 3, free: 65531, capacity: 65534 });
    expect(pool.entries.map(({ address, kind, owner }) => [address, kind, owner])).toEqual([
      ['172.18.0.1', 'gateway', 'gateway'],
      ['172.18.0.2', 'container', 'cat-db'],
      ['172.18.0.3', 'container', 'cat-web'],
    ]);
    expect(pool.entries[1]?.macAddress).toBe('02:42:ac:12:00:02');
  });

  it('sorts .10 after .9', () => {
    const endpoints = ['10.0.0.10', '10.0.0.9'].map((ipv4Address) => ({ ipv4Address }));
    const pool = onlyPool(ledgerOf(network([{ subnet: '10.0.0.0/24', gateway: '10.0.0.1' }], endpoints)));
    expect(pool.entries.map(({ address }) => address)).toEqual(['10.0.0.1', '10.0.0.9', '10.0.0.10']);
  });

  it('lists a static address outside the range, without counting it', () => {
    const pool = onlyPool(
      ledgerOf(network([{ subnet: '10.81.0.0/24', gateway: '10.81.0.1', ipRange: '10.81.0.8/30' }], [{ ipv4Address: '10.81.0.77' }])),
    );
    expect(pool).toMatchObject({ capacity: 4, used: 0, free: 4 });
    expect(pool.entries.map(({ address, outsideRange }) => [address, outsideRange])).toEqual([
      ['10.81.0.1', true],
      ['10.81.0.77', true],
    ]);
  });

  it('keeps used and free in step with capacity, whatever the pool', () => {
    for (let prefix = 8; prefix <= 30; prefix += 1) {
      const pool = onlyPool(ledgerOf(network([{ subnet: `10.0.0.0/${prefix}`, auxAddresses: { router: '10.0.0.2' } }])));
      expect(pool.capacity, `/${prefix}`).toBe(2 ** (32 - prefix) - 2);
      expect(pool.used + pool.free).toBe(pool.capacity);
    }
  });

  it('gives each family its own pool', () => {
    const { pools } = ledgerOf(
      network(
        [
          { subnet: '10.0.0.0/24', gateway: '10.0.0.1' },
          { subnet: 'fd00::/120', gateway: 'fd00::1' },
        ],
        [{ containerName: 'cat-db', ipv4Address: '10.0.0.2', ipv6Address: 'fd00::2' }],
      ),
    );
    expect(pools.map(({ entries }) => entries.map(({ address }) => address))).toEqual([
      ['10.0.0.1', '10.0.0.2'],
      ['fd00::1', 'fd00::2'],
    ]);
    // IPv6 has no broadcast address.
    expect(pools[1]).toMatchObject({ capacity: 255, used: 2, free: 253 });
  });

  it('has no pool for a network without addresses, or with ones that are none', () => {
    expect(ledgerOf(network([])).pools).toEqual([]);
    expect(ledgerOf(network([{ subnet: 'nonsense' }])).pools).toEqual([]);
  });
});
