/** A size as Docker writes it: `17.9 MB`, of a thousand each. */
export function bytesText(bytes: number): string {
  const unit = UNITS.find(({ size }) => bytes >= size * 0.9995) ?? { name: 'B', size: 1 };
  const amount = bytes / unit.size;
  return `${amount >= 99.95 || unit.size === 1 ? Math.round(amount) : amount.toFixed(1)} ${unit.name}`;
}

const UNITS = [
  { name: 'GB', size: 1e9 },
  { name: 'MB', size: 1e6 },
  { name: 'kB', size: 1e3 },
] as const;
