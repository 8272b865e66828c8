/** Words that name a secret wherever they stand in a name, Redis' own among them. */
const SECRET_WORD = /password|passwd|passphrase|secret|token|credential|requirepass|masterauth|api[_-]?key|private[_-]?key/i;
/** Words that do so only as a word of their own: `COMPASS`, `AUTHOR` and `MONKEY` are no secrets, nor is what is just called `key`. */
const SECRET_PART = /(?:^|[^a-z0-9])(?:pass|pwd|auth)(?![a-z0-9])|[^a-z0-9]key(?![a-z0-9])/i;
const URL_PASSWORD = /:\/\/[^/\s]*:[^/\s]*@/;

/** Whether what bears this name is a secret: an environment variable, a field, a setting. */
export function namesSecret(name: string): boolean {
  return SECRET_WORD.test(name) || SECRET_PART.test(name.replace(/([a-z0-9])([A-Z])/g, '$1_$2'));
}

/** Whether the value of an environment variable is better not shown, by its name or by a password inside a URL. */
export function isSecret(name: string, value: string): boolean {
  return namesSecret(name) || /^key$/i.test(name) || URL_PASSWORD.test(value);
}

/** Whether the word after an option of a command is a secret: `--requirepass`, `--api-token`, `--dbpass`. */
export function isSecretOption(word: string): boolean {
  return /^--?[a-z][a-z-]*$/i.test(word) && (namesSecret(word) || /pass$/i.test(word));
}

// Each begins at the start of a word: tried at every letter, a long word would take the square of its length.
const QUOTED_ASSIGNMENT = /(?<![\w.'"-])(['"])([A-Za-z_-][\w.-]*)=.*?\1/gs;
const ASSIGNMENT = /(?<![\w.-])([A-Za-z_-][\w.-]*)=('[^']*'|"[^"]*"|[^\s'"]+)/g;
const OPTION = /(?<![\w.-])(--?[A-Za-z][A-Za-z-]*)( +)('[^']*'|"[^"]*"|[^\s'"]+)/g;
const JOIN_TOKEN = /SWMTKN-1-[a-z0-9-]+/g;
const PASSWORD_IN_URL = /(?<![a-z0-9+.-])([a-z][a-z0-9+.-]*:\/\/[^/\s:@]*:)[^@\s/]+@/gi;

/** Puts `instead` for every secret in a text (a command, a message), and leaves what is around it. */
export function withoutSecrets(text: string, instead: string): string {
  return text
    .replace(QUOTED_ASSIGNMENT, (all, quote: string, name: string) => (isSecret(name, '') ? `${quote}${name}=${instead}${quote}` : all))
    .replace(ASSIGNMENT, (all, name: string, value: string) => (isSecret(name, '') && !isLeftToShell(value) ? `${name}=${instead}` : all))
    .replace(OPTION, (all, option: string, space: string, value: string) =>
      isSecretOption(option) && !isLeftToShell(value) ? `${option}${space}${instead}` : all,
    )
    .replace(JOIN_TOKEN, instead)
    .replace(PASSWORD_IN_URL, `$1${instead}@`);
}

/** `"$REQUIREPASS"`: what the shell that runs the command puts there. */
function isLeftToShell(value: string): boolean {
  return value.startsWith('"$');
}
