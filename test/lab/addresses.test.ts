import { describe, expect, it } from 'vitest';
import { formatCidr, parseCidr } from '../../src/domain/addresses.ts';
import { checkSubnet, firstFreeSubnet, planAddresses } from '../../src/lab/addresses.ts';
import { checkLabName, consoleLink, hostNames } from '../../src/lab/names.ts';

describe('the addresses of a lab', () => {
  it('are the guide’s: router first, hosts from the eleventh, this machine last', () => {
    const plan = planAddresses(checkSubnet('192.168.0.0/24'));
    expect([plan.router, plan.host(0), plan.host(25), plan.console]).toEqual([
      '192.168.0.1',
      '192.168.0.11',
      '192.168.0.36',
      '192.168.0.254',
    ]);
  });

  it('leave room for 26 hosts in the smallest subnet', () => {
    const plan = planAddresses(checkSubnet('10.1.2.64/26'));
    expect([plan.host(25), plan.console]).toEqual(['10.1.2.100', '10.1.2.126']);
  });

  it('leave the guide’s overlay subnets to a sink, unless the lab itself is on them', () => {
    const sinksBeside = (subnet: string) => planAddresses(checkSubnet(subnet)).sinks;
    expect(sinksBeside('192.168.0.0/24')).toEqual(['10.1.0.0/24', '10.2.0.0/24']);
    expect(sinksBeside('10.2.0.0/16')).toEqual(['10.1.0.0/24']);
  });

  it.each([
    ['192.168.0.0', 'is not an IPv4 network'],
    ['192.168.0.256/24', 'is not an IPv4 network'],
    ['192.168.0.0/33', 'is not an IPv4 network'],
    ['192.168.0.5/24', 'its network is 192.168.0.0/24'],
    ['192.168.0.0/27', 'between /16 and /26'],
    ['8.8.8.0/24', 'is not private'],
  ])('refuse %s: %s', (text, fact) => {
    expect(() => checkSubnet(text)).toThrow(fact);
  });

  it('take the first subnet that overlaps nothing, however large or small the others are', () => {
    const taken = ['192.168.0.0/23', '192.168.2.77/32', '10.0.0.0/8'].map((text) => parseCidr(text) ?? expect.fail(text));
    const free = firstFreeSubnet(taken);
    expect(free && formatCidr(free)).toBe('192.168.3.0/24');
    const everything = parseCidr('0.0.0.0/0') ?? expect.fail();
    expect(firstFreeSubnet([everything])).toBeUndefined();
  });
});

describe('the names of a lab', () => {
  it('are refused where they could leave its folder', () => {
    for (const name of ['', '..', 'a/b', '-a', 'A', 'a'.repeat(33)]) expect(() => checkLabName(name)).toThrow('not valid');
    expect(() => checkLabName('my-lab')).not.toThrow();
  });

  it('make links of at most 15 characters that stay apart', () => {
    expect(consoleLink('lab')).toBe('pets-lab');
    const long = ['a-very-long-name-1', 'a-very-long-name-2'].map(consoleLink);
    expect(new Set(long).size).toBe(2);
    for (const link of long) expect(link.length).toBeLessThanOrEqual(15);
  });

  it('run from host-A to host-Z', () => {
    expect(hostNames(2)).toEqual(['host-A', 'host-B']);
    expect(hostNames(26).at(-1)).toBe('host-Z');
    for (const engines of [0, 27, 1.5]) expect(() => hostNames(engines)).toThrow('1 to 26');
  });
});
