import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const PROGRAMS = join(ROOT, 'app-image/dist');
/** The Redis server's own binary; it serves or checks files by the name that it is called by. */
const REDIS_BINARY = '/usr/bin/redis-check-rdb';
const READY_LIMIT_MS = 10_000;

export interface RunningProcess {
  readonly child: ChildProcess;
  readonly port: number;
  output(): string;
  /** Ends it with the signal and gives its exit status. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** A port that nobody holds now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}

/** A real Redis on loopback, without a file of its own. */
export async function startRedis(port?: number, bind = '127.0.0.1', ...further: readonly string[]): Promise<RunningProcess> {
  const chosen = port ?? (await freePort());
  const redisArguments = [
    '--port',
    String(chosen),
    '--bind',
    ...bind.split(' '),
    '--save',
    '',
    '--appendonly',
    'no',
    '--dir',
    '/tmp',
    ...further,
  ];
  const child = spawn(REDIS_BINARY, redisArguments, { argv0: 'redis-server', stdio: ['ignore', 'pipe', 'pipe'] });
  const redis = track(child, chosen);
  await until(() => redis.output().includes('Ready to accept connections'), 'Redis is ready', redis.output);
  return redis;
}

/** The bundled web server as its own process. */
export async function startWeb(environment: Readonly<Record<string, string>>): Promise<RunningProcess> {
  const port = await freePort();
  const web = track(runWeb({ PORT: String(port), ...environment }), port);
  await until(() => canConnect(port), 'the web server answers', web.output);
  return web;
}

/** The bundled admin server as its own process, once it is ready. */
export async function startAdmin(environment: Readonly<Record<string, string>>): Promise<RunningProcess> {
  const port = await freePort();
  const admin = track(runProgram('admin', { PORT: String(port), ...environment }), port);
  await until(() => admin.output().includes('is ready'), 'the admin server is ready', admin.output);
  return admin;
}

export function runWeb(environment: Readonly<Record<string, string>>): ChildProcess {
  return runProgram('web', environment);
}

export function runProgram(program: 'web' | 'admin', environment: Readonly<Record<string, string>>): ChildProcess {
  return spawn(process.execPath, [join(PROGRAMS, `${program}.js`)], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
}

export function track(child: ChildProcess, port: number): RunningProcess {
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8');
    });
  }
  const ended = once(child, 'close');
  return {
    child,
    port,
    output: () => output,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      await ended;
      return child.exitCode;
    },
  };
}

/** Waits for a condition; the failure tells what was there instead. */
export async function until(condition: () => boolean | Promise<boolean>, what: string, instead: () => string, limitMs = READY_LIMIT_MS) {
  const deadline = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited ${limitMs} ms until ${what}; instead: ${instead()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function canConnect(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
