import type { DownTarget } from '../act.ts';
import { plural } from '../format.ts';
import { BINDINGS, type Binding } from '../keys.ts';
import { cell, type Line, span } from '../line.ts';
import { gutter } from '../panel.ts';

/** The key table, as a page; two columns where one is too long for the screen. */
export function helpLines(height: number): readonly Line[] {
  const split = BINDINGS.length + 2 <= height ? BINDINGS.length : Math.ceil(BINDINGS.length / 2);
  const left = BINDINGS.slice(0, split);
  const right = BINDINGS.slice(split);
  const narrow = right.length > 0;
  const rows = left.map((binding, index) => [
    ...gutter(),
    ...helpCells(binding, narrow ? 34 : 90),
    ...(right[index] === undefined ? [] : helpCells(right[index], 90)),
  ]);
  return [[span(' Keys', 'here')], [], ...rows];
}

function helpCells(binding: Binding, width: number): Line {
  return [cell(binding.label, 12, 'accent'), cell(binding.help, width - 12)];
}

/** The question before anything is taken down: which hosts, and how much on each. */
export function confirmLines(target: DownTarget): readonly Line[] {
  const silent = target.holdings.filter((holding) => holding.freshness !== 'live');
  return [
    [span(` Take down ${target.project}?`, 'here')],
    [],
    ...target.holdings.map(
      (holding): Line => [
        ...gutter(),
        cell(holding.host, 12, 'strong'),
        cell(plural(holding.containers, 'container'), 16),
        cell(plural(holding.networks, 'network'), 14),
        ...(holding.freshness === 'live' ? [] : [span('○ silent: it may hold more', 'warning')]),
      ],
    ),
    [],
    ...(silent.length === 0
      ? []
      : [[...gutter(), span('What a silent host holds stays until it answers; take it down again then.', 'dim')], []]),
    [...gutter(), span('Only what carries the label of this project goes; its counts go with its database.', 'dim')],
    [],
    [...gutter(), span('enter', 'accent'), span(' takes it down     '), span('esc', 'accent'), span(' keeps it')],
  ];
}
