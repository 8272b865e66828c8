import { bytesText } from '../domain/bytes.ts';
import type { HostFacts } from '../domain/host-facts.ts';
import type { Obstacle } from '../domain/plan.ts';

const MEGABYTE = 1_000_000;
/** An image of ours is about half of it; below it an engine fails in the middle of a layer. */
const LEAST_FREE_BYTES = 200 * MEGABYTE;
const LITTLE_FREE_BYTES = 1000 * MEGABYTE;
/** Certificates and logs of hosts that are further apart mislead. */
const MOST_SKEW_MS = 30_000;

/** Lists of the facts by what is in them. */
const LISTS: Readonly<Record<string, string>> = { listening: 'listening sockets' };

/** What is wrong with a machine whatever is to run on it. */
export function judgeMachine(
  host: string,
  facts: HostFacts | undefined,
  clockSkewMs: number | undefined,
): { readonly obstacles: readonly Obstacle[]; readonly warnings: readonly string[] } {
  const warnings = clockSkewMs === undefined || Math.abs(clockSkewMs) <= MOST_SKEW_MS ? [] : [skewWarning(host, clockSkewMs)];
  if (facts === undefined) return { obstacles: [], warnings };
  const cut = facts.truncated.map((list) => `${host} has more ${LISTS[list] ?? list} than were read: those that were not are not checked`);
  const free = `${host} has ${bytesText(facts.freeBytes)} left where its engine keeps images and containers`;
  if (facts.freeBytes < LEAST_FREE_BYTES) {
    const obstacle: Obstacle = {
      host,
      resource: `host/${host}`,
      message: `${free}, and ${bytesText(LEAST_FREE_BYTES)} are the least that a run needs`,
      hint: `make room on ${host}: docker system df, then docker image prune`,
    };
    return { obstacles: [obstacle], warnings: [...warnings, ...cut] };
  }
  const little = facts.freeBytes < LITTLE_FREE_BYTES ? [`${free}; see what takes it: docker system df`] : [];
  return { obstacles: [], warnings: [...warnings, ...cut, ...little] };
}

function skewWarning(host: string, skewMs: number): string {
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  return `the clock of ${host} is ${seconds} s ${skewMs > 0 ? 'ahead of' : 'behind'} this machine's: certificates and the times in logs mislead; see: timedatectl`;
}
