import { PetsError } from '../domain/errors.ts';
import type { Unstamped } from '../domain/events.ts';
import { inspectNetwork } from '../engine/networks.ts';
import type { Scene } from './scene.ts';

/** Tells what was found before it is judged, containers with their networks, so that a journal of checks shows what they were held against. */
export async function tellScene({ placed, engines, signal }: Scene, emit: (event: Unstamped) => void): Promise<void> {
  const networks = new Map<string, { readonly host: string; readonly id: string }>();
  for (const { host, container } of [...placed.values()].flat()) {
    emit({ type: 'container.inspected', host, container });
    for (const { networkId: id } of Object.values(container.networks)) if (id !== '') networks.set(`${host}/${id}`, { host, id });
  }
  await Promise.all(
    [...networks.values()].map(async ({ host, id }) => {
      const engine = engines.get(host);
      // Of a list a network has no endpoints (since API 1.28).
      const network = engine === undefined ? undefined : await inspectNetwork(engine, id, signal).catch(unlessBug);
      if (network !== undefined) emit({ type: 'network.inspected', host, network });
    }),
  );
}

/** For what is only told: the checks themselves say what an engine that fails meanwhile keeps from them. */
export function unlessBug(error: unknown): undefined {
  if (error instanceof PetsError) return undefined;
  throw error;
}
