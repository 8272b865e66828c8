import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { expect } from 'vitest';
import { redisConnector } from '../../src/agent/redis-connector.ts';
import { startAgent } from '../../src/agent/start-agent.ts';
import { APP_IMAGE } from '../../src/engine/app-image.ts';
import { createContainer, removeContainer, startContainer } from '../../src/engine/containers.ts';
import { closeEngine, type Engine, type EngineTarget, type OpenOptions, openEngine, pingEngine } from '../../src/engine/engine.ts';
import { watchEvents } from '../../src/engine/events.ts';
import { redisWish, TEST_LABELS } from '../engine-functions/lab-engine.ts';

const never = new AbortController().signal;

/** The engines that one test opens, closed after it. */
export class OpenedEngines {
  readonly #engines: Engine[] = [];

  async open(target: EngineTarget, options?: OpenOptions): Promise<Engine> {
    const engine = await openEngine(target, never, options);
    this.#engines.push(engine);
    return engine;
  }

  closeAll(): void {
    for (const engine of this.#engines.splice(0)) closeEngine(engine);
  }
}

/** What every way to an engine must carry: calls, many at once, and a stream beside them. */
export async function expectGoodWay(engine: Engine): Promise<void> {
  const ending = new AbortController();
  try {
    const watch = watchEvents(engine, ending.signal);
    await watch.opened;
    const times = await Promise.all(Array.from({ length: 20 }, () => pingEngine(engine)));
    expect(times).toHaveLength(20);
    const id = await createContainer(engine, redisWish(`way-${randomUUID()}`), TEST_LABELS);
    expect(await watch[Symbol.asyncIterator]().next()).toMatchObject({ value: { action: 'create', id } });
    await removeContainer(engine, id);
  } finally {
    ending.abort();
  }
}

/** An agent's hijacked stream, and Redis through the tunnel in it. */
export async function expectRedisThroughAgent(engine: Engine): Promise<void> {
  const id = await createContainer(engine, redisWish(`way-${randomUUID()}`), TEST_LABELS);
  await startContainer(engine, id);
  const agent = await startAgent(engine, { networkMode: `container:${id}`, image: APP_IMAGE, labels: TEST_LABELS }, never);
  const redis = new Redis({
    Connector: redisConnector(() => agent.openTunnel('127.0.0.1', 6379, never)),
    retryStrategy: (times) => Math.min(times * 50, 500),
    maxRetriesPerRequest: 20,
  });
  redis.on('error', () => undefined);
  try {
    // More than fits into any one buffer on the way, there and back.
    const value = 'pets '.repeat(200_000);
    await redis.set('value', value);
    expect(await redis.get('value')).toBe(value);
    const counts = await Promise.all(Array.from({ length: 50 }, () => redis.incr('hits')));
    expect(counts).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
  } finally {
    redis.disconnect();
    agent.close();
    await agent.ended;
    await removeContainer(engine, id);
  }
}
