import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Of } from '../../src/domain/canonical.ts';
import { runCommand } from '../../src/lab/command.ts';
import { exists } from '../../src/lab/files.ts';
import { ROOT_INIT } from './guest-init.ts';
import { type Kernel, unpackKernel } from './kernel.ts';
import type { Debian } from './machine-packages.ts';

/** A machine's kernel and root disk as they lie in the cache; nothing of a run is written to them. */
export interface MachineFiles {
  readonly vmlinuz: string;
  readonly rootDisk: string;
}

/** What is on the root disk beside Debian's smallest set: all that a lab installs, and what trials look with. */
const INCLUDED = [...['docker.io', 'iptables', 'iproute2', 'kmod', 'dnsmasq-base', 'redis-tools', 'procps', 'ca-certificates'], 'tcpdump'];
/** Sparse: it takes what is in it. The rest is for the images of two engines. */
const DISK_SIZE = '6G';

/** What is being made, in the cache; under the machine's lock one that lies there was left by a run that was killed. */
export const HALF = 'making-';

/** What Docker 20.10 knows best; run in the new root. */
const SETTLE = `
set -e
update-alternatives --set iptables /usr/sbin/iptables-legacy
mkdir -p /payload
chmod 755 /sbin/pets-mesh-init
rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin
`;

/** Whoever waits for a machine. */
interface Waiting {
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
}

/**
 * The machine's files from the cache, made where they are missing; what killed runs left there goes.
 * @throws LAB_FAILED, INTERRUPTED
 */
export async function ensureMachineFiles(cache: string, debian: Debian, kernel: Kernel, waiting: Waiting): Promise<MachineFiles> {
  const recipe = sha256Of(JSON.stringify([debian.suite, kernel, INCLUDED, DISK_SIZE, SETTLE, ROOT_INIT]));
  const folder = join(cache, `${kernel.release}-${recipe.slice(0, 12)}`);
  await mkdir(cache, { recursive: true });
  await removeWhere(cache, (name) => name.startsWith(HALF));
  if (!(await exists(folder))) {
    await makeMachineFiles(cache, folder, debian, kernel, waiting);
    await removeWhere(cache, async (name) => join(cache, name) !== folder && (await exists(filesIn(join(cache, name)).rootDisk)));
  }
  return filesIn(folder);
}

function filesIn(folder: string): MachineFiles {
  return { vmlinuz: join(folder, 'vmlinuz'), rootDisk: join(folder, 'root.ext4') };
}

/** Under another name first: what a killed run leaves half-made is never taken for whole. */
async function makeMachineFiles(cache: string, folder: string, debian: Debian, kernel: Kernel, { say, signal }: Waiting): Promise<void> {
  const work = await mkdtemp(join(cache, HALF));
  const begunAt = performance.now();
  try {
    const root = join(work, 'root');
    say(`making the root disk: Debian ${debian.suite} with ${INCLUDED.join(' ')}`);
    await bootstrap(root, debian, signal);
    say(`unpacking kernel ${kernel.release}`);
    const fresh = join(work, 'files');
    await mkdir(fresh);
    await unpackKernel(kernel, root, filesIn(fresh).vmlinuz, work);
    await writeFile(`${root}/sbin/pets-mesh-init`, ROOT_INIT);
    await runCommand('chroot', [root, 'sh', '-c', SETTLE], { timeoutMs: 60_000 });
    await makeDisk(filesIn(fresh).rootDisk, DISK_SIZE, root);
    await rename(fresh, folder);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  say(`made after ${((performance.now() - begunAt) / 1000).toFixed(0)} s: ${folder}`);
}

/** In namespaces of its own, which end with us: nothing that it mounts or starts is left. */
async function bootstrap(root: string, { suite, mirror }: Debian, signal: AbortSignal): Promise<void> {
  const isolated = ['--pdeathsig', 'KILL', 'unshare', '--mount', '--pid', '--fork', '--kill-child', 'nice', '-n', '10'];
  const wish = ['--variant=minbase', '--force-check-gpg', `--include=${INCLUDED.join(',')}`, suite, root, mirror];
  await runCommand('setpriv', [...isolated, 'debootstrap', ...wish], { timeoutMs: 15 * 60_000, signal });
}

async function removeWhere(cache: string, isOld: (name: string) => boolean | Promise<boolean>): Promise<void> {
  for (const name of await readdir(cache)) if (await isOld(name)) await rm(join(cache, name), { recursive: true, force: true });
}

/** An ext4 disk with a folder's contents, made without mounting anything. */
export async function makeDisk(disk: string, size: string, folder: string): Promise<void> {
  await runCommand('mke2fs', ['-q', '-t', 'ext4', '-d', folder, disk, size], { timeoutMs: 5 * 60_000 });
}
