import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { nodePaths } from '../../src/lab/names.ts';
import { waitUntil } from './wait-until.ts';

/** A real registry on the loopback of a lab's host: engines ask loopback without TLS. */
export interface Registry {
  /** `127.0.0.1:5000`, as that host's engine sees it. */
  readonly address: string;
  /** Serves that slowly from now on, so that a pull lasts; as fast as it can where no pace is given. */
  pace(bytesPerSecond?: number): Promise<void>;
  /** Answers nothing from now on, though its connections stay. */
  hang(): void;
  stop(): Promise<void>;
}

const ADDRESS = '127.0.0.1:5000';

export async function startRegistry(lab: string, host: string): Promise<Registry> {
  const folder = await mkdtemp(join(tmpdir(), 'pets-registry-'));
  const settings = {
    version: 0.1,
    log: { level: 'info' },
    storage: { filesystem: { rootdirectory: join(folder, 'images') } },
    http: { addr: ADDRESS, secret: 'of no use to anybody' },
  };
  const file = join(folder, 'registry.yaml');
  await writeFile(file, JSON.stringify(settings)); // JSON is YAML
  const inside = `--net=${nodePaths(lab, host).netns}`;
  const server = spawn('nsenter', [inside, 'docker-registry', 'serve', file], { stdio: ['ignore', 'pipe', 'pipe'] });
  await waitUntilItListens(server);
  const shapeLoopback = (change: 'replace' | 'del', ...shape: readonly string[]) =>
    promisify(execFile)('nsenter', [inside, 'tc', 'qdisc', change, 'dev', 'lo', 'root', ...shape]);
  let isSlow = false;
  const pace = async (bytesPerSecond?: number) => {
    if (bytesPerSecond !== undefined)
      await shapeLoopback('replace', 'tbf', 'rate', `${bytesPerSecond * 8}bit`, 'burst', '128k', 'latency', '400ms');
    else if (isSlow) await shapeLoopback('del');
    isSlow = bytesPerSecond !== undefined;
  };
  return {
    address: ADDRESS,
    pace,
    hang: () => void server.kill('SIGSTOP'),
    stop: async () => {
      if (server.exitCode === null && server.signalCode === null) {
        server.kill('SIGKILL');
        await once(server, 'exit');
      }
      await pace();
      await rm(folder, { recursive: true });
    },
  };
}

async function waitUntilItListens(server: ChildProcess): Promise<void> {
  let said = '';
  for (const stream of [server.stdout, server.stderr])
    stream?.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString('utf8')).slice(-10_000);
    });
  server.on('error', (error) => {
    said += String(error);
  });
  await waitUntil(
    'the registry to listen',
    () => said,
    (text) => text.includes('listening on'),
  );
}
