import { expect, it } from 'vitest';
import { bytesText } from '../../src/domain/bytes.ts';

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [98_304, '98.3 kB'],
  [999_960, '1.0 MB'],
  [17_900_000, '17.9 MB'],
  [99_960_000, '100 MB'],
  [132_376_064, '132 MB'],
  [1_234_000_000, '1.2 GB'],
])('%d bytes are %s', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});
