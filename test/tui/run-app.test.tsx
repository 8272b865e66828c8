import { expect, test } from 'vitest';
import type { Store } from '../../src/core/store.ts';
import { runApp } from '../../src/tui/run-app.tsx';
import * as run from './bridge-run.ts';
import { FakeKeyboard, FakeTerminal, storeOf } from './harness.tsx';

const ENTER_SCREEN = '\u001b[?1049h';
const LEAVE_SCREEN = '\u001b[?1049l';
const SHOW_CURSOR = '\u001b[?25h';

function start(store: Store, exitSignal: AbortSignal) {
  const terminal = new FakeTerminal(80, 24);
  const keyboard = new FakeKeyboard();
  const ended = runApp({
    store,
    dispatch: () => {},
    mode: 'live',
    version: '0.1.0',
    noColor: false,
    exitSignal,
    stdout: terminal as unknown as NodeJS.WriteStream,
    stdin: keyboard as unknown as NodeJS.ReadStream,
  });
  const written = () => terminal.chunks.join('');
  return { terminal, keyboard, ended, written };
}

function expectWhole({ written, keyboard }: ReturnType<typeof start>): void {
  const screen = written();
  expect(screen.startsWith(ENTER_SCREEN)).toBe(true);
  expect(screen.lastIndexOf(LEAVE_SCREEN)).toBeGreaterThan(screen.lastIndexOf(ENTER_SCREEN));
  expect(screen.lastIndexOf(SHOW_CURSOR)).toBeGreaterThan(screen.lastIndexOf('\u001b[?25l'));
  expect(keyboard.isRaw).toBe(false);
}

test('q leaves the alternate screen, shows the cursor and gives the keyboard back', async () => {
  const console = start(storeOf(run.DONE, run.START), new AbortController().signal);
  expect(console.keyboard.isRaw).toBe(true);
  console.keyboard.write('q');
  await console.ended;
  expectWhole(console);
});

test('a key typed before the first frame is not echoed over it ("enter" scrolled the screen by a row, and was lost)', async () => {
  const rawAtWrites: boolean[] = [];
  class Watched extends FakeTerminal {
    override _write(chunk: Buffer, encoding: string, done: () => void): void {
      rawAtWrites.push(keyboard.isRaw);
      super._write(chunk, encoding, done);
    }
  }
  const keyboard = new FakeKeyboard();
  const stop = new AbortController();
  const ended = runApp({
    store: storeOf(run.DONE, run.START),
    dispatch: () => {},
    mode: 'live',
    version: '0.1.0',
    noColor: false,
    exitSignal: stop.signal,
    stdout: new Watched(80, 24) as unknown as NodeJS.WriteStream,
    stdin: keyboard as unknown as NodeJS.ReadStream,
  });
  await new Promise(setImmediate);
  expect(rawAtWrites.length).toBeGreaterThan(0);
  expect(rawAtWrites).not.toContain(false);
  stop.abort();
  await ended;
});

test('a signal to end does the same', async () => {
  const stop = new AbortController();
  const console = start(storeOf(run.DONE, run.START), stop.signal);
  stop.abort();
  await console.ended;
  expectWhole(console);
});

test('a signal that came before the first frame opens nothing', async () => {
  const console = start(storeOf(run.DONE, run.START), AbortSignal.abort());
  await console.ended;
  expect(console.written()).toBe('');
});

test('what a component throws comes out after the terminal is whole', async () => {
  const store = storeOf(run.DONE, run.START);
  const broken: Store = {
    subscribe: store.subscribe,
    getSnapshot: () => {
      throw new Error('a bug of ours');
    },
  };
  const console = start(broken, new AbortController().signal);
  await expect(console.ended).rejects.toThrow('a bug of ours');
  expectWhole(console);
});
