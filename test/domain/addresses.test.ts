import { isIPv4, isIPv6, SocketAddress } from 'node:net';
import { describe, expect, it } from 'vitest';
import {
  type Address,
  cidrContains,
  cidrSize,
  cidrsOverlap,
  compareAddresses,
  formatAddress,
  formatCidr,
  nextAddress,
  parseAddress,
  parseCidr,
} from '../../src/domain/addresses.ts';

/** A generator with a seed, so that a failure comes back. */
function createRandom(seed: number): (below: bigint) => bigint {
  let state = BigInt(seed);
  return (below) => {
    state = (state * 6364136223846793005n + 1442695040888963407n) % (1n << 128n);
    return (state ^ (state >> 33n)) % below;
  };
}

function address(text: string): Address {
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new Error(`${text} is no address`);
  return parsed;
}

function cidr(text: string) {
  const parsed = parseCidr(text);
  if (parsed === undefined) throw new Error(`${text} is no block`);
  return parsed;
}

describe('addresses', () => {
  it.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '256.0.0.1',
    '01.2.3.4',
    '1.2.3.4/24',
    '1.2.3.-4',
    ' 1.2.3.4',
    '1..2.3',
    ':',
    ':::',
    '1::2::3',
    'g::',
  ])('refuses %j', (text) => expect(parseAddress(text)).toBeUndefined());

  it.each(['1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', '1:2:3:4:5:6:7:8::', 'fe80::1%eth0', '::12345', '::1.2.3', '1.2.3.4::'])(
    'refuses %j',
    (text) => expect(parseAddress(text)).toBeUndefined(),
  );

  it('agrees with Node on what is an address', () => {
    for (const text of ['0.0.0.0', '255.255.255.255', '::', '::1', 'fd00::', '1:2:3:4:5:6:7::', '::ffff:10.0.0.1', '2001:DB8::A']) {
      expect(isIPv4(text) || isIPv6(text), text).toBe(true);
      expect(parseAddress(text), text).toBeDefined();
    }
  });

  it('formats every address so that it parses to the same, and IPv6 as the platform does', () => {
    const random = createRandom(7);
    for (let round = 0; round < 3000; round += 1) {
      const family = round % 2 === 0 ? 4 : 6;
      // Groups of zeros are what IPv6 text is hard about.
      const mask =
        family === 4 ? (1n << 32n) - 1n : ((1n << 128n) - 1n) ^ (0xffffn << (16n * random(8n))) ^ (0xffffffffn << (16n * random(7n)));
      const value = random(1n << (family === 4 ? 32n : 128n)) & mask;
      const text = formatAddress({ family, value });
      expect(parseAddress(text), text).toEqual({ family, value });
      if (family === 6 && !text.startsWith('::ffff:')) expect(text).toBe(new SocketAddress({ address: text, family: 'ipv6' }).address);
    }
  });

  it('counts on, and stops at the end of a family', () => {
    expect(nextAddress(address('10.0.0.255'))).toEqual(address('10.0.1.0'));
    expect(nextAddress(address('255.255.255.255'))).toBeUndefined();
    expect(nextAddress(address('ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'))).toBeUndefined();
  });

  it('sorts by number, not by text', () => {
    const sorted = ['fd00::1', '10.0.0.10', '10.0.0.9', '9.255.0.0'].map(address).sort(compareAddresses).map(formatAddress);
    expect(sorted).toEqual(['9.255.0.0', '10.0.0.9', '10.0.0.10', 'fd00::1']);
  });
});

describe('blocks', () => {
  it.each(['10.0.0.0', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/08', '10.0.0.0/8/8', '::/129', '/8', '10.0.0.0/-1'])('refuses %j', (text) =>
    expect(parseCidr(text)).toBeUndefined(),
  );

  it('knows first, last and size, host bits or not', () => {
    const block = cidr('172.18.5.7/16');
    expect(formatCidr(block)).toBe('172.18.0.0/16');
    expect(formatAddress({ family: 4, value: block.last })).toBe('172.18.255.255');
    expect(cidrSize(block)).toBe(65536n);
    expect(cidrSize(cidr('fd00::/64'))).toBe(1n << 64n);
    expect(cidrSize(cidr('0.0.0.0/0'))).toBe(1n << 32n);
  });

  it('contains and overlaps as the masks say, for many random pairs', () => {
    const random = createRandom(11);
    for (let round = 0; round < 3000; round += 1) {
      const [left, right] = [0, 1].map(() => {
        const value = (10n << 24n) | random(1n << 12n);
        return cidr(`${formatAddress({ family: 4, value })}/${20n + random(13n)}`);
      });
      if (left === undefined || right === undefined) continue;
      const shorter = Math.min(left.prefix, right.prefix);
      const same = left.first >> BigInt(32 - shorter) === right.first >> BigInt(32 - shorter);
      expect(cidrsOverlap(left, right)).toBe(same);
      expect(cidrsOverlap(right, left)).toBe(same);
      expect(cidrContains(left, right)).toBe(same && left.prefix <= right.prefix);
      expect(cidrContains(left, { family: 4, value: right.last })).toBe(right.last >= left.first && right.last <= left.last);
    }
  });

  it('never mixes the families', () => {
    expect(cidrsOverlap(cidr('0.0.0.0/0'), cidr('::/0'))).toBe(false);
    expect(cidrContains(cidr('::/0'), address('10.0.0.1'))).toBe(false);
  });
});
