import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, vi } from 'vitest';
import type { EngineTarget } from '../../src/engine/engine.ts';
import { type Sshd, startSshd } from '../support/sshd.ts';
import { waitUntil } from '../support/wait-until.ts';
import { OpenedEngines } from './way-lab.ts';

/** A folder, an ssh server and whatever a test opens; nobody's own keys, agent or configuration take part. */
export interface SshGround {
  readonly engines: OpenedEngines;
  readonly folder: () => string;
  readonly sshd: () => Sshd;
  /** Another server, with lines of configuration of its own, until the test ends. */
  serve(...settings: readonly string[]): Promise<Sshd>;
  /** The engine's socket behind a server, as an inventory has it. */
  host(server?: Sshd, more?: Partial<EngineTarget>): EngineTarget;
  /** Folders of connections that stand, of this process or of a killed one. */
  connections(): readonly string[];
  untilNothingIsLeft(): Promise<unknown>;
}

export function prepareSsh(engineSocket: () => string): SshGround {
  const engines = new OpenedEngines();
  const servers: Sshd[] = [];
  let folder = '';
  let main: Sshd | undefined;
  let served = 0;

  const sshd = () => {
    if (main === undefined) throw new Error('sshd is not up');
    return main;
  };
  const connections = () => readdirSync(join(folder, 'tmp')).filter((name) => name.startsWith('pets-ssh-'));
  const left = () => [...connections(), ...processesNaming(join(folder, 'tmp', 'pets-ssh-'))];
  const untilNothingIsLeft = () => waitUntil('every connection to be gone', left, (found) => found.length === 0);

  beforeAll(async () => {
    folder = mkdtempSync('/tmp/pets-ways-');
    mkdirSync(join(folder, 'tmp'));
    writeFileSync(join(folder, 'ssh-config'), '');
    writeSsh(folder);
    main = await startSshd(join(folder, 'sshd'));
  });
  beforeEach(() => {
    vi.stubEnv('TMPDIR', join(folder, 'tmp'));
    vi.stubEnv('PATH', `${folder}:${process.env.PATH}`);
    for (const name of ['SSH_AUTH_SOCK', 'SSH_ASKPASS', 'SSH_ASKPASS_REQUIRE', 'DISPLAY', 'WAYLAND_DISPLAY']) vi.stubEnv(name, undefined);
  });
  afterEach(async () => {
    engines.closeAll();
    await untilNothingIsLeft();
    await Promise.all(servers.splice(0).map((server) => server.close()));
    writeFileSync(join(folder, 'ssh-config'), '');
    vi.unstubAllEnvs();
  });
  afterAll(async () => {
    await main?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  return {
    engines,
    folder: () => folder,
    sshd,
    serve: async (...settings) => {
      served += 1;
      const server = await startSshd(join(folder, `sshd-${served}`), settings);
      servers.push(server);
      return server;
    },
    host: (server = sshd(), more = {}) => ({
      name: 'host-A',
      endpoint: `ssh://root@127.0.0.1:${server.port}${engineSocket()}`,
      ssh: { identityFile: server.key, knownHostsFile: server.knownHosts },
      ...more,
    }),
    connections,
    untilNothingIsLeft,
  };
}

/** The real ssh, with a file of the test's instead of the user's own configuration. */
function writeSsh(folder: string): void {
  const path = join(folder, 'ssh');
  writeFileSync(path, `#!/bin/sh\nexec /usr/bin/ssh -F ${join(folder, 'ssh-config')} "$@"\n`);
  chmodSync(path, 0o755);
}

/** Command lines of running processes that name a path. */
function processesNaming(path: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        return ''; // ended meanwhile
      }
    })
    .filter((line) => line.includes(path));
}
