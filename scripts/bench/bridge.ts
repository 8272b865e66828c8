import { fileURLToPath } from 'node:url';
import { labDown } from '../../src/lab/down.ts';
import { labUp } from '../../src/lab/up.ts';
import { type Contender, table, time } from './measure.ts';

const LAB = 'bench';
const root = fileURLToPath(new URL('../..', import.meta.url));

/** The guide's first example three ways, each as whole processes, in turn: A B C A B C …, so that a machine's drift meets all. */
export async function benchBridge(runs: number): Promise<void> {
  const say = (text: string) => process.stderr.write(`  ${text}\n`);
  const lab = await labUp({ name: LAB, engines: 1, onProgress: say, signal: new AbortController().signal });
  try {
    const [host] = lab.hosts;
    if (host === undefined) throw new Error('the lab has no host');
    const contenders = contendersFor(host.endpoint, `http://${host.address}:8000/`);
    const times = contenders.map(({ name }) => ({ name, up: [] as number[], down: [] as number[] }));
    for (let round = 0; round <= runs; round += 1) {
      for (const [index, { up, down }] of contenders.entries()) {
        const [upMs, downMs] = [await time(up), await time(down)];
        if (round === 0) continue; // the first round warms caches
        times[index]?.up.push(upMs);
        times[index]?.down.push(downMs);
      }
      say(`round ${round} of ${runs}`);
    }
    process.stdout.write(
      `${table(
        'bridge, up to the first 200',
        times.map(({ name, up }) => ({ name, times: up })),
      )}\n`,
    );
    process.stdout.write(
      table(
        'bridge, down',
        times.map(({ name, down }) => ({ name, times: down })),
      ),
    );
  } finally {
    await labDown(LAB, say);
  }
}

interface Pair {
  readonly name: string;
  readonly up: Contender;
  readonly down: Contender;
}

function contendersFor(endpoint: string, url: string): readonly Pair[] {
  const pair = (name: string, make: (verb: 'up' | 'down') => Omit<Contender, 'name'>): Pair => ({
    name,
    up: { name: `${name} up`, ...make('up') },
    down: { name: `${name} down`, ...make('down') },
  });
  const socket = endpoint.replace('unix://', '');
  return [
    pair('shell', (verb) => ({ command: 'sh', args: ['-ec', SHELL[verb].replace('URL', url)], env: { DOCKER_HOST: endpoint } })),
    pair('pets-console', (verb) => ({
      command: process.execPath,
      args: [`${root}bin/pets-console.cjs`, verb, 'bridge', '--host', `host-A=${endpoint}`],
    })),
    pair('raw API', (verb) => ({ command: process.execPath, args: [`${root}scripts/bench/raw.mjs`, socket, verb, url] })),
  ];
}

/** As the guide types it; the guide leaves the web container unnamed. */
const SHELL = {
  up: `docker network create -d bridge catnet
docker run -d --net catnet --name cat-db redis
docker run -d --net catnet --name cat-web -p 8000:5000 -e DB=cat-db -e ROLE=cat pets-console/web
until curl -fso /dev/null URL; do sleep 0.01; done`,
  down: `docker rm -f cat-web cat-db
docker network rm catnet`,
} as const;
