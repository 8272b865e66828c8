import type { Scenario } from '../../src/domain/scenario.ts';
import type { ConsoleState } from '../../src/domain/state.ts';
import { taskNameOf } from '../../src/domain/swarm-task-name.ts';
import type { Hop } from './data-path.ts';
import { describeSubnet, type Place, placesOf, type Seat, seatsOf } from './places.ts';

/** What every section of a swarm ends its ways with. */
export const SEEN_AND_DERIVED =
  "Seen in that run: which task ran on which host, its addresses, the published ports, each network's subnet and VNI, and, below, from which address a service's name answered. Derived from how Docker builds it: the way through `docker_gwbridge`, and VXLAN by port 4789.";

/**
 * The way of one request where services are tasks of a swarm, in a variant whose names lead to the tasks themselves and whose ports are
 * the hosts' own: derived from the scenario and from what the engines reported in one run. `bound` is bound to the run's hosts.
 */
export function swarmPathOf(tenant: string, bound: Scenario, state: ConsoleState): readonly Hop[] {
  const { web, db, url } = bound.tenants[tenant] ?? { web: '', db: '', url: '' };
  const fronts = placesOf(web, bound.project, state);
  const databases = placesOf(db, bound.project, state);
  const [database] = databases;
  if (database === undefined || fronts.length === 0) return [];
  const { port } = new URL(url);
  const wanted = bound.services[web]?.environment.DB ?? db;
  return [
    `Whoever reads asks \`${url}\`, or port ${port} of another host: ${listOf(fronts.map(({ host }) => `${host.name} (\`${host.address}\`)`))} each run a task of \`${web}\`, with the port in host mode. A host without one would not answer: there is no routing mesh.`,
    ...fronts.map((front) => toTheTask(port, web, front)),
    `\`${web}\` asks for its database as \`${wanted}\`; the engine's own DNS (127.0.0.11) knows the service on every host that has a task on that network, and answers with the ${databases.length === 1 ? 'address of its task' : 'addresses of its tasks'}, ${listOf(databases.map((each) => `\`${sharedSeat(each, database)?.attachment.ipv4Address}\``))}: no virtual IP stands between.`,
    ...fronts.map((front) => toTheDatabase(front, database)),
  ];
}

function toTheTask(port: string, web: string, front: Place): Hop {
  const published = front.container.ports.find(({ publishedPort }) => String(publishedPort) === port);
  if (published === undefined)
    throw new Error(`${front.host.name}: the container of ${web} publishes no port ${port}: was another variant run?`);
  const seats = seatsOf(front).map((seat) => `\`${seat.attachment.ipv4Address}\` on network \`${seat.name}\` (${describeSubnet(seat)})`);
  return `${front.host.name} translates port ${port} (DNAT) to port ${published.targetPort} of its own task of \`${web}\`, by the bridge \`docker_gwbridge\`, which connects tasks with their host. That task is ${listOf(seats)}.`;
}

function toTheDatabase(front: Place, database: Place): Hop {
  const [seat, target] = [sharedSeat(front, database), sharedSeat(database, front)];
  const way = `from \`${seat?.attachment.ipv4Address}\` to \`${target?.attachment.ipv4Address}:6379\` (\`${taskNameOf(database.container.labels)}\`)`;
  if (front.host.name === database.host.name) {
    return `From ${front.host.name}, where the database runs too, the request crosses the bridge of \`${seat?.name}\` there, ${way}, and leaves neither the host nor the network.`;
  }
  return `From ${front.host.name} it goes ${way}: ${front.host.name} wraps each frame into VXLAN, VNI ${vniOf(seat)}, and sends it by UDP from \`${front.host.address}\` to port 4789 of \`${database.host.address}\`, where ${database.host.name} unwraps it. Both ends see addresses of \`${seat?.name}\` only: no NAT on the way.`;
}

/** Services on several networks, and what the others have not. */
export function betweenNetworks(bound: Scenario, state: ConsoleState): readonly string[] {
  const names = Object.keys(bound.services);
  const reaching = names.flatMap((name) => {
    const places = placesOf(name, bound.project, state);
    if (!places.some((place) => seatsOf(place).length > 1)) return [];
    return places.map((place) => {
      const seats = seatsOf(place).map((seat) => `\`${seat.attachment.ipv4Address}\` on \`${seat.name}\``);
      return `- \`${name}\` on ${place.host.name}: ${listOf(seats.toSorted())}`;
    });
  });
  if (reaching.length === 0) return [];
  const rest =
    'Every other task has an address on one of them: the names of the other network are not found, and its addresses lie behind no interface of the task.';
  return [`**Who is on both networks**\n\n${reaching.join('\n')}\n\n${rest}`];
}

/** The place's seat on a network that the other is on, too. */
function sharedSeat(place: Place, other: Place): Seat | undefined {
  return seatsOf(place).find(({ name }) => other.container.networks[name] !== undefined);
}

function vniOf(seat: Seat | undefined): string {
  return seat?.network?.options['com.docker.network.driver.overlay.vxlanid_list'] ?? 'not told';
}

function listOf(words: readonly string[]): string {
  return new Intl.ListFormat('en-GB').format(words);
}
