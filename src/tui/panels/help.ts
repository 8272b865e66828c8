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
