const WORDS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'its name is not known',
  ENODATA: 'its name is not known',
  ETIMEOUT: 'the name server does not answer',
  EAI_AGAIN: 'the name server does not answer',
  ECONNREFUSED: 'nobody listens there',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to it',
  ECONNRESET: 'it closed the connection',
};

const SILENT = 'it does not answer';

/** Why a database is away, in a few words for people: the system's error, or what Redis itself said. */
export function whyAway(error: unknown): string {
  if (!(error instanceof Error)) return SILENT;
  if (error.message.startsWith('Protocol error')) return 'what answers there is no Redis';
  // Redis begins a refusal with a word in capitals: `NOAUTH Authentication required.`
  const refusal = 'code' in error ? undefined : /^(?:Ready check failed: )?([A-Z]{3,} .*)/.exec(error.message)?.[1];
  if (refusal !== undefined) return `it says ${cleanQuote(refusal)}`;
  return WORDS['code' in error ? String(error.code) : ''] ?? SILENT;
}

function cleanQuote(text: string): string {
  return JSON.stringify(text.slice(0, 80).replace(/[^\x20-\x7e]/g, '?'));
}
