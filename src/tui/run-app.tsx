import { render } from 'ink';
import { App, type AppProps } from './app.tsx';

export interface AppOptions extends AppProps {
  readonly stdin?: NodeJS.ReadStream;
  readonly stdout?: NodeJS.WriteStream;
  /** Aborted when the process is asked to end: the console leaves and restores the terminal. */
  readonly exitSignal: AbortSignal;
}

/**
 * Opens the console on the alternate screen. Resolves when the user quits or `exitSignal` aborts; the terminal is whole by then.
 * What a component throws rejects, after the alternate screen was left, so that whoever reports it writes where it stays readable.
 */
export async function runApp(options: AppOptions): Promise<void> {
  const { stdin, stdout, exitSignal, ...app } = options;
  if (exitSignal.aborted) return;
  // Ink reads the keyboard only after its first frame: a key typed in between would be echoed over it, and enter would scroll it.
  const keyboard = stdin ?? process.stdin;
  keyboard.setRawMode(true);
  const instance = render(<App {...app} />, {
    ...(stdin === undefined ? {} : { stdin }),
    ...(stdout === undefined ? {} : { stdout }),
    // Whoever calls made sure of a terminal; Ink would fall silent where `CI` is set.
    interactive: true,
    alternateScreen: true,
    incrementalRendering: true,
    patchConsole: false,
    // Ctrl-c is a key of the table, like q.
    exitOnCtrlC: false,
  });
  const leave = () => instance.unmount();
  exitSignal.addEventListener('abort', leave, { once: true });
  try {
    await instance.waitUntilExit();
  } catch (error) {
    // What threw may have done so before Ink took the keyboard, which it gives back by itself.
    keyboard.setRawMode(false);
    throw error;
  } finally {
    exitSignal.removeEventListener('abort', leave);
  }
}
