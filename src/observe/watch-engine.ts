import { roundMs } from '../domain/duration.ts';
import { failureOf, PetsError } from '../domain/errors.ts';
import type { Unstamped } from '../domain/events.ts';
import { type Engine, pingEngine } from '../engine/engine.ts';
import { watchEvents } from '../engine/events.ts';
import { createEnginePicture, type EnginePicture } from './engine-picture.ts';
import { pause } from './pause.ts';
import { createSwarmBell, type SwarmBell, swarmNewsOf } from './swarm-bell.ts';
import { createTouchLog } from './touched.ts';
import { followSwarm } from './watch-swarm.ts';

/** No event tells of addresses or of what was missed: everything is looked at again this often. */
const RESYNC_MS = 12_000;
/** A hung daemon leaves its stream of events silent: only a ping tells. */
const WATCHDOG_MS = 2_500;
const PING_DEADLINE_MS = 3_000;
const RECONNECT_MS = 1_000;

/**
 * Keeps the stream told of what one engine holds, until `signal` aborts. Only changes are told. A loss is told once,
 * and again if its reason changes; the engine is then tried every second, and counts as back once it was looked at as
 * a whole, since it replays no events. `bell` is shared by all engines of a session. Throws nothing but bugs.
 */
export async function watchEngine(
  engine: Engine,
  emit: (event: Unstamped) => void,
  signal: AbortSignal,
  bell: SwarmBell = createSwarmBell(),
): Promise<void> {
  const host = engine.name;
  const picture = createEnginePicture(engine, emit);
  let told: string | undefined;
  const onAnswer = (latencyMs: number) => {
    told = undefined;
    emit({ type: 'host.answered', host, latencyMs: roundMs(latencyMs) });
  };
  while (!signal.aborted) {
    try {
      await watchUntilLost(engine, { picture, bell, onAnswer }, signal);
    } catch (error) {
      if (!(error instanceof PetsError)) throw error;
      if (!signal.aborted && error.message !== told) emit({ type: 'host.lost', host, failure: failureOf(error) });
      told = error.message;
    }
    await pause(RECONNECT_MS, signal);
  }
}

interface Watching {
  readonly picture: EnginePicture;
  readonly bell: SwarmBell;
  readonly onAnswer: (latencyMs: number) => void;
}

/** Runs the watches side by side; the first that ends, ends all of them. */
async function watchUntilLost(engine: Engine, { picture, bell, onAnswer }: Watching, outer: AbortSignal): Promise<void> {
  const round = new AbortController();
  const signal = AbortSignal.any([outer, round.signal]);
  const changes = watchEvents(engine, signal);
  const touches = createTouchLog();
  let seen = false;
  const follow = async () => {
    for await (const change of changes) {
      touches.note(change);
      const news = swarmNewsOf(change);
      if (news !== undefined) bell.ring(news);
    }
  };
  const look = async () => {
    // What changes from here on is an event; what changed before is in the picture.
    await changes.opened;
    while (!signal.aborted) {
      await picture.takeWhole(signal);
      // Only now: there are engines that answer a ping and hang in everything else.
      if (!seen) onAnswer(await pingInTime(engine, signal));
      seen = true;
      const resyncAt = performance.now() + RESYNC_MS;
      for (;;) {
        const touched = await touches.next(Math.max(0, resyncAt - performance.now()), signal);
        if (touched === undefined) break;
        await picture.retake(touched, signal);
      }
    }
  };
  const watchdog = async () => {
    while (!signal.aborted) {
      await pause(WATCHDOG_MS, signal);
      const latencyMs = await pingInTime(engine, signal);
      if (seen) onAnswer(latencyMs);
    }
  };
  const lookAtSwarm = async () => {
    await changes.opened;
    await followSwarm((until) => picture.takeSwarm(until), bell, signal);
  };
  const watches = [follow(), look(), lookAtSwarm(), watchdog()];
  try {
    await Promise.race(watches);
  } finally {
    round.abort();
    await Promise.allSettled(watches);
  }
}

/** @throws ENGINE_TIMEOUT much sooner than other calls: a ping costs an engine nothing. */
async function pingInTime(engine: Engine, signal: AbortSignal): Promise<number> {
  const late = new PetsError('ENGINE_TIMEOUT', {
    message: `${engine.name}: the engine has not answered a ping for ${PING_DEADLINE_MS / 1000} s`,
    hint: 'it is asked again every second; is it stopped or overloaded?',
  });
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(late), PING_DEADLINE_MS);
  try {
    return await pingEngine(engine, AbortSignal.any([signal, deadline.signal]));
  } finally {
    clearTimeout(timer);
  }
}
