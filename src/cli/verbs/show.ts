import { PetsError } from '../../domain/errors.ts';
import { own } from '../../domain/own.ts';
import { didYouMean } from '../../domain/suggest.ts';
import { cleanText } from '../../domain/text.ts';
import type { VerbAction } from '../verb.ts';

/** Each loaded only when it is asked for. */
const SUBJECTS: Readonly<Record<string, () => Promise<VerbAction>>> = {
  hosts: async () => (await import('./show-hosts.ts')).showHosts,
  swarm: async () => (await import('./show-swarm.ts')).showSwarm,
};

/** Shows one subject, once or as it changes; status 4 where a host that it should tell of does not answer. */
export const show: VerbAction = async ([subject = ''], flags, context) => {
  const load = own(SUBJECTS, subject);
  if (load === undefined) {
    const subjects = Object.keys(SUBJECTS);
    throw new PetsError('BAD_USAGE', {
      message: `show ${cleanText(subject)} is not known; subjects: ${subjects.join(', ')}.${didYouMean(subject, subjects)}`,
      hint: 'pets-console show hosts',
    });
  }
  return (await load())([], flags, context);
};
