import { isAvailable, wordForOpen } from '../act.ts';
import { BINDINGS, type Binding, type Command } from '../keys.ts';
import { fitLine, type Line, span, widthOfLine } from '../line.ts';
import { focusedPanel, LISTS } from '../navigation.ts';
import type { Scene } from '../scene.ts';

/** At the right edge; they never make way. */
const ALWAYS: ReadonlySet<Command> = new Set(['help', 'quit']);
/** Known to every finger: they make way first. */
const COMMON: ReadonlySet<Command> = new Set(['next-panel', 'back']);

/** The keys that would do something now: whole words or none, the less telling ones first to go. */
export function footerLine(scene: Scene): Line {
  const overlay = scene.navigation.overlay;
  const shown = BINDINGS.filter(
    ({ short, command }) =>
      short !== undefined && (overlay === undefined ? isAvailable(command, scene) : command === 'back' || ALWAYS.has(command)),
  );
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

function hint(binding: Binding, scene: Scene): Line {
  const words = binding.command === 'open' ? wordForOpen(scene) : binding.short;
  return [span('  '), span(binding.label, 'accent'), span(` ${words}`, 'dim')];
}

function moving(scene: Scene): Line {
  return [span(' '), span('↑↓', 'accent'), span(LISTS.has(focusedPanel(scene.navigation)) ? ' select' : ' scroll', 'dim')];
}

/**
 * What the user must know now, in the place of the lower rule so that nothing moves: what was asked for and refused, else why a host is down.
 * It stays until the next wish, or until the host answers.
 */
export function noticeLine(scene: Scene): Line | undefined {
  const { refusal } = scene.state;
  const down = scene.hosts.find((host) => host.freshness === 'down' && host.failure !== undefined);
  const failure = refusal?.failure ?? down?.failure;
  if (failure === undefined) return undefined;
  const mark = refusal === undefined ? span(' ✕ ', 'failing') : span(' ! ', 'warning');
  return fitLine([mark, span(failure.message), span(failure.hint === undefined ? '' : `  → ${failure.hint}`, 'dim')], scene.columns);
}
