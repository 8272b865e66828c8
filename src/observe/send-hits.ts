import { performance } from 'node:perf_hooks';
import { Agent, request } from 'undici';
import { roundMs } from '../domain/duration.ts';
import { type Failure, failureOf, PetsError } from '../domain/errors.ts';
import type { EventOf, TenantOutline, Unstamped } from '../domain/events.ts';
import { cleanText } from '../domain/text.ts';

/** Requests under way at once; more only queue in the web server. */
const AT_ONCE = 64;
const REQUEST_DEADLINE_MS = 10_000;

/** What came of a number of page requests, by the answers' own account. */
export type SentHits = Omit<EventOf<'hits.sent'>, 'at' | 'type'>;

/** What a page says of its own hit. */
type Counted = 'counted' | 'uncounted' | 'uncertain';

const COUNTED: Readonly<Record<string, Counted>> = { true: 'counted', false: 'uncounted', uncertain: 'uncertain' };

/**
 * Asks for the tenant's page `count` times, 64 at once, from this machine, and tells what came of it: each page says whether
 * its hit was counted, a page that did not come is `failed`, and the first failure is told in words.
 * Aborted, it asks no more and tells of those that it did ask for.
 */
export async function sendHits(
  tenant: TenantOutline,
  count: number,
  emit: (event: Unstamped) => void,
  signal: AbortSignal,
): Promise<SentHits> {
  const start = performance.now();
  const dispatcher = new Agent({ connections: AT_ONCE, pipelining: 1, connect: { timeout: REQUEST_DEADLINE_MS } });
  const tally = { counted: 0, uncounted: 0, uncertain: 0, failed: 0 };
  let sent = 0;
  let failure: Failure | undefined;
  const sendNext = async () => {
    while (sent < count && !signal.aborted) {
      sent += 1;
      try {
        tally[await askForHit(tenant.url, dispatcher, signal)] += 1;
      } catch (error) {
        tally.failed += 1;
        failure ??= failureOf(describe(tenant.url, error, signal));
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, count) }, sendNext));
  } finally {
    await dispatcher.destroy();
  }
  const result: SentHits = {
    tenant: tenant.id,
    url: tenant.url,
    from: 'console',
    sent,
    ...tally,
    durationMs: roundMs(performance.now() - start),
    ...(failure === undefined ? {} : { failure }),
  };
  emit({ type: 'hits.sent', ...result });
  return result;
}

async function askForHit(url: string, dispatcher: Agent, outer: AbortSignal): Promise<Counted> {
  const signal = AbortSignal.any([outer, AbortSignal.timeout(REQUEST_DEADLINE_MS)]);
  const { statusCode, headers, body } = await request(url, { dispatcher, signal });
  await body.dump();
  if (statusCode !== 200) throw new PetsError('NOT_READY', { message: `${url} answered ${statusCode}`, hint: `curl -i ${url}` });
  const counted = COUNTED[String(headers['x-pets-counted'])];
  if (counted !== undefined) return counted;
  throw new PetsError('PROTOCOL', {
    message: `${url} answered, but not as a Pets page does: who holds that port?`,
    hint: `curl -i ${url}, docker ps`,
  });
}

/** Whoever does not answer leaves a code (ECONNREFUSED, UND_ERR_…) or a timeout; anything else is a bug of ours. */
function describe(url: string, error: unknown, { aborted }: AbortSignal): unknown {
  if (aborted) return new PetsError('INTERRUPTED', { message: `interrupted while ${url} was to answer`, cause: error });
  if (error instanceof PetsError || !(error instanceof Error) || !('code' in error)) return error;
  const fact = error.name === 'TimeoutError' ? `no answer in ${REQUEST_DEADLINE_MS / 1000} s` : cleanText(String(error.code));
  return new PetsError('NOT_READY', {
    message: `${url} did not answer: ${fact}`,
    hint: 'is its scenario up? pets-console verify SCENARIO',
    cause: error,
  });
}
