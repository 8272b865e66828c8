import type { ProbeResult } from '../agent/protocol.ts';
import type { Failure, PetsError } from '../domain/errors.ts';
import { splitTarget } from './targets.ts';

/** What one expectation came to: as expected, not, or not to be told. */
export interface Verdict {
  readonly outcome: 'passed' | 'failed' | 'uncertain';
  readonly text: string;
  readonly hint?: string;
}

export function uncertain({ message, hint }: PetsError): Verdict {
  return { outcome: 'uncertain', text: message, ...(hint === undefined ? {} : { hint }) };
}

/** Where the engine on the other side does not answer, nobody can tell what its silence means. */
export function unlessSilent(silence: Failure | undefined, verdict: Verdict): Verdict {
  if (silence === undefined) return verdict;
  const hint = silence.hint === undefined ? {} : { hint: silence.hint };
  return { outcome: 'uncertain', text: `${verdict.text}; ${silence.message}`, ...hint };
}

/** What a probe that was not answered met with; whose the address is that it tried, where that is to be told. */
export function inWords(from: string, to: string, { outcome, detail, address }: ProbeResult, owner?: string): string {
  const shown = [...(address === undefined || to.includes(address) ? [] : [address]), ...(owner === undefined ? [] : [owner])].join(', ');
  const at = shown === '' ? '' : ` (${shown})`;
  switch (outcome) {
    case 'answered':
      return `${from} reaches ${to}${at}`;
    case 'refused':
      return `${from} finds ${to}${at}, but nothing listens there`;
    case 'timed-out':
      return `${from} gets no answer from ${to}${at}`;
    case 'no-such-name':
      return `${from} cannot find the name ${splitTarget(to).host}`;
    case 'stranger':
      return `${to}${at} answers ${from}, but is not who it should be: ${detail}`;
    case 'unreachable':
      return `${from} has no way to ${to}${at}: ${detail}`;
    case 'reset':
      return `${to}${at} ends the connection of ${from}`;
    default:
      return outcome satisfies never;
  }
}
