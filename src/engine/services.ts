import { ownershipOf } from '../domain/labels.ts';
import type { LiveServicePort, SwarmService } from '../domain/live-swarm.ts';
import { cleanRecord, cleanText } from '../domain/text.ts';
import type { Engine } from './engine.ts';
import { statusOf } from './errors.ts';
import { callEngine } from './request.ts';

interface ServiceAnswer {
  readonly ID: string;
  readonly Spec?: {
    readonly Name?: string;
    readonly Labels?: Readonly<Record<string, string>> | null;
    readonly TaskTemplate?: {
      readonly ContainerSpec?: ContainerAnswer;
      readonly Placement?: { readonly Constraints?: readonly string[] | null };
      readonly Networks?: readonly { readonly Target?: string; readonly Aliases?: readonly string[] | null }[] | null;
    };
    readonly Mode?: ModeAnswer;
    readonly EndpointSpec?: { readonly Mode?: string; readonly Ports?: readonly PortAnswer[] | null };
  };
  readonly Endpoint?: {
    readonly Ports?: readonly PortAnswer[] | null;
    readonly VirtualIPs?: readonly { readonly NetworkID?: string; readonly Addr?: string }[] | null;
  };
  readonly UpdateStatus?: { readonly State?: string; readonly Message?: string } | null;
}

interface ContainerAnswer {
  readonly Image?: string;
  readonly Command?: readonly string[] | null;
  readonly Args?: readonly string[] | null;
  readonly Env?: readonly string[] | null;
  readonly Hosts?: readonly string[] | null;
}

interface ModeAnswer {
  readonly Replicated?: { readonly Replicas?: number };
  readonly Global?: object;
  readonly ReplicatedJob?: { readonly TotalCompletions?: number };
  readonly GlobalJob?: object;
}

interface PortAnswer {
  readonly Protocol?: string;
  readonly TargetPort?: number;
  readonly PublishedPort?: number;
  readonly PublishMode?: string;
}

/** Docker's words for "this node is no swarm manager": 503 of 20.10 and 28.5, 406 of what stood before. */
const NO_MANAGER: ReadonlySet<number | undefined> = new Set([503, 406]);

/** Every service of the swarm that the engine manages; none where it manages no swarm. */
export async function listServices(engine: Engine, signal?: AbortSignal): Promise<SwarmService[]> {
  const request = { what: 'list services', method: 'GET', path: '/services' } as const;
  try {
    const services = (await callEngine<readonly ServiceAnswer[]>(engine, request, signal)).map(readService);
    return services.sort((one, other) => one.name.localeCompare(other.name, 'en'));
  } catch (error) {
    if (NO_MANAGER.has(statusOf(error))) return [];
    throw error;
  }
}

function readService({ ID: id, Spec = {}, Endpoint = {}, UpdateStatus }: ServiceAnswer): SwarmService {
  const { ContainerSpec = {}, Placement, Networks } = Spec.TaskTemplate ?? {};
  const labels = cleanRecord(Spec.Labels);
  const isOurs = ownershipOf(labels) !== undefined;
  return {
    id,
    name: cleanText(Spec.Name ?? ''),
    labels,
    ports: portsOf(Spec.EndpointSpec?.Ports ?? [], Endpoint.Ports ?? []).map(readPort),
    image: cleanText(ContainerSpec.Image ?? ''),
    ...readMode(Spec.Mode ?? {}),
    endpointMode: Spec.EndpointSpec?.Mode === 'dnsrr' ? 'dnsrr' : 'vip',
    constraints: (Placement?.Constraints ?? []).map((constraint) => cleanText(constraint)),
    networkIds: (Networks ?? []).flatMap(({ Target }) => Target ?? []),
    aliases: Object.fromEntries(
      (Networks ?? []).flatMap(({ Target = '', Aliases }) => (Aliases?.length ? [[Target, Aliases.map((alias) => cleanText(alias))]] : [])),
    ),
    extraHosts: (ContainerSpec.Hosts ?? []).flatMap(readHostLine),
    command: isOurs ? [...(ContainerSpec.Command ?? []), ...(ContainerSpec.Args ?? [])].map((word) => cleanText(word)) : [],
    environment: isOurs ? cleanRecord(Object.fromEntries((ContainerSpec.Env ?? []).map(readVariable))) : {},
    virtualIps: Object.fromEntries(
      (Endpoint.VirtualIPs ?? []).map(({ NetworkID = '', Addr = '' }) => [NetworkID, cleanText(Addr.split('/')[0] ?? '')]),
    ),
    update: readUpdate(UpdateStatus),
  };
}

/** `10.0.0.9 far away`: a line of a hosts file. */
function readHostLine(line: string): readonly string[] {
  const [address = '', ...names] = cleanText(line).trim().split(/\s+/);
  return names.map((name) => `${name}:${address}`);
}

function readVariable(variable: string): readonly [string, string] {
  const [name = '', ...value] = variable.split('=');
  return [name, value.join('=')];
}

/** As wished: with dnsrr what is told of the endpoint stays as it was when a port goes. But only there a port stands that Docker chose. */
function portsOf(wished: readonly PortAnswer[], given: readonly PortAnswer[]): readonly PortAnswer[] {
  return wished.every(({ PublishedPort = 0 }) => PublishedPort > 0) ? wished : given;
}

function readPort({ Protocol = 'tcp', TargetPort = 0, PublishedPort = 0, PublishMode = 'ingress' }: PortAnswer): LiveServicePort {
  const mode = PublishMode === 'host' ? 'host' : 'ingress';
  return { protocol: cleanText(Protocol), targetPort: TargetPort, publishedPort: PublishedPort, mode };
}

function readMode({ Replicated, Global, ReplicatedJob, GlobalJob }: ModeAnswer): Pick<SwarmService, 'mode' | 'replicas'> {
  if (Global !== undefined) return { mode: 'global', replicas: undefined };
  if (GlobalJob !== undefined) return { mode: 'global-job', replicas: undefined };
  if (ReplicatedJob !== undefined) return { mode: 'replicated-job', replicas: ReplicatedJob.TotalCompletions ?? 1 };
  // Of a service scaled to nothing some engines leave the number out.
  return { mode: 'replicated', replicas: Replicated?.Replicas ?? 0 };
}

function readUpdate(status: ServiceAnswer['UpdateStatus']): SwarmService['update'] {
  const message = cleanText(status?.Message ?? '');
  switch (status?.State) {
    case 'updating':
      return { state: 'updating', message };
    case 'rollback_started':
      return { state: 'rolling-back', message };
    case 'paused':
    case 'rollback_paused':
      return { state: 'paused', message };
    default:
      return undefined;
  }
}
