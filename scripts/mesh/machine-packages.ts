import { PetsError } from '../../src/domain/errors.ts';
import { tryCommand } from '../../src/lab/command.ts';
import { labObstacles } from '../../src/lab/obstacles.ts';
import { installPackages, type LabPackage, measureInstall, missingPackages } from '../../src/lab/packages.ts';

/** What making and running a machine needs here; nothing of it starts a service. */
const PACKAGES: readonly LabPackage[] = [
  { name: 'qemu-system-x86', why: 'the machine, its processor emulated', programs: ['qemu-system-x86_64'] },
  { name: 'debootstrap', why: 'its root file system', programs: ['debootstrap'] },
  { name: 'e2fsprogs', why: 'its disks', programs: ['mke2fs'] },
  { name: 'dpkg', why: 'unpacks its kernel', programs: ['dpkg-deb'] },
  { name: 'util-linux', why: 'ends it with whoever started it', programs: ['setpriv'] },
];

/** The Debian that machine and host share, and where its packages come from. */
export interface Debian {
  /** `bookworm` */
  readonly suite: string;
  readonly mirror: string;
}

/**
 * Installs what is missing.
 * @throws LAB_UNSUPPORTED where this is no Debian on amd64 with root
 */
export async function ensureMachinePackages(say: (text: string) => void): Promise<void> {
  const obstacle = (await labObstacles()).find(({ kind }) => kind !== 'packages' && kind !== 'kernel');
  if (obstacle !== undefined) throw new PetsError('LAB_UNSUPPORTED', { message: `no machine can be made: ${obstacle.message}` });
  if (process.arch !== 'x64') {
    const message = `no machine can be made: it runs the Node of this one, which is built for ${process.arch}, and is an amd64 itself`;
    throw new PetsError('LAB_UNSUPPORTED', { message });
  }
  const missing = await missingPackages(PACKAGES);
  if (missing.length === 0) return;
  const size = await measureInstall(missing, say);
  say(`the machine needs packages: ${size.downloadText} to fetch, ${size.diskText} on disk; no service is enabled or started`);
  for (const { name, why } of missing) say(`  ${name}: ${why}`);
  await installPackages(missing, say);
}

/** The first Debian main archive that apt here knows. @throws LAB_UNSUPPORTED where there is none, as on Debian's kin */
export async function debianOfHost(): Promise<Debian> {
  const filters = ['Created-By: Packages', 'Origin: Debian', 'Component: main'];
  const { stdout } = await tryCommand('apt-get', ['indextargets', '--format', '$(CODENAME) $(REPO_URI)', ...filters]);
  // Updates and security are archives of their own, `bookworm-updates`.
  const [suite, mirror] = /^([a-z]+) (\S+)$/m.exec(stdout)?.slice(1) ?? [];
  if (suite !== undefined && mirror !== undefined) return { suite, mirror };
  const message = "apt here knows no archive of Debian's, from which the machine would be made";
  throw new PetsError('LAB_UNSUPPORTED', { message, hint: 'run it on Debian, after apt-get update' });
}
