import { readFileSync } from 'node:fs';
import { endianness } from 'node:os';

/** The lines of one of the kernel's files; none where there is no such file. */
export function readLines(path: string): readonly string[] {
  return readWord(path)
    .split('\n')
    .filter((line) => line !== '');
}

/** The whole of a file that holds one word, or many; empty where there is none. */
export function readWord(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

/** `0B5EA8C0` as the kernel writes it: a word in the machine's own order of bytes. */
export function ipv4FromHex(hex: string): string {
  return bytesOfWords(hex).join('.');
}

/** Four such words, as in `/proc/net/tcp6`. An IPv4 address in its IPv6 form is told as IPv4. */
export function ipv6FromHexWords(hex: string): string {
  return ipv6Text(bytesOfWords(hex));
}

/** Bytes in the order of the wire, as in `/proc/net/if_inet6`. */
export function ipv6FromHex(hex: string): string {
  return ipv6Text([...Buffer.from(hex, 'hex')]);
}

function bytesOfWords(hex: string): readonly number[] {
  const bytes = Buffer.from(hex, 'hex');
  return [...(endianness() === 'LE' ? bytes.swap32() : bytes)];
}

function ipv6Text(bytes: readonly number[]): string {
  const isMapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
  if (isMapped) return bytes.slice(12).join('.');
  const groups = Array.from({ length: 8 }, (_, index) => (((bytes[2 * index] ?? 0) << 8) | (bytes[2 * index + 1] ?? 0)).toString(16));
  // A URL's host is written in the shortest form.
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

/** `192.168.0.11` as a number, to compare and mask. */
export function ipv4Number(address: string): number {
  return address.split('.').reduce((number, part) => number * 256 + Number(part), 0);
}
