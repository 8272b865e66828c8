import { readFile } from 'node:fs/promises';
import { PetsError } from '../domain/errors.ts';
import { tryCommand } from './command.ts';
import { type LabPackage, labPackages, missingPackages } from './packages.ts';

/** Something about this machine that keeps a lab from being made here, and what to do instead. */
export interface LabObstacle {
  readonly kind: 'platform' | 'root' | 'distribution' | 'packages' | 'kernel';
  readonly message: string;
  readonly hint: string;
  /** What `installPackages` would install, where it could: on Debian, as root. */
  readonly packages?: readonly LabPackage[];
}

const USE_AN_ENGINE = 'use an engine that you have: pets-console --host unix:///var/run/docker.sock, or tcp://… or ssh://…';

/** What a host of the lab is made of, tried once in namespaces that end with the try. Each line names what failed. */
const KERNEL_PROBES: readonly { readonly needs: string; readonly script: string }[] = [
  { needs: 'veth links', script: 'ip link add veth0 type veth peer name veth1' },
  { needs: 'bridges', script: 'ip link add bridge0 type bridge' },
  { needs: 'iptables with NAT', script: 'iptables -t nat -L -n >/dev/null' },
  {
    needs: 'the overlay file system on tmpfs',
    script:
      'mount -t tmpfs tmpfs /mnt && mkdir /mnt/u /mnt/w /mnt/m && mount -t overlay -o lowerdir=/,upperdir=/mnt/u,workdir=/mnt/w overlay /mnt/m',
  },
  { needs: 'control groups under /sys/fs/cgroup', script: "grep -q ' /sys/fs/cgroup' /proc/self/mountinfo" },
];

/** Everything that keeps a lab from being made here; later ones are looked for only where they can be. `also`: packages that not every lab needs. */
export async function labObstacles(also: readonly LabPackage[] = []): Promise<LabObstacle[]> {
  if (process.platform !== 'linux') {
    const message = `a lab needs Linux: it is made of the kernel's namespaces, and this is ${process.platform}`;
    return [{ kind: 'platform', message, hint: USE_AN_ENGINE }];
  }
  const root = rootObstacle();
  const missing = await missingPackages([...labPackages(), ...also]);
  if (missing.length > 0) return [...root, ...(await packageObstacles(missing, root.length === 0))];
  return root.length > 0 ? root : kernelObstacles();
}

/** @throws LAB_UNSUPPORTED naming every obstacle */
export async function refuseObstacles(also: readonly LabPackage[]): Promise<void> {
  refuse(await labObstacles(also));
}

/** @throws LAB_UNSUPPORTED when this is not Linux or not root */
export async function refuseUnprivileged(): Promise<void> {
  refuse((await labObstacles()).filter(({ kind }) => kind === 'platform' || kind === 'root'));
}

function refuse(obstacles: readonly LabObstacle[]): void {
  if (obstacles.length === 0) return;
  const hints = [...new Set(obstacles.map(({ hint }) => hint))];
  throw new PetsError('LAB_UNSUPPORTED', { message: obstacles.map(({ message }) => message).join('; '), hint: hints.join('; or ') });
}

function rootObstacle(): LabObstacle[] {
  if (process.getuid?.() === 0) return [];
  const message = `a lab needs root, to make network namespaces and run engines; this is user ${process.getuid?.()}`;
  return [{ kind: 'root', message, hint: `sudo pets-console lab up; or ${USE_AN_ENGINE}` }];
}

async function packageObstacles(missing: readonly LabPackage[], canInstall: boolean): Promise<LabObstacle[]> {
  const names = missing.map(({ name }) => name).join(', ');
  if (await isDebian()) {
    const message = `this machine lacks ${names}`;
    return [
      {
        kind: 'packages',
        message,
        hint: `apt-get install ${missing.map(({ name }) => name).join(' ')}`,
        ...(canInstall && { packages: missing }),
      },
    ];
  }
  const programs = missing.map(({ programs }) => programs[0]).join(', ');
  const message = `this machine lacks ${programs}, and only on Debian and its kin it is known how to install them`;
  return [{ kind: 'distribution', message, hint: `install them with its package manager; or ${USE_AN_ENGINE}` }];
}

async function isDebian(): Promise<boolean> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  return /^ID(?:_LIKE)?=.*\bdebian\b/m.test(release);
}

async function kernelObstacles(): Promise<LabObstacle[]> {
  const checks = KERNEL_PROBES.map(({ script }, index) => `{ ${script} ; } 2>/dev/null || echo ${index}`).join('\n');
  const { status, stdout, stderr } = await tryCommand('unshare', [
    '--net',
    '--mount',
    '--uts',
    '--ipc',
    '--pid',
    '--fork',
    'sh',
    '-c',
    checks,
  ]);
  if (status !== 0 && stdout === '') {
    const message = `this machine does not let root make namespaces: ${stderr.trim()}`;
    return [{ kind: 'kernel', message, hint: `run on a machine or a virtual one rather than in a container; or ${USE_AN_ENGINE}` }];
  }
  const failed = stdout.split('\n').flatMap((line) => (line === '' ? [] : [KERNEL_PROBES[Number(line)]?.needs ?? line]));
  if (failed.length === 0) return [];
  const message = `the kernel of this machine (or the container it runs in) lacks ${failed.join(', ')}`;
  return [{ kind: 'kernel', message, hint: `boot Debian's stock kernel, which has them; or ${USE_AN_ENGINE}` }];
}
