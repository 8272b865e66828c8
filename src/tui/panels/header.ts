import type { HostRow } from '../../domain/select.ts';
import { age, duration } from '../format.ts';
import { cell, cellRight, type Line, type Span, span, spread, widthOfLine } from '../line.ts';
import { VIEWS, type View } from '../navigation.ts';
import type { Scene } from '../scene.ts';

const VIEW_NAMES: Readonly<Record<View, string>> = {
  scenarios: 'Scenarios',
  run: 'Run',
  networks: 'Networks',
  ipam: 'IPAM',
  tenants: 'Tenants',
};

/** Who we are, what runs, which hosts answer, and whether this is live. */
export function headerLines(scene: Scene): readonly Line[] {
  const about = scene.run ?? scene.scenario;
  const running = scene.run === undefined ? scene.scenario?.name : scene.run.scenario;
  const left: Line = [
    span(' pets-console', 'strong'),
    span('   '),
    ...(running === undefined ? [] : [span(running), span(` · ${about?.project ?? ''}`, 'dim')]),
  ];
  const mode: Line = [span('   '), span(cellRight(scene.mode, 6).text, scene.mode === 'replay' ? 'warning' : 'dim'), span(' ')];
  const room = scene.columns - widthOfLine(mode) - 24;
  return [spread(left, [...hostSpans(scene.hosts, room), ...mode], scene.columns), tabs(scene)];
}

function tabs(scene: Scene): Line {
  return VIEWS.flatMap((view, index): Span[] => {
    const here = scene.navigation.view === view;
    return [span(` ${index + 1}`, here ? 'here' : 'dim'), span(` ${VIEW_NAMES[view]} `, here ? 'here' : 'plain')];
  });
}

/** As many hosts as fit; the rest as a number, by their worst state first. */
function hostSpans(hosts: readonly HostRow[], room: number): Line {
  if (hosts.length === 0) return [span('no host yet', 'dim')];
  const trouble = (host: HostRow) => (host.freshness === 'live' ? 1 : 0);
  const drawn: Span[] = [];
  let shown = 0;
  for (const host of hosts.toSorted((one, other) => trouble(one) - trouble(other))) {
    const spans = hostSpan(host);
    if (widthOfLine(drawn) + widthOfLine(spans) + 8 > room && shown > 0) break;
    drawn.push(...spans);
    shown += 1;
  }
  const rest = hosts.length - shown;
  return rest === 0 ? drawn : [...drawn, span(`  +${rest} more`, 'dim')];
}

function hostSpan(host: HostRow): readonly Span[] {
  const name = span(`   ${host.name} `);
  if (host.freshness === 'live')
    return [name, span('●', 'ok'), span(` ${shortVersion(host.engineVersion)}`, 'dim'), cellRight(duration(host.latencyMs), 7, 'dim')];
  const silent = host.ageMs === undefined ? '' : ` ${age(host.ageMs)}`;
  if (host.freshness === 'stale') return [name, span('○', 'warning'), cell(silent, 7, 'warning')];
  return [name, span('✕', 'failing'), cell(host.ageMs === undefined ? ' down' : ` down${silent}`, 12, 'failing')];
}

/** `28.5.2` → `28.5`: the part that decides what an engine can do. */
function shortVersion(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}
