import type { Duplex, Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream';
import type { Labels } from '../domain/labels.ts';
import { LABEL } from '../domain/labels.ts';
import { cleanLines } from '../domain/text.ts';
import { removeContainer } from './containers.ts';
import { demultiplex } from './demultiplex.ts';
import type { Engine } from './engine.ts';
import { statusOf } from './errors.ts';
import { callEngine, hijackConnection } from './request.ts';
import { shownName } from './shown-name.ts';

/** A program of ours in the network namespace of a container or of the host itself. */
export interface SidecarWish {
  readonly name?: string;
  readonly image: string;
  readonly command: readonly string[];
  /** `container:<id>` or `host`. */
  readonly networkMode: string;
  readonly labels: Labels;
  /** It may look into every process of the engine's machine, which takes rights that no other sidecar has. */
  readonly seesProcesses?: boolean;
  /** It sees the folder of the kernel's modules, where the machine has one. */
  readonly seesModules?: boolean;
  /** For `host` only: beside a container, its resolver holds. */
  readonly dns?: { readonly servers?: readonly string[]; readonly search?: readonly string[]; readonly options?: readonly string[] };
}

export interface Sidecar {
  readonly id: string;
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** The last of what it wrote to standard error. */
  stderrTail(): string;
  readonly ended: Promise<{ readonly reason: string }>;
  stop(): Promise<void>;
}

const STDERR_TAIL_BYTES = 4096;
const MEMORY_BYTES = 128 * 1024 * 1024;
const PIDS = 64;
/** Between the end of the stream and the engine's word on why. */
const EXIT_WORD_MS = 1000;

/**
 * To read `/proc/PID/fd` of any process: its number, the right to follow the links there, and to open the folders of other users.
 * AppArmor's profile for containers forbids the second, whatever the capabilities.
 */
const SEES_PROCESSES = {
  PidMode: 'host',
  CapAdd: ['SYS_PTRACE', 'DAC_READ_SEARCH'],
  SecurityOpt: ['no-new-privileges', 'apparmor=unconfined'],
};

/** A mount, not a bind: that would make the folder where there is none. */
const SEES_MODULES = { Mounts: [{ Type: 'bind', Source: '/lib/modules', Target: '/lib/modules', ReadOnly: true }] };

/**
 * Starts a sidecar and attaches to it. It ends with our connection (StdinOnce) and leaves nothing (AutoRemove); it has no capability
 * unless it sees processes, no writable file system and no user of the image.
 */
export async function startSidecar(engine: Engine, wish: SidecarWish, signal: AbortSignal): Promise<Sidecar> {
  // An aborted create still happens, and what it makes nobody would know: it is finished, and taken back.
  const { Id: id } = await createSidecar(engine, wish);
  try {
    const socket = await hijackConnection(engine, attachRequest(id), signal);
    const exit = watchExit(engine, id);
    const start = { what: `start sidecar ${shownName(id)}`, method: 'POST', path: `/containers/${id}/start` } as const;
    await callEngine(engine, start, signal);
    return attachSidecar(engine, id, socket, exit);
  } catch (error) {
    await removeContainer(engine, id).catch(() => undefined);
    throw error;
  }
}

async function createSidecar(engine: Engine, wish: SidecarWish): Promise<{ readonly Id: string }> {
  try {
    return await callEngine(engine, createRequest(wish), undefined);
  } catch (error) {
    // There is no such folder, or it may not be seen: 400, 403 or 500 by kind of engine. The sidecar does without.
    const mayBeTheFolder = wish.seesModules === true && ![undefined, 404].includes(statusOf(error));
    if (mayBeTheFolder) return createSidecar(engine, { ...wish, seesModules: false });
    throw error;
  }
}

function createRequest({ name, image, command, networkMode, labels, seesProcesses = false, seesModules = false, dns }: SidecarWish) {
  const body = {
    Image: image,
    Entrypoint: [],
    Cmd: command,
    User: seesProcesses ? '0:0' : '65534:65534',
    Labels: { ...labels, [LABEL.sidecar]: 'true' },
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    Tty: false,
    HostConfig: {
      NetworkMode: networkMode,
      AutoRemove: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      ReadonlyRootfs: true,
      Memory: MEMORY_BYTES,
      MemorySwap: MEMORY_BYTES,
      PidsLimit: PIDS,
      LogConfig: { Type: 'none' },
      // An engine that maps users refuses the host's namespaces to whom it maps.
      ...(networkMode === 'host' ? { UsernsMode: 'host' } : {}),
      ...(seesProcesses ? SEES_PROCESSES : {}),
      ...(seesModules ? SEES_MODULES : {}),
      ...(dns === undefined ? {} : { Dns: dns.servers ?? [], DnsSearch: dns.search ?? [], DnsOptions: dns.options ?? [] }),
    },
  };
  return { what: `create a sidecar for ${networkMode}`, method: 'POST', path: '/containers/create', query: { name }, body } as const;
}

function attachRequest(id: string) {
  const query = { stream: true, stdin: true, stdout: true, stderr: true };
  return { what: `attach to sidecar ${shownName(id)}`, method: 'POST', path: `/containers/${id}/attach`, query } as const;
}

function attachSidecar(engine: Engine, id: string, socket: Duplex, exit: Promise<string>): Sidecar {
  let stderr = Buffer.alloc(0);
  const stdout = demultiplex((chunk) => {
    stderr = Buffer.concat([stderr, chunk]).subarray(-STDERR_TAIL_BYTES);
  });
  const streamed = new Promise<void>((resolve) => pipeline(socket, stdout, () => resolve()));
  // A write after the end is told by `ended`, not by a crash.
  socket.on('error', () => undefined);
  let stopped = false;
  const ended = streamed.then(async () => {
    socket.destroy();
    if (stopped) return { reason: 'stopped' };
    const reason = await Promise.race([exit, lostAfter(EXIT_WORD_MS)]);
    return { reason };
  });
  return {
    id,
    stdin: socket,
    stdout,
    stderrTail: () => cleanLines(stderr.toString('utf8').trim()),
    ended,
    stop: async () => {
      stopped = true;
      socket.destroy();
      await removeContainer(engine, id);
      await ended;
    },
  };
}

/** Asked before the start, since the container is gone the moment it ends. Never rejects. */
async function watchExit(engine: Engine, id: string): Promise<string> {
  const request = {
    what: `wait for sidecar ${shownName(id)}`,
    method: 'POST',
    path: `/containers/${id}/wait`,
    query: { condition: 'next-exit' },
    deadlineMs: 2 ** 31 - 1,
  } as const;
  try {
    const { StatusCode } = await callEngine<{ readonly StatusCode: number }>(engine, request, undefined);
    return `exited with status ${StatusCode}`;
  } catch {
    return 'the connection to the engine was lost';
  }
}

function lostAfter(delayMs: number): Promise<string> {
  return new Promise((resolve) => setTimeout(resolve, delayMs, 'the connection to the sidecar was lost').unref());
}
