import { hostname } from 'node:os';

export interface DatabaseAddress {
  readonly host: string;
  readonly port: number;
  /** As it was typed, for people. */
  readonly text: string;
}

/** What every server of ours is told. */
export interface ServerSettings {
  readonly port: number;
  readonly hostname: string;
  /** Who serves, and who a hit is counted for: PETS_INSTANCE where it is given, else the host name, which Docker makes unique. */
  readonly instance: string;
}

export interface Settings extends ServerSettings {
  readonly database: DatabaseAddress;
  /** The tenant key: `dog`, `cat`, or any other. */
  readonly tenant: string;
}

export interface NamedDatabase extends DatabaseAddress {
  /** The variable that names it, `DB1`. */
  readonly variable: string;
}

export interface AdminSettings extends ServerSettings {
  /** In the order of their numbers. */
  readonly databases: readonly NamedDatabase[];
}

/** What the environment says, or the one line that tells what is wrong with it. */
export type Reading<S> = { readonly ok: true; readonly settings: S } | { readonly ok: false; readonly line: string };

const REDIS_PORT = 6379;
const HTTP_PORT = 5000;
/** Of a tenant, and of a container. */
export const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/;
const HOST_NAME = /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_.])?$/;
const IPV6 = /^[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:%[A-Za-z0-9_.-]+)?$/;

export function readSettings(environment: NodeJS.ProcessEnv): Reading<Settings> {
  const database = parseDatabase(environment.DB ?? '');
  if (typeof database === 'string') return { ok: false, line: database };
  const tenant = environment.ROLE ?? '';
  if (!NAME.test(tenant)) {
    return refuse('ROLE', tenant, 'the tenant: dog, cat, or another name of letters, digits and . _ - (at most 63)', 'ROLE=cat');
  }
  const server = readServerSettings(environment);
  return server.ok ? { ok: true, settings: { ...server.settings, database, tenant } } : server;
}

/** `DB1`, `DB2` and so on: any number of databases, gaps allowed. */
export function readAdminSettings(environment: NodeJS.ProcessEnv): Reading<AdminSettings> {
  const numbers = Object.keys(environment).flatMap((name) => /^DB([1-9]\d*)$/.exec(name)?.[1] ?? []);
  const variables = numbers.sort((left, right) => Number(left) - Number(right)).map((number) => `DB${number}`);
  const databases: NamedDatabase[] = [];
  for (const variable of variables.length === 0 ? ['DB1'] : variables) {
    const database = parseDatabase(environment[variable] ?? '', variable);
    if (typeof database === 'string') return { ok: false, line: database };
    databases.push({ ...database, variable });
  }
  const server = readServerSettings(environment);
  return server.ok ? { ok: true, settings: { ...server.settings, databases } } : server;
}

function readServerSettings(environment: NodeJS.ProcessEnv): Reading<ServerSettings> {
  const port = environment.PORT === undefined ? HTTP_PORT : parsePort(environment.PORT);
  if (port === undefined) return refuse('PORT', environment.PORT ?? '', 'a port from 1 to 65535', `PORT=${HTTP_PORT}`);
  const named = environment.PETS_INSTANCE ?? '';
  if (named !== '' && !NAME.test(named)) return refuse('PETS_INSTANCE', named, 'a container name', 'PETS_INSTANCE=cat-web');
  return { ok: true, settings: { port, hostname: hostname(), instance: named === '' ? hostname() : named } };
}

/** `host`, `host:port`, `[v6]`, `[v6]:port`; or the line that says why not. */
export function parseDatabase(text: string, variable = 'DB'): DatabaseAddress | string {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(text);
  const plain = /^([^:]*)(?::([^:]*))?$/.exec(text);
  const host = bracketed?.[1] ?? plain?.[1] ?? '';
  const portText = bracketed?.[2] ?? plain?.[2];
  const port = portText === undefined ? REDIS_PORT : parsePort(portText);
  const hostIsGood = bracketed === null ? HOST_NAME.test(host) : IPV6.test(host);
  if (hostIsGood && port !== undefined) return { host, port, text };
  return complaint(variable, text, 'host[:port] or [IPv6 address][:port] of the database, port from 1 to 65535', `${variable}=cat-db:6379`);
}

function parsePort(text: string): number | undefined {
  const port = /^[0-9]{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : undefined;
}

function refuse(variable: string, value: string, expected: string, example: string): { readonly ok: false; readonly line: string } {
  return { ok: false, line: complaint(variable, value, expected, example) };
}

function complaint(variable: string, value: string, expected: string, example: string): string {
  const found = value === '' ? 'is not set' : `is ${JSON.stringify(value.slice(0, 100))}`;
  return `pets: ${variable} ${found}; it must be ${expected}, for example ${example}`;
}
