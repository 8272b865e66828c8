import { bytesText } from '../domain/bytes.ts';
import type { HostFacts } from '../domain/host-facts.ts';
import type { Obstacle } from '../domain/plan.ts';
import type { BoundHost } from '../domain/scenario.ts';
import { summaryOf } from '../run/look-at-host.ts';
import { overlayFeatures } from '../scenario/judge-hosts-kernel.ts';
import { indented, type Layout, marked, obstacleLines, warningLines } from './report-layout.ts';

/** What an examination came to, with or without a scenario. */
export interface Findings {
  /** Those that were looked at, or should have been. */
  readonly hosts: readonly BoundHost[];
  readonly facts: ReadonlyMap<string, HostFacts>;
  readonly obstacles: readonly Obstacle[];
  readonly warnings: readonly string[];
  readonly unchecked: readonly { readonly host: string; readonly reason: string }[];
}

/** What of a host is told at length. */
export interface Depth {
  /** What its kernel has for overlays: where no scenario says which of it is needed. */
  readonly kernels?: boolean;
}

/** What was seen on each host, what is unwise, what could not be checked, what stands in the way; the verdict last. */
export function describeFindings(findings: Findings, layout: Layout, { kernels = false }: Depth = {}): readonly string[] {
  const { hosts, facts, obstacles, warnings, unchecked } = findings;
  const { paint } = layout;
  const width = Math.max(0, ...hosts.map(({ name }) => name.length));
  const seen = hosts.flatMap((host) => {
    const found = facts.get(host.name);
    return found === undefined
      ? []
      : [
          ...marked(paint('green', '✓'), `${host.name.padEnd(width)}  ${paint('dim', sightOf(host, found))}`, layout),
          ...(kernels ? overlayFeatures(found) : []).flatMap((feature) =>
            indented(feature, 6 + width, layout).map((line) => paint('dim', line)),
          ),
        ];
  });
  const unseen = unchecked.flatMap(({ host, reason }) => marked(paint('yellow', '?'), `${host} was not looked at: ${reason}`, layout));
  return [
    ...seen,
    ...unseen,
    ...warnings.flatMap((warning) => warningLines(warning, layout)),
    ...obstacles.flatMap((obstacle) => obstacleLines(obstacle, layout)),
    verdictOf({ obstacles, unchecked }, layout),
  ];
}

function sightOf(host: BoundHost, facts: HostFacts): string {
  return `${summaryOf(host, facts)}, ${bytesText(facts.freeBytes)} free, kernel ${facts.kernelVersion}`;
}

function verdictOf({ obstacles, unchecked }: Pick<Findings, 'obstacles' | 'unchecked'>, { paint }: Layout): string {
  if (obstacles.length > 0) return `${paint('red', '✕')} ${obstacles.length === 1 ? '1 obstacle' : `${obstacles.length} obstacles`}`;
  const hosts = [...new Set(unchecked.map(({ host }) => host))].join(', ');
  const rest = hosts === '' ? '' : `, as far as it could be checked: ${hosts} was not looked at`;
  return `${hosts === '' ? paint('green', '✓') : paint('yellow', '?')} nothing stands in the way${rest}`;
}

/** The same for machines: one document. */
export function documentOf({ hosts, facts, ...found }: Findings, about: Readonly<Record<string, unknown>>): string {
  const seen = hosts.map(({ name, address, endpoint }) => ({ name, address, endpoint, facts: facts.get(name) }));
  return `${JSON.stringify({ v: 1, ok: found.obstacles.length === 0, ...about, hosts: seen, ...found })}\n`;
}
