import type { LiveService } from '../domain/live.ts';
import { cleanRecord, cleanText } from '../domain/text.ts';
import type { Engine } from './engine.ts';
import { statusOf } from './errors.ts';
import { callEngine } from './request.ts';

interface ServiceAnswer {
  readonly ID: string;
  readonly Spec?: { readonly Name?: string; readonly Labels?: Readonly<Record<string, string>> | null };
  readonly Endpoint?: { readonly Ports?: readonly PortAnswer[] | null };
}

interface PortAnswer {
  readonly Protocol?: string;
  readonly TargetPort?: number;
  readonly PublishedPort?: number;
  readonly PublishMode?: string;
}

/**
 * Every service of the swarm that the engine manages; none where it manages no swarm (503), or one that is locked or has lost its leader
 * (500): with all else that engine does as ever. @throws as `callEngine` where it does not answer
 */
export async function listServices(engine: Engine, signal?: AbortSignal): Promise<LiveService[]> {
  const request = { what: 'list services', method: 'GET', path: '/services' } as const;
  try {
    return (await callEngine<readonly ServiceAnswer[]>(engine, request, signal)).map(readService);
  } catch (error) {
    if (statusOf(error) !== undefined) return [];
    throw error;
  }
}

function readService({ ID: id, Spec, Endpoint }: ServiceAnswer): LiveService {
  return {
    id,
    name: cleanText(Spec?.Name ?? ''),
    labels: cleanRecord(Spec?.Labels),
    ports: (Endpoint?.Ports ?? []).map(({ Protocol = 'tcp', TargetPort = 0, PublishedPort = 0, PublishMode = 'ingress' }) => ({
      protocol: cleanText(Protocol),
      targetPort: TargetPort,
      publishedPort: PublishedPort,
      mode: PublishMode === 'host' ? 'host' : 'ingress',
    })),
  };
}
