import type { Failure } from '../../domain/errors.ts';
import { downTarget, isAvailable, wordForOpen } from '../act.ts';
import { plural } from '../format.ts';
import { BINDINGS, type Binding, type Command } from '../keys.ts';
import { cutMiddle, fold, type Line, type Span, span, widthOf, widthOfLine } from '../line.ts';
import { focusedPanel, LISTS } from '../navigation.ts';
import { isBusy, type Scene } from '../scene.ts';

/** At the right edge; they never make way. */
const ALWAYS: ReadonlySet<Command> = new Set(['help', 'quit']);
/** Known to every finger: they make way first. */
const COMMON: ReadonlySet<Command> = new Set(['next-panel', 'back']);

/** The keys that would do something now: whole words or none, the less telling ones first to go. */
export function footerLine(scene: Scene): Line {
  const { overlay } = scene.navigation;
  const shown = BINDINGS.filter(({ short, command }) => short !== undefined && isShown(command, scene));
  const right: Line = [...shown.filter(({ command }) => ALWAYS.has(command)).flatMap((binding) => hint(binding, scene)), span(' ')];
  const telling = shown.filter(({ command }) => !ALWAYS.has(command) && !COMMON.has(command));
  const common = shown.filter(({ command }) => COMMON.has(command));
  let room = scene.columns - widthOfLine(right);
  const left: Line[] = [];
  for (const words of [
    ...(overlay === undefined ? [moving(scene)] : []),
    ...[...telling, ...common].map((binding) => hint(binding, scene)),
  ]) {
    if (widthOfLine(words) > room) continue;
    left.push(words);
    room -= widthOfLine(words);
  }
  return [...left.flat(), span(' '.repeat(room)), ...right];
}

function isShown(command: Command, scene: Scene): boolean {
  const { overlay } = scene.navigation;
  if (overlay === undefined) return isAvailable(command, scene);
  if (command === 'open') return overlay === 'confirm-down' && downTarget(scene) !== undefined;
  return command === 'back' || ALWAYS.has(command);
}

function hint(binding: Binding, scene: Scene): Line {
  return [span('  '), span(binding.label, 'accent'), span(` ${wordFor(binding, scene)}`, 'dim')];
}

/** What the key would do here: of several tenants it names the one that would be hit. */
function wordFor({ command, short }: Binding, scene: Scene): string {
  if (command === 'open') return wordForOpen(scene);
  if (command === 'hit' && scene.tenants.length > 1 && scene.tenant !== undefined) return `hit ${cutMiddle(scene.tenant.label, 20)}`;
  return short ?? '';
}

function moving(scene: Scene): Line {
  return [span(' '), span('↑↓', 'accent'), span(LISTS.has(focusedPanel(scene.navigation)) ? ' select' : ' scroll', 'dim')];
}

/**
 * What the user must know now, in the place of the lower rule: whether quitting is meant, else what was asked for and refused, else
 * why a host is down. It stays until the next wish, or until the host answers, and is told whole: a long one over several rows.
 */
export function noticeLines(scene: Scene): readonly Line[] {
  const { refusal } = scene.state;
  if (scene.navigation.asksToQuit && isBusy(scene)) return [askToQuit(scene)];
  if (refusal !== undefined) return toldWhole(span(' ! ', 'warning'), refusal.failure, scene.columns);
  return downNotice(scene);
}

/** Why a host of the run is down, whole; other hosts that are down are only named: why, one sees where one looks at the hosts. */
function downNotice({ hosts, runHosts, navigation, columns }: Scene): readonly Line[] {
  const down = hosts.filter((host) => host.freshness === 'down' && host.failure !== undefined);
  if (down.length === 0 || navigation.view === 'hosts') return [];
  const [mine] = hosts.length === 1 ? down : down.filter((host) => runHosts.has(host.name));
  const mark = span(' ✕ ', 'failing');
  const others = down.length - (mine === undefined ? 0 : 1);
  if (mine?.failure !== undefined) {
    const hint = others === 0 ? mine.failure.hint : `${plural(others, 'more host')} down: press 0`;
    return toldWhole(mark, { ...mine.failure, ...(hint === undefined ? {} : { hint }) }, columns);
  }
  const names = down.map((host) => cutMiddle(host.name, 24));
  const listed = names.length > 3 ? `${names.slice(0, 2).join(', ')} and ${names.length - 2} more` : names.join(', ');
  return [[mark, span(`down: ${listed}`), span('   press ', 'dim'), span('0', 'accent'), span(' to see why', 'dim')]];
}

function askToQuit({ run }: Scene): Line {
  return [
    span(' ! ', 'warning'),
    span(`${run?.verb ?? 'a run'} is running: `),
    span('q', 'accent'),
    span(' again stops it after the steps under way, and leaves'),
  ];
}

function toldWhole(mark: Span, { message, hint }: Failure, columns: number): readonly Line[] {
  const arrow = '  → ';
  if (3 + widthOf(message) + (hint === undefined ? 0 : widthOf(arrow + hint)) < columns) {
    return [[mark, span(message), ...(hint === undefined ? [] : [span(`${arrow}${hint}`, 'dim')])]];
  }
  const said = message
    .split('\n')
    .flatMap((part) => fold(part, columns - 4))
    .map((row, index): Line => [index === 0 ? mark : span('   '), span(row)]);
  const next = hint === undefined ? [] : fold(hint, columns - 6);
  return [...said, ...next.map((row, index): Line => [span(index === 0 ? ' → ' : '   ', 'accent'), span(row, 'dim')])];
}
