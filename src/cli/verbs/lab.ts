import { EXIT, PetsError } from '../../domain/errors.ts';
import { labDown } from '../../lab/down.ts';
import { type LabHostStatus, type LabStatus, labStatus, listLabs } from '../../lab/status.ts';
import { purgeSuites, type SuitePurge } from '../../lab/suite-roots.ts';
import { parseSuite, type SuiteWish } from '../../lab/suites.ts';
import { prepareLab } from '../prepare-lab.ts';
import type { Flags, VerbAction, VerbContext } from '../verb.ts';

/** Flags that one action alone understands: with another one they would be passed over without a word. */
const FLAGS_OF_ACTION = { up: ['engines', 'subnet', 'suite', 'mixed'], status: [], down: ['purge'] } as const;
const ACTIONS = Object.keys(FLAGS_OF_ACTION);
export const DEFAULT_LAB = 'lab';
/** As many as the guide's examples need. */
export const DEFAULT_ENGINES = 2;

/** `lab up|status|down`: real engines on this machine. */
export const lab: VerbAction = async ([action = ''], flags, context) => {
  const name = flags.name ?? DEFAULT_LAB;
  refuseFlagsOfOthers(action, flags);
  switch (action) {
    case 'up':
      return raise(name, flags, context);
    case 'down':
      return takeDown(name, flags, context);
    case 'status':
      return tell(
        flags.name === undefined ? await listLabs() : [await labStatus(flags.name)].filter((lab) => lab !== undefined),
        flags,
        context,
      );
    default:
      throw new PetsError('BAD_USAGE', {
        message: `lab ${action} is not known; actions: ${ACTIONS.join(', ')}`,
        hint: 'pets-console lab up',
      });
  }
};

function refuseFlagsOfOthers(action: string, flags: Flags): void {
  if (!ACTIONS.includes(action)) return;
  for (const [other, names] of Object.entries(FLAGS_OF_ACTION)) {
    const strange = names.find((name) => flags[name] !== undefined);
    if (strange === undefined || other === action) continue;
    throw new PetsError('BAD_USAGE', { message: `lab ${action} has no --${strange}`, hint: `that is for: pets-console lab ${other}` });
  }
}

async function raise(name: string, flags: Flags, context: VerbContext): Promise<number> {
  const engines = Number(flags.engines ?? DEFAULT_ENGINES);
  if (!Number.isInteger(engines)) {
    throw new PetsError('BAD_USAGE', { message: `--engines ${flags.engines}: a number from 1 to 26 is needed`, hint: '--engines 2' });
  }
  const install = flags.yes === true ? 'agreed' : context.stdin.isTTY ? 'ask' : 'refuse';
  return tell([await prepareLab({ name, engines, subnet: flags.subnet, install, ...wishedEngines(flags) }, context)], flags, context);
}

async function takeDown(name: string, flags: Flags, context: VerbContext): Promise<number> {
  const { removed } = await labDown(name, (text) => context.stderr.write(`  ${text}\n`));
  const purge = flags.purge === true ? await purgeSuites() : undefined;
  if (flags.json === true) context.stdout.write(`${JSON.stringify({ v: 1, name, removed, ...purge })}\n`);
  else {
    context.stdout.write(removed.length === 0 ? `there is no lab ${name}\n` : `lab ${name} is down\n`);
    if (purge !== undefined) context.stdout.write(describePurge(purge));
  }
  return EXIT.ok;
}

function wishedEngines({ suite, mixed }: Flags): SuiteWish {
  return { ...(suite !== undefined && { suite: parseSuite(suite) }), ...(mixed !== undefined && { mixed }) };
}

function describePurge({ purged, kept }: SuitePurge): string {
  const lines = [
    ...purged.map((suite) => `the root of Debian ${suite} is removed`),
    ...kept.map(({ suite, because }) => `the root of Debian ${suite} is kept: ${because}`),
  ];
  return `${lines.length === 0 ? 'there was no root of a suite' : lines.join('\n')}\n`;
}

function tell(labs: readonly LabStatus[], flags: Flags, { stdout }: VerbContext): number {
  if (flags.json === true) stdout.write(`${JSON.stringify({ v: 1, labs })}\n`);
  else if (labs.length === 0) stdout.write('no lab on this machine; pets-console lab up makes one\n');
  else for (const one of labs) stdout.write(describeLab(one));
  return labs.some((one) => one.phase !== 'up') ? EXIT.engine : EXIT.ok;
}

function describeLab({ name, phase, subnet, router, dns, hosts, hostsFile }: LabStatus): string {
  const rows = hosts.map(
    (host) => `  ${host.answers ? '●' : '✕'} ${host.name.padEnd(8)} ${host.address.padEnd(15)}  ${describeEngine(host)}  ${host.endpoint}`,
  );
  const repair = phase === 'up' ? [] : ['  something of it does not answer; repair it: pets-console lab up'];
  const head = `lab ${name} is ${phase}: ${subnet}, router ${router}${dns ? ' (DNS)' : ' (DNS does not answer)'}`;
  return [head, ...rows, ...repair, `  its hosts are found by themselves; or name them: --hosts ${hostsFile}`, ''].join('\n');
}

function describeEngine({ engineVersion, suite }: LabHostStatus): string {
  const version = engineVersion === undefined ? 'does not answer' : `Docker ${engineVersion}`;
  return `${version}${suite === undefined ? '' : ` (${suite})`}`.padEnd(16);
}
