import { mkdir, readdir, rename } from 'node:fs/promises';
import { PetsError } from '../../src/domain/errors.ts';
import { runCommand, tryCommand } from '../../src/lab/command.ts';

/** The newest kernel for virtual machines that apt here knows: no initramfs is needed, since NVMe and ext4 are built in. */
export interface Kernel {
  /** As `uname -r` has it, `6.1.0-56-cloud-amd64`. */
  readonly release: string;
  /** Of its package, `6.1.192-2`. */
  readonly version: string;
}

/** @throws LAB_UNSUPPORTED when apt knows none */
export async function newestKernel(): Promise<Kernel> {
  const { stdout } = await tryCommand('apt-cache', ['show', '--no-all-versions', 'linux-image-cloud-amd64']);
  const [release, version] = /^Depends: linux-image-(\S+) \(= ([^)]+)\)/m.exec(stdout)?.slice(1) ?? [];
  if (release !== undefined && version !== undefined) return { release, version };
  const message = 'apt here knows no linux-image-cloud-amd64, the kernel of the machine';
  throw new PetsError('LAB_UNSUPPORTED', { message, hint: 'apt-get update' });
}

/** Puts a kernel's modules under a root and itself at `vmlinuz`, out of its package and without installing that anywhere. */
export async function unpackKernel({ release, version }: Kernel, root: string, vmlinuz: string, work: string): Promise<void> {
  const folder = `${work}/kernel`;
  await mkdir(folder, { recursive: true });
  const package_ = `linux-image-${release}=${version}`;
  await runCommand('sh', ['-c', 'cd "$1" && exec apt-get download --quiet "$2"', 'download', folder, package_], { timeoutMs: 5 * 60_000 });
  const file = (await readdir(folder)).find((name) => name.endsWith('.deb'));
  if (file === undefined) throw new PetsError('LAB_FAILED', { message: `apt-get download ${package_} left no package in ${folder}` });
  // Not into the root itself: its lib is a link into usr, which a folder in the archive would replace.
  await runCommand('dpkg-deb', ['--extract', `${folder}/${file}`, `${folder}/files`], { timeoutMs: 2 * 60_000 });
  await mkdir(`${root}/usr/lib/modules`, { recursive: true });
  await runCommand('mv', [`${folder}/files/lib/modules/${release}`, `${root}/usr/lib/modules/${release}`]);
  await runCommand('chroot', [root, 'depmod', release], { timeoutMs: 2 * 60_000 });
  await rename(`${folder}/files/boot/vmlinuz-${release}`, vmlinuz);
}
