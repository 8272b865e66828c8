import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PetsError } from '../domain/errors.ts';

/** How to speak TLS to an engine. */
export interface HostTls {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly verify: boolean;
}

/** As a hosts file names them. */
interface NamedTlsFiles {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly verify?: boolean | undefined;
}

/**
 * TLS as `docker` takes it from the environment: DOCKER_TLS_VERIFY (any text) turns it on, DOCKER_TLS without verification, with the
 * files of DOCKER_CERT_PATH, or else of the configuration folder.
 */
export async function tlsFromEnvironment(env: NodeJS.ProcessEnv, configFolder: string): Promise<HostTls | undefined> {
  const verify = (env.DOCKER_TLS_VERIFY ?? '') !== '';
  if (!verify && (env.DOCKER_TLS ?? '') === '') return undefined;
  return readTlsFolder(env.DOCKER_CERT_PATH || configFolder, verify);
}

/** TLS with the files of a folder: `ca.pem`, and `cert.pem` with `key.pem`, each where there is one. */
export async function readTlsFolder(folder: string, verify: boolean): Promise<HostTls> {
  const [ca, cert, key] = await Promise.all(['ca.pem', 'cert.pem', 'key.pem'].map((name) => readPem(join(folder, name))));
  if ((cert === undefined) !== (key === undefined)) {
    throw new PetsError('BAD_USAGE', {
      message: `${folder} holds ${cert === undefined ? 'key.pem without cert.pem' : 'cert.pem without key.pem'}; both are needed`,
      hint: 'see where the certificates are: DOCKER_CERT_PATH, docker context inspect',
    });
  }
  return { verify, ...(ca === undefined ? {} : { ca }), ...(cert === undefined || key === undefined ? {} : { cert, key }) };
}

/** TLS with the files that somebody named. @throws BAD_USAGE for one that cannot be read */
export async function readTlsFiles(named: NamedTlsFiles, fileAt: (path: string) => string): Promise<HostTls> {
  const read = (path: string | undefined) =>
    path === undefined ? undefined : readFile(fileAt(path)).catch((cause) => refuseFile(fileAt(path), cause));
  const [ca, cert, key] = await Promise.all([read(named.ca), read(named.cert), read(named.key)]);
  return {
    verify: named.verify ?? true,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
  };
}

async function readPem(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    return refuseFile(path, cause);
  }
}

function refuseFile(path: string, cause: unknown): never {
  throw new PetsError('BAD_USAGE', { message: `${path} cannot be read: ${String(cause)}`, hint: `ls -l ${path}`, cause });
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
