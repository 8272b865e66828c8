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
import { betweenNetworks, SEEN_AND_DERIVED, swarmPathOf } from './models/swarm-path.ts';

const LAB = 'models';
const HOSTS_FILE = `/run/pets-console/${LAB}/hosts.json`;
const OUT = fileURLToPath(new URL('../docs/models.md', import.meta.url));
const LAUNCHER = fileURLToPath(new URL('../bin/pets-console.cjs', import.meta.url));
/** In the guide's order: those that run on any kernel, some in a variant only, and those that are described from their files alone. */
const MODELS: readonly { readonly name: string; readonly way: 'run' | 'described' | { readonly variant: string } }[] = [
  { name: 'bridge', way: 'run' },
  { name: 'bridge-bind', way: 'run' },
  { name: 'multi-host-bridge', way: 'run' },
  { name: 'overlay', way: { variant: 'dnsrr' } },
  { name: 'overlay-tenants', way: { variant: 'dnsrr' } },
  { name: 'overlay-encrypted', way: 'described' },
  { name: 'macvlan', way: 'run' },
  { name: 'macvlan-vlan', way: 'described' },
];

const say = (text: string) => process.stderr.write(`${text}\n`);
const lab = await labUp({ name: LAB, engines: 2, onProgress: say, signal: new AbortController().signal });
const state = mkdtempSync(join(tmpdir(), 'pets-models-'));
try {
  const sections: string[] = [];
  for (const model of MODELS) sections.push(await describe(model));
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

async function describe({ name, way }: (typeof MODELS)[number]): Promise<string> {
  const hosts: readonly BoundHost[] = lab.hosts.map((host) => ({ ...host, parent: 'eth0' }));
  const underlay = { subnet: lab.subnet, gateway: lab.router };
  const chosen: { readonly variant?: string } = typeof way === 'string' ? {} : way;
  const scenario = await openScenario(name, process.env, { set: {}, underlay, ...chosen });
  const bound = bind(scenario, hosts, {});
  const seen = way === 'described' ? undefined : await run(name, chosen.variant);
  return [
    `## ${name}: ${scenario.title}`,
    scenario.summary,
    ...asRun(scenario),
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

/** That it was a variant comes before anything that it showed. */
function asRun({ variant = '', variants }: Scenario): readonly string[] {
  const chosen = variants[variant];
  if (chosen === undefined) return [];
  return [
    `**What ran here is its variant \`${variant}\`**, not the model above: a lab has the kernel of its machine, which may lack \`ip_vs\`. ${chosen.summary} The model itself runs on a stock kernel by \`npm run test:mesh\`.`,
  ];
}

/** Up, verify and down with the built console; the state that their journals replay to, while it was up. */
async function run(name: string, variant?: string): Promise<ConsoleState> {
  const env = { ...process.env, XDG_STATE_HOME: join(state, name), NO_COLOR: '1' };
  const verb = (word: string, ...flags: readonly string[]) =>
    promisify(execFile)(process.execPath, [LAUNCHER, word, name, ...flags, '--hosts', HOSTS_FILE], { env });
  await verb('up', ...(variant === undefined ? [] : ['--variant', variant]));
  try {
    // A busy machine makes a check uncertain now and then. The last run is what is told.
    await verb('verify').catch(() => verb('verify'));
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
  const ways = Object.keys(bound.tenants).map((tenant) => {
    const hops = bound.needsSwarm ? swarmPathOf(tenant, bound, seen) : dataPathOf(tenant, bound, hosts, seen);
    if (hops.length === 0) throw new Error(`${bound.name}: the journal does not show where tenant ${tenant} runs`);
    return `**The way of one request, tenant ${tenant}**\n\n${hops.map((hop, index) => `${index + 1}. ${hop}`).join('\n')}`;
  });
  return bound.needsSwarm ? [...ways, ...betweenNetworks(bound, seen), SEEN_AND_DERIVED] : ways;
}

function check({ check: what, outcome, text }: CheckState): string {
  return `- ${outcome === 'passed' ? '✓' : outcome === 'failed' ? '!' : '?'} ${what}: ${text}`;
}

function list(title: string, items: readonly string[]): string {
  return items.length === 0 ? '' : `**${title}**\n\n${items.map((item) => `- ${item}`).join('\n')}`;
}
