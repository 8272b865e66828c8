import type { LookAnswer } from '../../src/agent/protocol.ts';
import { ipv4FromHex, ipv6FromHexWords, readLines } from './proc-files.ts';

export type ListeningSocket = LookAnswer['listening'][number];

export interface HeldSocket extends ListeningSocket {
  /** By which a process names it: `/proc/PID/fd/N` is `socket:[INODE]`. */
  readonly inode: string;
}

/** As the kernel numbers them: a TCP socket that listens, a UDP socket that is bound and not connected. */
const OPEN_STATE = { tcp: '0A', udp: '07' } as const;
const FILES = ['tcp', 'tcp6', 'udp', 'udp6'] as const;

/** What is listened on in this namespace. */
export function readListeningSockets(): readonly HeldSocket[] {
  return FILES.flatMap((file) => {
    const protocol = file.startsWith('tcp') ? 'tcp' : 'udp';
    return readLines(`/proc/net/${file}`)
      .slice(1)
      .flatMap((line) => readSocket(line, protocol));
  });
}

/** `sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode …` */
function readSocket(line: string, protocol: ListeningSocket['protocol']): readonly HeldSocket[] {
  const [, local = '', , state, , , , uid = '', , inode = ''] = line.trim().split(/\s+/);
  if (state !== OPEN_STATE[protocol]) return [];
  const [address = '', port = ''] = local.split(':');
  const text = address.length === 8 ? ipv4FromHex(address) : ipv6FromHexWords(address);
  return [{ protocol, address: text, port: Number.parseInt(port, 16), uid: Number(uid), inode }];
}
