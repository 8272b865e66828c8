import { Agent as HttpAgent, type IncomingMessage } from 'node:http';
import { performance } from 'node:perf_hooks';
import { inspect } from 'node:util';
import Dockerode from 'dockerode';
import { PetsError } from '../domain/errors.ts';
import { cleanText } from '../domain/text.ts';
import type { HostEntry } from '../hosts/finding.ts';
import type { SshTunnel } from '../hosts/ssh-tunnel.ts';
import { withoutCertificate } from './errors.ts';
import type { Connection } from './request.ts';
import { callEngine, interrupted, openEngineStream } from './request.ts';

/** Where an engine is, and how to speak to it: a host of the inventory, or as much of one as is needed for that. */
export type EngineTarget = Pick<HostEntry, 'name' | 'endpoint' | 'tls' | 'ssh'>;

export interface OpenOptions {
  /** ssh may ask for a passphrase, or about a host's key; not while a screen is drawn. True unless told. */
  readonly mayAsk?: boolean;
}

/** An engine that answered, and the version of the API agreed with it. */
export interface Engine {
  readonly name: string;
  readonly endpoint: string;
  readonly docker: Dockerode;
  /** `1.41`. */
  readonly apiVersion: string;
  /** `20.10.24+dfsg1`. */
  readonly version: string;
  /** Of the first answer, with the connection's making; a login over ssh, and what it asked, not counted. */
  readonly latencyMs: number;
  /** How far its clock was ahead of ours when it first answered, to within a second and the time that the answer took. */
  readonly clockSkewMs: number;
}

const REACH = 'reach the engine';
/** The oldest API spoken (20.10), and the newest that was tested against (28.5). */
const OLDEST_API = '1.41';
const NEWEST_API = '1.51';

/** How an engine is reached, kept until it is closed; the modem's types do not show it. */
interface Way {
  readonly agent: HttpAgent;
  readonly tunnel?: SshTunnel;
}
const ways = new WeakMap<Dockerode, Way>();

/**
 * Connects and agrees on an API version: an unversioned ping, then the lower of the engine's version and ours. Connections are kept and
 * reused until `closeEngine`. Each step has a bound of its own, but for what ssh asks somebody.
 * @throws ENGINE_UNREACHABLE, ENGINE_DENIED, ENGINE_TIMEOUT, ENGINE_TOO_OLD, INTERRUPTED, BAD_USAGE for an endpoint that is none.
 */
export async function openEngine(
  target: EngineTarget,
  signal: AbortSignal = new AbortController().signal,
  { mayAsk = true }: OpenOptions = {},
): Promise<Engine> {
  const way = await makeWay(target, mayAsk, signal);
  const { agent } = way;
  try {
    const unversioned: Connection = { name: target.name, docker: connect(target, agent, undefined) };
    const askedAt = performance.now();
    const headers = await pingHeaders(unversioned, signal);
    const latencyMs = performance.now() - askedAt;
    // To the second, and without a call of its own: whoever wants it finer asks `describeEngine`.
    const clockSkewMs = (Date.parse(String(headers.date ?? '')) || Date.now()) - Date.now();
    const apiVersion = agreeOnVersion(target.name, String(headers['api-version'] ?? ''));
    const version = /^Docker\/(\S+)/.exec(String(headers.server ?? ''))?.[1] ?? (await askVersion(unversioned, signal));
    const docker = connect(target, agent, `v${apiVersion}`);
    ways.set(docker, way);
    return { name: target.name, endpoint: target.endpoint, docker, apiVersion, version: cleanText(version), latencyMs, clockSkewMs };
  } catch (error) {
    closeWay(way);
    throw target.tls !== undefined && target.tls.cert === undefined ? withoutCertificate(target.name, REACH, error) : error;
  }
}

/** How long the engine takes to answer now, in milliseconds. */
export async function pingEngine(engine: Connection, signal?: AbortSignal): Promise<number> {
  const askedAt = performance.now();
  await callEngine(engine, { what: 'ping the engine', method: 'GET', path: '/_ping' }, signal);
  return performance.now() - askedAt;
}

/** Closes the kept connections, streams included, and the tunnel that they went through; calls still running fail. */
export function closeEngine(engine: Connection): void {
  const way = ways.get(engine.docker);
  if (way !== undefined) closeWay(way);
}

function closeWay({ agent, tunnel }: Way): void {
  agent.destroy();
  tunnel?.close();
}

async function makeWay(target: EngineTarget, mayAsk: boolean, signal: AbortSignal): Promise<Way> {
  // Without TLS there is no server name; where none is given Node works one out, and compiles a pattern of 4 ms for it.
  const plain = { keepAlive: true, servername: '' };
  const way: Way = isSsh(target)
    ? await makeTunnel(target, mayAsk, signal)
    : { agent: target.tls === undefined ? new HttpAgent(plain) : await makeTlsAgent(target.tls) };
  // The modem inspects its options to any depth before each request, whether or not debugging is on: keep it out of the sockets.
  Object.assign(way.agent, { [inspect.custom]: () => 'Agent' });
  return way;
}

function isSsh({ endpoint }: EngineTarget): boolean {
  return endpoint.startsWith('ssh://');
}

