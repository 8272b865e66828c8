import { setTimeout as sleep } from 'node:timers/promises';
import { roundMs } from '../domain/duration.ts';
import { failureOf } from '../domain/errors.ts';
import type { Unstamped } from '../domain/events.ts';
import { LABEL } from '../domain/labels.ts';
import { listContainers } from '../engine/containers.ts';
import { type Engine, pingEngine } from '../engine/engine.ts';
import { watchEvents } from '../engine/events.ts';
import { inspectNetwork, listNetworks } from '../engine/networks.ts';

type Emit = (event: Unstamped) => void;

/** Events come in flurries (one `docker run` makes seven): what they touched is looked at once, this much later. */
const DEBOUNCE_MS = 50;
/** No event tells of addresses or of what was missed: everything is looked at again this often. */
const RESYNC_MS = 12_000;
/** A hung daemon leaves its stream of events silent: only a ping tells. */
const WATCHDOG_MS = 2_500;
const RECONNECT_MS = 1_000;

/**
 * Keeps the stream told of what one engine holds, until `signal` aborts. Only changes are told. A lost engine is
 * told once, tried again every second, and looked at as a whole once it is back, since it replays no events.
 */
export async function watchEngine(engine: Engine, emit: Emit, signal: AbortSignal): Promise<void> {
  const picture: Picture = { host: engine.name, emit, networks: new Map(), containers: new Map() };
  let lost = false;
  const answered = (latencyMs: number) => {
    lost = false;
    emit({ type: 'host.answered', host: engine.name, latencyMs: roundMs(latencyMs) });
  };
  while (!signal.aborted) {
    try {
      await watchUntilLost(engine, picture, answered, signal);
    } catch (error) {
      if (!signal.aborted && !lost) emit({ type: 'host.lost', host: engine.name, failure: failureOf(error) });
      lost = true;
    }
    await pause(RECONNECT_MS, signal);
  }
}

/** Runs the three watches side by side; the first that ends, ends all of them. */
async function watchUntilLost(engine: Engine, picture: Picture, answered: (latencyMs: number) => void, outer: AbortSignal): Promise<void> {
  const round = new AbortController();
  const signal = AbortSignal.any([outer, round.signal]);
  const bell = createBell();
  const follow = async () => {
    for await (const change of watchEvents(engine, signal)) {
      if (change.type === 'network' || change.type === 'container') bell.ring();
    }
  };
  const look = async () => {
    while (!signal.aborted) {
      await takePicture(engine, picture, signal);
      await bell.heard(RESYNC_MS, signal);
      await pause(DEBOUNCE_MS, signal);
    }
  };
  const watchdog = async () => {
    while (!signal.aborted) {
      answered(await pingEngine(engine, signal));
      await pause(WATCHDOG_MS, signal);
    }
  };
  const watches = [watchdog(), follow(), look()];
  try {
    await Promise.race(watches);
  } finally {
    round.abort();
    await Promise.allSettled(watches);
  }
}

/** What was last told of an engine, as text by identifier, so that only changes are told. */
interface Picture {
  readonly host: string;
  readonly emit: Emit;
  readonly networks: Map<string, string>;
  readonly containers: Map<string, string>;
}

async function takePicture(engine: Engine, picture: Picture, signal: AbortSignal): Promise<void> {
  const { emit, host } = picture;
  const [networks, containers] = await Promise.all([listNetworks(engine, signal), listContainers(engine, signal)]);
  // A list has no endpoints since API 1.28: each network is inspected.
  const inspected = await Promise.all(networks.map((network) => inspectNetwork(engine, network.id, signal)));
  tellChanges(
    picture.networks,
    inspected.filter((network) => network !== undefined),
    (network) => emit({ type: 'network.inspected', host, network }),
    (id) => emit({ type: 'network.removed', host, id }),
  );
  tellChanges(
    picture.containers,
    containers.filter((container) => container.labels[LABEL.sidecar] === undefined),
    (container) => emit({ type: 'container.inspected', host, container }),
    (id) => emit({ type: 'container.removed', host, id }),
  );
}

function tellChanges<T extends { readonly id: string }>(
  known: Map<string, string>,
  found: readonly T[],
  onChange: (value: T) => void,
  onRemoval: (id: string) => void,
): void {
  for (const value of found) {
    const text = JSON.stringify(value);
    if (known.get(value.id) === text) continue;
    known.set(value.id, text);
    onChange(value);
  }
  const ids = new Set(found.map((value) => value.id));
  for (const id of [...known.keys()]) {
    if (ids.has(id)) continue;
    known.delete(id);
    onRemoval(id);
  }
}

interface Bell {
  ring(): void;
  /** Resolves once rung (also if that was before), after `timeoutMs`, or when aborted. */
  heard(timeoutMs: number, signal: AbortSignal): Promise<void>;
}

function createBell(): Bell {
  let rung = new AbortController();
  return {
    ring: () => rung.abort(),
    heard: async (timeoutMs, signal) => {
      await pause(timeoutMs, AbortSignal.any([signal, rung.signal]));
      rung = new AbortController();
    },
  };
}

/** Waits, or ends early and silently when aborted. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {});
}
