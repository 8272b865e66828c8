import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Authority, Certificate } from './certificates.ts';
import { freePort } from './free-port.ts';
import { waitUntil } from './wait-until.ts';

/** A real engine that speaks TLS itself and asks for client certificates; it has no networks of its own, and touches none. */
export interface TlsEngine {
  readonly endpoint: string;
  close(): Promise<void>;
}

export async function startTlsEngine(folder: string, authority: Authority, server: Certificate): Promise<TlsEngine> {
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const tls = ['--tlsverify', '--tlscacert', authority.certFile, '--tlscert', server.certFile, '--tlskey', server.keyFile];
  const network = ['--bridge', 'none', '--iptables=false', '--ip6tables=false', '--ip-forward=false', '--ip-masq=false'];
  const files = ['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec'), '--pidfile', join(folder, 'pid')];
  const child = spawn('dockerd', [...files, ...network, ...tls, '-H', `tcp://127.0.0.1:${port}`], { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    log += chunk;
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await waitUntil(
    'the engine to listen',
    () => log,
    (said) => said.includes('API listen') || child.exitCode !== null,
  );
  if (child.exitCode !== null) throw new Error(`dockerd ended: ${log}`);
  return {
    endpoint: `tcp://127.0.0.1:${port}`,
    close: async () => {
      child.kill();
      await ended;
    },
  };
}
