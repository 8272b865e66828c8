import { request } from 'undici';
import { PetsError } from '../domain/errors.ts';
import { cleanText } from '../domain/text.ts';

/** What a Pets page says of itself in its headers. */
export interface PageAnswer {
  readonly status: number;
  readonly counted: boolean;
  readonly tenant: string | undefined;
  readonly servedBy: string | undefined;
  readonly hits: string | undefined;
}

const PAGE_DEADLINE_MS = 5_000;

/**
 * Asks for a page once, from this machine.
 * @throws NOT_READY when nobody answers
 */
export async function askForPage(url: string, outer: AbortSignal): Promise<PageAnswer> {
  const signal = AbortSignal.any([outer, AbortSignal.timeout(PAGE_DEADLINE_MS)]);
  try {
    const { statusCode, headers, body } = await request(url, { signal });
    await body.dump();
    const header = (name: string) => {
      const value = headers[name];
      return typeof value === 'string' ? cleanText(value) : undefined;
    };
    return {
      status: statusCode,
      counted: header('x-pets-counted') === 'true',
      tenant: header('x-pets-tenant'),
      servedBy: header('x-pets-served-by'),
      hits: header('x-pets-hits'),
    };
  } catch (error) {
    // Whoever does not answer leaves a code (ECONNREFUSED, UND_ERR_…) or a timeout; anything else is a bug of ours.
    if (!(error instanceof Error) || !('code' in error)) throw error;
    const code = error.name === 'TimeoutError' ? 'no answer in 5 s' : String(error.code);
    throw new PetsError('NOT_READY', { message: `${url} did not answer: ${cleanText(code)}`, hint: `curl -i ${url}`, cause: error });
  }
}
