import { type ChildProcess, type ChildProcessByStdio, execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { companionArguments, connectionArguments, HOLD, type SshManner } from './ssh-command.ts';
import { PLAIN_SOCKET_PATH } from './ssh-endpoint.ts';
import { explainSsh, forwardingRefused, noEngineBehind, noSocket, type SshWay, socketDenied, tooSlow } from './ssh-failures.ts';
import { bridgeStdio, MOST_AT_ONCE } from './ssh-stdio.ts';

/** One ssh connection to a host, with the engine's socket at its end. */
export interface SshConnection {
  /** A socket of this machine that leads to the engine over there. */
  readonly socketPath: string;
  readonly mostAtOnce: number;
  /** Resolves when the connection is no more. */
  readonly ended: Promise<void>;
  close(): void;
}

/** Nobody is asked anything meanwhile: key exchange, login and a shell. */
const UNASKED_MS = 20_000;
const FORWARD_MS = 5_000;
/** A refused channel is closed within a round trip; an engine that is silent for longer is slow, or hung, which its callers find. */
const REFUSAL_MS = 3_000;
const STDERR_TAIL = 16_384;
/** A socket's path has 104 bytes at most, and ssh puts a name of 17 behind it. */
const LONGEST_TEMPORARY_FOLDER = 60;

type Holder = ChildProcessByStdio<Writable, Readable, Readable>;

/**
 * Connects once, and finds the way to the engine: a forwarded socket, or, where the server forwards none, `docker system dial-stdio`.
 * @throws ENGINE_UNREACHABLE, ENGINE_DENIED, ENGINE_TIMEOUT
 */
export async function openSshConnection(way: SshWay, mayAsk: boolean, signal: AbortSignal): Promise<SshConnection> {
  signal.throwIfAborted();
  const folder = mkdtempSync(join(temporaryFolder(), 'pets-ssh-'));
  const session = holdSession(way, { folder, mayAsk });
  const onAbort = () => session.close();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const remoteSocket = await session.ready();
    const { socketPath, mostAtOnce, closeBridge } = await reachEngine(way, session, folder, remoteSocket);
    session.release();
    const ended = session.ended.then(closeBridge);
    return { socketPath, mostAtOnce, ended, close: session.close };
  } catch (error) {
    session.close();
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

interface Session {
  /** The engine's socket over there. @throws what stands in the way to it */
  ready(): Promise<string>;
  stderr(): string;
  readonly ended: Promise<void>;
  readonly close: () => void;
  readonly release: () => void;
}

function holdSession(way: SshWay, manner: SshManner): Session {
  const word = `PETS-${randomUUID()}`;
  const ssh = ['ssh', ...connectionArguments(way.target, way.files, manner, word)];
  // A group of its own outlives the kill of ours; but whoever asks on the terminal has to belong to it.
  const child = spawn('sh', ['-c', HOLD, 'sh', manner.folder, ...ssh], { stdio: ['pipe', 'pipe', 'pipe'], detached: !manner.mayAsk });
  const stderr = keepTail(child.stderr);
  child.stdin.on('error', () => undefined);
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('close', () => resolve());
    // The holder removes it too, unless it is closed before it has begun.
  }).then(() => rmSync(manner.folder, { recursive: true, force: true }));
  const close = () => {
    child.stdin.end();
    child.kill();
  };
  const ready = async () => {
    let late = false;
    const giveUp = () => {
      late = true;
      close();
    };
    const limit = manner.mayAsk ? undefined : setTimeout(giveUp, UNASKED_MS);
    const [found, path = ''] = (await readWord(child, word)).split(' ');
    clearTimeout(limit);
    if (found === 'open' && PLAIN_SOCKET_PATH.test(path)) return path;
    if (found === 'open' || found === 'none') throw noSocket(way);
    if (found === 'denied') throw socketDenied(way, path);
    await ended;
    throw late ? tooSlow(way) : await explainSsh(way, stderr());
  };
  return { ready, stderr, ended, close, release: () => release(child) };
}

/** What follows the word in what the other side says; whatever its shell says before that is nothing to us. Empty where it ends without. */
function readWord({ stdout }: Holder, word: string): Promise<string> {
  let said = '';
  return new Promise((resolve) => {
    stdout.setEncoding('utf8').on('data', (chunk: string) => {
      said = (said + chunk).slice(-STDERR_TAIL);
      const found = said.split('\n').find((line, index, lines) => line.startsWith(word) && index < lines.length - 1);
      if (found !== undefined) resolve(found.slice(word.length + 1).trimEnd());
    });
    stdout.once('close', () => resolve(''));
  });
}

/** A connection that nobody closed must not keep the process: it ends with it. */
function release(child: ChildProcess): void {
  child.unref();
  for (const stream of child.stdio) if (stream && 'unref' in stream && typeof stream.unref === 'function') stream.unref();
}

async function reachEngine(way: SshWay, session: Session, folder: string, remoteSocket: string) {
  const forwarded = join(folder, 'engine');
  await forward(folder, `${forwarded}:${remoteSocket}`).catch(async () => {
    throw await explainSsh(way, session.stderr());
  });
  if ((await probe(forwarded)) !== 'closed') {
    return { socketPath: forwarded, mostAtOnce: Number.POSITIVE_INFINITY, closeBridge: () => undefined };
  }
  return bridge(way, folder, remoteSocket);
}

/** A server that forwards no sockets and a socket that nobody listens at look the same from here: docker's own way tells them apart. */
async function bridge(way: SshWay, folder: string, remoteSocket: string) {
  const socketPath = join(folder, 'stdio');
  const docker = `exec docker --host unix://${remoteSocket} system dial-stdio`;
  const stdio = await bridgeStdio(socketPath, [...companionArguments(folder), '--', way.target.host, docker]);
  if ((await probe(socketPath)) !== 'closed') return { socketPath, mostAtOnce: MOST_AT_ONCE, closeBridge: stdio.close };
  stdio.close();
  const words = stdio.lastWords();
  throw /connection refused/i.test(words) ? noEngineBehind(way, remoteSocket) : forwardingRefused(way, remoteSocket, words);
}

/** Asks the connection that stands for a forward. The host's name means nothing there. */
function forward(folder: string, forwarded: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const args = [...companionArguments(folder), '-O', 'forward', '-L', forwarded, '--', 'host'];
    execFile('ssh', args, { timeout: FORWARD_MS }, (error) => (error === null ? resolve() : reject(error)));
  });
}

/** Whether an engine says anything at a socket: the forward itself takes every connection, and closes it where the way does not lead on. */
function probe(path: string): Promise<'answered' | 'closed' | 'silent'> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const settle = (outcome: 'answered' | 'closed' | 'silent') => {
      socket.destroy();
      resolve(outcome);
    };
    socket.setTimeout(REFUSAL_MS, () => settle('silent'));
    socket.once('data', () => settle('answered'));
    for (const event of ['end', 'error', 'close']) socket.once(event, () => settle('closed'));
    socket.write('GET /_ping HTTP/1.0\r\n\r\n');
  });
}

function keepTail(stream: Readable): () => string {
  let tail = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    tail = (tail + chunk).slice(-STDERR_TAIL);
  });
  return () => tail;
}

function temporaryFolder(): string {
  const folder = tmpdir();
  return PLAIN_SOCKET_PATH.test(folder) && folder.length <= LONGEST_TEMPORARY_FOLDER ? folder : '/tmp';
}
