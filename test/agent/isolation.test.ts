import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AgentPool, createAgentPool } from '../../src/agent/agent-pool.ts';
import type { Agent } from '../../src/agent/open-agent.ts';
import { inspectContainer } from '../../src/engine/containers.ts';
import { startEngineLab } from '../support/engine-lab.ts';
import { skipWithoutLab } from '../support/lab-or-skip.ts';
import { closeEngines, never, OWNERSHIP, openEngines } from './lab-engines.ts';

const lab = startEngineLab('t-admin', '192.168.106.0/24');
const SUBNETS = { dognet: '10.71.0.0/24', catnet: '10.72.0.0/24' } as const;
/** Nobody listens there in a container of Redis. */
const PORT = 9999;

describe.skipIf(skipWithoutLab)('agents beside containers of two networks', () => {
  let engines: Awaited<ReturnType<typeof openEngines>>;
  let pool: AgentPool;

  beforeAll(async () => {
    engines = await openEngines(lab);
    pool = createAgentPool(() => undefined, never);
    for (const [network, subnet] of Object.entries(SUBNETS)) await lab.docker('network', 'create', '--subnet', subnet, network);
    for (const pet of ['dog', 'cat']) await lab.docker('run', '-d', '--net', `${pet}net`, '--name', `${pet}-db`, 'redis');
    await lab.docker('run', '-d', '--net', 'dognet', '--name', 'admin', 'redis');
    await lab.docker('network', 'connect', 'catnet', 'admin');
  });
  afterAll(async () => {
    pool.close();
    await pool.gone();
    await lab.clear();
    closeEngines(engines);
  });

  const beside = async (name: string): Promise<Agent> => {
    const engine = engines.get(lab.host.name);
    const container = engine === undefined ? undefined : await inspectContainer(engine, name);
    if (engine === undefined || container === undefined) throw new Error(`no ${name}`);
    return pool.beside(engine, container, OWNERSHIP);
  };

  it.each(['tcp', 'udp'] as const)(
    'judge a way to a port where nobody listens, by %s: open to admin, closed to the other tenant',
    async (protocol) => {
      const [dog, cat, admin] = await Promise.all(['dog-db', 'cat-db', 'admin'].map(beside));
      if (dog === undefined || cat === undefined || admin === undefined) throw new Error('an agent is missing');
      const listening = await cat.listen({ protocol, port: PORT, timeoutMs: 20_000 }, never);
      const look = await cat.look({ addresses: [], modules: [], timeoutMs: 1 }, never);
      const address =
        look.interfaces
          .flatMap(({ addresses }) => addresses)
          .find((each) => each.startsWith('10.72.'))
          ?.split('/')[0] ?? '';
      const target = { port: PORT, timeoutMs: 1000, nonce: listening.nonce };
      const askBy = (asking: Agent, host: string) =>
        protocol === 'tcp' ? asking.probeTcp({ ...target, host, ask: 'greeting' }, never) : asking.probeUdp({ ...target, host }, never);
      expect(await askBy(admin, 'cat-db')).toMatchObject({ outcome: 'answered', address });
      expect(await askBy(admin, address)).toMatchObject({ outcome: 'answered' });
      expect(await askBy(cat, '127.0.0.1')).toMatchObject({ outcome: 'answered' });
      expect((await askBy(dog, 'cat-db')).phase).toBe('resolve');
      expect(await askBy(dog, address)).toMatchObject({ outcome: 'timed-out' });
      listening.close();
    },
  );

  it('see the interfaces, addresses and routes of their container, and no other', async () => {
    const seen = async (name: string) => {
      const { interfaces, routes } = await (await beside(name)).look({ addresses: [], modules: [], timeoutMs: 1 }, never);
      return {
        addresses: interfaces.flatMap(({ addresses }) => addresses).filter((address) => address !== '127.0.0.1/8'),
        onLink: routes
          .filter(({ gateway, destination }) => gateway === '' && destination.startsWith('10.'))
          .map(({ destination }) => destination),
        gateways: routes.filter(({ gateway }) => gateway !== '').map(({ destination, gateway }) => `${destination} ${gateway}`),
      };
    };
    expect(await seen('dog-db')).toEqual({ addresses: ['10.71.0.2/24'], onLink: [SUBNETS.dognet], gateways: ['0.0.0.0/0 10.71.0.1'] });
    const admin = await seen('admin');
    expect(admin.addresses).toEqual(['10.71.0.3/24', '10.72.0.3/24']);
    expect(admin.onLink).toEqual([SUBNETS.dognet, SUBNETS.catnet]);
  });
});
