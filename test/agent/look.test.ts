import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { release } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildAppImage } from '../../app-image/build.ts';
import { type Agent, openAgent } from '../../src/agent/open-agent.ts';
import { startAgentProcess } from './agent-process.ts';

/** The agent as a process of this machine: what it sees is held against what the system's own tools say. */
let agent: Agent;
const never = new AbortController().signal;
const look = () => agent.look({ addresses: [], modules: [], timeoutMs: 1 }, never);

interface LinkOfTool {
  readonly ifname: string;
  readonly mtu: number;
  readonly addr_info: readonly { readonly local?: string; readonly prefixlen?: number }[];
}

beforeAll(async () => {
  await buildAppImage();
  agent = await openAgent(startAgentProcess().streams);
});
afterAll(() => agent.close());

async function listen(port: number, host: string) {
  const server = createServer().listen(port, host, 4096);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return { server, port: address.port };
}

describe('a look', () => {
  it('sees the interfaces and addresses that ip sees', async () => {
    const told = JSON.parse(execFileSync('ip', ['-j', 'address'], { encoding: 'utf8' })) as readonly LinkOfTool[];
    const expected = told.map(({ ifname, mtu, addr_info }) => [
      ifname,
      mtu,
      addr_info.map(({ local, prefixlen }) => `${local}/${prefixlen}`).sort(),
    ]);
    const { interfaces } = await look();
    const seen = interfaces.map(({ name, mtu, addresses }) => [name, mtu, [...addresses].sort()]);
    expect(seen.sort()).toEqual(expected.sort());
    expect(interfaces.find(({ name }) => name === 'lo')).toMatchObject({ up: true });
  });

  it('sees who listens, over IPv4, IPv6 and UDP, and on which address', async () => {
    const [ipv4, ipv6] = await Promise.all([listen(0, '127.0.0.1'), listen(0, '::1')]);
    const everywhere = await listen(0, '::');
    const udp = createSocket('udp4').bind(0, '127.0.0.1');
    await once(udp, 'listening');
    const { listening } = await look();
    const uid = process.getuid?.();
    expect(listening).toEqual(
      expect.arrayContaining([
        { protocol: 'tcp', address: '127.0.0.1', port: ipv4.port, uid },
        { protocol: 'tcp', address: '::1', port: ipv6.port, uid },
        { protocol: 'tcp', address: '::', port: everywhere.port, uid },
        { protocol: 'udp', address: '127.0.0.1', port: udp.address().port, uid },
      ]),
    );
    for (const { server } of [ipv4, ipv6, everywhere]) server.close();
    udp.close();
    expect((await look()).listening.map(({ port }) => port)).not.toContain(ipv4.port);
  });

  it('tells of the kernel and the disk', async () => {
    const facts = await agent.look({ addresses: [], modules: ['loop', 'no_such_module'], timeoutMs: 1 }, never);
    expect(facts.kernelVersion).toBe(release());
    expect(facts.modules).toEqual({ loop: expect.stringMatching(/^(present|loadable|absent|unknown)$/), no_such_module: 'unknown' });
    const free = Number(execFileSync('df', ['--output=avail', '-B1', '/'], { encoding: 'utf8' }).split('\n')[1]);
    expect(Math.abs(facts.freeBytes - free)).toBeLessThan(256 * 1024 * 1024);
  });

  it('says which list it had to cut, and answers several at once in frames that fit', async () => {
    const servers = await Promise.all(Array.from({ length: 1100 }, () => listen(0, '127.0.0.1')));
    // Nobody but this machine has them; with them an answer is larger than a frame, whatever else the machine has.
    const addresses = Array.from({ length: 100 }, (_, index) => `127.9.9.${index + 1}`);
    const lookAtAll = () => agent.look({ addresses, modules: [], timeoutMs: 1 }, never);
    const [one, other] = await Promise.all([lookAtAll(), lookAtAll()]);
    expect(one.truncated).toEqual(['listening']);
    expect(one.listening).toHaveLength(1024);
    expect(other.listening).toHaveLength(1024);
    expect(JSON.stringify(one).length).toBeGreaterThan(64 * 1024);
    for (const { server } of servers) server.close();
    expect((await look()).truncated).toEqual([]);
  });

  it('can be interrupted', async () => {
    const interrupt = new AbortController();
    const looking = agent.look({ addresses: [], modules: [], timeoutMs: 1 }, interrupt.signal);
    interrupt.abort();
    await expect(looking).rejects.toMatchObject({ code: 'INTERRUPTED', message: 'the look at the host was interrupted' });
  });
});
