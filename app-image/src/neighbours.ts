import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LookAnswer } from '../../src/agent/protocol.ts';
import type { Interface } from './host-interfaces.ts';
import { type Route, routeTo } from './host-routes.ts';
import { readLines } from './proc-files.ts';

export type Neighbour = LookAnswer['neighbours'][number];

const ARP_COMPLETE = 0x2;
/** Nobody needs to listen there: whoever holds the address refuses, and was found. */
const DISCARD_PORT = 9;
const LOOK_AGAIN_MS = 10;

/**
 * Who answers for each address on the wire, within `timeoutMs`. Trying to connect makes the kernel ask; an entry that it had before
 * proves nothing, since it is kept for half a minute and more after its owner went, so such a one must answer to the connection.
 */
export async function askForNeighbours(
  addresses: readonly string[],
  { interfaces, routes }: { readonly interfaces: readonly Interface[]; readonly routes: readonly Route[] },
  timeoutMs: number,
  signal: AbortSignal,
): Promise<readonly Neighbour[]> {
  const own = new Map(interfaces.flatMap((link) => link.addresses.map((cidr) => [cidr.replace(/\/.*/, ''), link] as const)));
  const deviceOf = (address: string) => {
    const route = routeTo(address, routes);
    // `*` is the device of a route to nowhere.
    return route === undefined || route.gateway !== '' || route.device === '*' ? '' : route.device;
  };
  const asked = addresses.filter((address) => !own.has(address) && deviceOf(address) !== '');
  const found = await askOnWire(asked, deviceOf, timeoutMs, signal);
  return addresses.map((address) => {
    const link = own.get(address);
    if (link !== undefined) return { address, macAddress: link.macAddress, device: link.name };
    return found.get(address) ?? { address, macAddress: undefined, device: deviceOf(address) };
  });
}

async function askOnWire(
  addresses: readonly string[],
  deviceOf: (address: string) => string,
  timeoutMs: number,
  outer: AbortSignal,
): Promise<ReadonlyMap<string, Neighbour>> {
  const limit = AbortSignal.any([outer, AbortSignal.timeout(timeoutMs)]);
  const before = readArpTable();
  const answered = new Set<string>();
  const knocks = addresses.map((address) => knock(address, () => answered.add(address)));
  const look = (): ReadonlyMap<string, Neighbour> => {
    const table = readArpTable();
    return new Map(
      addresses.map((address) => {
        const key = `${deviceOf(address)} ${address}`;
        const macAddress = table.get(key);
        const isFresh = answered.has(address) || macAddress !== before.get(key);
        const who = isFresh || macAddress === undefined ? { macAddress } : { macAddress: undefined, lastMacAddress: macAddress };
        return [address, { address, ...who, device: deviceOf(address) }];
      }),
    );
  };
  let found = look();
  while (!limit.aborted && [...found.values()].some(({ macAddress }) => macAddress === undefined)) {
    await sleep(LOOK_AGAIN_MS, undefined, { signal: limit }).catch(() => undefined);
    found = look();
  }
  for (const socket of knocks) socket.destroy();
  return found;
}

/** Tries to connect; `onAnswer` when the address itself answered, by accepting or by refusing. */
function knock(address: string, onAnswer: () => void) {
  const socket = connect({ host: address, port: DISCARD_PORT });
  socket.once('connect', onAnswer);
  socket.once('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'ECONNREFUSED' || error.code === 'ECONNRESET') onAnswer();
  });
  return socket;
}

/** `IP-address HW-type Flags HW-address Mask Device`, complete entries only, by device and address. */
function readArpTable(): ReadonlyMap<string, string> {
  const lines = readLines('/proc/net/arp').slice(1);
  return new Map(
    lines.flatMap((line): [string, string][] => {
      const [address = '', , flags = '0', macAddress = '', , device = ''] = line.trim().split(/\s+/);
      return (Number(flags) & ARP_COMPLETE) === 0 ? [] : [[`${device} ${address}`, macAddress]];
    }),
  );
}
