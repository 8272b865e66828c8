import { fileURLToPath } from 'node:url';
import { labDown } from '../../src/lab/down.ts';
import { labUp } from '../../src/lab/up.ts';
import type { GuideExample, ShellWay } from './guide-example.ts';
import { examplesOnHosts } from './guide-on-hosts.ts';
import { examplesOnSwarm } from './guide-on-swarm.ts';
import { type Contender, table, time } from './measure.ts';

const LAB = 'bench';
const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Per model, whole processes in turn (A B C A B C …): the guide's commands in a shell up to the first page, `up`; then the ways in which a
 * shell takes them down, and `down`. What both make is the same. `only` names the models, all where it is empty.
 */
export async function benchModels(runs: number, only: readonly string[]): Promise<void> {
  const say = (text: string) => process.stderr.write(`  ${text}\n`);
  const lab = await labUp({ name: LAB, engines: 2, onProgress: say, signal: new AbortController().signal });
  try {
    const [A, B] = lab.hosts;
    if (A === undefined || B === undefined) throw new Error('the lab has no two hosts');
    const nth = (n: number) => lab.subnet.replace(/\.\d+\/\d+$/, `.${n}`);
    const wire = {
      A: A.endpoint,
      B: B.endpoint,
      addressA: A.address,
      addressB: B.address,
      subnet: lab.subnet,
      gateway: nth(1),
      nth,
    };
    for (const example of [...examplesOnHosts(wire), ...examplesOnSwarm(wire)]) {
      if (only.length === 0 || only.includes(example.scenario)) await benchExample(example, runs, say);
    }
  } finally {
    await labDown(LAB, say);
  }
}

async function benchExample(example: GuideExample, runs: number, say: (text: string) => void): Promise<void> {
  const { name, scenario, flags = [] } = example;
  const shell = ({ how, script }: ShellWay): Contender => ({ name: how, command: 'sh', args: ['-ec', script] });
  const ours = (verb: 'up' | 'down', ...more: readonly string[]): Contender => ({
    name: `pets-console ${verb} ${scenario}`,
    command: process.execPath,
    args: [`${root}bin/pets-console.cjs`, verb, scenario, ...more, '--hosts', `/run/pets-console/${LAB}/hosts.json`],
  });
  // A cycle each: up by the shell and down by each of its ways; up and down by us.
  const cycles = [
    ...example.cycles.map(({ up, down }) => ({ up: shell(up), down: shell(down) })),
    { up: ours('up', ...flags), down: ours('down') },
  ];
  const ups = new Map<string, number[]>();
  const downs = new Map<string, number[]>();
  await time(shell({ how: `what ${name} stands in`, script: example.before ?? ':' }));
  for (let round = 0; round <= runs; round += 1) {
    for (const { up, down } of cycles) {
      const [upMs, downMs] = [await time(up), await time(down)];
      if (round === 0) continue; // the first round warms caches
      note(ups, up.name, upMs);
      note(downs, down.name, downMs);
    }
    say(`${name}: round ${round} of ${runs}`);
  }
  await time(shell({ how: `the end of what ${name} stands in`, script: example.after ?? ':' }));
  for (const [verb, times] of [['up', ups] as const, ['down', downs] as const]) {
    const rows = [...times].map(([contender, values]) => ({ name: contender, times: values }));
    process.stdout.write(`${table(`${name}, ${verb}`, rows)}\n`);
  }
}

function note(times: Map<string, number[]>, name: string, ms: number): void {
  times.set(name, [...(times.get(name) ?? []), ms]);
}
