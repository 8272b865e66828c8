/** Numbers as the screens show them. Widths are bounded, so that a column never moves. */

/** `12 ms`, `3.1 s`, `2 min`: at most 7 columns. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 99_950) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 5_400_000) return `${Math.round(ms / 60_000)} min`;
  return `${Math.round(ms / 3_600_000)} h`;
}

/** How long ago, in whole seconds: a clock that ticks, not one that flickers. At most 6 columns. */
export function age(ms: number): string {
  if (ms < 60_000) return `${Math.floor(ms / 1000)} s`;
  if (ms < 5_400_000) return `${Math.floor(ms / 60_000)} min`;
  return `${Math.floor(ms / 3_600_000)} h`;
}

/** `65,534`. */
export function count(number: number): string {
  return String(Math.trunc(number)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 network`, `2 networks`. */
export function plural(number: number, word: string): string {
  return `${count(number)} ${word}${number === 1 ? '' : 's'}`;
}

/** `104 MB`, `17.9 MB`, `1.2 GB`: decimal, as Docker writes them. */
export function size(bytes: number): string {
  const [unit, divisor] = bytes < 999_500 ? ['kB', 1e3] : bytes < 999_500_000 ? ['MB', 1e6] : ['GB', 1e9];
  return `${inUnits(bytes / Number(divisor))} ${unit}`;
}

/** `41.2 of 104 MB`. */
export function sizeOf(bytes: number, total: number): string {
  const [number = '', unit = ''] = size(total).split(' ');
  const divisor = unit === 'kB' ? 1e3 : unit === 'MB' ? 1e6 : 1e9;
  return `${inUnits(Math.min(bytes, total) / divisor).padStart(number.length)} of ${number} ${unit}`;
}

function inUnits(number: number): string {
  return number < 99.95 ? number.toFixed(1) : String(Math.round(number));
}

/** `12.0/s`; without decimals from a thousand up. */
export function rate(perSecond: number): string {
  return `${perSecond < 1000 ? perSecond.toFixed(1) : count(perSecond)}/s`;
}

const LEVELS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** One column per number, all on one scale; nothing is the lowest level, the largest the highest. */
export function sparkline(numbers: readonly number[]): string {
  const largest = Math.max(1, ...numbers);
  return numbers.map((number) => LEVELS[number === 0 ? 0 : Math.max(1, Math.round((number / largest) * 7))]).join('');
}

/** A bar in exactly `width` columns; anything above nothing shows at least one column. */
export function bar(share: number, width: number): string {
  const filled = share <= 0 ? 0 : Math.max(1, Math.round(Math.min(1, share) * width));
  return '━'.repeat(filled) + ' '.repeat(Math.max(0, width - filled));
}
