import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type AgentPool, createAgentPool } from '../../src/agent/agent-pool.ts';
import type { Unstamped } from '../../src/domain/events.ts';
import type { Neighbour } from '../../src/domain/host-facts.ts';
import type { Engine } from '../../src/engine/engine.ts';
import type { EngineLab } from '../support/engine-lab.ts';
import { closeEngines, never, OWNERSHIP, openEngines, runOnHost } from './lab-engines.ts';

const SIDECARS = ['ps', '-aq', '--no-trunc', '--filter', 'label=pets-console.sidecar'] as const;

export function describeOnHost(lab: EngineLab): void {
  describe('an agent on a host', () => {
    let engines: ReadonlyMap<string, Engine>;
    let pool: AgentPool;
    let events: Unstamped[];
    beforeAll(async () => {
      engines = await openEngines(lab);
      events = [];
      pool = createAgentPool((event) => events.push(event), never);
    });
    afterEach(() => lab.clear());
    afterAll(async () => {
      pool.close();
      await pool.gone();
      for (const { name } of lab.hosts) expect(await lab.dockerOn(name, ...SIDECARS)).toBe('');
      closeEngines(engines);
    });
    const onHost = (name: string) => {
      const engine = engines.get(name);
      if (engine === undefined) throw new Error(`no engine ${name}`);
      return pool.onHost(engine, OWNERSHIP);
    };
    const askFrom = async (name: string, ...addresses: readonly string[]): Promise<readonly Neighbour[]> => {
      const agent = await onHost(name);
      return (await agent.look({ addresses, modules: [], timeoutMs: 250 }, never)).neighbours;
    };
    const macOf = async (name: string) => (await runOnHost(lab, name, 'cat', '/sys/class/net/eth0/address')).trim();
    /** Free; each test has its own, since the kernel goes on asking for a while after a test has. */
    const [address4, address77, address78] = ['192.168.88.4', '192.168.88.77', '192.168.88.78'];

    it('is one for all who ask, has no rights, and says whose it is', async () => {
      const [one, other] = await Promise.all([onHost('host-A'), onHost('host-A')]);
      expect(one).toBe(other);
      const id = await lab.dockerOn('host-A', ...SIDECARS);
      const inspect = JSON.parse(await lab.dockerOn('host-A', 'inspect', id)) as readonly [
        { Config: { User: string; Labels: Record<string, string> }; HostConfig: Record<string, unknown> },
      ];
      const [{ Config, HostConfig }] = inspect;
      expect(Config.User).toBe('65534:65534');
      expect(Config.Labels).toMatchObject({ 'pets-console.project': 'tests', 'pets-console.resource': 'sidecar/host' });
      expect(HostConfig).toMatchObject({
        NetworkMode: 'host',
        AutoRemove: true,
        Privileged: false,
        CapAdd: null,
        CapDrop: ['ALL'],
        ReadonlyRootfs: true,
        PidMode: '',
        SecurityOpt: ['no-new-privileges'],
      });
      expect(events.filter(({ type }) => type === 'agent.started')).toHaveLength(1);
    });

    it('sees the host itself: its interfaces, those without a carrier too, its routes and who listens', async () => {
      await lab.dockerOn('host-A', 'network', 'create', '--subnet', '10.77.0.0/24', 'quiet');
      await lab.dockerOn('host-A', 'run', '-d', '--name', 'cat-db', '-p', '127.0.0.1:8001:6379', 'redis');
      const agent = await onHost('host-A');
      const facts = await agent.look({ addresses: [], modules: ['macvlan'], timeoutMs: 250 }, never);
      const eth0 = facts.interfaces.find(({ name }) => name === 'eth0');
      expect(eth0).toMatchObject({ up: true, macAddress: await macOf('host-A'), addresses: expect.arrayContaining(['192.168.88.11/24']) });
      const quiet = facts.interfaces.find(({ addresses }) => addresses.includes('10.77.0.1/24'));
      expect(quiet).toMatchObject({ up: false, name: expect.stringMatching(/^br-/) });
      expect(facts.routes).toEqual(
        expect.arrayContaining([
          { destination: '192.168.88.0/24', device: 'eth0', gateway: '' },
          { destination: '10.77.0.0/24', device: quiet?.name, gateway: '' },
        ]),
      );
      expect(facts.listening).toContainEqual({ protocol: 'tcp', address: '127.0.0.1', port: 8001, uid: 0 });
      expect(facts.modules).toEqual({ macvlan: 'present' });
    });

    it('finds an interface that is switched off, and a route that was added by hand', async () => {
      await runOnHost(lab, 'host-B', 'ip', 'link', 'add', 'spare0', 'type', 'bridge');
      await runOnHost(lab, 'host-B', 'ip', 'route', 'add', '10.66.0.0/16', 'via', '192.168.88.1');
      try {
        const agent = await onHost('host-B');
        const facts = await agent.look({ addresses: [], modules: [], timeoutMs: 250 }, never);
        expect(facts.interfaces).toContainEqual(expect.objectContaining({ name: 'spare0', up: false, addresses: [] }));
        expect(facts.routes).toContainEqual({ destination: '10.66.0.0/16', device: 'eth0', gateway: '192.168.88.1' });
      } finally {
        await runOnHost(lab, 'host-B', 'ip', 'link', 'delete', 'spare0');
        await runOnHost(lab, 'host-B', 'ip', 'route', 'delete', '10.66.0.0/16');
      }
    });

    it('asks the wire: the other host answers, itself it knows, nobody has a free address, and no gateway is asked', async () => {
      const neighbours = await askFrom('host-A', '192.168.88.12', '192.168.88.11', address77, '10.9.9.9');
      expect(neighbours).toEqual([
        { address: '192.168.88.12', macAddress: await macOf('host-B'), device: 'eth0' },
        { address: '192.168.88.11', macAddress: await macOf('host-A'), device: 'eth0' },
        { address: address77, macAddress: undefined, device: 'eth0' },
        { address: '10.9.9.9', macAddress: undefined, device: '' },
      ]);
    });

    it('finds a machine that answers to nothing but the question for its address', async () => {
      await runOnHost(lab, 'host-B', 'ip', 'address', 'add', `${address78}/24`, 'dev', 'eth0');
      await runOnHost(lab, 'host-B', 'iptables', '-I', 'INPUT', '-d', address78, '-j', 'DROP');
      try {
        expect(await askFrom('host-A', address78)).toEqual([{ address: address78, macAddress: await macOf('host-B'), device: 'eth0' }]);
      } finally {
        await runOnHost(lab, 'host-B', 'iptables', '-D', 'INPUT', '-d', address78, '-j', 'DROP');
        await runOnHost(lab, 'host-B', 'ip', 'address', 'delete', `${address78}/24`, 'dev', 'eth0');
        await runOnHost(lab, 'host-A', 'ip', 'neighbour', 'flush', 'dev', 'eth0');
      }
    });

    it('takes no memory of the kernel for an answer: an address whose container is gone is free', async () => {
      await lab.dockerOn('host-B', 'network', 'create', '-d', 'macvlan', '-o', 'parent=eth0', '--subnet', '192.168.88.0/24', 'wire');
      await lab.dockerOn('host-B', 'run', '-d', '--name', 'dog-web', '--network', 'wire', '--ip', address4, 'redis');
      const macAddress = await lab.dockerOn('host-B', 'inspect', '-f', '{{.NetworkSettings.Networks.wire.MacAddress}}', 'dog-web');
      expect(await askFrom('host-A', address4)).toEqual([{ address: address4, macAddress, device: 'eth0' }]);
      // Again, from memory this time: it still answers to the connection.
      expect(await askFrom('host-A', address4)).toEqual([{ address: address4, macAddress, device: 'eth0' }]);
      await lab.dockerOn('host-B', 'rm', '-f', 'dog-web');
      expect(await askFrom('host-A', address4)).toEqual([
        { address: address4, macAddress: undefined, lastMacAddress: macAddress, device: 'eth0' },
      ]);
    });
  });
}
