import { setTimeout as sleep } from 'node:timers/promises';

/** Waits, or ends early and silently when aborted. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
