import { Box, Text } from 'ink';
import { memo } from 'react';
import type { Frame } from '../frame.ts';
import type { Line } from '../line.ts';
import type { Theme } from '../theme.ts';

interface ScreenProps {
  /** Already of the terminal's size: nothing is cut or wrapped here. */
  readonly frame: Frame;
  readonly theme: Theme;
}

/** The rows of a frame, drawn as they are; one that is the same as before is left alone. */
export function Screen({ frame, theme }: ScreenProps) {
  return (
    <Box flexDirection="column" height={frame.length}>
      {frame.map((row, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row of a screen is its place
        <Row key={index} row={row} theme={theme} />
      ))}
    </Box>
  );
}

const Row = memo(function Row({ row, theme }: { readonly row: Line; readonly theme: Theme }) {
  return (
    <Text wrap="truncate-end">
      {row.map((part, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a span is its place in the row
        <Text key={index} {...theme[part.tone]}>
          {part.text}
        </Text>
      ))}
    </Text>
  );
});
