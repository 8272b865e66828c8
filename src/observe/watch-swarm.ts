import type { SwarmPicture } from '../domain/live-swarm.ts';
import { convergenceOf } from '../domain/live-swarm-convergence.ts';
import type { SwarmBell, SwarmNews } from './swarm-bell.ts';

/** Nothing tells of a node that left by itself, nor of what was missed. */
const RESYNC_MS = 12_000;
/** No event tells of the states of tasks. */
const CONVERGING_MS = 250;
/** For how long that is worth its four calls; what has not converged by then is looked at seldom, until somebody changes it. */
const HURRY_MS = 30_000;
const STALLED_MS = 2_000;

/**
 * Looks at a swarm at once, whenever the bell says that something of it changed, while a service converges as often as that takes, and
 * else every 12 s, until `signal` aborts. @throws what `look` does
 */
export async function followSwarm(
  look: (signal: AbortSignal) => Promise<SwarmPicture>,
  bell: SwarmBell,
  signal: AbortSignal,
): Promise<void> {
  const ear = bell.listen();
  let hurriesSince: number | undefined;
  try {
    while (!signal.aborted) {
      const picture = await look(signal);
      hurriesSince = isConverging(picture) ? (hurriesSince ?? performance.now()) : undefined;
      const matters = (news: SwarmNews) => picture.swarm.isManager || news === 'membership';
      const heard = await ear.next(matters, waitAfter(hurriesSince), signal);
      // Its tasks come and go while one is tried again and again: only a new wish is worth a hurry.
      if (heard.has('services') || heard.has('membership')) hurriesSince = undefined;
    }
  } finally {
    ear.close();
  }
}

function isConverging({ services, tasks }: SwarmPicture): boolean {
  return services.some((service) => !convergenceOf(service, tasks).converged);
}

function waitAfter(hurriesSince: number | undefined): number {
  if (hurriesSince === undefined) return RESYNC_MS;
  return performance.now() - hurriesSince < HURRY_MS ? CONVERGING_MS : STALLED_MS;
}
