import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ContainerWish, IpamPool, NetworkWish } from '../../src/domain/scenario.ts';
import { listContainers, removeContainer } from '../../src/engine/containers.ts';
import { closeEngine, type Engine, openEngine } from '../../src/engine/engine.ts';
import { listNetworks, removeNetwork } from '../../src/engine/networks.ts';
import { labDown } from '../../src/lab/down.ts';
import { labUp } from '../../src/lab/up.ts';
import { enginesUnderTest } from '../support/engines-under-test.ts';

const LAB = 't-eng';
/** On everything that these tests make, so that each test finds only its own. */
export const TEST_LABELS = { 'pets-console.project': 't-eng' };

export interface LabEngine {
  readonly engine: Engine;
  readonly socket: string;
  down(): Promise<void>;
}

/** A real engine of a lab of its own, empty. */
export async function raiseLabEngine(): Promise<LabEngine> {
  const signal = new AbortController().signal;
  const lab = await labUp({ name: LAB, engines: 1, subnet: '192.168.78.0/24', onProgress: () => undefined, signal, ...enginesUnderTest() });
  const [host] = lab.hosts;
  if (host === undefined) throw new Error('the lab has no host');
  const engine = await openEngine(host);
  const down = async () => {
    closeEngine(engine);
    await labDown(LAB, () => undefined);
  };
  return { engine, socket: host.endpoint.replace('unix://', ''), down };
}

/** Removes what a test made. */
export async function clearEngine(engine: Engine): Promise<void> {
  const containers = await listContainers(engine);
  await Promise.all(containers.map(({ id }) => removeContainer(engine, id)));
  const networks = (await listNetworks(engine)).filter(({ labels }) => 'pets-console.project' in labels);
  await Promise.all(networks.map(({ id }) => removeNetwork(engine, id)));
}

export function networkWish(name: string, ...ipam: readonly IpamPool[]): NetworkWish {
  return { kind: 'network', host: 'host-A', name, driver: 'bridge', internal: false, enableIPv6: false, options: {}, ipam };
}

export function redisWish(name: string, more: Partial<ContainerWish> = {}): ContainerWish {
  const nothing = { command: [], environment: {}, networks: [], ports: [], extraHosts: [] };
  return { kind: 'container', host: 'host-A', name, image: 'redis', ...nothing, ready: { kind: 'running' }, ...more };
}

/** An attachment without further names. */
export function on(network: string, ipv4Address?: string) {
  return { network, aliases: [], ...(ipv4Address === undefined ? {} : { ipv4Address }) };
}

/** What the command line of Docker says, asked beside our functions. */
export async function askDocker(socket: string, ...words: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('docker', ['-H', `unix://${socket}`, ...words]);
  return stdout.trim();
}

/** The failure of a call, for its code, message and hint. */
export async function failureOfCall(call: Promise<unknown>): Promise<{ code: unknown; message: string; hint: unknown }> {
  const error: unknown = await call.then(
    (value) => new Error(`a failure was expected, not ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error)) throw new Error(`no error: ${String(error)}`);
  return { code: 'code' in error ? error.code : undefined, message: error.message, hint: 'hint' in error ? error.hint : undefined };
}
