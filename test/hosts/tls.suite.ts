import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { pingEngine } from '../../src/engine/engine.ts';
import { failureOfCall } from '../engine-functions/lab-engine.ts';
import { type Authority, type Certificate, makeAuthority } from '../support/certificates.ts';
import { startTlsEngine, type TlsEngine } from '../support/tls-engine.ts';
import { layWire, type Wire } from '../support/wire.ts';
import { expectGoodWay, expectRedisThroughAgent, OpenedEngines } from './way-lab.ts';

/** TLS, to an engine that speaks it itself, and in front of the lab's. */
export function describeTls(engineSocket: () => string): void {
  describe('over TLS', () => {
    const engines = new OpenedEngines();
    const wires: Wire[] = [];
    let folder: string;
    let authority: Authority;
    let other: Authority;
    let ours: Certificate;
    let own: TlsEngine;

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'pets-tls-'));
      mkdirSync(join(folder, 'other'));
      authority = makeAuthority(folder, 'authority');
      other = makeAuthority(join(folder, 'other'), 'another-authority');
      ours = authority.sign('console');
      own = await startTlsEngine(
        join(folder, 'engine'),
        authority,
        authority.sign('engine', { names: ['IP:127.0.0.1', 'DNS:engine.lan'] }),
      );
    });
    afterEach(async () => {
      engines.closeAll();
      await Promise.all(wires.splice(0).map((wire) => wire.close()));
    });
    afterAll(async () => {
      await own?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    const front = async (certificate?: Certificate) => {
      const demands = { ca: authority.cert, requestCert: true, rejectUnauthorized: true };
      const tls = certificate === undefined ? undefined : { cert: certificate.cert, key: certificate.key, ...demands };
      const wire = await layWire(engineSocket(), { port: 0 }, tls === undefined ? {} : { tls });
      wires.push(wire);
      return wire.endpoint;
    };
    const good = () => ({ ca: authority.cert, cert: ours.cert, key: ours.key, verify: true });
    const refusal = (endpoint: string, tls?: object) =>
      failureOfCall(engines.open({ name: 'host-A', endpoint, ...(tls === undefined ? {} : { tls: { verify: true, ...tls } }) }));

    it('an engine answers whom it knows', async () => {
      expect(await pingEngine(await engines.open({ name: 'host-A', endpoint: own.endpoint, tls: good() }))).toBeGreaterThan(0);
    });

    it('carries calls, streams and an agent with Redis in its tunnel', async () => {
      const endpoint = await front(authority.sign('front', { names: ['IP:127.0.0.1'] }));
      const engine = await engines.open({ name: 'host-A', endpoint, tls: good() });
      await expectGoodWay(engine);
      await expectRedisThroughAgent(engine);
    });

    it.each<[string, () => Promise<Awaited<ReturnType<typeof failureOfCall>>>, string, string, RegExp]>([
      [
        'an expired certificate',
        async () => refusal(await front(authority.sign('old', { names: ['IP:127.0.0.1'], days: -1 })), good()),
        'ENGINE_DENIED',
        'its certificate has expired',
        /-dates/,
      ],
      [
        'a certificate for other names, which it says',
        async () => refusal(own.endpoint.replace('127.0.0.1', 'localhost'), good()),
        'ENGINE_DENIED',
        "its certificate is for other names (Hostname/IP does not match certificate's altnames: Host: localhost. is not in the cert's altnames: IP Address:127.0.0.1, DNS:engine.lan)",
        /one of those names/,
      ],
      [
        'an authority that is not known',
        () => refusal(own.endpoint, { ...good(), ca: other.cert }),
        'ENGINE_DENIED',
        'signed by an authority that is not trusted here (unable to verify the first certificate)',
        /ca\.pem/,
      ],
      [
        'a client certificate that is missing, to an engine',
        () => refusal(own.endpoint, { ca: authority.cert }),
        'ENGINE_DENIED',
        'it asks for a client certificate, and none was given',
        /cert\.pem and key\.pem/,
      ],
      [
        'a client certificate that is missing, to another server',
        async () => refusal(await front(authority.sign('front-2', { names: ['IP:127.0.0.1'] })), { ca: authority.cert }),
        'ENGINE_DENIED',
        'it asks for a client certificate, and none was given',
        /cert\.pem and key\.pem/,
      ],
      [
        'a client certificate of somebody else',
        () => {
          const { cert, key } = other.sign('stranger');
          return refusal(own.endpoint, { ca: authority.cert, cert, key });
        },
        'ENGINE_DENIED',
        'it does not accept our client certificate (ssl/tls alert bad certificate)',
        /the authority that this engine trusts/,
      ],
      [
        'a key of another certificate',
        () => refusal(own.endpoint, { ...good(), key: authority.key }),
        'ENGINE_DENIED',
        'do not belong together',
        /the key is the certificate's/,
      ],
      [
        'plain HTTP to a port of TLS',
        () => refusal(own.endpoint),
        'ENGINE_UNREACHABLE',
        'Client sent an HTTP request to an HTTPS server.',
        /asks for TLS: tls: in the hosts file/,
      ],
      [
        'TLS to a plain port',
        async () => refusal(await front(), good()),
        'ENGINE_UNREACHABLE',
        'it does not speak TLS on that port (wrong version number)',
        /2376/,
      ],
    ])('tells %s', async (_mistake, attempt, code, words, hint) => {
      expect(await attempt()).toEqual({ code, message: expect.stringContaining(words), hint: expect.stringMatching(hint) });
    });
  });
}
