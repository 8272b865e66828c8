import { Box } from 'ink';
import type { Band, Column, Layout, Placement } from '../layout.ts';
import { span } from '../line.ts';
import { focusedPanel, PANELS_OF_VIEW } from '../navigation.ts';
import { panelLines } from '../panel.ts';
import { contentOf } from '../panels/content.ts';
import type { Scene } from '../scene.ts';
import type { Theme } from '../theme.ts';
import { Rows } from './rows.tsx';

interface BandsProps {
  readonly scene: Scene;
  readonly layout: Layout;
  readonly theme: Theme;
}

/** The panels of a view where the layout puts them: space between bands, one rule between columns. */
export function Bands({ scene, layout, theme }: BandsProps) {
  return (
    <Box flexDirection="column" gap={1}>
      {layout.bands.map((band) => (
        <BandRow key={band.columns[0]?.placements[0]?.panel ?? ''} band={band} scene={scene} theme={theme} />
      ))}
    </Box>
  );
}

interface BandProps {
  readonly band: Band;
  readonly scene: Scene;
  readonly theme: Theme;
}

function BandRow({ band, scene, theme }: BandProps) {
  const rule = new Array(band.height).fill([span(' ▏', 'dim')]);
  return (
    <Box height={band.height}>
      {band.columns.map((column, index) => (
        <Box key={column.placements[0]?.panel ?? ''}>
          {index === 0 ? null : <Rows lines={rule} theme={theme} />}
          <ColumnBox column={column} scene={scene} theme={theme} />
        </Box>
      ))}
    </Box>
  );
}

interface ColumnProps {
  readonly column: Column;
  readonly scene: Scene;
  readonly theme: Theme;
}

function ColumnBox({ column, scene, theme }: ColumnProps) {
  return (
    <Box flexDirection="column" width={column.width} gap={1}>
      {column.placements.map((placement) => (
        <PanelBox key={placement.panel} placement={placement} width={column.width} scene={scene} theme={theme} />
      ))}
    </Box>
  );
}

interface PanelProps {
  readonly placement: Placement;
  readonly width: number;
  readonly scene: Scene;
  readonly theme: Theme;
}

function PanelBox({ placement: { panel, height }, width, scene, theme }: PanelProps) {
  const { navigation } = scene;
  // Where a view has one panel, nothing needs to say where you are.
  const focused = PANELS_OF_VIEW[navigation.view].length > 1 && focusedPanel(navigation) === panel;
  const lines = panelLines(contentOf(panel, scene, width), { width, height }, { focused, scrolled: navigation.scroll[panel] });
  return <Rows lines={lines} theme={theme} />;
}
