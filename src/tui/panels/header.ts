import type { HostRow } from '../../domain/select.ts';
import { age, duration } from '../format.ts';
import { cell, cellRight, cutMiddle, type Line, type Span, span, spread, widthOf, widthOfLine } from '../line.ts';
import { VIEWS, type View } from '../navigation.ts';
import type { Scene } from '../scene.ts';
import { hostMark, hostTone, hostWords, WORST_FIRST } from './host-state.ts';

/** The key of each view beside its name: 6, 7 and 9 are kept for views to come. */
const VIEW_NAMES: Readonly<Record<View, readonly [key: string, name: string]>> = {
  scenarios: ['1', 'Scenarios'],
  run: ['2', 'Run'],
  networks: ['3', 'Networks'],
  ipam: ['4', 'IPAM'],
  tenants: ['5', 'Tenants'],
  swarm: ['8', 'Swarm'],
  hosts: ['0', 'Hosts'],
};

/** What the hosts leave to the name of the program and of the scenario. */
const LEFT = 24;

/** Who we are, what runs, which hosts answer, and whether this is live. */
export function headerLines(scene: Scene): readonly Line[] {
  const about = scene.run ?? scene.scenario;
  const running = scene.run === undefined ? scene.scenario?.name : scene.run.scenario;
  const left: Line = [
    span(' pets-console', 'strong'),
    span('   '),
    ...(running === undefined ? [] : [span(running), span(about?.project === running ? '' : ` · ${about?.project ?? ''}`, 'dim')]),
  ];
  const mode: Line = [span('   '), span(cellRight(scene.mode, 6).text, scene.mode === 'replay' ? 'warning' : 'dim'), span(' ')];
  const room = scene.columns - widthOfLine(mode) - LEFT;
  return [spread(left, [...hostSpans(scene, room), ...mode], scene.columns), tabs(scene)];
}

/** Where their names do not fit, the views that are not open keep their keys. */
function tabs(scene: Scene): Line {
  const tab = (view: View, isNamed: boolean): Span[] => {
    const here = scene.navigation.view === view;
    const [key, name] = VIEW_NAMES[view];
    return [span(` ${key}`, here ? 'here' : 'dim'), span(isNamed || here ? ` ${name} ` : ' ', here ? 'here' : 'plain')];
  };
  const named = VIEWS.flatMap((view) => tab(view, true));
  return widthOfLine(named) <= scene.columns ? named : VIEWS.flatMap((view) => tab(view, false));
}

/** How much is said of each host: by the room and the names alone, so that no state moves another host. */
interface Detail {
  /** Longest name. */
  readonly name: number;
  /** Columns for what is said beside the symbol. */
  readonly words: number;
  readonly says: (host: HostRow) => Span;
}

const LEAST: Detail = { name: 12, words: 0, says: () => span('') };
const DETAILS: readonly Detail[] = [{ name: 24, words: 13, says: fullWords }, { name: 16, words: 7, says: shortWords }, LEAST];
/** Where there is a swarm and room for it, what each host is in it. */
const WITH_ROLE: Detail = { name: 24, words: 22, says: wordsWithRole };
/** Room for `   +12  ✕ 1  ○ 2  ● 7`, and for every state there is where there is much. */
const OVERFLOW = { little: 22, much: 30, muchFrom: 60 } as const;

/** The hosts with as much about each as fits; where not all fit, those of the run first, and the rest as a number by state. */
function hostSpans({ hosts, runHosts }: Scene, room: number): Line {
  if (hosts.length === 0) return [span('no host yet', 'dim')];
  const details = hosts.some(({ swarm }) => swarm !== undefined) ? [WITH_ROLE, ...DETAILS] : DETAILS;
  for (const detail of details) {
    const drawn = hosts.flatMap((host) => hostSpan(host, detail));
    if (widthOfLine(drawn) <= room) return drawn;
  }
  const limit = room < OVERFLOW.muchFrom ? OVERFLOW.little : OVERFLOW.much;
  const isOther = ({ name }: HostRow) => (runHosts.has(name) ? 0 : 1);
  const ordered = hosts.toSorted((one, other) => isOther(one) - isOther(other));
  const shown: Line[] = [];
  let left = room - limit;
  for (const host of ordered) {
    const spans = hostSpan(host, LEAST);
    if (widthOfLine(spans) > left) break;
    shown.push(spans);
    left -= widthOfLine(spans);
  }
  return [...shown.flat(), ...overflow(ordered.slice(shown.length), shown.length > 0, limit)];
}

/** How many more there are, and in which states: the worst first, and as many states as fit. */
function overflow(rest: readonly HostRow[], isRest: boolean, limit: number): Line {
  const drawn: Span[] = [span(isRest ? `   +${rest.length}` : `   ${rest.length} hosts`, 'dim')];
  for (const freshness of WORST_FIRST) {
    const number = rest.filter((host) => host.freshness === freshness).length;
    const state = [span('  '), hostMark({ freshness }), span(` ${number}`, 'dim')];
    if (number > 0 && widthOfLine([...drawn, ...state]) <= limit) drawn.push(...state);
  }
  return [...drawn, span(' '.repeat(Math.max(0, limit - widthOfLine(drawn))))];
}

function hostSpan(host: HostRow, detail: Detail): Line {
  const name = cutMiddle(host.name, detail.name);
  const words = detail.words === 0 ? [] : [cell(detail.says(host).text, detail.words, detail.says(host).tone)];
  const readOnly = host.readOnly && detail.words > 0 ? [span(' read-only', 'dim')] : [];
  return [span(`   ${name} `), hostMark(host), ...words, ...readOnly];
}

/** ` 20.10   2 ms`, ` 14 s`, ` down 22 s`, ` connecting`. */
function fullWords(host: HostRow): Span {
  if (host.freshness === 'stale') return shortWords(host);
  if (host.freshness !== 'live') return span(` ${hostWords(host)}`, hostTone(host));
  const version = ` ${shortVersion(host.engineVersion)}`;
  const latency = duration(host.latencyMs);
  return span(version + ' '.repeat(Math.max(1, 13 - widthOf(version + latency))) + latency, 'dim');
}

/** ` manager  20.10   2 ms`. A leader is a manager, too. */
function wordsWithRole(host: HostRow): Span {
  const { text, tone } = fullWords(host);
  return host.freshness === 'live'
    ? span(` ${(host.swarm === 'leader' ? 'manager' : (host.swarm ?? '')).padEnd(8)}${text}`, tone)
    : span(text, tone);
}

/** `   2 ms`, ` 14 s`: what matters most in seven columns. */
function shortWords(host: HostRow): Span {
  if (host.freshness === 'live') return cellRight(duration(host.latencyMs), 7, 'dim');
  return span(host.ageMs === undefined ? '' : ` ${age(host.ageMs)}`, hostTone(host));
}

/** `28.5.2` → `28.5`: the part that decides what an engine can do. */
function shortVersion(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}
