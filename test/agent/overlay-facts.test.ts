import { release } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AgentPool, createAgentPool } from '../../src/agent/agent-pool.ts';
import type { Agent } from '../../src/agent/open-agent.ts';
import { vxlanIdOf } from '../../src/domain/host-facts.ts';
import { inspectContainer } from '../../src/engine/containers.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { runIp } from '../../src/lab/command.ts';
import { nodePaths } from '../../src/lab/names.ts';
import { ROUTER } from '../../src/lab/wire.ts';
import { startEngineLab } from '../support/engine-lab.ts';
import { skipWithoutLab } from '../support/lab-or-skip.ts';
import { closeEngines, never, OWNERSHIP, openEngines, runOnHost } from './lab-engines.ts';

const LAB = 't-facts';
const lab = startEngineLab(LAB, '192.168.107.0/24', 2);
const NO_QUESTIONS = { addresses: [], modules: [], timeoutMs: 1 } as const;
/** Where swarms carry overlays, gossip and the managers' talk. */
const VXLAN_PORT = 4789;
const IP_AND_UDP_BYTES = 28;

let engines: ReadonlyMap<string, Engine>;
let pool: AgentPool;

beforeAll(async () => {
  if (skipWithoutLab) return;
  engines = await openEngines(lab);
  pool = createAgentPool(() => undefined, never);
});
afterAll(async () => {
  if (skipWithoutLab) return;
  pool.close();
  await pool.gone();
  await lab.clear();
  closeEngines(engines);
});

const engineOf = (name: string): Engine => {
  const engine = engines.get(name);
  if (engine === undefined) throw new Error(`no engine ${name}`);
  return engine;
};
const onHost = (name: string): Promise<Agent> => pool.onHost(engineOf(name), OWNERSHIP);
const addressOf = (name: string) => lab.hosts.find((host) => host.name === name)?.address ?? '';
const run = (host: string, command: string) => runOnHost(lab, host, 'sh', '-c', command);
const succeeds = (host: string, command: string) =>
  run(host, command).then(
    () => true,
    () => false,
  );

/** What only works with a module: the kernel loads one that it has on disk, as it does for an engine. */
const TRIALS: Readonly<Record<string, string>> = {
  vxlan: 'ip link add try0 type vxlan id 9 dstport 4790 && ip link delete try0',
  '8021q':
    'ip link add try0 type bridge && { ip link add link try0 name try0.5 type vlan id 5; failed=$?; ip link delete try0; exit $failed; }',
  ip_vs: 'genl ctrl get name IPVS',
  esp4: `ip xfrm state add src 127.0.0.1 dst 127.0.0.2 proto esp spi 1 mode transport aead "rfc4106(gcm(aes))" 0x${'07'.repeat(20)} 64`,
  xfrm_user: 'ip xfrm state list',
  xt_policy: 'iptables -N TRY && iptables -A TRY -m policy --dir in --pol none',
  xt_u32: 'iptables -N TRY && iptables -A TRY -m u32 --u32 0=0',
  xt_bpf: 'iptables -N TRY && iptables -A TRY -m bpf --bytecode "1,6 0 0 0"',
  xt_ipvs: 'iptables -N TRY && iptables -A TRY -m ipvs --ipvs',
  xt_mark: 'iptables -t mangle -N TRY && iptables -t mangle -A TRY -j MARK --set-mark 1',
};

describe.skipIf(skipWithoutLab)('what a look tells of a kernel', () => {
  it.each(Object.entries(TRIALS))('is what it then does: %s', async (name, trial) => {
    const { modules } = await (await onHost('host-A')).look({ ...NO_QUESTIONS, modules: [name] }, never);
    const works = await succeeds('host-A', trial);
    await run(
      'host-A',
      'for table in filter mangle; do iptables -t $table -F TRY; iptables -t $table -X TRY; done 2>/dev/null; ip xfrm state flush; true',
    );
    expect(modules).toEqual({ [name]: works ? expect.stringMatching(/^(present|loadable)$/) : 'absent' });
  });

  it('comes from the folder of the modules where the host has one, although the agent has no rights', async () => {
    const folder = `/lib/modules/${release()}`;
    const lists =
      'kernel/net/pets-built-in.ko >> modules.builtin && echo kernel/net/pets_loadable.ko.xz: kernel/pets-other.ko.xz >> modules.dep';
    await run('host-B', `mkdir -p ${folder} && cd ${folder} && echo ${lists}`);
    const names = ['pets_built_in', 'pets_loadable', 'pets_other', 'pets_load'];
    const { modules } = await (await onHost('host-B')).look({ ...NO_QUESTIONS, modules: names }, never);
    expect(modules).toEqual({ pets_built_in: 'present', pets_loadable: 'loadable', pets_other: 'loadable', pets_load: 'absent' });
    const id = await lab.dockerOn('host-B', 'ps', '-q', '--filter', 'label=pets-console.resource=sidecar/host');
    const mounts = JSON.parse(await lab.dockerOn('host-B', 'inspect', '-f', '{{json .Mounts}}', id)) as readonly unknown[];
    expect(mounts).toEqual([expect.objectContaining({ Source: '/lib/modules', Destination: '/lib/modules', RW: false })]);
  });
});

