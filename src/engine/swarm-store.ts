import { cleanText } from '../domain/text.ts';
import type { Engine } from './engine.ts';
import { callEngine } from './request.ts';

interface StoredAnswer {
  readonly Spec?: { readonly Name?: string };
}

/** What people keep in the swarm that the engine manages, by kind and name: `secret db-password`, `config nginx`. @throws SWARM_REQUIRED */
export async function listStored(engine: Engine, signal?: AbortSignal): Promise<readonly string[]> {
  const [secrets, configs] = await Promise.all([listNames(engine, 'secret', signal), listNames(engine, 'config', signal)]);
  return [...secrets, ...configs];
}

async function listNames(engine: Engine, kind: 'secret' | 'config', signal: AbortSignal | undefined): Promise<readonly string[]> {
  const request = { what: `list ${kind}s of its swarm`, method: 'GET', path: `/${kind}s` } as const;
  const stored = await callEngine<readonly StoredAnswer[]>(engine, request, signal);
  return stored.map(({ Spec }) => `${kind} ${cleanText(Spec?.Name ?? '')}`);
}
