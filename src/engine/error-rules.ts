import type { ErrorCode } from '../domain/errors.ts';

/** One of Docker's messages: `$1` in the hint stands for what the pattern's first group caught. First match wins. */
interface EngineRule {
  readonly match: RegExp;
  readonly code: ErrorCode;
  readonly hint: string;
}

/** How a connection can fail before the engine says anything; matched against `CODE message`. */
interface ConnectionRule {
  readonly match: RegExp;
  readonly code: ErrorCode;
  readonly says: string;
  readonly hint: string;
}

/** Messages of engines that answered; measured on 20.10 and 28.5. */
export const ENGINE_RULES: readonly EngineRule[] = [
  // Names
  { match: /network with name (\S+) already exists/, code: 'NAME_TAKEN', hint: 'see whose it is: docker network inspect $1' },
  { match: /container name "\/?(.+?)" is already in use/, code: 'NAME_TAKEN', hint: 'see whose it is: docker inspect $1' },
  { match: /name conflicts with an existing object/, code: 'NAME_TAKEN', hint: 'see whose it is: docker service ls' },
  // Ports, before addresses: "bind: address already in use" speaks of a port
  {
    match: /Bind for \S+?:(\d+) failed: port is already allocated/,
    code: 'PORT_TAKEN',
    hint: 'see who holds it: docker ps --filter publish=$1',
  },
  {
    match: /(?:failed to bind (?:host )?port for|listen (?:tcp|udp)\S*) \S*?:(\d+)\b.*address already in use/,
    code: 'PORT_TAKEN',
    hint: 'a process that is not a container holds it: ss -ltnp "sport = :$1"',
  },
  // Of tasks; the kernel speaks of VXLAN's port as of an address.
  {
    match: /vxlan interface creation failed .*address already in use/,
    code: 'PORT_TAKEN',
    hint: 'a process of that node holds the port of VXLAN: ss -lunp "sport = :4789"',
  },
  {
    match: /creating vxlan interface: file exists/,
    code: 'ENGINE_ERROR',
    hint: 'an overlay network left its interface behind on that node: ip -brief link show type vxlan, then ip link delete; where none is shown, restart its engine: systemctl restart docker',
  },
  { match: /port '(\d+)' is already in use by service/, code: 'PORT_TAKEN', hint: 'see who publishes it: docker service ls' },
  { match: /host-mode port already in use/, code: 'PORT_TAKEN', hint: 'see who holds it: docker ps --format "{{.Names}} {{.Ports}}"' },
  // Addresses and pools
  {
    match: /Pool overlaps with other one/i,
    code: 'POOL_OVERLAPS',
    hint: 'choose another subnet; those in use: docker network inspect $(docker network ls -q)',
  },
  {
    match: /could not find an available, non-overlapping|predefined address pools have been fully subnetted/,
    code: 'POOLS_EXHAUSTED',
    hint: 'remove unused networks (docker network prune) or give the network a subnet of its own',
  },
  { match: /Address already in use/i, code: 'ADDRESS_TAKEN', hint: 'see who has it: docker network inspect NETWORK' },
  {
    match:
      /does not belong to any of this network's subnets|no configured subnet (?:or ip-range )?contain|Requested address is out of range/,
    code: 'ADDRESS_OUTSIDE_SUBNET',
    hint: "choose an address inside the network's subnet: docker network inspect NETWORK",
  },
  {
    match: /user specified IP address is supported only/,
    code: 'ADDRESS_OUTSIDE_SUBNET',
    hint: 'give the network a subnet of its own, or leave the address to Docker',
  },
  { match: /no available (?:IPv[46] )?addresses/, code: 'NO_ADDRESS_LEFT', hint: 'see who has them: docker network inspect NETWORK' },
  // Images
  {
    match: /No such image: ([^\s"]+)|pull access denied|manifest for .* not found|manifest unknown/,
    code: 'IMAGE_MISSING',
    hint: 'see which images the engine has: docker images $1',
  },
  // macvlan and drivers
  {
    match: /already using parent interface (\S+)/,
    code: 'PARENT_TAKEN',
    hint: 'another network uses $1: docker network ls --filter driver=macvlan',
  },
  {
    match: /invalid subinterface vlan name|failed to create \S+ vlan link|parent interface \S+ (?:was )?not found|invalid parent/,
    code: 'PARENT_MISSING',
    hint: 'see the interfaces of that host: ip -brief link',
  },
  {
    match: /plugin "(.+?)" not found/,
    code: 'DRIVER_MISSING',
    hint: 'drivers that the engine has: docker info --format "{{.Plugins.Network}}"',
  },
  // Swarm
  { match: /multi-host network from a worker/, code: 'SWARM_REQUIRED', hint: 'make it on a manager: docker node ls' },
  {
    match: /not a swarm manager|docker swarm init|not part of a swarm/,
    code: 'SWARM_REQUIRED',
    hint: 'make the engine a swarm manager: docker swarm init',
  },
  {
    match: /already part of a swarm/,
    code: 'ENGINE_ERROR',
    hint: 'it is a member already: docker info --format "{{.Swarm.LocalNodeState}}"',
  },
  {
    match: /valid join token is necessary|invalid checksum digest|remote CA does not match fingerprint/,
    code: 'ENGINE_DENIED',
    hint: 'the token is not of that swarm, or was rotated since; read it on a manager: docker swarm join-token worker',
  },
  {
    match: /does not have a leader/,
    code: 'SWARM_REQUIRED',
    hint: 'too few of its managers answer; start them, or see them: docker node ls',
  },
  {
    match: /needs to be unlocked/,
    code: 'SWARM_REQUIRED',
    hint: 'unlock it on that host, with the key it was locked with: docker swarm unlock',
  },
  { match: /service \S+ not found|No such service/, code: 'OBJECT_MISSING', hint: 'services of that swarm: docker service ls' },
  { match: /node \S+ not found/, code: 'OBJECT_MISSING', hint: 'nodes of that swarm: docker node ls' },
  {
    match: /participating as a manager/,
    code: 'ENGINE_ERROR',
    hint: 'the last manager takes the swarm along, with all services and networks: docker swarm leave --force',
  },
  {
    match: /Timeout was reached before node joined|transport: Error while dialing/,
    code: 'ENGINE_UNREACHABLE',
    hint: 'see that the hosts reach each other on 2377/tcp, 7946/tcp and udp and 4789/udp',
  },
  {
    match: /could not (?:choose|find) .*address|(?:advertise|listen(?:ing)?) address must be/i,
    code: 'ENGINE_ERROR',
    hint: 'name an address that this host has: ip -brief address',
  },
  {
    match: /service mode change is not allowed/,
    code: 'ENGINE_ERROR',
    hint: 'only a replicated service is scaled; to make it another, remove it first: docker service rm SERVICE',
  },
  {
    match: /renaming services is not supported/,
    code: 'ENGINE_ERROR',
    hint: 'remove it, and make it under the other name: docker service rm SERVICE',
  },
  { match: /invalid join token/, code: 'ENGINE_DENIED', hint: 'read the present token on a manager: docker swarm join-token worker' },
  { match: /update out of sequence/, code: 'ENGINE_ERROR', hint: 'somebody else changed it at the same moment: run the command again' },
  { match: /can't be used with dnsrr mode/, code: 'ENGINE_ERROR', hint: 'publish in host mode, or leave endpoint_mode: dnsrr' },
  { match: /no suitable node/, code: 'ENGINE_ERROR', hint: 'see what the nodes offer: docker node ls' },
  // Networks in use, missing or closed
  {
    match: /network (\S+).* has active endpoints|has active endpoints/,
    code: 'NETWORK_IN_USE',
    hint: 'see who is attached: docker network inspect $1',
  },
  { match: /is in use by (?:service|task)/, code: 'NETWORK_IN_USE', hint: 'see which: docker service ls' },
  { match: /not manually attachable/, code: 'NETWORK_IN_USE', hint: 'make the network attachable: docker network create --attachable' },
  {
    match: /network (\S+) not found|No such network: (\S+)|Could not attach to network/i,
    code: 'NETWORK_MISSING',
    hint: 'networks of that engine: docker network ls',
  },
  { match: /No such container: (\S+)/, code: 'OBJECT_MISSING', hint: 'containers of that engine: docker ps -a' },
  // The engine itself
  {
    match: /client version \S+ is too (?:new|old)|client is newer than server/,
    code: 'ENGINE_TOO_OLD',
    hint: 'pets-console speaks Engine API 1.41 to 1.51: update the engine, or pets-console',
  },
  {
    match: /Client sent an HTTP request to an HTTPS server/,
    code: 'ENGINE_UNREACHABLE',
    hint: 'the engine asks for TLS: tls: in the hosts file, or DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH, or a context: docker context ls',
  },
];

const WHERE = 'tls: in the hosts file, DOCKER_CERT_PATH, docker context inspect';
/** What a server says of a client's certificate, in the words of OpenSSL; Go says `bad certificate` where there is none, too. */
export const CERTIFICATE_ALERT = /alert (?:bad certificate|certificate|unknown ca)|ALERT_(?:BAD_CERTIFICATE|CERTIFICATE|UNKNOWN_CA)/i;

export const CONNECTION_RULES: readonly ConnectionRule[] = [
  {
    match: /^ENOENT/,
    code: 'ENGINE_UNREACHABLE',
    says: 'there is no such socket, so no engine runs there',
    hint: 'start it (systemctl start docker), or bring a lab up: pets-console lab up',
  },
  {
    match: /^EACCES|^EPERM/,
    code: 'ENGINE_DENIED',
    says: "this user may not open the engine's socket",
    hint: 'join the group docker (usermod -aG docker $USER, then log in again), or use sudo',
  },
  {
    match: /^ECONNREFUSED/,
    code: 'ENGINE_UNREACHABLE',
    says: 'nothing listens there',
    hint: 'start the engine (systemctl start docker), or check the endpoint: docker context ls',
  },
  {
    match: /^EHOSTUNREACH|^ENETUNREACH|^EHOSTDOWN/,
    code: 'ENGINE_UNREACHABLE',
    says: 'no way leads to that address',
    hint: 'check the address and the route to it: ip route get ADDRESS',
  },
  {
    match: /^ENOTFOUND|^EAI_AGAIN/,
    code: 'ENGINE_UNREACHABLE',
    says: 'the name of the host is not known here',
    hint: 'check the endpoint: docker context ls',
  },
  {
    match: /^ETIMEDOUT/,
    code: 'ENGINE_TIMEOUT',
    says: 'no answer came',
    hint: 'check that a firewall lets it pass, then: docker version',
  },
  {
    match: /^ERR_TLS_CERT_ALTNAME_INVALID/,
    code: 'ENGINE_DENIED',
    says: 'its certificate is for other names',
    hint: 'use one of those names in the endpoint, or have a certificate made for this one',
  },
  {
    match: /CERT_HAS_EXPIRED/,
    code: 'ENGINE_DENIED',
    says: 'its certificate has expired',
    hint: "renew it; its dates: openssl s_client -connect HOST:PORT </dev/null | openssl x509 -noout -dates; and see this machine's clock: date",
  },
  {
    match: /CERT_NOT_YET_VALID/,
    code: 'ENGINE_DENIED',
    says: 'its certificate is not valid yet',
    hint: "see this machine's clock: date",
  },
  {
    match: /UNABLE_TO_VERIFY_LEAF|UNABLE_TO_GET_ISSUER|SELF_SIGNED_CERT|CERT_UNTRUSTED|CERT_SIGNATURE_FAILURE/,
    code: 'ENGINE_DENIED',
    says: 'its certificate was signed by an authority that is not trusted here',
    hint: `name the authority's own certificate (ca, ca.pem): ${WHERE}`,
  },
  {
    match: /certificate required|CERTIFICATE_REQUIRED/i,
    code: 'ENGINE_DENIED',
    says: 'it asks for a client certificate, and none was given',
    hint: `give one, with its key (cert and key, cert.pem and key.pem): ${WHERE}`,
  },
  {
    match: CERTIFICATE_ALERT,
    code: 'ENGINE_DENIED',
    says: 'it does not accept our client certificate',
    hint: `see that cert.pem and key.pem are signed by the authority that this engine trusts: ${WHERE}`,
  },
  {
    match: /PEM routines|ERR_OSSL_|key values mismatch/i,
    code: 'ENGINE_DENIED',
    says: 'the certificate files given cannot be used, or do not belong together',
    hint: `see that each is PEM, and that the key is the certificate's: ${WHERE}`,
  },
  {
    match: /wrong version number|packet length too long/i,
    code: 'ENGINE_UNREACHABLE',
    says: 'it does not speak TLS on that port',
    hint: 'leave out tls: (or unset DOCKER_TLS_VERIFY), or use its TLS port (2376)',
  },
  {
    match: /^ECONNRESET|^EPIPE|socket hang up|Parse Error/,
    code: 'ENGINE_UNREACHABLE',
    says: 'the connection was cut',
    hint: 'see that the engine still runs: docker version',
  },
];
