import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A certificate with its key, and the files that hold them. */
export interface Certificate {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly certFile: string;
  readonly keyFile: string;
}

/** An authority of a test's own, as openssl makes one. */
export interface Authority extends Certificate {
  /** For a server: `names` as openssl writes them (`IP:127.0.0.1`, `DNS:engine.lan`); `days` below zero is expired. */
  sign(name: string, options?: { readonly names?: readonly string[]; readonly days?: number }): Certificate;
}

const CURVE = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

export function makeAuthority(folder: string, name: string): Authority {
  const file = (of: string, suffix: string) => join(folder, `${of}${suffix}`);
  const read = (of: string): Certificate => {
    const [certFile, keyFile] = [file(of, '.pem'), file(of, '-key.pem')];
    return { cert: readFileSync(certFile), key: readFileSync(keyFile), certFile, keyFile };
  };
  const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  openssl('req', '-x509', ...CURVE, '-days', '2', '-subj', `/CN=${name}`, '-keyout', file(name, '-key.pem'), '-out', file(name, '.pem'));
  return {
    ...read(name),
    sign: (of, { names = [], days = 2 } = {}) => {
      const request = file(of, '.csr');
      openssl('req', '-new', ...CURVE, '-subj', `/CN=${of}`, '-keyout', file(of, '-key.pem'), '-out', request);
      const usage = `extendedKeyUsage=serverAuth,clientAuth\n${names.length === 0 ? '' : `subjectAltName=${names.join(',')}\n`}`;
      writeFileSync(file(of, '.ext'), usage);
      const signer = ['-CA', file(name, '.pem'), '-CAkey', file(name, '-key.pem'), '-CAcreateserial'];
      openssl('x509', '-req', '-in', request, ...signer, '-days', String(days), '-extfile', file(of, '.ext'), '-out', file(of, '.pem'));
      return read(of);
    },
  };
}
