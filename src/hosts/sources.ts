import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { PetsError } from '../domain/errors.ts';
import { cleanText } from '../domain/text.ts';
import { answers } from './answers.ts';
import { currentContextName, readContext } from './docker-contexts.ts';
import { HOST_NAME, parseEndpoint } from './endpoints.ts';
import type { Attempt, Finding, HostEntry, Surroundings } from './finding.ts';
import { isMissing, tlsFromEnvironment } from './tls.ts';

/** The lab that `lab up` makes without `--name` comes before others. */
const DEFAULT_LAB = 'lab';

/** `--host` and `--context`; both at once is an error, as it is for `docker`. */
export async function findFlags(surroundings: Surroundings): Promise<Finding> {
  const { host = [], context } = surroundings.flags;
  if (host.length > 0 && context !== undefined) {
    throw new PetsError('BAD_USAGE', { message: '--host and --context cannot be used together', hint: 'leave one of them out' });
  }
  if (context !== undefined) return { source: `context ${cleanText(context)}`, hosts: [await contextHost(surroundings, context)] };
  if (host.length === 0) return { source: '--host, --context', outcome: 'not given' };
  const hosts = await Promise.all(host.map((text) => flaggedHost(surroundings, text)));
  const twice = hosts.find(({ name }, index) => hosts.findIndex((other) => other.name === name) !== index);
  if (twice === undefined) return { source: '--host', hosts };
  const message = `--host: two hosts are named ${twice.name}`;
  throw new PetsError('BAD_USAGE', { message, hint: 'name them: --host NAME=ENDPOINT' });
}

/** DOCKER_HOST, or else DOCKER_CONTEXT, as `docker` ranks them. */
export async function findEnvironment(surroundings: Surroundings): Promise<Finding> {
  const { DOCKER_HOST: endpoint, DOCKER_CONTEXT: context } = surroundings.env;
  if (endpoint) return { source: 'DOCKER_HOST', hosts: [await endpointHost(surroundings, 'DOCKER_HOST', undefined, endpoint)] };
  if (context) return { source: `context ${cleanText(context)}`, hosts: [await contextHost(surroundings, context)] };
  return { source: 'DOCKER_HOST, DOCKER_CONTEXT', outcome: 'not set' };
}

/** A hosts file; one that somebody named has to be there. */
export async function findHostsFile(
  surroundings: Surroundings,
  { source, path, required }: { readonly source: string; readonly path: string | undefined; readonly required: boolean },
): Promise<Finding> {
  if (path === undefined) return { source, outcome: 'not given' };
  const bytes = await readIfThere(resolve(surroundings.cwd, path));
  if (bytes !== undefined)
    return { source: required ? `--hosts ${cleanText(path)}` : source, hosts: await listedHosts(surroundings, path, bytes) };
  if (!required) return { source, outcome: 'no such file' };
  throw new PetsError('NOT_FOUND', { message: `--hosts ${cleanText(path)}: there is no such file`, hint: `ls ${cleanText(path)}` });
}

/** The context that `docker` uses now: a guess of ours, so it is taken only if something answers there. */
export async function findCurrentContext(surroundings: Surroundings): Promise<Finding> {
  const name = await currentContextName(surroundings.dockerConfig);
  const source = `context ${cleanText(name)}`;
  try {
    const host = await contextHost(surroundings, name);
    if (await answers(parseEndpoint(source, host.endpoint))) return { source, hosts: [host] };
    return { source, outcome: `nothing answers at ${host.endpoint}` };
  } catch (error) {
    // Docker's own settings may name what we do not speak yet; nobody asked for it by name.
    if (error instanceof PetsError) return { source, outcome: error.message };
    throw error;
  }
}

/** A lab of this machine whose engines answer. */
export async function findLab(surroundings: Surroundings): Promise<Finding> {
  const { labsFolder } = surroundings;
  const source = 'a running lab';
  const names = await readdir(labsFolder).catch(() => []);
  names.sort((left, right) => Number(right === DEFAULT_LAB) - Number(left === DEFAULT_LAB) || left.localeCompare(right, 'en'));
  let attempt: Attempt = { source, outcome: 'none is up' };
  for (const name of names) {
    const path = join(labsFolder, name, 'hosts.json');
    const bytes = await readIfThere(path);
    if (bytes === undefined) continue;
    const hosts = await listedHosts(surroundings, path, bytes);
    const answered = await Promise.all(hosts.map(({ endpoint }) => answers(parseEndpoint(path, endpoint))));
    if (answered.includes(true)) return { source: `lab ${cleanText(name)}`, hosts };
    attempt = { source, outcome: `lab ${cleanText(name)} does not answer` };
  }
  return attempt;
}

async function flaggedHost(surroundings: Surroundings, text: string): Promise<HostEntry> {
  const [, name, endpoint = text] = /^([^=:/]*)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || HOST_NAME.test(name)) return endpointHost(surroundings, '--host', name, endpoint);
  const message = `--host ${cleanText(text)}: '${cleanText(name)}' is no name for a host; letters, digits, dots, dashes and underscores are`;
  throw new PetsError('BAD_USAGE', { message, hint: '--host host-A=tcp://192.168.0.11:2375' });
}

async function endpointHost(surroundings: Surroundings, source: string, name: string | undefined, text: string): Promise<HostEntry> {
  const endpoint = parseEndpoint(source, text);
  const tls = endpoint.kind === 'tcp' ? await tlsFromEnvironment(surroundings.env, surroundings.dockerConfig) : undefined;
  const { address, defaultName } = endpoint;
  return { name: name ?? defaultName, endpoint: endpoint.text, address, ...(tls === undefined ? {} : { tls }) };
}

async function contextHost(surroundings: Surroundings, name: string): Promise<HostEntry> {
  const context = await readContext(surroundings.dockerConfig, name);
  const endpoint = parseEndpoint(`context ${cleanText(name)}`, context.endpoint);
  const { text, address, defaultName } = endpoint;
  const isNameFit = name !== 'default' && HOST_NAME.test(name);
  const tls = endpoint.kind === 'tcp' ? context.tls : undefined;
  return { name: isNameFit ? name : defaultName, endpoint: text, address, ...(tls === undefined ? {} : { tls }) };
}

async function listedHosts(surroundings: Surroundings, path: string, bytes: Uint8Array): Promise<HostEntry[]> {
  // The parser and the schema are loaded only where there is a file to read.
  const { parseHostsFile } = await import('./hosts-file.ts');
  return Promise.all(
    parseHostsFile(path, bytes).map(async (listed) => {
      const host = await endpointHost(surroundings, path, listed.name, listed.endpoint);
      return listed.address === undefined ? host : { ...host, address: listed.address };
    }),
  );
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    throw new PetsError('BAD_FILE', {
      message: `${path}: ${cause instanceof Error ? cause.message : String(cause)}`,
      hint: `ls -l ${path}`,
      cause,
    });
  }
}
