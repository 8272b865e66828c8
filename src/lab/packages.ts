import { readdir } from 'node:fs/promises';
import { PetsError } from '../domain/errors.ts';
import { runCommand, SEARCH_PATH, tryCommand } from './command.ts';
import { isExecutable } from './files.ts';

/** A Debian package that a lab needs, and the program by which it is known to be there, wherever it came from. */
export interface LabPackage {
  readonly name: string;
  readonly why: string;
  /** One of these on the PATH is enough. */
  readonly programs: readonly string[];
}

/** What an installation would fetch and take, as apt computes it with everything the packages depend on. */
export interface InstallSize {
  readonly downloadText: string;
  readonly diskText: string;
}

const PACKAGES: readonly LabPackage[] = [
  { name: 'docker.io', why: 'the Docker engines of the lab', programs: ['dockerd'] },
  { name: 'iptables', why: 'the engines publish ports with it', programs: ['iptables'] },
  { name: 'iproute2', why: 'makes the namespaces and links of the lab', programs: ['ip'] },
  { name: 'dnsmasq-base', why: "the lab's DNS server", programs: ['dnsmasq'] },
  { name: 'redis-tools', why: 'the redis image is made from its program', programs: ['redis-server', 'redis-check-rdb'] },
];

/**
 * Stands in the way of every service that a package would enable or start, for this one apt-get alone: in a mount namespace
 * of its own, the programs that packages call for it are `true`. No file changes, and nothing is there to be undone.
 */
const INSTALL_SCRIPT = `
set -e
for program in /usr/bin/deb-systemd-helper /usr/bin/deb-systemd-invoke /usr/sbin/invoke-rc.d /usr/sbin/update-rc.d; do
  if [ -e "$program" ]; then mount --bind /bin/true "$program"; fi
done
export DEBIAN_FRONTEND=noninteractive
exec apt-get install --yes --quiet --no-install-recommends "$@"
`;

/** Everything a lab needs, whether it is there or not. */
export function labPackages(): readonly LabPackage[] {
  return PACKAGES;
}

/** The packages whose programs this machine lacks. */
export async function missingPackages(packages: readonly LabPackage[]): Promise<LabPackage[]> {
  const present = await Promise.all(packages.map(async ({ programs }) => (await Promise.all(programs.map(findProgram))).some(Boolean)));
  return packages.filter((_, index) => present[index] !== true);
}

/** The path of a program, or undefined. */
export async function findProgram(name: string): Promise<string | undefined> {
  for (const folder of SEARCH_PATH.split(':')) {
    const path = `${folder}/${name}`;
    if (await isExecutable(path)) return path;
  }
  return undefined;
}

/** How large an installation is, asked of apt before anything is installed; fetches the package lists when the machine has none. */
export async function measureInstall(packages: readonly LabPackage[], onProgress: (text: string) => void): Promise<InstallSize> {
  await refreshLists(onProgress);
  const args = ['install', '--assume-no', '--no-install-recommends', ...packages.map(({ name }) => name)];
  const { stdout } = await tryCommand('apt-get', args, { timeoutMs: 60_000 });
  const download = /Need to get ([\d.,]+ \S+)(?:\/\S+ \S+)? of archives/.exec(stdout)?.[1];
  const disk = /After this operation, ([\d.,]+ \S+) of additional/.exec(stdout)?.[1];
  return { downloadText: download ?? 'an unknown amount', diskText: disk ?? 'an unknown amount' };
}

/**
 * Installs packages and nothing that they recommend; enables and starts no system service.
 * @throws LAB_FAILED with what apt said
 */
export async function installPackages(
  packages: readonly LabPackage[],
  onProgress: (text: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  if (packages.length === 0) return;
  await refreshLists(onProgress);
  const names = packages.map(({ name }) => name);
  const install = () => runInstall(names, onProgress, signal);
  await install().catch(async () => {
    onProgress('apt-get failed; trying once more with fresh package lists'); // old lists name versions that the mirror dropped
    await updateLists(onProgress);
    await install();
  });
  const missing = await missingPackages(packages);
  if (missing.length === 0) return;
  throw new PetsError('LAB_FAILED', {
    message: `apt-get installed ${names.join(' ')}, yet ${missing.flatMap(({ programs }) => programs).join(', ')} cannot be found`,
    hint: `apt-get install --reinstall ${missing.map(({ name }) => name).join(' ')}`,
  });
}

async function runInstall(names: readonly string[], onProgress: (text: string) => void, signal?: AbortSignal): Promise<void> {
  await runCommand('unshare', ['--mount', 'sh', '-c', INSTALL_SCRIPT, 'install', ...names], {
    timeoutMs: 15 * 60_000,
    signal,
    onLine: (line) => {
      if (/^(?:Unpacking|Setting up|Need to get|E:)/.test(line)) onProgress(line);
    },
  });
}

async function refreshLists(onProgress: (text: string) => void): Promise<void> {
  const lists = await readdir('/var/lib/apt/lists').catch(() => []);
  if (!lists.some((name) => name.includes('_Packages'))) await updateLists(onProgress);
}

async function updateLists(onProgress: (text: string) => void): Promise<void> {
  onProgress('apt-get update');
  await runCommand('apt-get', ['update', '--quiet'], { timeoutMs: 5 * 60_000 });
}
