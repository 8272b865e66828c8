import type { DownTarget } from '../act.ts';
import { plural } from '../format.ts';
import { BINDINGS, type Binding } from '../keys.ts';
import { cell, type Line, span, widthOf } from '../line.ts';
import { gutter } from '../panel.ts';

/** The key table, as a page; two columns where one is too long for the screen. */
export function helpLines(height: number): readonly Line[] {
  const split = BINDINGS.length + 2 <= height ? BINDINGS.length : Math.ceil(BINDINGS.length / 2);
  const left = helpCells(BINDINGS.slice(0, split));
  const right = helpCells(BINDINGS.slice(split));
  return [[span(' Keys', 'here')], [], ...left.map((cells, index) => [...gutter(), ...cells, span('   '), ...(right[index] ?? [])])];
}

function helpCells(bindings: readonly Binding[]): readonly Line[] {
  const label = Math.max(...bindings.map((binding) => widthOf(binding.label)), 0) + 2;
  const help = Math.max(...bindings.map((binding) => widthOf(binding.help)), 0);
  return bindings.map((binding) => [cell(binding.label, label, 'accent'), cell(binding.help, help)]);
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
    ...(silent.length === 0 ? [] : [[...gutter(), span('What a silent host holds stays; take it down again once it answers.', 'dim')], []]),
    [...gutter(), span('Only what carries this project’s label goes; the hit counts go with it.', 'dim')],
    [],
    [...gutter(), span('enter', 'accent'), span(' takes it down     '), span('esc', 'accent'), span(' keeps it')],
  ];
}
