const STEP_MS = 25;

/**
 * Waits for a condition, never for a time. `look` gives what is there; `isThere` judges it.
 * @throws after `boundMs` with what stood there instead
 */
export async function waitUntil<T>(what: string, look: () => T | Promise<T>, isThere: (found: T) => boolean, boundMs = 15_000): Promise<T> {
  const deadline = performance.now() + boundMs;
  for (;;) {
    const found = await look();
    if (isThere(found)) return found;
    if (performance.now() > deadline) {
      throw new Error(
        `waited ${boundMs} ms for ${what}; there was:\n${typeof found === 'string' ? found : JSON.stringify(found, undefined, 2)}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
}
