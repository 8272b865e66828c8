import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PetsError } from '../domain/errors.ts';
import { didYouMean } from '../domain/suggest.ts';
import { cleanText } from '../domain/text.ts';
import { DEFAULT_ENDPOINT } from './endpoints.ts';
import type { HostTls } from './tls.ts';
import { isMissing, readTlsFolder } from './tls.ts';

/** A context of the docker command line. */
export interface DockerContext {
  readonly name: string;
  readonly endpoint: string;
  readonly tls?: HostTls;
}

/** The context that needs no file: Docker's own socket. */
const DEFAULT_CONTEXT = 'default';

/** The name of the context that `docker` would use. */
export async function currentContextName(configFolder: string): Promise<string> {
  const config = await readJson(join(configFolder, 'config.json'));
  const name = fieldOf(config, 'currentContext');
  return typeof name === 'string' && name !== '' ? name : DEFAULT_CONTEXT;
}

/** A context by name, with its TLS files. @throws NOT_FOUND with the names there are, BAD_FILE */
export async function readContext(configFolder: string, name: string): Promise<DockerContext> {
  if (name === DEFAULT_CONTEXT) return { name, endpoint: DEFAULT_ENDPOINT };
  // Docker names the folders after the hash, so that a context's name may hold anything.
  const folder = createHash('sha256').update(name).digest('hex');
  const path = join(configFolder, 'contexts', 'meta', folder, 'meta.json');
  const meta = await readJson(path);
  if (meta === undefined) throw await unknownContext(configFolder, name);
  const docker = fieldOf(fieldOf(meta, 'Endpoints'), 'docker');
  const endpoint = fieldOf(docker, 'Host');
  if (typeof endpoint !== 'string') {
    throw new PetsError('BAD_FILE', { message: `${path}: context ${name} has no docker endpoint`, hint: `docker context inspect ${name}` });
  }
  const tls = await readTlsFolder(join(configFolder, 'contexts', 'tls', folder, 'docker'), fieldOf(docker, 'SkipTLSVerify') !== true);
  const isTls = tls.ca !== undefined || tls.cert !== undefined || !tls.verify;
  return { name, endpoint, ...(isTls ? { tls } : {}) };
}

async function unknownContext(configFolder: string, name: string): Promise<PetsError> {
  const names = [DEFAULT_CONTEXT, ...(await listContextNames(configFolder))];
  return new PetsError('NOT_FOUND', {
    message: `docker context '${cleanText(name)}' is not known; contexts: ${names.join(', ')}.${didYouMean(name, names)}`,
    hint: 'docker context ls',
  });
}

async function listContextNames(configFolder: string): Promise<string[]> {
  const metaFolder = join(configFolder, 'contexts', 'meta');
  const folders = await readdir(metaFolder).catch(() => []);
  const metas = await Promise.all(folders.map((folder) => readJson(join(metaFolder, folder, 'meta.json')).catch(() => undefined)));
  return metas
    .map((meta) => fieldOf(meta, 'Name'))
    .filter((name) => typeof name === 'string')
    .sort();
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    const hint = 'docker itself says what is wrong with it: docker context ls';
    throw new PetsError('BAD_FILE', { message: `${path}: ${cause instanceof Error ? cause.message : String(cause)}`, hint, cause });
  }
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Object.entries(value).find(([key]) => key === name)?.[1] : undefined;
}
