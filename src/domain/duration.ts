/** Milliseconds as events carry them: a tenth is finer than any of our measurements. */
export function roundMs(ms: number): number {
  return Math.round(ms * 10) / 10;
}
