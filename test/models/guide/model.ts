import { execFile } from 'node:child_process';
import { expect } from 'vitest';
import { nodePaths } from '../../../src/lab/names.ts';
import type { Ended, EngineLab } from '../../support/engine-lab.ts';

export const NOTHING = { containers: [], networks: [] };

interface Event {
  readonly type: string;
  readonly [field: string]: unknown;
}

export function eventsOf({ stdout }: Ended): readonly Event[] {
  const lines = stdout.trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Event);
}

/** `host-A: run cat-web` of each step that a run took, readiness left out, sorted: hosts work at once. */
export function changesOf(ended: Ended): readonly string[] {
  const added = eventsOf(ended).filter(({ type }) => type === 'steps.added');
  const steps = added.flatMap(({ steps: each }) => each as readonly { readonly host: string; readonly title: string }[]);
  return steps
    .filter(({ title }) => !/^(wait for|look at)/.test(title))
    .map(({ host, title }) => `${host}: ${title}`)
    .sort();
}

/** A verb that must end with this status. */
export async function say(lab: EngineLab, status: number, ...args: readonly string[]): Promise<Ended> {
  const ended = await lab.console(...args);
  expect(ended.status, `${args.join(' ')}\n${ended.stdout}${ended.stderr}`).toBe(status);
  return ended;
}

/** What verify came to: every check of the scenario, and whether all of them passed. */
export async function verify(lab: EngineLab, ...args: readonly string[]): Promise<unknown> {
  const ended = await lab.console('verify', ...args, '--json');
  const checks = eventsOf(ended).find(({ type }) => type === 'run.finished')?.checks;
  expect(ended.status, ended.stdout).toBe(0);
  return checks;
}

/** What both hosts hold that Docker did not make on its own account. */
export async function holdings(lab: EngineLab): Promise<unknown> {
  return Object.fromEntries(await Promise.all(lab.hosts.map(async ({ name }) => [name, await lab.everything(name)] as const)));
}

/** Asks for a page and gives the hits that it says. */
export async function hitOn(url: string): Promise<number> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) });
  expect([answer.status, answer.headers.get('x-pets-counted')]).toEqual([200, 'true']);
  return Number(answer.headers.get('x-pets-hits'));
}

export async function hitsIn(lab: EngineLab, host: string, database: string, tenant: string): Promise<number> {
  return Number(await lab.dockerOn(host, 'exec', database, 'redis-cli', 'get', `pets:{${tenant}}:total`));
}

/** Addresses of those who are connected to a database, itself left out. */
export async function clientsOf(lab: EngineLab, host: string, database: string): Promise<readonly string[]> {
  const list = await lab.dockerOn(host, 'exec', database, 'redis-cli', 'client', 'list');
  const addresses = [...list.matchAll(/ addr=([^ ]+):\d+ /g)].flatMap(([, address]) => address ?? []);
  return [...new Set(addresses)].filter((address) => address !== '127.0.0.1');
}

export type Answer = 'answered' | 'ECONNREFUSED' | 'EHOSTUNREACH' | 'ENOTFOUND' | 'EAI_AGAIN' | 'silence';

/** Connects and says what came of it; `silence` after two seconds. */
const CONNECT = `const [, address, port] = process.argv;
const socket = require('node:net').connect({ host: address, port: Number(port) });
const end = (answer) => { process.stdout.write(answer); process.exit(); };
socket.setTimeout(2000, () => end('silence'));
socket.once('connect', () => end('answered'));
socket.once('error', ({ code }) => end(code));`;

/** What a host itself gets when it connects, asked with this machine's Node in its network namespace and by no part of the product. */
export function answerFromHost(lab: EngineLab, host: string, address: string, port: number): Promise<Answer> {
  const { netns } = nodePaths(lab.name, host);
  return new Promise((resolve, reject) => {
    execFile('nsenter', [`--net=${netns}`, process.execPath, '-e', CONNECT, address, String(port)], (error, stdout) => {
      if (error === null) resolve(stdout as Answer);
      else reject(error);
    });
  });
}

/** What a web container gets when it connects. */
export async function answerFromWeb(lab: EngineLab, host: string, container: string, address: string, port: number): Promise<Answer> {
  return (await lab.dockerOn(host, 'exec', container, '/usr/local/bin/node', '-e', CONNECT, address, String(port))) as Answer;
}
