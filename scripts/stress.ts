import { parseArgs } from 'node:util';
import { parseSuite } from '../src/lab/suites.ts';
import { complaintsOf, usualErrors } from './stress/complaints.ts';
import { takeInventory } from './stress/inventory.ts';
import { inviteStrangers, inviteSwarm, type NamesInUse, seeStrangersOff } from './stress/strangers.ts';
import { SUBJECTS, type Subject } from './stress/subjects.ts';
import { type Trials, trialsOf } from './stress/trials.ts';
import { raiseTwoHosts } from './stress/two-hosts.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    cycles: { type: 'string', default: '20' },
    kills: { type: 'string', default: '30' },
    /** In a swarm that somebody else made. */
    guests: { type: 'string', default: '3' },
    /** Kills in `up` or in `down` alone. */
    during: { type: 'string' },
    /** Engines of another suite of Debian's: bookworm, trixie or sid. */
    suite: { type: 'string' },
  },
});
const unknown = positionals.find((name) => !SUBJECTS.some(({ scenario }) => scenario === name));
if (unknown !== undefined) {
  process.stderr.write(`'${unknown}' is not stressed; scenarios: ${SUBJECTS.map(({ scenario }) => scenario).join(', ')}\n`);
  process.exit(2);
}
if (values.during !== undefined && values.during !== 'up' && values.during !== 'down') {
  process.stderr.write(`--during '${values.during}' is not known: up, down\n`);
  process.exit(2);
}
const chosen = SUBJECTS.filter(({ scenario }) => positionals.length === 0 || positionals.includes(scenario));
const say = (text: string) => process.stderr.write(`${text}\n`);
interface Result {
  readonly name: string;
  readonly passed: number;
  readonly failed: readonly string[];
}
const results: Result[] = [];

const hosts = await raiseTwoHosts(values.suite === undefined ? undefined : parseSuite(values.suite), say);
const [firstHost = ''] = hosts.names;
const version = await hosts.docker(firstHost, 'version', '--format', '{{.Server.Version}}');
try {
  for (const subject of chosen) {
    await stress(subject);
    if (subject.onSwarm && Number(values.guests) > 0) await stressAsGuest(subject);
  }
} finally {
  await hosts.down();
}
process.stdout.write(`two engines ${version}\n`);
const width = Math.max(...results.map(({ name }) => name.length));
for (const { name, passed, failed } of results) {
  const renewals = failed.length === 0 ? '' : `  engines made anew ${failed.length} times`;
  process.stdout.write(
    `${name.padEnd(width)}  ${String(passed).padStart(3)} passed  ${String(failed.length).padStart(3)} failed${renewals}\n`,
  );
  for (const fault of failed) process.stdout.write(`    ${fault}\n`);
}
const failures = results.reduce((sum, { failed }) => sum + failed.length, 0);
process.stdout.write(`${results.reduce((sum, { passed }) => sum + passed, 0)} passed, ${failures} failed\n`);
process.exitCode = failures === 0 ? 0 : 1;

async function stress(subject: Subject): Promise<void> {
  const { scenario } = subject;
  const stage = await openStage(subject, inviteStrangers);
  await record(`${scenario}: down then up at once`, Number(values.cycles), stage, (trials) => trials.cycle());
  const kills = Math.ceil((Number(values.kills) * subject.shareOfKills) / (values.during === undefined ? 2 : 1));
  if (kills > 0) {
    const [upMs, downMs] = stage.times;
    const killsIn = (verb: string) => (values.during === undefined || values.during === verb ? kills : 0);
    const momentInUp = (index: number) => momentOf(index, kills, upMs);
    const momentInDown = (index: number) => momentOf(index, kills, downMs);
    await record(`${scenario}: killed during up`, killsIn('up'), stage, (trials, index) => trials.killUp(momentInUp(index), index));
    await record(`${scenario}: killed during down`, killsIn('down'), stage, (trials, index) => trials.killDown(momentInDown(index), index));
  }
  await seeStrangersOff(hosts);
}

async function stressAsGuest(subject: Subject): Promise<void> {
  const stage = await openStage(subject, inviteSwarm);
  await record(`${subject.scenario}: in a swarm of somebody else`, Number(values.guests), stage, (trials) => trials.cycle());
  await seeStrangersOff(hosts);
}

/** Every trial compares with what was there before the first, strangers included: nothing more, and nothing less. */
interface Stage {
  trials(): Trials;
  /** How long `up` and `down` take, undisturbed. */
  readonly times: readonly [upMs: number, downMs: number];
  /** What engines log as errors in such a run, too. */
  readonly usual: ReadonlySet<string>;
  /** On new engines, where a trial left something that would fail the next one, too: a fault counts once. */
  renew(): Promise<void>;
}

async function openStage(subject: Subject, invite: (names: NamesInUse, to: typeof hosts) => Promise<void>): Promise<Stage> {
  const open = async (): Promise<Trials> => {
    await invite(await namesOf(subject), hosts);
    return trialsOf(subject, hosts, await takeInventory(hosts));
  };
  let trials = await open();
  const times = await trials.times();
  return {
    times,
    usual: usualErrors(hosts),
    trials: () => trials,
    renew: async () => {
      await hosts.renew();
      trials = await open();
    },
  };
}

/** Runs one trial so many times. */
async function record(
  name: string,
  times: number,
  stage: Stage,
  trial: (trials: Trials, index: number) => Promise<readonly string[]>,
): Promise<void> {
  if (times === 0) return;
  const failed: string[] = [];
  for (let index = 0; index < times; index += 1) {
    const faults = await trial(stage.trials(), index).catch((error: unknown) => [String(error)]);
    if (faults.length === 0) continue;
    failed.push([`${index + 1}: ${faults.join('; ')}`, ...complaintsOf(hosts, stage.usual)].join('\n      '));
    say(`${name}: ${failed.at(-1)}`);
    await stage.renew();
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
