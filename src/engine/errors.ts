import type { ErrorCode } from '../domain/errors.ts';
import { PetsError } from '../domain/errors.ts';
import { cleanText } from '../domain/text.ts';
import { CERTIFICATE_ALERT, CONNECTION_RULES, ENGINE_RULES } from './error-rules.ts';

/** What dockerode's modem adds to the errors that it makes from an engine's answer. */
interface AnswerError {
  readonly statusCode?: number;
  readonly json?: unknown;
  readonly code?: string;
  readonly message: string;
}

/** The HTTP status behind an error of this folder, or undefined where no answer came. */
export function statusOf(error: unknown): number | undefined {
  if (error instanceof PetsError) return statusOf(error.cause);
  const status = isAnswerError(error) ? error.statusCode : undefined;
  return typeof status === 'number' ? status : undefined;
}

/**
 * The failure of a call in our words: `what` is what was tried (`create network catnet`). Both generations of Docker's messages are
 * known (measured on 20.10 and 28.5); an unknown one is passed on, cleaned, as ENGINE_ERROR.
 */
export function engineError(host: string, what: string, error: unknown): PetsError {
  if (error instanceof PetsError) return error;
  const text = messageOf(error);
  const rule = ruleFor(error, text);
  const fact = rule.says === undefined ? text : `${rule.says} (${text})`;
  return new PetsError(rule.code, { message: `${host}: cannot ${what}: ${fact}`, hint: rule.hint, cause: error });
}

/** Docker's own words, without the modem's wrapping. `err.reason` of the modem is not used: it misleads ("no such container"). */
export function messageOf(error: unknown): string {
  if (!isAnswerError(error)) return cleanText(String(error));
  const { json } = error;
  if (Buffer.isBuffer(json)) return cleanText(json.toString('utf8').trim());
  if (typeof json === 'object' && json !== null && 'message' in json) return cleanText(withoutRpc(String(json.message).trim()));
  const text = error.message
    .replace(/^\(HTTP code \d+\) .*? - /s, '')
    // OpenSSL's own words, without its numbers and its source files; and without Node's advice to whoever starts Node.
    .replace(/^(?:\w+ EPROTO )?(?:[0-9A-F]+:)?error:[0-9A-F]+:[^:]*:[^:]*:([^:]+)(?::.*)?$/s, '$1')
    .replace(/; if the root CA is installed locally.*$/s, '')
    .trim();
  return cleanText(text === '' ? (error.code ?? 'no reason given') : text);
}

/** What a swarm's managers say comes to the engine in a wrapping of its own. */
export function withoutRpc(text: string): string {
  return text.replace(/^rpc error: code = \w+ desc = /, '');
}

/** As `engineError` of a first contact in which no client certificate was given: an alert about one then means that it is missing. */
export function withoutCertificate(host: string, what: string, error: unknown): unknown {
  const cause = error instanceof PetsError ? error.cause : undefined;
  if (!(cause instanceof Error) || !CERTIFICATE_ALERT.test(cause.message)) return error;
  return engineError(host, what, new Error('certificate required', { cause }));
}

interface Verdict {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly says?: string | undefined;
}

function ruleFor(error: unknown, text: string): Verdict {
  const status = statusOf(error);
  if (status === undefined) {
    const key = `${isAnswerError(error) ? (error.code ?? '') : ''} ${text}`;
    const rule = CONNECTION_RULES.find((candidate) => candidate.match.test(key));
    return rule ?? { code: 'ENGINE_UNREACHABLE', hint: 'does the engine answer at all? docker version' };
  }
  for (const rule of ENGINE_RULES) {
    const found = rule.match.exec(text);
    if (found !== null) return { code: rule.code, hint: rule.hint.replace('$1', () => found[1] ?? '') };
  }
  if (status === 401 || status === 403) return { code: 'ENGINE_DENIED', hint: 'check what this user may do on that engine: docker info' };
  return { code: 'ENGINE_ERROR', hint: "the engine's own log says more: journalctl -u docker" };
}

function isAnswerError(error: unknown): error is AnswerError {
  return error instanceof Error;
}
