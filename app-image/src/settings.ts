import { hostname } from 'node:os';

export interface DatabaseAddress {
  readonly host: string;
  readonly port: number;
  /** As it was typed, for people. */
  readonly text: string;
}

export interface Settings {
  readonly database: DatabaseAddress;
  /** The tenant key: `dog`, `cat`, or any other. */
  readonly tenant: string;
  readonly port: number;
  readonly hostname: string;
  /** Who a hit is counted for: PETS_INSTANCE where it is given, else the host name, which Docker makes unique. */
  readonly instance: string;
}

/** What the environment says, or the one line that tells what is wrong with it. */
export type SettingsReading = { readonly ok: true; readonly settings: Settings } | { readonly ok: false; readonly line: string };

const REDIS_PORT = 6379;
const HTTP_PORT = 5000;
const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/;
const HOST_NAME = /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_.])?$/;
const IPV6 = /^[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:%[A-Za-z0-9_.-]+)?$/;

export function readSettings(environment: NodeJS.ProcessEnv): SettingsReading {
  const database = parseDatabase(environment.DB ?? '');
  if (typeof database === 'string') return { ok: false, line: database };
  const tenant = environment.ROLE ?? '';
  if (!NAME.test(tenant)) {
    return refuse('ROLE', tenant, 'the tenant: dog, cat, or another name of letters, digits and . _ - (at most 63)', 'ROLE=cat');
  }
  const port = environment.PORT === undefined ? HTTP_PORT : parsePort(environment.PORT);
  if (port === undefined) return refuse('PORT', environment.PORT ?? '', 'a port from 1 to 65535', `PORT=${HTTP_PORT}`);
  const named = environment.PETS_INSTANCE ?? '';
  if (named !== '' && !NAME.test(named)) return refuse('PETS_INSTANCE', named, 'a container name', 'PETS_INSTANCE=cat-web');
  return { ok: true, settings: { database, tenant, port, hostname: hostname(), instance: named === '' ? hostname() : named } };
}

/** `host`, `host:port`, `[v6]`, `[v6]:port`; or the line that says why not. */
export function parseDatabase(text: string): DatabaseAddress | string {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(text);
  const plain = /^([^:]*)(?::([^:]*))?$/.exec(text);
  const host = bracketed?.[1] ?? plain?.[1] ?? '';
  const portText = bracketed?.[2] ?? plain?.[2];
  const port = portText === undefined ? REDIS_PORT : parsePort(portText);
  const hostIsGood = bracketed === null ? HOST_NAME.test(host) : IPV6.test(host);
  if (hostIsGood && port !== undefined) return { host, port, text };
  return complaint('DB', text, 'host[:port] or [IPv6 address][:port] of the database, port from 1 to 65535', 'DB=cat-db:6379');
}

function parsePort(text: string): number | undefined {
  const port = /^[0-9]{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : undefined;
}

function refuse(variable: string, value: string, expected: string, example: string): SettingsReading {
  return { ok: false, line: complaint(variable, value, expected, example) };
}

function complaint(variable: string, value: string, expected: string, example: string): string {
  const found = value === '' ? 'is not set' : `is ${JSON.stringify(value.slice(0, 100))}`;
  return `pets: ${variable} ${found}; it must be ${expected}, for example ${example}`;
}
