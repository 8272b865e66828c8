import { SWARM } from '../../domain/scenario.ts';
import type { DownTarget } from '../act.ts';
import { plural } from '../format.ts';
import { cell, type Line, nameCell, nameColumn, span } from '../line.ts';
import { gutter, type Size } from '../panel.ts';
import { hostMark, WORST_FIRST } from './host-state.ts';

/** Rows of the question besides its hosts. */
const AROUND = 8;

/** The question before anything is taken down: which hosts, how much on each, and which of them cannot be asked now. */
export function confirmLines(target: DownTarget, { width, height }: Size): readonly Line[] {
  const name = nameColumn(
    [...target.holdings.map(({ host }) => host), ...target.unknown.map((host) => host.name)],
    10,
    Math.floor(width * 0.33),
  );
  const rows = hostLines(target, name);
  const room = height - AROUND - (target.endsSwarm ? 1 : 0);
  const shown = rows.length <= room ? rows : rows.slice(0, room - 1);
  const rest = rows.length - shown.length;
  const silent = target.unknown.length + target.holdings.filter(({ freshness }) => freshness !== 'live').length;
  return [
    [span(` Take down ${target.project}?`, 'here'), span(`   ${totals(target)}`, 'dim')],
    [],
    ...shown,
    ...(rest === 0 ? [] : [[...gutter(), span(`and ${plural(rest, 'more host')}`, 'dim')]]),
    [],
    ...(target.endsSwarm ? [[...gutter(), span('The swarm made for it ends too, unless something else lives in it.', 'dim')] as Line] : []),
    ...(silent === 0 ? [] : [[...gutter(), span('What a silent host holds stays; take it down again once it answers.', 'dim')]]),
    [...gutter(), span('Only what carries this project’s label goes; the hit counts go with it.', 'dim')],
    [],
    [...gutter(), span('enter', 'accent'), span(' takes it down     '), span('esc', 'accent'), span(' keeps it')],
  ];
}

function totals({ holdings }: DownTarget): string {
  const sum = (of: 'services' | 'containers' | 'networks') => holdings.reduce((total, holding) => total + holding[of], 0);
  const held = [amount(sum('services'), 'service'), amount(sum('containers'), 'container'), amount(sum('networks'), 'network')];
  const hosts = holdings.filter(({ host }) => host !== SWARM).length;
  const where = hosts === 0 ? 'on the swarm' : `on ${plural(hosts, 'host')}`;
  return `${listed(held.filter((each) => each !== ''))} ${where}`;
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

function amount(number: number, word: string): string {
  return number === 0 ? '' : plural(number, word);
}

/** Those in trouble first: what one did not know is read before what one did. */
function hostLines({ holdings, unknown }: DownTarget, name: number): readonly Line[] {
  const rank = ({ freshness }: DownTarget['holdings'][number]) => WORST_FIRST.indexOf(freshness);
  const known = holdings
    .toSorted((one, other) => rank(one) - rank(other))
    .map(
      (holding): Line => [
        ...gutter(),
        nameCell(holding.host, name, 'strong'),
        // Containers are hosts', and services the swarm's.
        cell(holding.services > 0 ? amount(holding.services, 'service') : amount(holding.containers, 'container'), 15),
        cell(amount(holding.networks, 'network'), 12),
        ...(holding.freshness === 'live' ? [] : [span(`${hostMark(holding).text} cannot be reached now`, 'warning')]),
      ],
    );
  const others = unknown.map(
    (host): Line => [
      ...gutter(),
      nameCell(host.name, name, 'strong'),
      cell('?', 27, 'dim'),
      span(`${hostMark(host).text} ${host.freshness === 'connecting' ? 'is being asked' : 'cannot be reached now'}`, 'warning'),
    ],
  );
  return [...known, ...others];
}
