import { describe, expect, it } from 'vitest';
import { PetsError } from '../../src/domain/errors.ts';
import { engineError } from '../../src/engine/errors.ts';

/** An answer as the modem makes an error of it. */
function answer(statusCode: number, message: string): Error {
  return Object.assign(new Error(`(HTTP code ${statusCode}) no such container - ${message} `), { statusCode, json: { message } });
}

// Words of engines that the lab's own does not say: measured on 28.5, or on a swarm, or on other kernels.
describe('messages of other engines', () => {
  it.each<[number, string, string, RegExp]>([
    [403, 'invalid pool request: Pool overlaps with other one on this address space', 'POOL_OVERLAPS', /another subnet/],
    [404, 'could not find an available, non-overlapping IPv4 address pool among the defaults', 'POOLS_EXHAUSTED', /prune/],
    [500, 'all predefined address pools have been fully subnetted', 'POOLS_EXHAUSTED', /prune/],
    [403, 'failed to set up container networking: Address already in use', 'ADDRESS_TAKEN', /docker network inspect/],
    [500, 'Requested address is out of range', 'ADDRESS_OUTSIDE_SUBNET', /docker network inspect/],
    [500, 'Bind for 0.0.0.0:8000 failed: port is already allocated', 'PORT_TAKEN', /publish=8000/],
    [500, 'listen tcp4 0.0.0.0:8000: bind: address already in use', 'PORT_TAKEN', /sport = :8000/],
    [500, 'failed to bind host port for 0.0.0.0:8000:172.18.0.2:5000/tcp: address already in use', 'PORT_TAKEN', /sport = :8000/],
    [400, "port '8888' is already in use by service 'web' (abc) as an ingress port", 'PORT_TAKEN', /service ls/],
    [500, 'vxlan interface creation failed for subnet "10.0.1.0/24": failed to set link up: address already in use', 'PORT_TAKEN', /:4789/],
    [
      500,
      'network sandbox join failed: subnet sandbox join failed for "10.0.1.0/24": error creating vxlan interface: file exists',
      'ENGINE_ERROR',
      /ip link delete/,
    ],
    [500, 'network x is already using parent interface eth0', 'PARENT_TAKEN', /eth0/],
    [500, 'failed to create eth0.50 vlan link: operation not supported', 'PARENT_MISSING', /ip -brief link/],
    [404, 'plugin "x" not found', 'DRIVER_MISSING', /Plugins\.Network/],
    [503, 'This node is not a swarm manager. Use "docker swarm init"…', 'SWARM_REQUIRED', /swarm init/],
    [403, 'Cannot create a multi-host network from a worker node', 'SWARM_REQUIRED', /manager/],
    [400, 'network abc is in use by task def', 'NETWORK_IN_USE', /service ls/],
    [500, 'Could not attach to network x: network x not manually attachable', 'NETWORK_IN_USE', /--attachable/],
    [400, 'client version 1.51 is too old. Minimum supported API version is 1.60', 'ENGINE_TOO_OLD', /update/],
    [400, 'Client sent an HTTP request to an HTTPS server.', 'ENGINE_UNREACHABLE', /DOCKER_TLS_VERIFY/],
    [404, 'service gone not found', 'OBJECT_MISSING', /service ls/],
    [409, 'name conflicts with an existing object', 'NAME_TAKEN', /service ls/],
    [500, 'something that nobody has seen yet', 'ENGINE_ERROR', /log/],
  ])('%i %s', (status, message, code, hint) => {
    const error = engineError('host-A', 'do it', answer(status, message));
    expect(error).toMatchObject({ code, message: `host-A: cannot do it: ${message}`, hint: expect.stringMatching(hint) });
  });

  it('reads words that come as bytes, and leaves what is ours as it is', () => {
    const bytes = Object.assign(new Error('(HTTP code 400) unexpected - 1,2,3 '), {
      statusCode: 400,
      json: Buffer.from('client is newer than server\n'),
    });
    expect(engineError('host-A', 'do it', bytes)).toMatchObject({ code: 'ENGINE_TOO_OLD', message: expect.stringMatching(/server$/) });
    const ours = new PetsError('INTERRUPTED', { message: 'x' });
    expect(engineError('host-A', 'do it', ours)).toBe(ours);
  });

  it.each([
    ['EHOSTUNREACH', 'ENGINE_UNREACHABLE'],
    ['EACCES', 'ENGINE_DENIED'],
    ['ENOTFOUND', 'ENGINE_UNREACHABLE'],
    ['ETIMEDOUT', 'ENGINE_TIMEOUT'],
    ['ECONNRESET', 'ENGINE_UNREACHABLE'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'ENGINE_DENIED'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'ENGINE_DENIED'],
    ['CERT_HAS_EXPIRED', 'ENGINE_DENIED'],
    ['CERT_NOT_YET_VALID', 'ENGINE_DENIED'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'ENGINE_DENIED'],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'ENGINE_DENIED'],
    ['ERR_OSSL_PEM_NO_START_LINE', 'ENGINE_DENIED'],
    ['EPROTO', 'ENGINE_UNREACHABLE'],
  ])('a connection that fails with %s is %s, with a hint', (code, expected) => {
    const words = code === 'EPROTO' ? 'wrong version number' : 'words of the system';
    const error = engineError('host-A', 'reach the engine', Object.assign(new Error(words), { code }));
    expect(error).toMatchObject({ code: expected, hint: expect.stringMatching(/\w/), message: expect.stringContaining(words) });
  });
});
