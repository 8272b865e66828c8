import { Box, Text } from 'ink';
import type { Line } from '../line.ts';
import type { Theme } from '../theme.ts';

interface RowsProps {
  /** Already cut to their width. */
  readonly lines: readonly Line[];
  readonly theme: Theme;
}

/** Rows of a screen, drawn as they are: the width was settled before, so nothing wraps here. */
export function Rows({ lines, theme }: RowsProps) {
  return (
    <Box flexDirection="column" flexShrink={0}>
      {lines.map((row, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row of a screen is its place
        <Row key={index} row={row} theme={theme} />
      ))}
    </Box>
  );
}

function Row({ row, theme }: { readonly row: Line; readonly theme: Theme }) {
  // Ink gives an empty text no height.
  if (row.every((part) => part.text === '')) return <Text> </Text>;
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
}
