import type { Band, Column, Layout } from './layout.ts';
import { BLANK, fitLine, type Line, span } from './line.ts';
import { focusedPanel, PANELS_OF_VIEW } from './navigation.ts';
import { panelLines } from './panel.ts';
import { contentOf } from './panels/content.ts';
import type { Scene } from './scene.ts';

/** The panels of a view where the layout puts them: an empty row between bands, one rule between columns. */
export function bandLines(layout: Layout, scene: Scene): readonly Line[] {
  return stacked(layout.bands.map((band) => rowsOfBand(band, scene)));
}

function rowsOfBand(band: Band, scene: Scene): readonly Line[] {
  const columns = band.columns.map((column) => rowsOfColumn(column, scene));
  return Array.from({ length: band.height }, (_, index) =>
    columns.flatMap((rows, place): Line => [...(place === 0 ? [] : [span(' ▏', 'dim')]), ...(rows[index] ?? BLANK)]),
  );
}

function rowsOfColumn({ width, placements }: Column, scene: Scene): readonly Line[] {
  const { navigation } = scene;
  const panels = placements.map(({ panel, height }) => {
    // Where a view has one panel, nothing needs to say where you are.
    const focused = PANELS_OF_VIEW[navigation.view].length > 1 && focusedPanel(navigation) === panel;
    return panelLines(contentOf(panel, scene, width), { width, height }, { focused, scrolled: navigation.scroll[panel] });
  });
  return stacked(panels).map((row) => fitLine(row, width));
}

/** Parts above each other, an empty row between. */
function stacked(parts: readonly (readonly Line[])[]): readonly Line[] {
  return parts.flatMap((rows, index) => (index === 0 ? rows : [BLANK, ...rows]));
}
