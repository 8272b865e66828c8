import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs Node and tells how it ended; `onLine` sees its output as it comes. */
function runNode(args: readonly string[], onStdout: (kill: (signal: NodeJS.Signals) => void) => void = () => {}): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
      onStdout((signal) => child.kill(signal));
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.on('close', (status, signal) => resolve({ status, signal, stdout, stderr }));
  });
}

describe('the launcher', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pets-console-launcher-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function launchAs(version: string, ...args: string[]): Promise<Ended> {
    const pretence = join(folder, 'version.cjs');
    await writeFile(pretence, `Object.defineProperty(process.versions, 'node', { value: '${version}' });`);
    return runNode(['--require', pretence, 'bin/pets-console.cjs', ...args]);
  }

  it.each(['0.12.18', '20.20.2', '22.18.9'])('on Node %s says which Node is needed and how to get it', async (version) => {
    const { status, stdout, stderr } = await launchAs(version, '--version');
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(`needs Node 22.19 or newer, and this is Node ${version}`);
    expect(stderr).toContain('npx pets-console');
  });

  it.each(['22.19.0', '24.0.0', '100.0.0'])('on Node %s lets the console begin', async (version) => {
    const { version: ours } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    expect(await launchAs(version, '--version')).toMatchObject({ status: 0, stdout: `${ours}\n` });
  });
});

describe('what npm runs on the machine’s own Node', () => {
  it.each(['pets-console', 'prepare', 'start', 'test'])('bin/%s.cjs is of a syntax that old versions read', async (name) => {
    const code = await readFile(join(root, 'bin', `${name}.cjs`), 'utf8');
    // esbuild cannot lower these to ES5, and says so.
    await expect(transform('const one = 1; class Two {}', { target: 'es5' })).rejects.toThrow('not supported yet');
    await expect(transform(code, { target: 'es5' })).resolves.toBeDefined();
    // These it could lower, so it would not tell.
    expect(code.replace(/^\s*(?:\/\/|\/\*).*$/gm, '')).not.toMatch(/=>|`|\?\.|\?\?|,\s*\)/);
  });

  it('ends as the console ends', async () => {
    const become = (script: string) => ['--eval', `require('./bin/prepare.cjs').become(['--eval', ${JSON.stringify(script)}])`];
    expect(await runNode(become('process.exit(3)'))).toMatchObject({ status: 3 });
    const stopsCleanly = "process.on('SIGTERM', () => process.exit(143)); setInterval(() => {}, 1000); console.log('ready')";
    expect(await runNode(become(stopsCleanly), (kill) => kill('SIGTERM'))).toMatchObject({ status: 143 });
    const dies = "setInterval(() => {}, 1000); console.log('ready')";
    expect(await runNode(become(dies), (kill) => kill('SIGHUP'))).toMatchObject({ signal: 'SIGHUP' });
  });

  it('finds in the lock file every package of every platform, or npm ci refuses it', async () => {
    const { packages } = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { optionalDependencies?: Record<string, string> }>;
    };
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) => !(`node_modules/${name}` in packages) && !(`${path}/node_modules/${name}` in packages),
      ),
    );
    expect(missing).toEqual([]);
  });
});
