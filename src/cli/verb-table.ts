import { PetsError } from '../domain/errors.ts';
import { didYouMean } from '../domain/suggest.ts';
import { cleanText } from '../domain/text.ts';
import type { VerbAction } from './verb.ts';

export interface FlagSpec {
  readonly flags: string;
  readonly summary: string;
  readonly repeatable?: boolean;
}

export interface VerbSpec {
  /** As typed: `plan SCENARIO` is `plan <SCENARIO>` to the parser. */
  readonly usage: string;
  readonly summary: string;
  readonly flags: readonly FlagSpec[];
  readonly examples: readonly string[];
  readonly hidden?: boolean;
  /** Loads what the verb needs, and nothing before it is asked for. */
  readonly load: () => Promise<VerbAction>;
}

const SOURCE_FLAGS: readonly FlagSpec[] = [
  {
    flags: '--host <[NAME=]ENDPOINT>',
    summary: 'use this engine: unix:///PATH, tcp://HOST:PORT, ssh://USER@HOST or context:NAME (repeatable)',
    repeatable: true,
  },
  { flags: '--context <NAME>', summary: 'use this docker context' },
  { flags: '--hosts <FILE>', summary: 'use the hosts of this file' },
  { flags: '--read-only', summary: 'change nothing on any host' },
];
const SCENARIO_FLAGS: readonly FlagSpec[] = [
  { flags: '--bind <ROLE=HOST>', summary: "bind a scenario's role to a host (repeatable)", repeatable: true },
  { flags: '--as <PROJECT>', summary: 'as another project: the same scenario a second time, under that name' },
  { flags: '--set <INPUT=VALUE>', summary: 'choose the value of an input that the scenario has (repeatable)', repeatable: true },
  { flags: '--variant <NAME>', summary: 'one of the other ways to deploy that the scenario has, such as dnsrr for kernels without ip_vs' },
  { flags: '--scale <SERVICE=N>', summary: 'give a service of the swarm this many tasks (repeatable)', repeatable: true },
];
const HOST_FLAGS = [...SOURCE_FLAGS, ...SCENARIO_FLAGS];
const JSON_FLAG: FlagSpec = { flags: '--json', summary: 'print machine-readable results on standard output' };
const NO_COLOR: FlagSpec = { flags: '--no-color', summary: 'use no colours (as does the variable NO_COLOR)' };
const TIMEOUT: FlagSpec = { flags: '--timeout <SECONDS>', summary: 'give up after this long' };
const ACTING_FLAGS = [...HOST_FLAGS, JSON_FLAG, TIMEOUT, NO_COLOR];

/** One table of verbs: the parser and the help are made from it. */
export const VERBS: readonly VerbSpec[] = [
  {
    usage: 'plan <SCENARIO>',
    summary: 'show what up would do, and what stands in the way',
    flags: ACTING_FLAGS,
    examples: ['pets-console plan bridge', 'pets-console plan overlay --variant dnsrr', 'pets-console plan bridge --json'],
    load: async () => (await import('./verbs/plan.ts')).plan,
  },
  {
    usage: 'doctor [SCENARIO]',
    summary: 'look at the hosts themselves, and name what stands in the way',
    flags: ACTING_FLAGS,
    examples: ['pets-console doctor', 'pets-console doctor macvlan', 'pets-console doctor bridge --json'],
    load: async () => (await import('./verbs/doctor.ts')).doctor,
  },
  {
    usage: 'up <SCENARIO>',
    summary: 'make it so: create what is missing, change what differs',
    flags: ACTING_FLAGS,
    examples: [
      'pets-console up bridge',
      'pets-console up overlay --scale dog-web=3',
      'pets-console up ./my.yaml --host tcp://192.168.0.11:2375',
    ],
    load: async () => (await import('./verbs/act.ts')).up,
  },
  {
    usage: 'verify <SCENARIO>',
    summary: 'check what the scenario expects: who reaches whom, and who does not',
    flags: ACTING_FLAGS,
    examples: ['pets-console verify bridge'],
    load: async () => (await import('./verbs/act.ts')).verify,
  },
  {
    usage: 'down <SCENARIO>',
    summary: "remove what carries the project's label, and nothing else",
    flags: ACTING_FLAGS,
    examples: ['pets-console down bridge'],
    load: async () => (await import('./verbs/act.ts')).down,
  },
  {
    usage: 'run <SCENARIO>',
    summary: 'up, verify and down, one after another',
    flags: ACTING_FLAGS,
    examples: ['pets-console run bridge --json'],
    load: async () => (await import('./verbs/act.ts')).run,
  },
  {
    usage: 'show <SUBJECT>',
    summary: 'show what is known of: hosts, swarm',
    flags: [...SOURCE_FLAGS, JSON_FLAG, { flags: '--watch', summary: 'go on showing it as it changes' }, TIMEOUT, NO_COLOR],
    examples: ['pets-console show hosts', 'pets-console show hosts --hosts hosts.yaml --watch', 'pets-console show swarm --json'],
    load: async () => (await import('./verbs/show.ts')).show,
  },
  {
    usage: 'lab <ACTION>',
    summary: 'real Docker engines on this machine, each in a network of its own: up, status or down',
    flags: [
      { flags: '--engines <N>', summary: 'how many engines (default 2, as many as the scenarios need)' },
      { flags: '--name <NAME>', summary: "the lab's name (default lab)" },
      { flags: '--subnet <CIDR>', summary: 'the network between the hosts (default 192.168.0.0/24)' },
      {
        flags: '--suite <SUITE>',
        summary: "whose engine: bookworm (20.10), trixie (26.1) or sid (28.5); default what the lab has, at first this machine's own",
      },
      { flags: '--mixed', summary: "host-A keeps this machine's own engine, the others have the suite's" },
      { flags: '--purge', summary: 'down: also remove the kept roots of suites that no lab uses' },
      { flags: '--yes', summary: 'install and fetch what is missing without asking' },
      JSON_FLAG,
    ],
    examples: [
      'pets-console lab up',
      'pets-console lab up --engines 4 --name demo',
      'pets-console lab up --suite sid --mixed',
      'pets-console lab down',
    ],
    load: async () => (await import('./verbs/lab.ts')).lab,
  },
  {
    usage: 'schema <KIND>',
    summary: 'print the JSON Schema of a kind of file: scenario, hosts',
    flags: [],
    examples: ['pets-console schema scenario', 'pets-console schema hosts'],
    load: async () => (await import('./verbs/schema.ts')).schema,
  },
  {
    usage: 'start [SCENARIO]',
    summary: 'what npm start runs: the console, on a lab where no engine is found',
    flags: [...HOST_FLAGS, NO_COLOR],
    examples: [],
    hidden: true,
    load: async () => (await import('./verbs/start.ts')).start,
  },
];

/** The bare binary: the console. */
export const CONSOLE: VerbSpec = {
  usage: '',
  summary: 'open the console (needs a terminal)',
  flags: [...HOST_FLAGS, NO_COLOR],
  examples: ['pets-console', 'pets-console --context colima'],
  load: async () => async (args, flags, context) => {
    const [word] = args;
    if (word !== undefined) throw unknownVerb(word);
    return (await import('./verbs/console.ts')).openConsole([], flags, context);
  },
};

function unknownVerb(word: string): PetsError {
  const verbs = VERBS.filter((verb) => verb.hidden !== true).map((verb) => verb.usage.split(' ')[0] ?? '');
  return new PetsError('BAD_USAGE', {
    message: `verb '${cleanText(word)}' is not known; verbs: ${verbs.join(', ')}.${didYouMean(word, verbs)}`,
    hint: 'pets-console --help',
  });
}
