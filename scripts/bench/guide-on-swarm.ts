import type { GuideExample, ShellWay, Wire } from './guide-example.ts';

/**
 * The overlay model in its variant dnsrr, since the engines of a lab may lack ip_vs: with the swarm made and left each time, and in a swarm
 * that stands. Up as typed, where `service create` watches the tasks of each for 5 s more, and with `--detach`.
 */
export function examplesOnSwarm(wire: Wire): readonly GuideExample[] {
  const example = { scenario: 'overlay', flags: ['--variant', 'dnsrr'] };
  const [join, leave] = [joinBoth(wire), leaveBoth(wire)];
  const cycles = (before: string, after: string): GuideExample['cycles'] =>
    WAYS.map(({ how, create }) => ({
      up: { how: `the guide's commands in a shell, ${how}`, script: `${before}${deploy(wire, create)}` },
      down: { how: 'service rm, wait for the containers, network rm', script: `${removeAll(wire)}${after}` } satisfies ShellWay,
    }));
  return [
    { ...example, name: 'overlay (dnsrr), swarm included', cycles: cycles(join, leave) },
    { ...example, name: 'overlay (dnsrr), in a swarm that stands', before: join, after: leave, cycles: cycles('', '') },
  ];
}

/** No registry is asked for a digest: a lab reaches none, and finding that out takes as long as its DNS likes. */
const WAYS = [
  { how: 'as typed', create: 'service create --quiet --no-resolve-image' },
  { how: 'with --detach', create: 'service create --detach --no-resolve-image' },
] as const;

function joinBoth({ A, B, addressA, addressB }: Wire): string {
  return `docker -H ${A} swarm init --advertise-addr ${addressA} >/dev/null
token=$(docker -H ${A} swarm join-token -q worker)
docker -H ${B} swarm join --advertise-addr ${addressB} --token $token ${addressA}:2377
`;
}

/** What Docker leaves behind of a swarm goes too, as with our `down`. */
function leaveBoth({ A, B }: Wire): string {
  return `docker -H ${B} swarm leave
docker -H ${A} swarm leave --force
${[A, B].map((engine) => `until docker -H ${engine} network rm docker_gwbridge >/dev/null 2>&1; do sleep 0.1; done`).join('\n')}
`;
}

/** Up to a hit on each host that is counted: the page answers before its database is found, too. */
function deploy({ A, addressA, addressB }: Wire, create: string): string {
  const service = `docker -H ${A} ${create} --network dognet --endpoint-mode dnsrr`;
  return `docker -H ${A} network create -d overlay --subnet 10.1.0.0/24 --gateway 10.1.0.1 dognet
${service} --name dog-db redis
${service} --mode global -p mode=host,published=8000,target=5000 -e DB=dog-db -e ROLE=dog --name dog-web pets-console/web
${[addressA, addressB].map(untilCounted).join('\n')}
`;
}

/** Docker refuses to remove the network while a task's container is on it, and a copy may stay on the other node. */
function removeAll({ A, B }: Wire): string {
  const gone = (engine: string) =>
    `until [ -z "$(docker -H ${engine} ps -aq --filter label=com.docker.swarm.service.name)" ]; do sleep 0.1; done`;
  return `docker -H ${A} service rm dog-web dog-db
${gone(A)}
${gone(B)}
until docker -H ${A} network rm dognet >/dev/null 2>&1; do sleep 0.1; done
until ! docker -H ${B} network inspect dognet >/dev/null 2>&1; do sleep 0.1; done
`;
}

function untilCounted(address: string): string {
  return `until curl -fso /dev/null http://${address}:8000/readyz; do sleep 0.01; done
curl -fso /dev/null http://${address}:8000/`;
}
