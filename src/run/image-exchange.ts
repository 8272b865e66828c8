import type { Engine } from '../engine/engine.ts';

/** Lets the hosts of one run copy images from each other: from those that have one, and from those that are only now getting it. */
export interface ImageExchange {
  /**
   * Gets an image on an engine by `get`, and then lets others have it from there. `from` names hosts that have it already. What `get` is
   * handed are the engines to copy from, one after another, those that got it meanwhile included; it ends when none is left to wait for.
   */
  get<Outcome>(
    image: string,
    engine: Engine,
    from: readonly string[],
    get: (sources: AsyncIterable<Engine>) => Promise<Outcome>,
  ): Promise<Outcome>;
}

/** How one image stands on the hosts of a run. */
interface Board {
  /** `waiting`: nothing but a copy is left. So two that wait for each other are known to wait in vain. */
  readonly standings: Map<string, 'getting' | 'waiting' | 'has' | 'lacks'>;
  /** Replaced when it resolves. */
  changed: PromiseWithResolvers<void>;
}

export function openImageExchange(engines: ReadonlyMap<string, Engine>): ImageExchange {
  const boards = new Map<string, Board>();
  return {
    get: async (image, engine, from, get) => {
      const board = boards.get(image) ?? { standings: new Map(), changed: Promise.withResolvers<void>() };
      boards.set(image, board);
      stand(board, engine.name, 'getting');
      try {
        const outcome = await get(sourcesFor(engine.name, from, engines, board));
        stand(board, engine.name, 'has');
        return outcome;
      } catch (error) {
        stand(board, engine.name, 'lacks');
        throw error;
      }
    },
  };
}

async function* sourcesFor(
  host: string,
  from: readonly string[],
  engines: ReadonlyMap<string, Engine>,
  board: Board,
): AsyncGenerator<Engine> {
  const tried = new Set([host]);
  for (;;) {
    const owners = [...from, ...[...board.standings].flatMap(([name, standing]) => (standing === 'has' ? [name] : []))];
    const next = engines.get(owners.find((name) => !tried.has(name) && engines.has(name)) ?? '');
    if (next !== undefined) {
      tried.add(next.name);
      stand(board, host, 'getting');
      yield next;
      continue;
    }
    if (board.standings.get(host) !== 'waiting') stand(board, host, 'waiting');
    if (![...board.standings].some(([name, standing]) => name !== host && standing === 'getting')) return;
    // An interruption needs no signal here: it ends those that are waited for.
    await board.changed.promise;
  }
}

function stand(board: Board, host: string, standing: 'getting' | 'waiting' | 'has' | 'lacks'): void {
  board.standings.set(host, standing);
  const { resolve } = board.changed;
  board.changed = Promise.withResolvers();
  resolve();
}
