import { PassThrough, Writable } from 'node:stream';
import { type Instance, render } from 'ink';
import type { Store } from '../../src/core/store.ts';
import type { ConsoleEvent, Intent } from '../../src/domain/events.ts';
import { reduce } from '../../src/domain/reduce.ts';
import { EMPTY_STATE } from '../../src/domain/state.ts';
import { App } from '../../src/tui/app.tsx';
import type { Mode } from '../../src/tui/scene.ts';

/** A terminal of any size that nobody looks at: it keeps what was written. */
export class FakeTerminal extends Writable {
  readonly isTTY = true;
  columns: number;
  rows: number;
  readonly chunks: string[] = [];

  constructor(columns: number, rows: number) {
    super();
    this.columns = columns;
    this.rows = rows;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.chunks.push(chunk.toString());
    done();
  }

  resize(columns: number, rows: number): void {
    Object.assign(this, { columns, rows });
    this.emit('resize');
  }
}

export class FakeKeyboard extends PassThrough {
  readonly isTTY = true;
  isRaw = false;
  setRawMode(raw: boolean): this {
    this.isRaw = raw;
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
}

/** A store that stands still until told otherwise. */
export function storeOf(events: readonly ConsoleEvent[], now: number): Store & { add(events: readonly ConsoleEvent[], now: number): void } {
  let snapshot = { state: events.reduce(reduce, EMPTY_STATE), now };
  const listeners = new Set<() => void>();
  return {
    getSnapshot: () => snapshot,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    add: (more, later) => {
      snapshot = { state: more.reduce(reduce, snapshot.state), now: later };
      for (const listener of listeners) listener();
    },
  };
}

export interface Console {
  readonly store: ReturnType<typeof storeOf>;
  readonly terminal: FakeTerminal;
  readonly intents: readonly Intent[];
  /** The rows on the screen. */
  screen(): Promise<readonly string[]>;
  press(...keys: readonly string[]): Promise<void>;
  resize(columns: number, rows: number): Promise<void>;
  readonly ended: Promise<unknown>;
  close(): void;
}

export const KEY = {
  enter: '\r',
  esc: '\u001b',
  tab: '\t',
  shiftTab: '\u001b[Z',
  up: '\u001b[A',
  down: '\u001b[B',
  ctrlC: '\u0003',
  ctrlD: '\u0004',
} as const;

interface Options {
  readonly columns?: number;
  readonly rows?: number;
  readonly now: number;
  readonly mode?: Mode;
  readonly noColor?: boolean;
}

/** The console as it is, on a fake terminal; in Ink's debug mode, where each write is one whole frame. */
export function openConsole(events: readonly ConsoleEvent[], options: Options): Console {
  const { columns = 80, rows = 24, now, mode = 'live', noColor = false } = options;
  const terminal = new FakeTerminal(columns, rows);
  const keyboard = new FakeKeyboard();
  const store = storeOf(events, now);
  const intents: Intent[] = [];
  const app = <App store={store} dispatch={(intent) => intents.push(intent)} mode={mode} version="0.1.0" noColor={noColor} />;
  const instance: Instance = render(app, {
    stdout: terminal,
    stdin: keyboard as unknown as NodeJS.ReadStream,
    debug: true,
    interactive: true,
    patchConsole: false,
    exitOnCtrlC: false,
  });
  const settled = () => instance.waitUntilRenderFlush();
  return {
    store,
    terminal,
    intents,
    ended: instance.waitUntilExit(),
    screen: async () => {
      await settled();
      return (terminal.chunks.filter((chunk) => chunk.includes('\n')).at(-1) ?? '').split('\n');
    },
    press: async (...keys) => {
      for (const key of keys) {
        keyboard.write(key);
        // Ink reads on `readable`, which comes before the next turn of the loop.
        await new Promise(setImmediate);
        await settled();
      }
    },
    resize: async (toColumns, toRows) => {
      terminal.resize(toColumns, toRows);
      await settled();
    },
    close: () => instance.unmount(),
  };
}
