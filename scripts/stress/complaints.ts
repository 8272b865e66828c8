import type { TwoHosts } from './two-hosts.ts';

/** The last ones are told. */
const TOLD = 12;

/** What engines log as an error in an undisturbed run, too, without what differs each time. */
export function usualErrors(hosts: TwoHosts): ReadonlySet<string> {
  return new Set(errorsOf(hosts).map(wordsOf));
}

/** The other errors that the engines have logged since they were started: `host-B: … timeout waiting for leave broadcast`. */
export function complaintsOf(hosts: TwoHosts, usual: ReadonlySet<string>): readonly string[] {
  return errorsOf(hosts)
    .filter((line) => !usual.has(wordsOf(line)))
    .slice(-TOLD);
}

function errorsOf(hosts: TwoHosts): readonly string[] {
  return hosts.names.flatMap((host) => {
    const errors = hosts
      .logOf(host)
      .split('\n')
      .filter((line) => /level=(error|fatal|panic)/.test(line));
    return errors.map((line) => `${host}: ${line}`);
  });
}

function wordsOf(line: string): string {
  return line.replace(/^[^ ]+ time="?[^ ]+ /, '').replace(/[0-9a-z]{12,}|\d+/g, '…');
}
