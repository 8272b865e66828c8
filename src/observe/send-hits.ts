import { performance } from 'node:perf_hooks';
import { Agent, request } from 'undici';
import { roundMs } from '../domain/duration.ts';
import { type Failure, PetsError } from '../domain/errors.ts';
import type { EventOf, TenantOutline, Unstamped } from '../domain/events.ts';
import { cleanText } from '../domain/text.ts';

/** Connections open at once; more only queue in the web server. */
const CONNECTIONS = 64;
const REQUEST_DEADLINE_MS = 10_000;

/** What came of a number of page requests, by the answers' own account. */
export type SentHits = Omit<EventOf<'hits.sent'>, 'at' | 'type'>;

/**
 * Asks for the tenant's page `count` times at once, from this machine, and tells what came of it.
 * A page that says it could not count is `uncounted`; one that did not come is `failed`.
 */
export async function sendHits(
  tenant: TenantOutline,
  count: number,
  emit: (event: Unstamped) => void,
  signal: AbortSignal,
): Promise<SentHits> {
  const start = performance.now();
  const dispatcher = new Agent({ connections: CONNECTIONS, pipelining: 1, connect: { timeout: REQUEST_DEADLINE_MS } });
  const tally = { counted: 0, uncounted: 0, failed: 0 };
  let failure: Failure | undefined;
  const sendOne = async () => {
    try {
      const outcome = await askForPage(tenant.url, dispatcher, signal);
      tally[outcome] += 1;
    } catch (error) {
      tally.failed += 1;
      failure ??= describe(tenant.url, error);
    }
  };
  await Promise.all(Array.from({ length: count }, sendOne));
  await dispatcher.close();
  const sent: SentHits = {
    tenant: tenant.name,
    url: tenant.url,
    from: 'console',
    sent: count,
    ...tally,
    durationMs: roundMs(performance.now() - start),
    ...(failure === undefined ? {} : { failure }),
  };
  emit({ type: 'hits.sent', ...sent });
  return sent;
}

async function askForPage(url: string, dispatcher: Agent, outer: AbortSignal): Promise<'counted' | 'uncounted'> {
  const signal = AbortSignal.any([outer, AbortSignal.timeout(REQUEST_DEADLINE_MS)]);
  const answer = await request(url, { dispatcher, signal });
  await answer.body.dump();
  if (answer.statusCode !== 200) {
    throw new PetsError('NOT_READY', { message: `${url} answered ${answer.statusCode}`, hint: `curl -i ${url}` });
  }
  return answer.headers['x-pets-counted'] === 'true' ? 'counted' : 'uncounted';
}

function describe(url: string, error: unknown): Failure {
  if (error instanceof PetsError)
    return { code: error.code, message: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) };
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const text = error instanceof Error ? error.message : String(error);
  return {
    code: 'NOT_READY',
    message: `${url} did not answer: ${cleanText(code || text)}`,
    hint: 'is the scenario up? pets-console verify',
  };
}
