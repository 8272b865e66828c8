import { failureOf } from '../src/domain/errors.ts';
import { labObstacles } from '../src/lab/obstacles.ts';
import { installPackages, type LabPackage, labPackages, measureInstall, missingPackages } from '../src/lab/packages.ts';

/** What the tests need besides a lab. */
const TEST_PACKAGES: readonly LabPackage[] = [
  { name: 'tmux', why: 'the console is driven in a real terminal', programs: ['tmux'] },
  { name: 'chromium', why: 'the Pets page is opened in a real browser', programs: ['chromium'] },
  { name: 'openssh-server', why: 'engines are reached over ssh, through a server of the tests', programs: ['sshd'] },
  { name: 'openssl', why: 'certificates of the tests are made with it', programs: ['openssl'] },
  { name: 'docker-registry', why: 'images are pulled from a real registry', programs: ['docker-registry'] },
];

const say = (text: string) => process.stderr.write(`${text}\n`);

/** On Debian, as root, installs what the tests need; elsewhere says what is missing, and the tests say what they skip. */
async function installTestTools(): Promise<void> {
  const missing = await missingPackages([...labPackages(), ...TEST_PACKAGES]);
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => name).join(' ');
  const obstacle = (await labObstacles()).find(({ kind }) => kind !== 'packages' && kind !== 'kernel');
  if (obstacle !== undefined) {
    say(`the tests miss ${names}, which only root on Debian gets by itself: ${obstacle.message}`);
    return;
  }
  const size = await measureInstall(missing, say);
  say(`the tests need packages: ${size.downloadText} to fetch, ${size.diskText} on disk; no service is enabled or started`);
  for (const { name, why } of missing) say(`  ${name}: ${why}`);
  await installPackages(missing, say);
}

try {
  await installTestTools();
} catch (error) {
  const { message, hint } = failureOf(error);
  say(`the tools of the tests could not be installed: ${message}${hint === undefined ? '' : `\n  ${hint}`}`);
  process.exitCode = 4;
}
