import { namesSecret, withoutSecrets } from '../domain/secrets.ts';

const REDACTED = '‹redacted›';

/** A copy of a plain value (as JSON has them) without its secrets. */
export function redactDeep<T>(value: T): T {
  return redactValue(value) as T;
}

function redactValue(value: unknown): unknown {
  if (typeof value === 'string') return withoutSecrets(value, REDACTED);
  if (Array.isArray(value)) return value.map(redactValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [key, typeof entry === 'string' && namesSecret(key) ? REDACTED : redactValue(entry)]),
  );
}
