import type { LiveAttachment, LiveContainer, LiveNetwork } from '../../src/domain/live.ts';
import type { ConsoleState, HostState } from '../../src/domain/state.ts';

/** Where a container of a service ran. */
export interface Place {
  readonly host: HostState;
  readonly container: LiveContainer;
}

/** What it had on one network. */
export interface Seat {
  readonly network: LiveNetwork | undefined;
  readonly name: string;
  readonly attachment: LiveAttachment;
}

/** The containers of a service of the scenario, those of a swarm's tasks too, by host. */
export function placesOf(service: string, project: string, { hosts }: ConsoleState): readonly Place[] {
  const resources = [`container/${service}`, `service/${service}`];
  return Object.values(hosts).flatMap((host) =>
    Object.values(host.containers).flatMap((container) => {
      const { labels } = container;
      const isIts = labels['pets-console.project'] === project && resources.includes(labels['pets-console.resource'] ?? '');
      return isIts ? [{ host, container }] : [];
    }),
  );
}

export function seatsOf({ container, host }: Place): readonly Seat[] {
  return Object.entries(container.networks).map(([name, attachment]) => ({
    name,
    attachment,
    network: host.networks[attachment.networkId]?.live,
  }));
}

export function describeSubnet(seat: Seat | undefined): string {
  const [pool] = seat?.network?.pools ?? [];
  return pool === undefined ? 'subnet not told' : `${pool.subnet}${pool.gateway === undefined ? '' : `, gateway ${pool.gateway}`}`;
}
