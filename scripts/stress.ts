import { parseArgs } from 'node:util';
import { takeInventory } from './stress/inventory.ts';
import { inviteStrangers, inviteSwarm, type NamesInUse, seeStrangersOff } from './stress/strangers.ts';
import { SUBJECTS, type Subject } from './stress/subjects.ts';
import { trialsOf } from './stress/trials.ts';
import { raiseTwoHosts } from './stress/two-hosts.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    cycles: { type: 'string', default: '20' },
    kills: { type: 'string', default: '30' },
    /** In a swarm that somebody else made. */
    guests: { type: 'string', default: '3' },
  },
});
const unknown = positionals.find((name) => !SUBJECTS.some(({ scenario }) => scenario === name));
if (unknown !== undefined) {
  process.stderr.write(`'${unknown}' is not stressed; scenarios: ${SUBJECTS.map(({ scenario }) => scenario).join(', ')}\n`);
  process.exit(2);
}
const chosen = SUBJECTS.filter(({ scenario }) => positionals.length === 0 || positionals.includes(scenario));
const say = (text: string) => process.stderr.write(`${text}\n`);
const results: { readonly name: string; readonly passed: number; readonly failed: readonly string[] }[] = [];

const hosts = await raiseTwoHosts(say);
try {
  for (const subject of chosen) {
    await stress(subject);
    if (subject.onSwarm) await stressAsGuest(subject);
  }
} finally {
  await hosts.down();
}
const width = Math.max(...results.map(({ name }) => name.length));
for (const { name, passed, failed } of results) {
  process.stdout.write(`${name.padEnd(width)}  ${String(passed).padStart(3)} passed  ${String(failed.length).padStart(3)} failed\n`);
  for (const fault of failed) process.stdout.write(`    ${fault}\n`);
}
const failures = results.reduce((sum, { failed }) => sum + failed.length, 0);
process.stdout.write(`${results.reduce((sum, { passed }) => sum + passed, 0)} passed, ${failures} failed\n`);
process.exitCode = failures === 0 ? 0 : 1;

/** Every trial compares with what was there before the first, strangers included: nothing more, and nothing less. */
async function stress(subject: Subject): Promise<void> {
  const { scenario } = subject;
  await inviteStrangers(await namesOf(subject), hosts);
  const trials = trialsOf(subject, hosts, await takeInventory(hosts));
  await record(`${scenario}: down then up at once`, Number(values.cycles), trials.cycle);
  const kills = Math.ceil((Number(values.kills) * subject.shareOfKills) / 2);
  const [upMs, downMs] = await trials.times();
  await record(`${scenario}: killed during up`, kills, (index) => trials.killUp(momentOf(index, kills, upMs), index));
  await record(`${scenario}: killed during down`, kills, (index) => trials.killDown(momentOf(index, kills, downMs), index));
  await seeStrangersOff(hosts);
}

async function stressAsGuest(subject: Subject): Promise<void> {
  await inviteSwarm(await namesOf(subject), hosts);
  const trials = trialsOf(subject, hosts, await takeInventory(hosts));
  await record(`${subject.scenario}: in a swarm of somebody else`, Number(values.guests), trials.cycle);
  await seeStrangersOff(hosts);
}

/** Runs one trial so many times. */
async function record(name: string, times: number, trial: (index: number) => Promise<readonly string[]>): Promise<void> {
  const failed: string[] = [];
  for (let index = 0; index < times; index += 1) {
    const faults = await trial(index).catch((error: unknown) => [String(error)]);
    if (faults.length === 0) continue;
    failed.push(`${index + 1}: ${faults.join('; ')}`);
    say(`${name}: ${failed.at(-1)}`);
  }
  results.push({ name, passed: times - failed.length, failed });
  say(`${name}: ${times - failed.length} of ${times}`);
}

/** Later kills come later in the run; a few come when it is over, which must do no harm either. */
function momentOf(index: number, count: number, durationMs: number): number {
  return ((index + 0.5) / count) * durationMs * 1.1;
}

/** The names that the scenario uses, from its own plan. */
async function namesOf({ scenario, flags }: Subject): Promise<NamesInUse> {
  const { said } = await hosts.console('plan', scenario, ...flags, '--json');
  const line = said.split('\n').find((each) => each.startsWith('{'));
  const { plan } = JSON.parse(line ?? '{}') as {
    readonly plan: { readonly steps: readonly { readonly host: string; readonly resource: string }[] };
  };
  const namesOn = (host: string, kind: string) => {
    const own = plan.steps.filter((step) => step.host === host && step.resource.startsWith(`${kind}/`));
    return [...new Set(own.map(({ resource }) => resource.slice(kind.length + 1)))];
  };
  const byHost = (kind: string) => new Map([...hosts.names, 'swarm'].map((host) => [host, namesOn(host, kind)]));
  return { containers: byHost('container'), networks: byHost('network'), services: namesOn('swarm', 'service') };
}
