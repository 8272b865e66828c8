import { sha256Of } from '../domain/canonical.ts';
import type { Failure } from '../domain/errors.ts';
import type { LiveEngine } from '../domain/live.ts';
import type { Obstacle } from '../domain/plan.ts';
import type { BoundHost } from '../domain/scenario.ts';

/** `host-A=1a2b3c4d5e6f,host-B=…`: names, and fingerprints of the endpoints, by which a `down` from elsewhere misses one. */
export function hostsLabel(hosts: readonly BoundHost[]): string {
  return hosts.map(({ name, endpoint }) => `${name}=${fingerprintOf(endpoint)}`).join(',');
}

export interface LabelledHost {
  readonly name: string;
  readonly fingerprint: string;
}

/** The hosts that a `hosts` label names, in the order of the scenario's roles. */
export function hostsInLabel(label: string): readonly LabelledHost[] {
  const entries = label.split(',').filter((entry) => entry.includes('='));
  return entries.map((entry) => {
    const [name = '', fingerprint = ''] = entry.split('=');
    return { name, fingerprint };
  });
}

/** Whether a label means this host: by its name, or the same engine under another one. */
export function isLabelled(host: BoundHost, { name, fingerprint }: LabelledHost): boolean {
  return host.name === name || fingerprintOf(host.endpoint) === fingerprint;
}

/**
 * The roles of a scenario on the hosts that the label of what it made names. Both stand in one order; where the scenario was given other
 * roles since, the label tells nothing.
 */
export function bindsOfLabel(label: string, roles: readonly string[], hosts: readonly BoundHost[]): Readonly<Record<string, string>> {
  const labelled = hostsInLabel(label);
  if (labelled.length !== roles.length) return {};
  const pairs = roles.flatMap((role, index) => {
    const entry = labelled[index];
    const same =
      entry &&
      (hosts.find(({ endpoint }) => fingerprintOf(endpoint) === entry.fingerprint) ?? hosts.find((host) => host.name === entry.name));
    return same === undefined || same.name === role ? [] : [[role, same.name] as const];
  });
  return Object.fromEntries(pairs);
}

/** Of an endpoint: equal endpoints are one engine, whatever it is called. */
export function fingerprintOf(endpoint: string): string {
  return sha256Of(endpoint).slice(0, 12);
}

/** A failure without the host's name before it, for where that stands already. */
export function reasonOf(host: string, { message }: Failure): string {
  return message.startsWith(`${host}: `) ? message.slice(host.length + 2) : message;
}

/** The obstacle that a host is of which nothing is known. */
export function unanswered({ name, endpoint }: BoundHost): Obstacle {
  return {
    host: name,
    resource: `host/${name}`,
    message: `the engine at ${endpoint} did not tell what it holds`,
    hint: 'does the engine answer? docker version',
  };
}

/**
 * Hosts that are one engine under two names: what the plan makes for one of them, it would remove for the other. An engine makes its default
 * network anew when it starts, so its ID tells them apart; that of any other network is the same on machines that were cloned.
 */
export function doubledEngines(live: readonly LiveEngine[]): readonly Obstacle[] {
  const idOf = ({ networks }: LiveEngine): string | undefined => networks.find(({ name }) => name === 'bridge')?.id;
  return live.flatMap((engine, index) => {
    const id = idOf(engine);
    const twin = live.slice(0, index).find((other) => id !== undefined && idOf(other) === id);
    if (twin === undefined) return [];
    const message = `it is the same engine as ${twin.host}, under another name`;
    return [{ host: engine.host, resource: `host/${engine.host}`, message, hint: 'see the endpoint of each: pets-console show hosts' }];
  });
}
