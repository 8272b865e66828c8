import { isSecret, isSecretOption, namesSecret, withoutSecrets } from '../domain/secrets.ts';

const REDACTED = '‹redacted›';

/** A copy of a plain value (as JSON has them) without its secrets. */
export function redactDeep<T>(value: T): T {
  return redactValue(value) as T;
}

function redactValue(value: unknown, name = ''): unknown {
  if (typeof value === 'string') return withoutSecrets(value, REDACTED);
  if (Array.isArray(value)) return value.map((entry, index) => (isAfterSecretOption(value, index) ? REDACTED : redactValue(entry)));
  if (typeof value !== 'object' || value === null) return value;
  const hides = (key: string, entry: string) => (name === 'environment' ? isSecret(key, entry) : namesSecret(key));
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [key, typeof entry === 'string' && hides(key, entry) ? REDACTED : redactValue(entry, key)]),
  );
}

/** The words of a command: `['redis-server', '--requirepass', 'x']`. */
function isAfterSecretOption(words: readonly unknown[], index: number): boolean {
  const before = words[index - 1];
  return typeof words[index] === 'string' && typeof before === 'string' && isSecretOption(before);
}
