import type { Duplex } from 'node:stream';
import { PetsError } from '../domain/errors.ts';
import type { ConsoleEvent, TenantOutline } from '../domain/events.ts';
import { ownershipOf } from '../domain/labels.ts';
import type { LiveContainer } from '../domain/live.ts';
import { watchTenant } from '../observe/watch-tenant.ts';
import type { BoundScenario } from './scenario-files.ts';
import type { Session } from './session.ts';

/** Follows the hits of every tenant that it is told of. */
export interface TenantWatcher {
  watch(bound: BoundScenario): void;
  /** The tenant of that id, or of that name where it is the only one. @throws NOT_FOUND with those that are watched */
  find(word: string): TenantOutline;
  ofProject(project: string): readonly TenantOutline[];
  /** Resolves once every watch has ended; they end with the signal. */
  ended(): Promise<unknown>;
}

const REDIS_PORT = 6379;

export function createTenantWatcher(session: Session, signal: AbortSignal, onBug: (error: unknown) => void): TenantWatcher {
  const running = trackContainers(session);
  const outlines = new Map<string, TenantOutline>();
  const watches = new Map<string, { readonly wish: string; readonly stop: AbortController; readonly ended: Promise<void> }>();
  return {
    find: (word) => findTenant(word, [...outlines.values()]),
    ofProject: (project) => [...outlines.values()].filter((tenant) => tenant.project === project),
    ended: () => Promise.allSettled([...watches.values()].map((watch) => watch.ended)),
    watch: ({ scenario, tenants }) => {
      for (const tenant of tenants) {
        const stop = new AbortController();
        const environment = scenario.services[tenant.web]?.environment ?? {};
        const port = databasePort(environment.DB ?? '', tenant.db);
        const wish = JSON.stringify({ tenant, role: environment.ROLE, port, project: scenario.project });
        if (watches.get(tenant.id)?.wish === wish) continue;
        outlines.set(tenant.id, tenant);
        watches.get(tenant.id)?.stop.abort();
        const openStream = (until: AbortSignal) => openDatabase(session, running, scenario.project, tenant.db, port, until);
        const watch = { tenant, role: environment.ROLE ?? tenant.name, openStream };
        const ended = watchTenant(watch, session.stream.emit, AbortSignal.any([signal, stop.signal])).catch(onBug);
        watches.set(tenant.id, { wish, stop, ended });
      }
    },
  };
}

function findTenant(word: string, watched: readonly TenantOutline[]): TenantOutline {
  const named = watched.filter(({ id, name }) => id === word || name === word);
  const found = named.find(({ id }) => id === word) ?? (named.length === 1 ? named[0] : undefined);
  if (found !== undefined) return found;
  if (named.length > 1) {
    const ids = named.map(({ id }) => id).join(', ');
    throw new PetsError('NOT_FOUND', { message: `tenant ${word} is in several projects: ${ids}`, hint: `say which: ${named[0]?.id}` });
  }
  const others = watched.length === 0 ? '' : `; tenants: ${watched.map(({ id }) => id).join(', ')}`;
  throw new PetsError('NOT_FOUND', { message: `tenant ${word} is not watched here${others}`, hint: 'bring its scenario up first' });
}

/** A tunnel to the database, from beside it: no port of it needs to be published. Waits while its container does not run. */
async function openDatabase(
  session: Session,
  running: RunningContainers,
  project: string,
  service: string,
  port: number,
  signal: AbortSignal,
): Promise<Duplex> {
  const { host, container } = await running.get(project, service, signal);
  const engine = session.engines.get(host);
  const ownership = ownershipOf(container.labels);
  if (session.hosts.some(({ name, readOnly }) => name === host && readOnly === true)) {
    throw new PetsError('ENGINE_DENIED', {
      message: `${host} is read-only: ${service} is not asked for its hits, since that takes an agent beside it`,
      hint: 'leave out --read-only, or readOnly in the hosts file',
    });
  }
  if (engine === undefined || ownership === undefined) {
    throw new PetsError('OBJECT_MISSING', {
      message: `${host}: ${service} cannot be reached`,
      hint: 'does the engine answer? docker version',
    });
  }
  const agent = await session.agents.beside(engine, container, ownership);
  return agent.openTunnel('127.0.0.1', port, signal);
}

interface Place {
  readonly host: string;
  readonly container: LiveContainer;
}

interface RunningContainers {
  /** The container of a service of a project, as soon as one runs; of several the newest. Rejects when aborted. */
  get(project: string, service: string, signal: AbortSignal): Promise<Place>;
}

/** Keeps, from the stream, which container of which service runs where. */
function trackContainers(session: Session): RunningContainers {
  const places = new Map<string, Place>();
  const waiting = new Set<() => void>();
  const note = (event: ConsoleEvent) => {
    if (event.type === 'container.removed') places.delete(event.id);
    if (event.type !== 'container.inspected') return;
    places.set(event.container.id, { host: event.host, container: event.container });
    for (const look of waiting) look();
  };
  session.stream.subscribe(note);
  const find = (project: string, service: string) =>
    [...places.values()]
      .filter(({ container }) => {
        const { resource = '', project: of } = ownershipOf(container.labels) ?? {};
        // The container of a swarm's task bears its service's label, on whichever host it runs.
        return (
          container.state === 'running' && of === project && (resource === `container/${service}` || resource === `service/${service}`)
        );
      })
      // A host that fell silent still has the one that it ran: the swarm has started another since.
      .sort((one, other) => Date.parse(other.container.startedAt) - Date.parse(one.container.startedAt))[0];
  return {
    get: async (project, service, signal) => {
      const { promise, resolve, reject } = Promise.withResolvers<Place>();
      const look = () => {
        const place = find(project, service);
        if (place !== undefined) resolve(place);
      };
      const stop = () => reject(signal.reason);
      signal.addEventListener('abort', stop, { once: true });
      waiting.add(look);
      look();
      if (signal.aborted) stop();
      return promise.finally(() => {
        waiting.delete(look);
        signal.removeEventListener('abort', stop);
      });
    },
  };
}

/** The port in the web's `DB=cat-db:6380`; Redis's own where it names none. */
function databasePort(DB: string, service: string): number {
  const [, host, port] = /^([^:]*)(?::(\d+))?$/.exec(DB) ?? [];
  return host === service && port !== undefined ? Number(port) : REDIS_PORT;
}
