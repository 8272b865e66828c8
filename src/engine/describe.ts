import type { HostDescription } from '../domain/events.ts';
import { cleanText } from '../domain/text.ts';
import type { Engine } from './engine.ts';
import { statusOf } from './errors.ts';
import { callEngine } from './request.ts';

interface InfoAnswer {
  readonly SystemTime?: string;
  readonly OperatingSystem?: string;
  readonly KernelVersion?: string;
  readonly OSType?: string;
  readonly Architecture?: string;
  readonly Swarm?: { readonly NodeID?: string; readonly LocalNodeState?: string; readonly ControlAvailable?: boolean };
}

/** Docker names the machine as the kernel does, images as Go does. */
export const ARCHITECTURES: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64', armv7l: 'arm/v7' };

/** What an engine tells of itself and its machine: GET /info. @throws as `callEngine` */
export async function describeEngine(engine: Engine, signal: AbortSignal): Promise<HostDescription> {
  const askedAt = Date.now();
  const request = { what: 'ask the engine about itself', method: 'GET', path: '/info' } as const;
  const answer = await callEngine<InfoAnswer>(engine, request, signal);
  const architecture = cleanText(answer.Architecture ?? '');
  return {
    swarm: await swarmRole(engine, answer, signal),
    clockSkewMs: clockSkewMs(answer.SystemTime, askedAt, Date.now()),
    operatingSystem: cleanText(answer.OperatingSystem ?? ''),
    kernelVersion: cleanText(answer.KernelVersion ?? ''),
    platform: `${cleanText(answer.OSType ?? '')}/${ARCHITECTURES[architecture] ?? architecture}`,
  };
}

/**
 * How far the host's clock is ahead of ours. It was read at some moment between our question and the answer: what that alone explains
 * is no skew.
 */
export function clockSkewMs(theirs: string | undefined, askedAt: number, answeredAt: number): number {
  const time = Date.parse(theirs ?? '');
  if (Number.isNaN(time)) return 0;
  if (time < askedAt) return time - askedAt;
  return Math.max(0, time - answeredAt);
}

async function swarmRole(engine: Engine, { Swarm }: InfoAnswer, signal: AbortSignal): Promise<HostDescription['swarm']> {
  switch (Swarm?.LocalNodeState) {
    case 'active':
      if (Swarm.ControlAvailable !== true) return 'worker';
      return (await isLeader(engine, Swarm.NodeID ?? '', signal)) ? 'leader' : 'manager';
    case 'pending':
    case 'locked':
    case 'error':
      return Swarm.LocalNodeState;
    default:
      return 'inactive';
  }
}

/** A swarm that has lost its leader tells nothing of its nodes, with an error: this one leads nobody then. */
async function isLeader(engine: Engine, nodeId: string, signal: AbortSignal): Promise<boolean> {
  const request = { what: 'ask for its swarm node', method: 'GET', path: `/nodes/${encodeURIComponent(nodeId)}` } as const;
  try {
    const node = await callEngine<{ readonly ManagerStatus?: { readonly Leader?: boolean } }>(engine, request, signal);
    return node.ManagerStatus?.Leader === true;
  } catch (error) {
    if (statusOf(error) !== undefined) return false;
    throw error;
  }
}
