import { type Failure, PetsError } from '../domain/errors.ts';
import { convergenceOf } from '../domain/live-swarm-convergence.ts';
import { ownServiceOf, tasksCommand } from './hints.ts';
import type { Asker, Place } from './places.ts';
import type { Scene } from './scene.ts';
import { silenceAt } from './silences.ts';

/** Who asks where `from` does: each task of a service. @throws OBJECT_MISSING where nothing of it runs, ENGINE_UNREACHABLE where that is not known */
export function askersOf(from: string, scene: Scene): readonly Asker[] {
  if (from === 'console') return [{ name: from, host: undefined, place: undefined }];
  const places = scene.placed.get(from) ?? [];
  if (places.length > 0) return places.map((place) => askerAt(place, scene));
  // A service that does not run is not the host of its name.
  const host = Object.hasOwn(scene.scenario.services, from) ? undefined : scene.hosts.find(({ name }) => name === from);
  if (host !== undefined) return [{ name: host.name, host, place: undefined }];
  const failure = silenceAt(from, scene);
  if (failure !== undefined) throw unasked(from, failure);
  throw notRunning(from, scene);
}

export function askerAt(place: Place, { hosts }: Scene): Asker {
  return { name: place.name, host: hosts.find(({ name }) => name === place.host), place };
}

export function unasked(from: string, { message, hint }: Failure): PetsError {
  return new PetsError('ENGINE_UNREACHABLE', { message: `nothing can be asked from ${from}: ${message}`, hint });
}

/** What keeps the tasks of a swarm's service from running stands in the swarm itself. */
export function notRunning(service: string, scene: Scene): PetsError {
  const live = ownServiceOf(service, scene);
  const problem = live === undefined ? undefined : convergenceOf(live, scene.swarm?.picture.tasks ?? []).problems[0]?.error;
  return new PetsError('OBJECT_MISSING', {
    message: `${service} is not running, so nothing can be asked from it${problem === undefined ? '' : `: ${problem}`}`,
    hint: live === undefined ? `pets-console up ${scene.scenario.name}` : tasksCommand(service, scene),
  });
}
