import type { BoundHost, Scenario } from '../../src/domain/scenario.ts';
import type { ConsoleState } from '../../src/domain/state.ts';
import { describeSubnet, type Place, placesOf, type Seat, seatsOf } from './places.ts';

/** One hop of a request, in words with the addresses of a run. */
export type Hop = string;

/**
 * The way of one request: from whoever opens the page to the web front end, and from there to its database, derived from the scenario and
 * from what the engines reported in one run. `bound` is the scenario bound to the run's hosts.
 */
export function dataPathOf(tenant: string, bound: Scenario, hosts: readonly BoundHost[], state: ConsoleState): readonly Hop[] {
  const { web, db, url } = bound.tenants[tenant] ?? { web: '', db: '', url: '' };
  const [[front], [database]] = [placesOf(web, bound.project, state), placesOf(db, bound.project, state)];
  if (front === undefined || database === undefined) return [];
  const page = new URL(url);
  return [
    `Whoever reads asks \`${url}\`.`,
    ...toThePage(page, web, front),
    ...toTheDatabase({ web, db, wanted: bound.services[web]?.environment.DB ?? db }, { front, database }, bound, hosts),
  ];
}

function toThePage(page: URL, web: string, front: Place): readonly Hop[] {
  const { host, container } = front;
  const [seat] = seatsOf(front);
  const address = seat?.attachment.ipv4Address ?? '';
  const published = container.ports.find((port) => String(port.publishedPort) === page.port && page.hostname !== address);
  if (published === undefined) {
    return [
      `The wire carries it to \`${web}\` itself: \`${address}\` answers with a MAC address of its own, \`${seat?.attachment.macAddress}\`, behind ${host.name}'s \`${parentOf(seat)}\`. Nothing is translated, nothing is published.`,
    ];
  }
  return [
    `${host.name} (\`${host.address}\`) has port ${published.publishedPort} published on ${published.hostIp === '' || published.hostIp === '0.0.0.0' ? 'every address' : `\`${published.hostIp}\` only`} and translates the destination (DNAT) to \`${web}\`, \`${address}:${published.targetPort}\`, on network \`${seat?.name}\` (${describeSubnet(seat)}).`,
  ];
}

interface Question {
  readonly web: string;
  readonly db: string;
  /** As the web server is told: `cat-db`, `host-B:8001`. */
  readonly wanted: string;
}

function toTheDatabase(
  { web, db, wanted }: Question,
  { front, database }: { readonly front: Place; readonly database: Place },
  bound: Scenario,
  hosts: readonly BoundHost[],
): readonly Hop[] {
  const [name = '', port = '6379'] = wanted.split(':');
  const [seat] = seatsOf(front);
  const [target] = seatsOf(database);
  const at = `\`${target?.attachment.ipv4Address}:6379\``;
  const ask = `\`${web}\` asks for its database as \`${wanted}\``;
  const written = bound.services[web]?.extraHosts.find((entry) => entry.startsWith(`${name}:`));
  if (front.host.name === database.host.name && name === db) {
    return [
      `${ask}; the engine's own DNS (127.0.0.11) knows the name on network \`${seat?.name}\` and answers \`${target?.attachment.ipv4Address}\`.`,
      `The request crosses the ${wordFor(seat)} on ${front.host.name}, from \`${seat?.attachment.ipv4Address}\` to ${at}, and leaves neither the host nor the network.`,
    ];
  }
  if (written !== undefined) {
    return [
      `${ask}; the name stands in its /etc/hosts (\`extra_hosts\`), since an engine's DNS knows its own containers only.`,
      `The wire carries it from \`${seat?.attachment.ipv4Address}\` on ${front.host.name} to ${at} on ${database.host.name}, both addresses as the containers have them: no NAT on the way.`,
    ];
  }
  const through = hosts.find((host) => host.name === name || host.address === name);
  return [
    `${ask}; ${through === undefined ? 'the name' : `\`${name}\``} is resolved by the infrastructure's DNS to \`${database.host.address}\`.`,
    `Leaving ${front.host.name}, the request of \`${seat?.attachment.ipv4Address}\` is masqueraded as \`${front.host.address}\`: that is whom the database sees.`,
    `${database.host.name} (\`${database.host.address}\`) translates port ${port} (DNAT) to \`${db}\`, ${at}, on network \`${target?.name}\` (${describeSubnet(target)}).`,
  ];
}

function parentOf(seat: Seat | undefined): string {
  return seat?.network?.options.parent ?? 'parent interface';
}

function wordFor(seat: Seat | undefined): string {
  return seat?.network?.driver === 'macvlan' ? 'virtual switch of the macvlan network' : 'bridge';
}
