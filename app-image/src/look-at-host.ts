import { statfs } from 'node:fs/promises';
import { release } from 'node:os';
import { INITIAL_CREDIT_BYTES, type LookAnswer, type LookRequest } from '../../src/agent/protocol.ts';
import { readInterfaces } from './host-interfaces.ts';
import { readRoutes } from './host-routes.ts';
import { readModules } from './kernel-modules.ts';
import { readListeningSockets } from './listening-sockets.ts';
import { askForNeighbours } from './neighbours.ts';

/** Longest list of an answer: a host of a thousand containers has a thousand interfaces. */
const LONGEST_LIST = 1024;

/** What this namespace, its kernel and the wire before it hold, as the bytes of a JSON text that fits the first credit. */
export async function lookAtHost(request: LookRequest, signal: AbortSignal): Promise<Buffer> {
  const routes = readRoutes();
  const interfaces = readInterfaces(routes);
  const [neighbours, modules, disk] = await Promise.all([
    askForNeighbours(request.addresses, { interfaces, routes }, request.timeoutMs, signal),
    readModules(request.modules),
    statfs('/'),
  ]);
  const listening = readListeningSockets().map(({ inode: _inode, ...socket }) => socket);
  // The container's own root lies on the disk where the engine keeps images and containers.
  const freeBytes = disk.bsize * disk.bavail;
  return encodeAnswer({ interfaces, routes, listening, neighbours, modules, kernelVersion: release(), freeBytes, truncated: [] });
}

function encodeAnswer(facts: LookAnswer): Buffer {
  for (let longest = LONGEST_LIST; ; longest = Math.floor(longest / 2)) {
    const bytes = Buffer.from(JSON.stringify(truncate(facts, longest)), 'utf8');
    if (bytes.length <= INITIAL_CREDIT_BYTES) return bytes;
  }
}

/** Interfaces without an address (of containers, mostly) are the first that may be missing. */
function truncate(facts: LookAnswer, longest: number): LookAnswer {
  const { interfaces, routes, listening } = facts;
  const lists = { interfaces, routes, listening };
  const truncated = Object.entries(lists).flatMap(([name, list]) => (list.length > longest ? [name] : []));
  const addressedFirst = [...interfaces].sort((left, right) => Number(right.addresses.length > 0) - Number(left.addresses.length > 0));
  return {
    ...facts,
    interfaces: truncated.includes('interfaces') ? addressedFirst.slice(0, longest) : interfaces,
    routes: routes.slice(0, longest),
    listening: listening.slice(0, longest),
    truncated,
  };
}
