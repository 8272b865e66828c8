import type { LiveAttachment, LiveContainer, LivePort } from '../domain/live.ts';
import { cleanRecord, cleanText } from '../domain/text.ts';

/** The parts of a container's inspect body that we read; older and newer engines leave different ones out. */
export interface ContainerAnswer {
  readonly Id: string;
  readonly Name: string;
  readonly Image: string;
  readonly State: { readonly Status: string; readonly ExitCode: number; readonly StartedAt: string; readonly FinishedAt: string };
  readonly Config: { readonly Image: string; readonly Labels?: Record<string, string> | null };
  readonly HostConfig: { readonly NetworkMode: string; readonly PortBindings?: PortsAnswer | null };
  readonly NetworkSettings: {
    readonly Ports?: PortsAnswer | null;
    readonly Networks?: Readonly<Record<string, AttachmentAnswer>> | null;
  };
}

type PortsAnswer = Readonly<Record<string, readonly { readonly HostIp: string; readonly HostPort: string }[] | null>>;

interface AttachmentAnswer {
  readonly NetworkID: string;
  readonly IPAddress: string;
  readonly MacAddress: string;
  readonly Aliases?: readonly string[] | null;
}

const STATES: readonly string[] = [
  'created',
  'running',
  'paused',
  'restarting',
  'removing',
  'exited',
  'dead',
] satisfies LiveContainer['state'][];

/** An inspect body in our words. */
export function readContainer(container: ContainerAnswer): LiveContainer {
  const { State, Config, HostConfig, NetworkSettings } = container;
  const state = readState(State.Status);
  const holdsPorts = state === 'running' || state === 'paused';
  return {
    id: container.Id,
    name: cleanText(container.Name.replace(/^\//, '')),
    image: cleanText(Config.Image),
    imageId: container.Image,
    state,
    exitCode: State.ExitCode,
    startedAt: cleanText(State.StartedAt),
    finishedAt: cleanText(State.FinishedAt),
    labels: cleanRecord(Config.Labels),
    networks: readAttachments(NetworkSettings.Networks ?? {}),
    networkMode: cleanText(HostConfig.NetworkMode),
    // A stopped container holds no port: then those that it will ask for.
    ports: readPorts((holdsPorts ? NetworkSettings.Ports : HostConfig.PortBindings) ?? {}),
  };
}

/** A state that Docker may add one day counts as one that does not run. */
function readState(status: string): LiveContainer['state'] {
  return isState(status) ? status : 'dead';
}

function isState(status: string): status is LiveContainer['state'] {
  return STATES.includes(status);
}

function readAttachments(networks: Readonly<Record<string, AttachmentAnswer>>): Record<string, LiveAttachment> {
  return Object.fromEntries(
    Object.entries(networks).map(([name, attachment]) => [
      cleanText(name),
      {
        networkId: attachment.NetworkID,
        ipv4Address: cleanText(attachment.IPAddress),
        macAddress: cleanText(attachment.MacAddress),
        aliases: (attachment.Aliases ?? []).map((alias) => cleanText(alias)),
      },
    ]),
  );
}

function readPorts(ports: PortsAnswer): LivePort[] {
  return Object.entries(ports).flatMap(([key, bindings]) => {
    const [targetPort = '', protocol = 'tcp'] = key.split('/');
    return (bindings ?? []).map(({ HostIp, HostPort }) => ({
      hostIp: cleanText(HostIp),
      publishedPort: Number(HostPort),
      targetPort: Number(targetPort),
      protocol: cleanText(protocol),
    }));
  });
}
