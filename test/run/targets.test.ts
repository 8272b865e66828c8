import { describe, expect, it } from 'vitest';
import type { LiveContainer } from '../../src/domain/live.ts';
import { askersOf } from '../../src/run/askers.ts';
import type { Asker, PlaceAddress } from '../../src/run/places.ts';
import type { Scene } from '../../src/run/scene.ts';
import { silenceOf } from '../../src/run/silences.ts';
import { aimOf, splitTarget, waysTo } from '../../src/run/targets.ts';
import { bindHosts, bindScenario } from '../../src/scenario/bind.ts';
import { parseScenario } from '../../src/scenario/load.ts';

const TEXT = `
version: 1
name: two
model: multi-host-bridge
title: Two hosts
summary: Each with containers that the other may not know.
benefits: [simple]
limits: [none]
hosts: [host-A, host-B]
networks:
  wire: { on: [host-A, host-B], driver: macvlan, ipam: { config: [{ subnet: 192.168.0.0/24, gateway: 192.168.0.1 }] } }
services:
  cat-web: { on: host-A, image: pets-console/web, ports: ["8000:5000"], environment: { DB: "host-B:8001", ROLE: cat } }
  cat-db: { on: host-B, image: redis, ports: ["192.168.0.12:8001:6379"] }
  dog-db: { on: host-B, image: redis, networks: { wire: { ipv4_address: 192.168.0.5 } } }
  dog-web: { on: host-A, image: pets-console/web, networks: { wire: { ipv4_address: 192.168.0.4 } }, environment: { DB: dog-db, ROLE: dog } }
`;
const HOSTS = ['host-A', 'host-B'].map((name, index) => ({ name, endpoint: `unix:///${name}`, address: `192.168.0.${11 + index}` }));
const LOST = { code: 'ENGINE_UNREACHABLE', message: 'host-B: no engine runs there' } as const;

function sceneWith({ placed, silent }: Partial<Pick<Scene, 'placed' | 'silent'>>): Scene {
  const scenario = parseScenario('two.yaml', TEXT);
  const hosts = bindHosts(scenario, HOSTS, {});
  // What a target leads to is a matter of values only: no engine and no agent is asked.
  const unasked = { engines: new Map(), agents: undefined, ownership: undefined, signal: undefined } as unknown as Scene;
  const bound = { ...unasked, scenario: bindScenario(scenario, hosts), hosts, virtualIps: new Map(), swarm: undefined };
  return { ...bound, placed: placed ?? new Map(), silent: silent ?? new Map() };
}

function askerOf(from: string, scene: Scene): Asker {
  const [asker] = askersOf(from, scene);
  if (asker === undefined) throw new Error(`nobody asks from ${from}`);
  return asker;
}

const container = {} as LiveContainer;
const at = (kind: PlaceAddress['kind']) => (service: string, host: string, address: string) => {
  const place = { service, name: service, host, isTask: false, slot: 0, container };
  return [service, [{ ...place, addresses: [{ address, network: 'wire', networkId: kind, kind }] }]] as const;
};
const onBridge = at('bridge');
const onWire = at('macvlan');
// Docker gives the same address on each host.
const RUNNING = sceneWith({
  placed: new Map([
    onBridge('cat-web', 'host-A', '172.17.0.2'),
    onBridge('cat-db', 'host-B', '172.17.0.2'),
    onWire('dog-web', 'host-A', '192.168.0.4'),
    onWire('dog-db', 'host-B', '192.168.0.5'),
  ]),
});

describe('a target', () => {
  it.each([
    ['cat-db:6379', 'cat-web', { service: 'cat-db', port: 6379 }],
    ['host-B:8001', 'cat-web', { service: 'cat-db', port: 6379 }],
    ['192.168.0.12:8001', 'console', { service: 'cat-db', port: 6379 }],
    ['192.168.0.5:6379', 'console', { service: 'dog-db', port: 6379 }],
    ['172.17.0.2:6379', 'host-B', { service: 'cat-db', port: 6379 }],
    ['172.17.0.2:5000', 'host-A', { service: 'cat-web', port: 5000 }],
    ['127.0.0.1:8000', 'host-A', { service: 'cat-web', port: 5000 }],
  ])('%s, asked from %s, leads to the service behind it', (target, from, aim) => {
    expect(aimOf(target, askerOf(from, RUNNING), RUNNING)).toEqual(aim);
  });

  it.each([
    ['127.0.0.1:8001', 'host-B', 'it is published on another address of the host'],
    ['127.0.0.1:8000', 'host-B', 'that loopback is of another host'],
    ['172.17.0.2:6379', 'console', 'a bridge leads nowhere from outside its host'],
    ['host-B:9000', 'cat-web', 'nobody publishes it'],
  ])('%s, asked from %s, leads to no service: %s', (target, from) => {
    expect(aimOf(target, askerOf(from, RUNNING), RUNNING)).toBeUndefined();
  });

  it('is known by the address that it was to have while nothing is known of its container', () => {
    expect(aimOf('192.168.0.5:6379', askerOf('console', sceneWith({})), sceneWith({}))).toEqual({ service: 'dog-db', port: 6379 });
  });

  it('is split also where its address is IPv6', () => {
    expect(splitTarget('[fd00::2]:80')).toEqual({ host: 'fd00::2', port: 80 });
  });
});

const waysFrom = (from: string, service: string) => waysTo(service, askerOf(from, RUNNING), RUNNING).map(({ address }) => address);

it('a service is tried at its addresses on its own host, from elsewhere only at those of the underlay', () => {
  expect(waysFrom('dog-web', 'cat-web')).toEqual(['172.17.0.2']);
  expect(waysFrom('cat-web', 'cat-db')).toEqual([]);
  expect(waysFrom('cat-web', 'dog-db')).toEqual(['192.168.0.5']);
  expect(waysFrom('host-B', 'cat-db')).toEqual(['172.17.0.2']);
  expect(waysFrom('console', 'dog-web')).toEqual(['192.168.0.4']);
});

it('the silence of a lost host is told for its address, its name and its services, and for no other', () => {
  const scene = sceneWith({ silent: new Map([['host-B', LOST]]) });
  const asker = askerOf('console', scene);
  for (const target of ['host-B:9', '192.168.0.12:9', 'cat-db:6379', '192.168.0.5:6379', '192.168.0.12:8001'])
    expect(silenceOf(target, asker, scene)).toBe(LOST);
  for (const target of ['host-A:8000', '192.168.0.4:5000', '10.9.9.9:1']) expect(silenceOf(target, asker, scene)).toBeUndefined();
});
