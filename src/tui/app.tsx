import { useApp, useInput, useWindowSize } from 'ink';
import { useMemo, useRef, useState, useSyncExternalStore } from 'react';
import type { Store } from '../core/store.ts';
import type { Intent } from '../domain/events.ts';
import { act } from './act.ts';
import { Screen } from './components/screen.tsx';
import { createPainter } from './frame.ts';
import { commandFor, keyNames } from './keys.ts';
import { initialNavigation, navigate } from './navigation.ts';
import { type Mode, makeScene } from './scene.ts';
import { themeFor } from './theme.ts';

export interface AppProps {
  readonly store: Store;
  readonly dispatch: (intent: Intent) => void;
  readonly mode: Mode;
  readonly version: string;
  readonly noColor: boolean;
  readonly initialScenario?: string | undefined;
  /** Of every scenario that has it. */
  readonly initialVariant?: string | undefined;
}

/** The console: facts from the store, the cursor in a reducer, one input hook. */
export function App({ store, dispatch, mode, version, noColor, initialScenario, initialVariant }: AppProps) {
  const { exit } = useApp();
  const { columns, rows } = useWindowSize();
  const [navigation, setNavigation] = useState(() => initialNavigation(initialScenario, initialVariant));
  // Fast typing brings several keys before the next frame: each one is judged by what the one before it did.
  const latest = useRef(navigation);

  useInput((input, key) => {
    for (const name of keyNames(input, key)) {
      const command = commandFor(name);
      if (command === undefined) continue;
      const outcome = act(command, makeScene({ ...store.getSnapshot(), navigation: latest.current, columns, rows, mode, version }));
      latest.current = outcome.moves.reduce(navigate, latest.current);
      if (outcome.intent !== undefined) dispatch(outcome.intent);
      if (outcome.quit === true) return exit();
    }
    setNavigation(latest.current);
  });

  const paint = useMemo(createPainter, []);
  // What React is given is the frame and not the facts: facts that look the same on the screen cost it nothing.
  const frame = useSyncExternalStore(store.subscribe, () => paint({ ...store.getSnapshot(), navigation, columns, rows, mode, version }));
  return <Screen frame={frame} theme={themeFor(noColor)} />;
}