describe.skipIf(skipWithoutLab)('what a look tells of overlays that were left behind', () => {
  it('is the kind of an interface, the number on the wire, and that its port is taken', async () => {
    await run('host-A', `ip link add vx-001001-x7k2p type vxlan id 4097 dstport ${VXLAN_PORT} && ip link set vx-001001-x7k2p up`);
    const agent = await onHost('host-A');
    try {
      const { interfaces, listening } = await agent.look(NO_QUESTIONS, never);
      const stale = interfaces.filter(({ kind }) => kind === 'vxlan');
      expect(stale.map(({ name }) => [name, vxlanIdOf(name)])).toEqual([['vx-001001-x7k2p', 4097]]);
      expect(interfaces.find(({ name }) => name === 'docker0')).toMatchObject({ kind: 'bridge' });
      expect(interfaces.find(({ name }) => name === 'eth0')).not.toHaveProperty('kind');
      expect(listening).toContainEqual({ protocol: 'udp', address: '0.0.0.0', port: VXLAN_PORT, uid: 0 });
      const taken = agent.listen({ protocol: 'udp', port: VXLAN_PORT, timeoutMs: 1000 }, never);
      await expect(taken).rejects.toMatchObject({ code: 'PORT_TAKEN' });
    } finally {
      await run('host-A', 'ip link delete vx-001001-x7k2p');
    }
    expect((await agent.look(NO_QUESTIONS, never)).listening.map(({ port }) => port)).not.toContain(VXLAN_PORT);
  });
});

describe.skipIf(skipWithoutLab)('a way between two hosts', () => {
  const router = nodePaths(LAB, ROUTER).netns;

  async function askSized(payloadBytes: number | undefined, from = 'host-A', to = 'host-B') {
    const [asker, answerer] = await Promise.all([onHost(from), onHost(to)]);
    const { nonce, port, close } = await answerer.listen({ protocol: 'udp', port: VXLAN_PORT, timeoutMs: 10_000 }, never);
    const sized = payloadBytes === undefined ? {} : { payloadBytes };
    const result = await asker.probeUdp({ host: addressOf(to), port, nonce, timeoutMs: 600, ...sized }, never);
    close();
    return result;
  }

  it('that carries full-size packets answers to them', async () => {
    const { interfaces } = await (await onHost('host-A')).look(NO_QUESTIONS, never);
    const mtu = interfaces.find(({ name }) => name === 'eth0')?.mtu ?? 0;
    expect(mtu).toBe(1500);
    expect(await askSized(mtu - IP_AND_UDP_BYTES)).toMatchObject({ outcome: 'answered', detail: '' });
  });

  it('that swallows them is told from one that is closed, in either direction', async () => {
    // A switch between the hosts that carries less than the hosts think, and says nothing.
    await runIp(['link set host-B mtu 1450'], router);
    try {
      for (const [from, to] of [
        ['host-A', 'host-B'],
        ['host-B', 'host-A'],
      ] as const) {
        expect(await askSized(undefined, from, to)).toMatchObject({ outcome: 'answered' });
        expect(await askSized(1450 - IP_AND_UDP_BYTES, from, to)).toMatchObject({ outcome: 'answered' });
        expect(await askSized(1500 - IP_AND_UDP_BYTES, from, to)).toMatchObject({ outcome: 'timed-out', detail: 'no answer' });
      }
    } finally {
      await runIp(['link set host-B mtu 1500'], router);
    }
    expect(await askSized(1500 - IP_AND_UDP_BYTES)).toMatchObject({ outcome: 'answered' });
  });

  it('whose router says that it takes smaller ones is open, in pieces', async () => {
    const narrow = ['--subnet', '10.71.0.0/24', '-o', 'com.docker.network.driver.mtu=1400'];
    await lab.dockerOn('host-B', 'network', 'create', ...narrow, 'narrow');
    await lab.dockerOn('host-B', 'run', '-d', '--net', 'narrow', '--ip', '10.71.0.9', '--name', 'cat-db', 'redis');
    // Docker lets nobody from outside come to a container by its own address, a new one in the raw table already.
    await run('host-B', 'iptables -I DOCKER-USER -j ACCEPT && iptables -t raw -F PREROUTING');
    await run('host-A', `ip route add 10.71.0.0/24 via ${addressOf('host-B')}`);
    const container = await inspectContainer(engineOf('host-B'), 'cat-db');
    if (container === undefined) throw new Error('no cat-db');
    const beside = await pool.beside(engineOf('host-B'), container, OWNERSHIP);
    const { nonce, port } = await beside.listen({ protocol: 'udp', port: 9999, timeoutMs: 10_000 }, never);
    const probe = { host: '10.71.0.9', port, nonce, timeoutMs: 1000, payloadBytes: 1500 - IP_AND_UDP_BYTES };
    expect(await (await onHost('host-A')).probeUdp(probe, never)).toMatchObject({ outcome: 'answered', detail: 'EMSGSIZE' });
  });
});