/** Loaded only for those who need it. */
async function makeTunnel(target: EngineTarget, mayAsk: boolean, signal: AbortSignal): Promise<Way> {
  const [{ openSshTunnel }, { makeTunnelAgent }] = await Promise.all([import('../hosts/ssh-tunnel.ts'), import('./tunnel-agent.ts')]);
  try {
    const tunnel = await openSshTunnel(target, { mayAsk, signal });
    return { agent: makeTunnelAgent(tunnel), tunnel };
  } catch (error) {
    throw signal.aborted ? interrupted(target, { what: REACH }, signal) : error;
  }
}

async function makeTlsAgent({ verify, ca, cert, key }: NonNullable<EngineTarget['tls']>): Promise<HttpAgent> {
  // Loaded only for those who need it: it takes 6 ms.
  const { Agent } = await import('node:https');
  return new Agent({ keepAlive: true, rejectUnauthorized: verify, ca, cert, key });
}

function connect(target: EngineTarget, agent: HttpAgent, version: string | undefined): Dockerode {
  // Every option is set: what is left out, the modem takes from DOCKER_HOST, DOCKER_CERT_PATH, DOCKER_PATH_PREFIX and others.
  const unset = { username: undefined, timeout: undefined, connectionTimeout: undefined, sshOptions: undefined, headers: {} };
  const tls = { ca: target.tls?.ca, cert: target.tls?.cert, key: target.tls?.key };
  const options = { ...unset, ...parseEndpoint(target), ...tls, pathPrefix: '/', agent, version };
  return withoutDockerHost(() => new Dockerode(options));
}

function parseEndpoint(target: EngineTarget) {
  const { name, endpoint, tls } = target;
  // The tunnel's connections lead to the engine's socket over there, whatever name the request bears.
  if (isSsh(target)) return { protocol: 'http' as const, socketPath: '/over/ssh', host: undefined, port: undefined };
  const socketPath = /^unix:\/\/(\/.*)$/.exec(endpoint)?.[1];
  if (socketPath !== undefined) return { protocol: 'http' as const, socketPath, host: undefined, port: undefined };
  const url = endpoint.startsWith('tcp://') ? URL.parse(endpoint.replace(/^tcp:/, 'http:')) : null;
  if (url === null || url.hostname === '') {
    throw new PetsError('BAD_USAGE', {
      message: `${name}: endpoint '${cleanText(endpoint)}' is not known; endpoints: unix:///PATH, tcp://HOST:PORT, ssh://USER@HOST`,
      hint: 'see the endpoints of your contexts: docker context ls',
    });
  }
  const protocol = tls === undefined ? ('http' as const) : ('https' as const);
  // A whole URL as the host: only so does the modem take an IPv6 address.
  return { protocol, socketPath: undefined, host: `${protocol}://${url.hostname}`, port: endpointPort(endpoint, protocol) };
}

/** Docker's default ports are its own: URL would drop an explicit 80. */
function endpointPort(endpoint: string, protocol: 'http' | 'https'): string {
  return /:(\d+)\/?$/.exec(endpoint)?.[1] ?? (protocol === 'https' ? '2376' : '2375');
}

/** The modem's constructor reads DOCKER_HOST, and the files of DOCKER_CERT_PATH, before it looks at its options: a bad one would throw. */
function withoutDockerHost<Made>(make: () => Made): Made {
  const kept = process.env.DOCKER_HOST;
  delete process.env.DOCKER_HOST;
  try {
    return make();
  } finally {
    if (kept !== undefined) process.env.DOCKER_HOST = kept;
  }
}

async function pingHeaders(connection: Connection, signal: AbortSignal): Promise<IncomingMessage['headers']> {
  const request = { what: REACH, method: 'GET', path: '/_ping' } as const;
  const answer = await openEngineStream(connection, request, signal);
  answer.resume();
  return answer.headers;
}

async function askVersion(connection: Connection, signal: AbortSignal): Promise<string> {
  const request = { what: "ask the engine's version", method: 'GET', path: '/version' } as const;
  const answer = await callEngine<{ readonly Version?: string }>(connection, request, signal);
  return answer.Version ?? 'unknown';
}

function agreeOnVersion(host: string, theirs: string): string {
  if (!/^\d+\.\d+$/.test(theirs)) {
    throw new PetsError('ENGINE_UNREACHABLE', {
      message: `${host}: what answers there is not a Docker engine`,
      hint: 'check the endpoint: docker context ls',
    });
  }
  if (compareVersions(theirs, OLDEST_API) < 0) {
    throw new PetsError('ENGINE_TOO_OLD', {
      message: `${host}: the engine speaks API ${theirs}, pets-console ${OLDEST_API} to ${NEWEST_API}`,
      hint: 'update the engine to Docker 20.10 or later',
    });
  }
  return compareVersions(theirs, NEWEST_API) < 0 ? theirs : NEWEST_API;
}

function compareVersions(left: string, right: string): number {
  const [leftMajor = 0, leftMinor = 0] = left.split('.').map(Number);
  const [rightMajor = 0, rightMinor = 0] = right.split('.').map(Number);
  return leftMajor - rightMajor || leftMinor - rightMinor;
}
