import { type GuideExample, untilPage, type Wire } from './guide-example.ts';

interface OnHosts {
  readonly scenario: string;
  readonly up: string;
  readonly containers: readonly (readonly [host: 'A' | 'B', name: string])[];
  readonly networks: readonly (readonly [host: 'A' | 'B', name: string])[];
}

/** The models without a swarm, taken down by `docker stop` with `docker rm`, and by `docker rm -f`. The database and the second pair of macvlan are the scenario's. */
export function examplesOnHosts(wire: Wire): readonly GuideExample[] {
  return [bridge(wire), multiHostBridge(wire), macvlan(wire)].map((example) => {
    const up = { how: "the guide's commands in a shell", script: example.up };
    return {
      name: example.scenario,
      scenario: example.scenario,
      cycles: [
        { up, down: { how: 'docker stop, docker rm', script: teardown(example, wire, 'stop') } },
        { up, down: { how: 'docker rm -f', script: teardown(example, wire, 'force') } },
      ],
    };
  });
}

function teardown({ containers, networks }: OnHosts, wire: Wire, way: 'stop' | 'force'): string {
  const removals = containers.flatMap(([host, name]) =>
    way === 'force'
      ? [`docker -H ${wire[host]} rm -f ${name}`]
      : [`docker -H ${wire[host]} stop ${name}`, `docker -H ${wire[host]} rm ${name}`],
  );
  return [...removals, ...networks.map(([host, name]) => `docker -H ${wire[host]} network rm ${name}`)].join('\n');
}

function bridge({ A, addressA }: Wire): OnHosts {
  return {
    scenario: 'bridge',
    up: `docker -H ${A} network create -d bridge catnet
docker -H ${A} run -d --net catnet --name cat-db redis
docker -H ${A} run -d --net catnet --name cat-web -p 8000:5000 -e DB=cat-db -e ROLE=cat pets-console/web
${untilPage(`http://${addressA}:8000/`)}`,
    containers: [
      ['A', 'cat-web'],
      ['A', 'cat-db'],
    ],
    networks: [['A', 'catnet']],
  };
}

function multiHostBridge({ A, B, addressA }: Wire): OnHosts {
  return {
    scenario: 'multi-host-bridge',
    up: `docker -H ${A} run -d -p 8000:5000 -e DB=host-B:8001 -e ROLE=cat --name cat-web pets-console/web
docker -H ${B} run -d -p 8001:6379 --name cat-db redis
${untilPage(`http://${addressA}:8000/`)}`,
    containers: [
      ['A', 'cat-web'],
      ['B', 'cat-db'],
    ],
    networks: [],
  };
}

function macvlan({ A, B, subnet, gateway, nth }: Wire): OnHosts {
  const network = `network create -d macvlan --subnet ${subnet} --gateway ${gateway} -o parent=eth0 macvlan`;
  return {
    scenario: 'macvlan',
    up: `docker -H ${A} ${network}
docker -H ${B} ${network}
docker -H ${A} run -d --net macvlan --ip ${nth(4)} -e DB=dog-db -e ROLE=dog --add-host dog-db:${nth(5)} --name dog-web pets-console/web
docker -H ${B} run -d --net macvlan --ip ${nth(5)} --name dog-db redis
docker -H ${A} run -d --net macvlan --ip ${nth(6)} -e DB=fox-db -e ROLE=fox --name fox-web pets-console/web
docker -H ${A} run -d --net macvlan --ip ${nth(7)} --name fox-db redis
${untilPage(`http://${nth(4)}:5000/`)}
${untilPage(`http://${nth(6)}:5000/`)}`,
    containers: [
      ['A', 'dog-web'],
      ['B', 'dog-db'],
      ['A', 'fox-web'],
      ['A', 'fox-db'],
    ],
    networks: [
      ['A', 'macvlan'],
      ['B', 'macvlan'],
    ],
  };
}
