/** What a key can ask for. */
export type Command =
  | 'previous'
  | 'next'
  | 'page-up'
  | 'page-down'
  | 'first'
  | 'last'
  | 'open'
  | 'back'
  | 'next-panel'
  | 'previous-panel'
  | 'view-1'
  | 'view-2'
  | 'view-3'
  | 'view-4'
  | 'view-5'
  | 'view-8'
  | 'view-0'
  | 'hit'
  | 'burst'
  | 'verify'
  | 'cancel'
  | 'take-down'
  | 'other-variant'
  | 'help'
  | 'quit';

export interface Binding {
  readonly command: Command;
  /** Names as `keyName` gives them. */
  readonly keys: readonly string[];
  /** How help and footer write the keys. */
  readonly label: string;
  /** One or two words for the footer; without them the key works but is only in the help. */
  readonly short?: string;
  readonly help: string;
}

/** How many hits one press of the burst key sends. */
export const BURST = 100;

/** The one table: input, help and footer are made from it, in this order. */
export const BINDINGS: readonly Binding[] = [
  { command: 'previous', keys: ['up', 'k'], label: '↑ k', help: 'one up' },
  { command: 'next', keys: ['down', 'j'], label: '↓ j', help: 'one down' },
  { command: 'page-up', keys: ['pageup', 'ctrl-b'], label: 'page up', help: 'ten up' },
  { command: 'page-down', keys: ['pagedown', 'ctrl-f'], label: 'page down', help: 'ten down' },
  { command: 'first', keys: ['g', 'home'], label: 'g', help: 'to the top' },
  { command: 'last', keys: ['G', 'end'], label: 'G', help: 'to the end' },
  {
    command: 'open',
    keys: ['enter'],
    label: 'enter',
    short: 'open',
    help: 'show the plan, then run it',
  },
  { command: 'other-variant', keys: ['o'], label: 'o', short: 'other variant', help: 'plan another variant' },
  { command: 'back', keys: ['esc'], label: 'esc', short: 'back', help: 'back, close' },
  { command: 'next-panel', keys: ['tab'], label: 'tab', short: 'panel', help: 'next panel' },
  { command: 'previous-panel', keys: ['shift-tab'], label: 'shift-tab', help: 'previous panel' },
  { command: 'view-1', keys: ['1'], label: '1', help: 'scenarios' },
  { command: 'view-2', keys: ['2'], label: '2', help: 'the run, and what it makes' },
  { command: 'view-3', keys: ['3'], label: '3', help: 'networks, as inspected' },
  { command: 'view-4', keys: ['4'], label: '4', help: 'addresses: who holds which' },
  { command: 'view-5', keys: ['5'], label: '5', help: 'tenants and their hits' },
  { command: 'view-8', keys: ['8'], label: '8', help: 'the swarm: services, tasks, nodes' },
  { command: 'view-0', keys: ['0'], label: '0', help: 'hosts, and why one is down' },
  { command: 'hit', keys: ['h'], label: 'h', short: 'hit', help: 'send one hit, from this machine' },
  { command: 'burst', keys: ['b'], label: 'b', short: `${BURST} hits`, help: `send ${BURST} hits` },
  { command: 'verify', keys: ['v'], label: 'v', short: 'verify', help: 'check what the scenario expects' },
  {
    command: 'cancel',
    keys: ['x', 'ctrl-x'],
    label: 'x',
    short: 'stop',
    help: 'stop the run; what is made stays',
  },
  {
    command: 'take-down',
    keys: ['D', 'ctrl-d'],
    label: 'D',
    short: 'take down',
    help: 'take the project down; asks first',
  },
  { command: 'help', keys: ['?'], label: '?', short: 'help', help: 'these keys' },
  { command: 'quit', keys: ['q', 'ctrl-c'], label: 'q', short: 'quit', help: 'leave; asks first during a run' },
];

const COMMAND_OF_KEY: ReadonlyMap<string, Command> = new Map(
  BINDINGS.flatMap((binding) => binding.keys.map((key): [string, Command] => [key, binding.command])),
);

export function commandFor(key: string): Command | undefined {
  return COMMAND_OF_KEY.get(key);
}

/** The parts of Ink's key that tell our keys apart. */
export interface KeyPress {
  readonly upArrow: boolean;
  readonly downArrow: boolean;
  readonly pageUp: boolean;
  readonly pageDown: boolean;
  readonly home: boolean;
  readonly end: boolean;
  readonly return: boolean;
  readonly escape: boolean;
  readonly tab: boolean;
  readonly shift: boolean;
  readonly ctrl: boolean;
}

const NAMED_KEYS = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['pageUp', 'pageup'],
  ['pageDown', 'pagedown'],
  ['home', 'home'],
  ['end', 'end'],
  ['return', 'enter'],
  ['escape', 'esc'],
] as const;

/** The names of the keys in one piece of input: fast typing arrives as several characters at once. */
export function keyNames(input: string, key: KeyPress): readonly string[] {
  const named = NAMED_KEYS.find(([property]) => key[property]);
  if (named !== undefined) return [named[1]];
  if (key.tab) return [key.shift ? 'shift-tab' : 'tab'];
  if (key.ctrl) return [`ctrl-${input}`];
  return [...input].map((character) => (character === '\r' ? 'enter' : character === '\t' ? 'tab' : character));
}
