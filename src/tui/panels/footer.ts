import { isAvailable, wordForOpen } from '../act.ts';
import { BINDINGS } from '../keys.ts';
import { fitLine, type Line, span, widthOfLine } from '../line.ts';
import type { Scene } from '../scene.ts';

/** The keys that would do something now. Help and quit stand at the right edge and never make way. */
export function footerLine(scene: Scene): Line {
  const overlay = scene.navigation.overlay !== undefined;
  const shown = BINDINGS.filter(
    (binding) =>
      binding.short !== undefined &&
      (overlay ? ALWAYS.has(binding.command) || binding.command === 'back' : isAvailable(binding.command, scene)),
  );
  const words = (command: string, short: string | undefined) => (command === 'open' ? wordForOpen(scene) : (short ?? ''));
  const keys = (from: typeof shown) =>
    from.flatMap((binding): Line => [span('  '), span(binding.label, 'accent'), span(` ${words(binding.command, binding.short)}`, 'dim')]);
  const right: Line = [...keys(shown.filter((binding) => ALWAYS.has(binding.command))), span(' ')];
  const left: Line = [
    span(' '),
    span('↑↓', 'accent'),
    span(overlay ? '' : ' select', 'dim'),
    ...keys(shown.filter((binding) => !ALWAYS.has(binding.command))),
  ];
  const room = scene.columns - widthOfLine(right);
  return [...fitLine(overlay ? left.slice(3) : left, room), ...right];
}

const ALWAYS: ReadonlySet<string> = new Set(['help', 'quit']);

/** What was asked for and refused, in the place of the lower rule: so that nothing moves. */
export function refusalLine(scene: Scene): Line | undefined {
  const { refusal } = scene.state;
  if (refusal === undefined) return undefined;
  const { message, hint } = refusal.failure;
  return fitLine([span(' ! ', 'warning'), span(message), span(hint === undefined ? '' : `  → ${hint}`, 'dim')], scene.columns);
}
