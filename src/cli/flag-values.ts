import { PetsError } from '../domain/errors.ts';
import { PLAIN_NAME, PLAIN_NAME_RULE } from '../domain/plain-name.ts';
import { cleanText } from '../domain/text.ts';
import { mapValues } from '../scenario/forms.ts';
import { MOST_REPLICAS } from '../scenario/inputs.ts';
import type { Flags } from './verb.ts';

/** What flags say, checked. Everything here throws BAD_USAGE with the flag as it was typed. */

/** `--as PROJECT`, named as a scenario's own `project` may be. */
export function parseProject(project: string | undefined): string | undefined {
  if (project === undefined || PLAIN_NAME.test(project)) return project;
  throw new PetsError('BAD_USAGE', {
    message: `--as ${cleanText(project)}: a project is named with ${PLAIN_NAME_RULE}`,
    hint: '--as staging',
  });
}

/** `--bind ROLE=HOST` as a map. */
export function parseBinds(binds: readonly string[] = []): Readonly<Record<string, string>> {
  return parsePairs(binds, '--bind', 'ROLE=HOST', '--bind host-A=colima');
}

/** `--set INPUT=VALUE` as a map. */
export function parseInputs(sets: readonly string[] = []): Readonly<Record<string, string>> {
  return parsePairs(sets, '--set', 'INPUT=VALUE', '--set underlay.subnet=192.168.90.0/24');
}

/** `--scale SERVICE=N` as a map. */
export function parseScale(scales: readonly string[] = []): Readonly<Record<string, number>> {
  return mapValues(parsePairs(scales, '--scale', 'SERVICE=N', '--scale dog-web=3'), (text) => {
    if (/^\d{1,6}$/.test(text) && Number(text) <= MOST_REPLICAS) return Number(text);
    throw new PetsError('BAD_USAGE', {
      message: `--scale: ${cleanText(text)} is no number of tasks from 0 to ${MOST_REPLICAS}`,
      hint: '--scale dog-web=3',
    });
  });
}

function parsePairs(texts: readonly string[], flag: string, form: string, example: string): Readonly<Record<string, string>> {
  const pairs = new Map<string, string>();
  for (const text of texts) {
    const [, key, value] = /^([^=]+)=(.+)$/s.exec(text) ?? [];
    if (key === undefined || value === undefined) {
      throw new PetsError('BAD_USAGE', { message: `${flag} ${cleanText(text)}: ${form} is needed`, hint: example });
    }
    if (pairs.has(key) && pairs.get(key) !== value) {
      const both = `${cleanText(pairs.get(key) ?? '')} and ${cleanText(value)}`;
      throw new PetsError('BAD_USAGE', { message: `${flag}: ${cleanText(key)} is given twice, as ${both}`, hint: 'leave one of them out' });
    }
    pairs.set(key, value);
  }
  return Object.fromEntries(pairs);
}

/** The signal with the end that `--timeout SECONDS` sets. */
export function withTimeout(seconds: string | undefined, signal: AbortSignal): AbortSignal {
  if (seconds === undefined) return signal;
  const number = Number(seconds);
  if (!(number > 0 && number <= 86_400)) {
    throw new PetsError('BAD_USAGE', {
      message: `--timeout ${seconds}: a number of seconds from 1 to 86400 is needed`,
      hint: '--timeout 60',
    });
  }
  return AbortSignal.any([signal, AbortSignal.timeout(number * 1000)]);
}

/** The flags that say where hosts come from. */
export function hostFlags({ host, context, hosts }: Flags) {
  return {
    ...(host === undefined ? {} : { host }),
    ...(context === undefined ? {} : { context }),
    ...(hosts === undefined ? {} : { hostsFile: hosts }),
  };
}

/** The words that make another verb look at the same hosts and the same scenario. */
export function flagWords({ host = [], context, hosts, bind = [], as, set = [], variant, scale = [] }: Flags): readonly string[] {
  return [
    ...host.flatMap((endpoint) => ['--host', endpoint]),
    ...(context === undefined ? [] : ['--context', context]),
    ...(hosts === undefined ? [] : ['--hosts', hosts]),
    ...bind.flatMap((pair) => ['--bind', pair]),
    ...(as === undefined ? [] : ['--as', as]),
    ...set.flatMap((pair) => ['--set', pair]),
    ...(variant === undefined ? [] : ['--variant', variant]),
    ...scale.flatMap((pair) => ['--scale', pair]),
  ];
}
