import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureBuilt } from '../support/built-product.ts';
import { skipWithoutLab } from '../support/lab-or-skip.ts';

/** A machine on which no engine and no lab runs: both have their sockets under /run. */
const ON_AN_EMPTY_MACHINE = ['--mount', 'sh', '-c', 'mount -t tmpfs none /run && exec "$@"', 'sh'];

describe.skipIf(skipWithoutLab)('npm start without a terminal, where there is no engine', () => {
  const home = mkdtempSync(join(tmpdir(), 'pets-home-'));
  beforeAll(ensureBuilt);
  afterAll(() => rmSync(home, { recursive: true }));

  it('brings a lab up, runs the bridge scenario, tells what it did, and leaves nothing', async () => {
    // The lab of `npm start` has the one name; a developer's own of that name would be in the way.
    expect(existsSync('/sys/class/net/pets-lab'), 'take your lab down first: npx pets-console lab down').toBe(false);
    const { status, stderr } = await new Promise<{ status: number | null; stderr: string }>((resolve) => {
      const { DOCKER_HOST: _, DOCKER_CONTEXT: __, ...env } = process.env;
      const args = [...ON_AN_EMPTY_MACHINE, process.execPath, 'bin/start.cjs'];
      const child = execFile('unshare', args, { env: { ...env, HOME: home, NO_COLOR: '1' } }, (_error, _stdout, said) => {
        resolve({ status: child.exitCode, stderr: said });
      });
      child.stdin?.end();
    });
    expect(status, stderr).toBe(0);
    for (const fact of [
      'no Docker engine was found',
      'So a lab is brought up',
      'run bridge on host-A',
      '✓ run cat-web',
      '✓ cat-web reaches cat-db:6379',
      '3 checks passed, 0 failed, 0 uncertain',
      'nothing of it is left',
    ]) {
      expect(stderr).toContain(fact);
    }
    expect(existsSync('/sys/class/net/pets-lab')).toBe(false);
    expect(readFileSync('/proc/mounts', 'utf8')).not.toContain('pets-console/lab');
  }, 120_000);
});
