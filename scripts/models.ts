import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { bind, openScenario } from '../src/cli/scenario-files.ts';
import type { ConsoleEvent } from '../src/domain/events.ts';
import { reduce } from '../src/domain/reduce.ts';
import type { BoundHost, Scenario } from '../src/domain/scenario.ts';
import { type CheckState, type ConsoleState, EMPTY_STATE } from '../src/domain/state.ts';
import { decodeEvent } from '../src/journal/encoding.ts';
import { labDown } from '../src/lab/down.ts';
import { labUp } from '../src/lab/up.ts';
import { dataPathOf } from './models/data-path.ts';

const LAB = 'models';
const HOSTS_FILE = `/run/pets-console/${LAB}/hosts.json`;
const OUT = fileURLToPath(new URL('../docs/models.md', import.meta.url));
const LAUNCHER = fileURLToPath(new URL('../bin/pets-console.cjs', import.meta.url));
/** Those that run on any kernel, and those that are described from their files only. */
const RUN = ['bridge', 'bridge-bind', 'multi-host-bridge', 'macvlan'] as const;
const DESCRIBED = ['macvlan-vlan'] as const;

const say = (text: string) => process.stderr.write(`${text}\n`);
const lab = await labUp({ name: LAB, engines: 2, onProgress: say, signal: new AbortController().signal });
const state = mkdtempSync(join(tmpdir(), 'pets-models-'));
try {
  const sections: string[] = [];
  for (const name of [...RUN, ...DESCRIBED]) sections.push(await describe(name));
  writeFileSync(OUT, `${[head(), ...sections].join('\n\n')}\n`);
  say(`wrote docs/models.md`);
} finally {
  await labDown(LAB, say);
  rmSync(state, { recursive: true, force: true });
}

function head(): string {
  const engines = lab.hosts.map(({ name, address }) => `${name} \`${address}\``).join(', ');
  return [
    '# The models, as they ran',
    '',
    `Made by \`npm run models\` from the scenario files and the journals of one run each, on two real engines (${engines}) on one wire, \`${lab.subnet}\`. Not written by hand: run it again after a change.`,
    '',
    'Each tells what to do with it in the same order: what it is, the way of one request with the addresses that the engines gave out, what was checked, what it is good for, where it ends, and what goes wrong most.',
  ].join('\n');
}

async function describe(name: string): Promise<string> {
  const hosts: readonly BoundHost[] = lab.hosts.map((host) => ({ ...host, parent: 'eth0' }));
  const underlay = { subnet: lab.subnet, gateway: lab.router };
  const scenario = await openScenario(name, process.env, { set: {}, underlay });
  const bound = bind(scenario, hosts, {});
  const ran = (RUN as readonly string[]).includes(name);
  const seen = ran ? await run(name) : undefined;
  return [
    `## ${name}: ${scenario.title}`,
    scenario.summary,
    ...(seen === undefined
      ? ['It was not run here: it needs what the kernel of a lab may lack.']
      : path(bound.scenario, bound.hosts, seen)),
    ...(seen?.run === undefined ? [] : [`**Checked**\n\n${seen.run.checks.map(check).sort().join('\n')}`]),
    list('Good for', scenario.benefits),
    list('Where it ends', scenario.limits),
    list('What goes wrong most', scenario.pitfalls),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** Up, verify and down with the built console; the state that their journals replay to, while it was up. */
async function run(name: string): Promise<ConsoleState> {
  const env = { ...process.env, XDG_STATE_HOME: join(state, name), NO_COLOR: '1' };
  const verb = (word: string) => promisify(execFile)(process.execPath, [LAUNCHER, word, name, '--hosts', HOSTS_FILE], { env });
  await verb('up');
  try {
    await verb('verify');
    return readJournals(join(state, name, 'pets-console'));
  } finally {
    await verb('down');
  }
}

function readJournals(folder: string): ConsoleState {
  const events = readdirSync(folder)
    .sort()
    .flatMap((file): ConsoleEvent[] => {
      const lines = readFileSync(join(folder, file), 'utf8').trim().split('\n');
      return lines.map((line, index) => decodeEvent(line, `${file}:${index + 1}`));
    });
  return events.reduce(reduce, EMPTY_STATE);
}

function path(bound: Scenario, hosts: readonly BoundHost[], seen: ConsoleState): readonly string[] {
  return Object.keys(bound.tenants).map((tenant) => {
    const hops = dataPathOf(tenant, bound, hosts, seen);
    if (hops.length === 0) throw new Error(`${bound.name}: the journal does not show where tenant ${tenant} runs`);
    return `**The way of one request, tenant ${tenant}**\n\n${hops.map((hop, index) => `${index + 1}. ${hop}`).join('\n')}`;
  });
}

function check({ check: what, outcome, text }: CheckState): string {
  return `- ${outcome === 'passed' ? '✓' : outcome === 'failed' ? '!' : '?'} ${what}: ${text}`;
}

function list(title: string, items: readonly string[]): string {
  return items.length === 0 ? '' : `**${title}**\n\n${items.map((item) => `- ${item}`).join('\n')}`;
}
