/** Names whose values are secrets, wherever they occur: environment entries, flags, keys. */
const SECRET_NAME = /pass(word|wd|phrase)|secret|token|api_?key|private_?key|credential/i;
const SECRET_ASSIGNMENT =
  /([A-Za-z0-9_]*(?:PASS(?:WORD|WD|PHRASE)?|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|CREDENTIAL)[A-Za-z0-9_]*=)(?:'[^']*'|"[^"]*"|[^\s'"]+)/gi;
/** Join tokens of a swarm, and passwords inside URLs. */
const JOIN_TOKEN = /SWMTKN-1-[a-z0-9-]+/g;
const URL_PASSWORD = /([a-z][a-z0-9+.-]*:\/\/[^/\s:@]*:)[^@\s/]+@/gi;

const REDACTED = '‹redacted›';

/** Takes secrets out of a text, leaving what is around them. */
function redactText(text: string): string {
  return text.replace(SECRET_ASSIGNMENT, `$1${REDACTED}`).replace(JOIN_TOKEN, REDACTED).replace(URL_PASSWORD, `$1${REDACTED}@`);
}

/** A copy of a plain value (as JSON has them) without its secrets. */
export function redactDeep<T>(value: T): T {
  return redactValue(value) as T;
}

function redactValue(value: unknown): unknown {
  if (typeof value === 'string') return redactText(value);
  if (Array.isArray(value)) return value.map(redactValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [key, typeof entry === 'string' && SECRET_NAME.test(key) ? REDACTED : redactValue(entry)]),
  );
}
