import { readdir } from 'node:fs/promises';
import type { Agent } from 'node:http';
import { closeEngine, type Engine, openEngine } from '../../src/engine/engine.ts';
import { labDown } from '../../src/lab/down.ts';
import { DATA_ROOT } from '../../src/lab/names.ts';
import { labUp } from '../../src/lab/up.ts';
import { enginesUnderTest } from '../support/engines-under-test.ts';
import { askDocker } from './lab-engine.ts';

export interface TwoEngines {
  readonly lab: string;
  readonly a: Engine;
  readonly b: Engine;
  down(): Promise<void>;
}

/** Two real engines of a lab of their own. */
export async function raiseTwoEngines(lab: string, subnet: string): Promise<TwoEngines> {
  const { hosts } = await labUp({
    name: lab,
    engines: 2,
    subnet,
    onProgress: () => undefined,
    signal: new AbortController().signal,
    ...enginesUnderTest(),
  });
  const [a, b] = await Promise.all(hosts.map((host) => openEngine(host)));
  if (a === undefined || b === undefined) throw new Error('the lab has not two hosts');
  const down = async () => {
    for (const engine of [a, b]) closeEngine(engine);
    await labDown(lab, () => undefined);
  };
  return { lab, a, b, down };
}

export function socketOf({ endpoint }: Engine): string {
  return endpoint.replace('unix://', '');
}

/** What an engine has of images, half ones and their files on the way included. */
export async function imagesOf(
  lab: string,
  engine: Engine,
): Promise<{ readonly ids: readonly string[]; readonly halves: readonly string[] }> {
  const ids = (await askDocker(socketOf(engine), 'images', '--all', '--no-trunc', '--format', '{{.ID}} {{.Repository}}:{{.Tag}}')).split(
    '\n',
  );
  return { ids: ids.sort(), halves: await readdir(`${DATA_ROOT}/${lab}/${engine.name}/tmp`) };
}

/** Connections to an engine that carry a request now; those that are kept for later are not among them. */
export function busyConnections({ docker }: Engine): number {
  const { agent } = docker.modem as unknown as { readonly agent: Agent };
  return Object.values(agent.sockets).flat().length;
}

/** What was told of a transfer. */
export function listen() {
  const told: { text: string; current: number | undefined; total: number | undefined }[] = [];
  const onProgress = (text: string, current?: number, total?: number) => void told.push({ text, current, total });
  const bytes = () => told.flatMap(({ current }) => (current === undefined ? [] : [current]));
  return { told, bytes, onProgress };
}

export async function* from(...engines: readonly Engine[]): AsyncGenerator<Engine> {
  yield* engines;
}
