import { sha256Of } from '../domain/canonical.ts';
import type { Failure } from '../domain/errors.ts';
import type { Obstacle } from '../domain/plan.ts';
import type { BoundHost } from '../domain/scenario.ts';

/** `host-A=1a2b3c4d5e6f,host-B=…`: names, and fingerprints of the endpoints, by which a `down` from elsewhere misses one. */
export function hostsLabel(hosts: readonly BoundHost[]): string {
  return hosts.map(({ name, endpoint }) => `${name}=${fingerprintOf(endpoint)}`).join(',');
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
