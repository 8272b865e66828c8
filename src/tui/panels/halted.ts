import type { HaltedContainer } from '../../domain/select-halted.ts';
import { age, plural } from '../format.ts';
import { fold, type Line, span, widthOf } from '../line.ts';
import { GUTTER, gutter, type PanelRow, textRow } from '../panel.ts';
import type { Scene } from '../scene.ts';

const WORDS: Readonly<Record<HaltedContainer['state'], string>> = {
  created: 'never started',
  paused: 'paused',
  restarting: 'restarting',
  removing: 'being removed',
  exited: 'stopped',
  dead: 'dead',
};

/** What a container does instead of running, in a word or two. */
export function haltWord(container: HaltedContainer): string {
  return WORDS[container.state];
}

/** Of the project at hand, once no run is on: while one is, containers stop and start for a reason. */
export function haltedNow({ run, halted }: Scene): readonly HaltedContainer[] {
  if (run === undefined) return halted;
  return run.phase === 'running' ? [] : halted.filter((container) => container.project === run.project);
}

/** The same in a title's few words, and who it is where it is one. */
export function haltedTitle(halted: readonly HaltedContainer[]): Line {
  const [first] = halted;
  if (first === undefined) return [];
  const said = halted.length === 1 ? `${first.name} ${haltWord(first)}` : `${plural(halted.length, 'container')} not running`;
  return [span('! ', 'warning'), span(said, 'warning')];
}

/** Each of them with its host, since when, and what brings it back. */
export function haltedRows(halted: readonly HaltedContainer[], width: number): readonly PanelRow[] {
  const rows = halted.flatMap((container) => {
    const back = container.state === 'restarting' ? '' : `→ pets-console up ${container.scenario}`;
    const said = `${sentence(container)} ${back}`;
    // The command stays whole: beside the sentence, or below it.
    const room = width - GUTTER - 3;
    return (widthOf(said) <= room ? [said] : [...fold(sentence(container), room), ...fold(back, room)]).map(
      (text, index): PanelRow => ({
        line: [...gutter({ mark: 'warning' }), span(index === 0 ? '! ' : '  ', 'warning'), span(text)],
      }),
    );
  });
  return rows.length === 0 ? [] : [textRow(''), ...rows];
}

function sentence(container: HaltedContainer): string {
  const { name, host, exitCode, sinceMs, state } = container;
  if (state === 'created') return `${name} on ${host} was never started`;
  if (sinceMs === undefined) return `${name} on ${host} is ${haltWord(container)}`;
  return `${name} on ${host} stopped ${age(sinceMs)} ago, exit status ${exitCode}`;
}
