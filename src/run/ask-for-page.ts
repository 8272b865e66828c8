import { request } from 'undici';
import { PetsError } from '../domain/errors.ts';
import { cleanText } from '../domain/text.ts';

/** What a Pets page says of itself in its headers. */
export interface PageAnswer {
  readonly status: number;
  /** `true`, `false`, `uncertain`; undefined for what is no Pets page. */
  readonly counted: string | undefined;
  readonly tenant: string | undefined;
  readonly servedBy: string | undefined;
  readonly hits: string | undefined;
}

const PAGE_DEADLINE_MS = 5_000;

/**
 * Asks for a page once, from this machine.
 * @throws NOT_READY when nobody answers, INTERRUPTED
 */
export async function askForPage(url: string, outer: AbortSignal): Promise<PageAnswer> {
  const signal = AbortSignal.any([outer, AbortSignal.timeout(PAGE_DEADLINE_MS)]);
  try {
    // A connection of its own: one that was kept may lead to a container that was replaced since.
    const { statusCode, headers, body } = await request(url, { signal, reset: true });
    await body.dump();
    const header = (name: string) => {
      const value = headers[name];
      return typeof value === 'string' ? cleanText(value) : undefined;
    };
    return {
      status: statusCode,
      counted: header('x-pets-counted'),
      tenant: header('x-pets-tenant'),
      servedBy: header('x-pets-served-by'),
      hits: header('x-pets-hits'),
    };
  } catch (error) {
    if (outer.aborted) throw new PetsError('INTERRUPTED', { message: `interrupted while ${url} was to answer`, cause: error });
    // Whoever does not answer leaves a code (ECONNREFUSED, UND_ERR_…) or a timeout; anything else is a bug of ours.
    if (!(error instanceof Error) || !('code' in error)) throw error;
    const fact = error.name === 'TimeoutError' ? `no answer in ${PAGE_DEADLINE_MS / 1000} s` : cleanText(String(error.code));
    throw new PetsError('NOT_READY', { message: `${url} did not answer: ${fact}`, hint: `curl -i ${url}`, cause: error });
  }
}
