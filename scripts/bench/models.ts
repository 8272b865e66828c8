import { fileURLToPath } from 'node:url';
import { labDown } from '../../src/lab/down.ts';
import { labUp } from '../../src/lab/up.ts';
import { type Contender, table, time } from './measure.ts';

const LAB = 'bench';
const root = fileURLToPath(new URL('../..', import.meta.url));

/** The guide's commands for one model, as a person types them into a shell, one after another. */
interface GuideExample {
  readonly scenario: string;
  readonly up: string;
  /** Containers and networks by host, for the two ways in which a shell takes them down. */
  readonly containers: readonly (readonly [host: 'A' | 'B', name: string])[];
  readonly networks: readonly (readonly [host: 'A' | 'B', name: string])[];
}

interface Wire {
  readonly A: string;
  readonly B: string;
  readonly addressA: string;
  readonly subnet: string;
  readonly gateway: string;
  /** The nth address of the subnet. */
  readonly nth: (n: number) => string;
}

/**
 * Per model, whole processes in turn (A B C A B C …): the guide's commands in a shell up to the first page, `up`; then `docker stop` with
 * `docker rm`, `docker rm -f`, and `down`. The database and the second pair of macvlan are those of the scenario, so that both make the same.
 */
export async function benchModels(runs: number): Promise<void> {
  const say = (text: string) => process.stderr.write(`  ${text}\n`);
  const lab = await labUp({ name: LAB, engines: 2, onProgress: say, signal: new AbortController().signal });
  try {
    const [A, B] = lab.hosts;
    if (A === undefined || B === undefined) throw new Error('the lab has no two hosts');
    const nth = (n: number) => lab.subnet.replace(/\.\d+\/\d+$/, `.${n}`);
    const wire = { A: A.endpoint, B: B.endpoint, addressA: A.address, subnet: lab.subnet, gateway: nth(1), nth };
    for (const example of examplesOn(wire)) await benchExample(example, wire, runs, say);
  } finally {
    await labDown(LAB, say);
  }
}

async function benchExample(example: GuideExample, wire: Wire, runs: number, say: (text: string) => void): Promise<void> {
  const shell = (name: string, script: string): Contender => ({ name, command: 'sh', args: ['-ec', script] });
  const ours = (verb: 'up' | 'down'): Contender => ({
    name: `pets-console ${verb} ${example.scenario}`,
    command: process.execPath,
    args: [`${root}bin/pets-console.cjs`, verb, example.scenario, '--hosts', `/run/pets-console/${LAB}/hosts.json`],
  });
  const shellUp = shell("the guide's commands in a shell", example.up);
  // One cycle each: up by the shell and down by stop and rm; up by the shell and down by rm -f; up and down by us.
  const cycles = [
    { up: shellUp, down: shell('docker stop, docker rm', teardown(example, wire, 'stop')) },
    { up: shellUp, down: shell('docker rm -f', teardown(example, wire, 'force')) },
    { up: ours('up'), down: ours('down') },
  ];
  const ups = new Map<string, number[]>();
  const downs = new Map<string, number[]>();
  for (let round = 0; round <= runs; round += 1) {
    for (const { up, down } of cycles) {
      const [upMs, downMs] = [await time(up), await time(down)];
      if (round === 0) continue; // the first round warms caches
      note(ups, up.name, upMs);
      note(downs, down.name, downMs);
    }
    say(`${example.scenario}: round ${round} of ${runs}`);
  }
  for (const [verb, times] of [['up', ups] as const, ['down', downs] as const]) {
    const rows = [...times].map(([name, values]) => ({ name, times: values }));
    process.stdout.write(`${table(`${example.scenario}, ${verb}`, rows)}\n`);
  }
}

function note(times: Map<string, number[]>, name: string, ms: number): void {
  times.set(name, [...(times.get(name) ?? []), ms]);
}

function teardown({ containers, networks }: GuideExample, wire: Wire, way: 'stop' | 'force'): string {
  const removals = containers.flatMap(([host, name]) =>
    way === 'force'
      ? [`docker -H ${wire[host]} rm -f ${name}`]
      : [`docker -H ${wire[host]} stop ${name}`, `docker -H ${wire[host]} rm ${name}`],
  );
  return [...removals, ...networks.map(([host, name]) => `docker -H ${wire[host]} network rm ${name}`)].join('\n');
}

function examplesOn(wire: Wire): readonly GuideExample[] {
  const { A, B, addressA, subnet, gateway, nth } = wire;
  const untilPage = (url: string) => `until curl -fso /dev/null ${url}; do sleep 0.01; done`;
  const macvlan = `network create -d macvlan --subnet ${subnet} --gateway ${gateway} -o parent=eth0 macvlan`;
  return [
    {
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
    },
    {
      scenario: 'multi-host-bridge',
      up: `docker -H ${A} run -d -p 8000:5000 -e DB=host-B:8001 -e ROLE=cat --name cat-web pets-console/web
docker -H ${B} run -d -p 8001:6379 --name cat-db redis
${untilPage(`http://${addressA}:8000/`)}`,
      containers: [
        ['A', 'cat-web'],
        ['B', 'cat-db'],
      ],
      networks: [],
    },
    {
      scenario: 'macvlan',
      up: `docker -H ${A} ${macvlan}
docker -H ${B} ${macvlan}
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
    },
  ];
}
