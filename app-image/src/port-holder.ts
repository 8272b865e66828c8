import { readdirSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { readListeningSockets } from './listening-sockets.ts';
import { readWord } from './proc-files.ts';

/** `port-holder.js PROTOCOL PORT ADDRESS`: names the process that listens there, as one line of JSON; `{}` where none can be named. */
const [, , protocol, port, address] = process.argv;

console.log(JSON.stringify(findHolder() ?? {}));

function findHolder(): { readonly pid: number; readonly name: string } | undefined {
  const sockets = readListeningSockets().filter(
    (socket) => socket.protocol === protocol && socket.port === Number(port) && socket.address === address,
  );
  const links = new Set(sockets.map(({ inode }) => `socket:[${inode}]`));
  if (links.size === 0) return undefined;
  // A server's children hold its socket too: the first of them is the server.
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const pid = pids.map(Number).sort((left, right) => left - right);
  const holder = pid.find((candidate) => holdsAny(candidate, links));
  return holder === undefined ? undefined : { pid: holder, name: nameOf(holder) };
}

function holdsAny(pid: number, links: ReadonlySet<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((descriptor) => links.has(readLink(`/proc/${pid}/fd/${descriptor}`)));
  } catch {
    // It ended meanwhile, or is not ours to look into.
    return false;
  }
}

function readLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/** Node calls each of its processes after their main thread: the program says more. */
function nameOf(pid: number): string {
  const command = readWord(`/proc/${pid}/comm`);
  return command === 'MainThread' ? basename(readLink(`/proc/${pid}/exe`)) || command : command;
}
