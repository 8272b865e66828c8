import { readdir, readFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { PetsError } from '../domain/errors.ts';
import { cleanText } from '../domain/text.ts';
import { whySilent } from './answers.ts';
import { currentContextName, readContext } from './docker-contexts.ts';
import { contextNameIn, type Endpoint, HOST_NAME, parseEndpoint } from './endpoints.ts';
import type { Attempt, Finding, Found, HostEntry, SshFiles, Surroundings } from './finding.ts';
import type { HostsFile, ListedHost } from './hosts-file.ts';
import { pathBeside } from './paths.ts';
import { type HostTls, isMissing, readTlsFiles, tlsFromEnvironment } from './tls.ts';

/** The lab that `lab up` makes without `--name` comes before others. */
const DEFAULT_LAB = 'lab';
/** Where a lab, in its folder, says which hosts it has. */
const LAB_HOSTS_FILE = 'hosts.json';

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
  if (bytes !== undefined) return listedHosts(surroundings, required ? `--hosts ${cleanText(path)}` : source, path, bytes);
  if (!required) return { source, outcome: 'no such file' };
  throw new PetsError('NOT_FOUND', { message: `--hosts ${cleanText(path)}: there is no such file`, hint: `ls ${cleanText(path)}` });
}

/** The context that `docker` uses now: a guess of ours, so it is taken only if something answers there. */
export async function findCurrentContext(surroundings: Surroundings): Promise<Finding> {
  const name = await currentContextName(surroundings.dockerConfig);
  const source = `context ${cleanText(name)}`;
  try {
    const host = await contextHost(surroundings, name);
    const failure = await whySilent(host);
    return failure === undefined ? { source, hosts: [host] } : { source, outcome: failure };
  } catch (error) {
    // Docker's own settings may name what we do not speak; nobody asked for it by name.
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
    const path = join(labsFolder, name, LAB_HOSTS_FILE);
    const bytes = await readIfThere(path);
    if (bytes === undefined) continue;
    const lab = await listedHosts(surroundings, `lab ${cleanText(name)}`, path, bytes);
    const failures = await Promise.all(lab.hosts.map(whySilent));
    if (failures.includes(undefined)) return lab;
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
  const context = contextNameIn(text);
  if (context !== undefined) {
    const host = await contextHost(surroundings, context);
    return { ...host, name: name ?? host.name };
  }
  const endpoint = parseEndpoint(source, text);
  const tls = endpoint.kind === 'tcp' ? await tlsFromEnvironment(surroundings.env, surroundings.dockerConfig) : undefined;
  return hostAt(endpoint, name ?? endpoint.defaultName, { tls });
}

async function contextHost(surroundings: Surroundings, name: string): Promise<HostEntry> {
  const context = await readContext(surroundings.dockerConfig, name);
  const endpoint = parseEndpoint(`context ${cleanText(name)}`, context.endpoint);
  const isNameFit = name !== 'default' && HOST_NAME.test(name);
  return hostAt(endpoint, isNameFit ? name : endpoint.defaultName, { tls: endpoint.kind === 'tcp' ? context.tls : undefined });
}

/** A host of a file: what its entry says goes before what its endpoint or the environment say. */
async function listedHost(surroundings: Surroundings, path: string, listed: ListedHost): Promise<HostEntry> {
  const host = await endpointHost(surroundings, path, listed.name, listed.endpoint);
  const fileAt = (text: string) => pathBeside(path, text, surroundings.home);
  const { identityFile, knownHostsFile } = listed.ssh ?? {};
  const ssh: SshFiles = {
    ...(identityFile === undefined ? {} : { identityFile: fileAt(identityFile) }),
    ...(knownHostsFile === undefined ? {} : { knownHostsFile: fileAt(knownHostsFile) }),
  };
  return {
    ...host,
    ...(listed.address === undefined ? {} : { address: listed.address }),
    ...(listed.parent === undefined ? {} : { parent: listed.parent }),
    ...(listed.readOnly === true ? { readOnly: true } : {}),
    ...(listed.tls === undefined ? {} : { tls: await readTlsFiles(listed.tls, fileAt) }),
    ...(listed.ssh === undefined ? {} : { ssh }),
  };
}

async function hostAt(endpoint: Endpoint, name: string, { tls }: { readonly tls: HostTls | undefined }): Promise<HostEntry> {
  const { text, kind } = endpoint;
  // What ssh calls a host may be a word of the user's ssh configuration; a published port is reached at the address behind it.
  const address = kind === 'ssh' ? await (await import('./ssh-address.ts')).sshAddress(text, endpoint.address) : endpoint.address;
  return { name, endpoint: text, address, ...(tls === undefined ? {} : { tls }) };
}

async function listedHosts(surroundings: Surroundings, source: string, path: string, bytes: Uint8Array): Promise<Found> {
  const absolute = resolve(surroundings.cwd, path);
  const { hosts, underlay } = fileOfLab(surroundings, absolute, bytes) ?? (await checkedFile(surroundings, absolute, path, bytes));
  const entries = await Promise.all(hosts.map((listed) => listedHost(surroundings, absolute, listed)));
  return { source, hosts: entries, ...(underlay === undefined ? {} : { underlay }) };
}

async function checkedFile({ home }: Surroundings, absolute: string, path: string, bytes: Uint8Array): Promise<HostsFile> {
  // The parser and the schema are loaded only where there is a file to check: they take a third of the time to the first call.
  const { parseHostsFile } = await import('./hosts-file.ts');
  return parseHostsFile(path, bytes, (text) => pathBeside(absolute, text, home));
}

/** A lab's own file, in a folder where only root writes, is as the lab wrote it; one that is not is checked like any other. */
function fileOfLab({ labsFolder }: Surroundings, absolute: string, bytes: Uint8Array): HostsFile | undefined {
  const [lab, file, ...deeper] = relative(labsFolder, absolute).split('/');
  if (lab === '..' || file !== LAB_HOSTS_FILE || deeper.length > 0) return undefined;
  try {
    const written: HostsFile = JSON.parse(new TextDecoder().decode(bytes));
    const isWhole = written.hosts.every(({ name, endpoint }) => HOST_NAME.test(name) && endpoint.startsWith('unix:///'));
    return isWhole ? written : undefined;
  } catch {
    return undefined; // whoever checks it says what it is not
  }
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
