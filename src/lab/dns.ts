import { Resolver } from 'node:dns/promises';
import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { PetsError } from '../domain/errors.ts';
import { nodePaths, processMark } from './names.ts';
import { findMarked, startDetached } from './processes.ts';
import type { LabState } from './state.ts';
import { ROUTER } from './wire.ts';

/**
 * Starts the infrastructure's DNS on the router: it knows the hosts by name and nothing else.
 * No upstream, no file of the machine, and "no such name" at once for everything else: a query must not wait for an Internet that is not there.
 */
export async function startDns(state: LabState, router: string): Promise<void> {
  const paths = nodePaths(state.name, ROUTER);
  const hostsFile = `${paths.dir}/hosts`;
  await writeFile(hostsFile, dnsHosts(state, router), { mode: 0o644 });
  const { exited } = startDetached({ lab: state.name, node: ROUTER, log: paths.log }, 'nsenter', [
    `--net=${paths.netns}`,
    ...['dnsmasq', '--keep-in-foreground', '--conf-file=/dev/null', '--pid-file', '--log-facility=-'],
    ...['--bind-interfaces', `--listen-address=${router}`],
    ...['--no-resolv', '--no-hosts', `--addn-hosts=${hostsFile}`, '--local=/#/'],
  ]);
  let ended = false;
  void exited.then(() => {
    ended = true;
  });
  await waitForDns(state, router, () => ended);
}

/** Whether DNS runs and knows exactly the hosts of the state. */
export async function isDnsWhole(state: LabState, router: string): Promise<boolean> {
  const running = await findMarked(processMark(state.name, ROUTER));
  const known = await readFile(`${nodePaths(state.name, ROUTER).dir}/hosts`, 'utf8').catch(() => '');
  return running.length > 0 && known === dnsHosts(state, router) && (await answers(state, router));
}

function dnsHosts(state: LabState, router: string): string {
  return [`${router} ${ROUTER}`, ...state.hosts.map(({ name, address }) => `${address} ${name}`), ''].join('\n');
}

async function waitForDns(state: LabState, router: string, hasEnded: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await answers(state, router))) {
    if (hasEnded() || Date.now() > deadline) {
      const { log } = nodePaths(state.name, ROUTER);
      const said = (await readFile(log, 'utf8').catch(() => '')).trim().split('\n').slice(-3).join('; ');
      throw new PetsError('LAB_FAILED', { message: `the lab's DNS on ${router} does not answer: ${said}`, hint: `see ${log}` });
    }
    await delay(20);
  }
}

async function answers(state: LabState, router: string): Promise<boolean> {
  const resolver = new Resolver({ timeout: 500, tries: 1 });
  resolver.setServers([router]);
  const last = state.hosts.at(-1);
  if (last === undefined) return true;
  const found = await resolver.resolve4(last.name).catch((): string[] => []);
  return found.includes(last.address);
}
