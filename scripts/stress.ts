import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { inviteStrangers, type NamesInUse, seeStrangersOff } from './stress/strangers.ts';
import { raiseTwoHosts, remainsOf, type TwoHosts } from './stress/two-hosts.ts';

/** Every scenario that this kernel can run (macvlan-vlan needs 8021q). The project of each is its name. */
const SCENARIOS = ['bridge', 'bridge-bind', 'multi-host-bridge', 'macvlan'] as const;

const { values } = parseArgs({ options: { cycles: { type: 'string', default: '20' }, kills: { type: 'string', default: '30' } } });
const say = (text: string) => process.stderr.write(`${text}\n`);
const results: { readonly name: string; readonly passed: number; readonly failed: readonly string[] }[] = [];

const hosts = await raiseTwoHosts(say);
try {
  for (const scenario of SCENARIOS) {
    const used = await namesOf(scenario, hosts);
    const strangers = await inviteStrangers(used, hosts);
    await record(`${scenario}: down then up at once`, Number(values.cycles), () => cycle(scenario, hosts));
    const killsHere = Math.ceil(Number(values.kills) / SCENARIOS.length);
    const [upMs, downMs] = await timesOf(scenario, hosts);
    await record(`${scenario}: killed during up`, killsHere, (index) => killUp(scenario, hosts, momentOf(index, killsHere, upMs), index));
    await record(`${scenario}: killed during down`, killsHere, (index) =>
      killDown(scenario, hosts, momentOf(index, killsHere, downMs), index),
    );
    await record(`${scenario}: strangers survive`, 1, strangers.missing);
    await seeStrangersOff(hosts);
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

/** Runs one trial so many times; each says what was wrong, nothing if nothing was. */
async function record(name: string, times: number, trial: (index: number) => Promise<readonly string[]>): Promise<void> {
  const failed: string[] = [];
  for (let index = 0; index < times; index += 1) {
    const faults = await trial(index).catch((error: unknown) => [String(error)]);
    if (faults.length > 0) failed.push(`${index + 1}: ${faults.join('; ')}`);
  }
  results.push({ name, passed: times - failed.length, failed });
  say(`${name}: ${times - failed.length} of ${times}`);
}

async function cycle(scenario: string, on: TwoHosts): Promise<readonly string[]> {
  const faults = await succeed(on, 'up', scenario);
  const remains = await takeDown(scenario, on);
  return [...faults, ...remains];
}

/** Later kills come later in the run; a few come when it is over, which must do no harm either. */
function momentOf(index: number, count: number, durationMs: number): number {
  return ((index + 0.5) / count) * durationMs * 1.1;
}

/** After the kill either `up` completes it and then changes nothing, or `down` leaves nothing, in turn. */
async function killUp(scenario: string, on: TwoHosts, afterMs: number, index: number): Promise<readonly string[]> {
  await killAfter(afterMs, on, 'up', scenario);
  if (index % 2 === 1) return takeDown(scenario, on);
  const faults = await succeed(on, 'up', scenario);
  const again = await on.console('up', scenario, '--json');
  const settled = /"type":"run.finished".*"changed":0/.test(again.said)
    ? []
    : [`a second up still changed something: ${again.said.slice(-600)}`];
  return [...faults, ...settled, ...(await takeDown(scenario, on))];
}

async function killDown(scenario: string, on: TwoHosts, afterMs: number, index: number): Promise<readonly string[]> {
  const faults = await succeed(on, 'up', scenario);
  await killAfter(afterMs, on, 'down', scenario);
  const healed = index % 2 === 0 ? await succeed(on, 'up', scenario) : [];
  return [...faults, ...healed, ...(await takeDown(scenario, on))];
}

async function killAfter(ms: number, on: TwoHosts, verb: string, scenario: string): Promise<void> {
  const child = on.start(verb, scenario);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  await Promise.race([ended, sleep(ms)]);
  child.kill('SIGKILL');
  await ended;
}

async function takeDown(scenario: string, on: TwoHosts): Promise<readonly string[]> {
  const faults = await succeed(on, 'down', scenario);
  const remains = await remainsOf(scenario, on);
  return [...faults, ...(remains.length === 0 ? [] : [`left behind: ${remains.join(', ')}`])];
}

async function succeed(on: TwoHosts, verb: string, scenario: string): Promise<readonly string[]> {
  const { status, said } = await on.console(verb, scenario);
  return status === 0 ? [] : [`${verb} ended with ${status}: ${said.slice(-600)}`];
}

async function timesOf(scenario: string, on: TwoHosts): Promise<readonly [number, number]> {
  const time = async (verb: string) => {
    const start = performance.now();
    await on.console(verb, scenario);
    return performance.now() - start;
  };
  return [await time('up'), await time('down')];
}

/** The names that the scenario uses, from its own plan. */
async function namesOf(scenario: string, on: TwoHosts): Promise<NamesInUse> {
  const { said } = await on.console('plan', scenario, '--json');
  const line = said.split('\n').find((each) => each.startsWith('{'));
  const { plan } = JSON.parse(line ?? '{}') as {
    readonly plan: { readonly steps: readonly { readonly host: string; readonly resource: string }[] };
  };
  const namesOfKind = (kind: string) =>
    new Map(
      on.names.map((host) => {
        const own = plan.steps.filter((step) => step.host === host && step.resource.startsWith(`${kind}/`));
        return [host, [...new Set(own.map(({ resource }) => resource.slice(kind.length + 1)))]];
      }),
    );
  return { containers: namesOfKind('container'), networks: namesOfKind('network') };
}
