import { Box } from 'ink';
import { downTarget } from '../act.ts';
import { fits, layoutFor, MINIMUM } from '../layout.ts';
import { fitLine, type Line, span } from '../line.ts';
import { footerLine, noticeLine } from '../panels/footer.ts';
import { headerLines } from '../panels/header.ts';
import { confirmLines, helpLines } from '../panels/help.ts';
import { foldedTabs, pulseLines } from '../panels/pulse.ts';
import type { Scene } from '../scene.ts';
import type { Theme } from '../theme.ts';
import { Bands } from './bands.tsx';
import { Rows } from './rows.tsx';

interface ScreenProps {
  readonly scene: Scene;
  readonly theme: Theme;
}

/** One frame: header, the view or what lies over it, footer. Exactly as large as the terminal. */
export function Screen({ scene, theme }: ScreenProps) {
  const { columns, rows } = scene;
  if (!fits(columns, rows)) return <TooSmall columns={columns} rows={rows} theme={theme} />;
  const rule: Line = [span('─'.repeat(columns), 'dim')];
  const header = headerLines(scene).map((row) => fitLine(row, columns));
  return (
    <Box flexDirection="column" width={columns} height={rows} overflow="hidden">
      <Rows lines={[...header, rule]} theme={theme} />
      <Box height={rows - header.length - 3} flexDirection="column" overflow="hidden">
        <Content scene={scene} theme={theme} />
      </Box>
      <Rows lines={[noticeLine(scene) ?? rule, footerLine(scene)]} theme={theme} />
    </Box>
  );
}

function Content({ scene, theme }: ScreenProps) {
  const over = overlayLines(scene);
  if (over !== undefined) return <Rows lines={over.map((row) => fitLine(row, scene.columns))} theme={theme} />;
  const layout = layoutFor(scene);
  if (!layout.folded) return <Bands scene={scene} layout={layout} theme={theme} />;
  return (
    <>
      <Rows lines={foldedTabs(scene)} theme={theme} />
      <Bands scene={scene} layout={layout} theme={theme} />
      <Rows lines={pulseLines(scene).map((row) => fitLine(row, scene.columns))} theme={theme} />
    </>
  );
}

function overlayLines(scene: Scene): readonly Line[] | undefined {
  const { overlay } = scene.navigation;
  if (overlay === 'help') return helpLines(scene.rows - 5);
  const target = overlay === 'confirm-down' ? downTarget(scene) : undefined;
  if (overlay === 'confirm-down')
    return target === undefined ? [[span(' Nothing of this project is left on any host.')]] : confirmLines(target);
  return undefined;
}

interface TooSmallProps {
  readonly columns: number;
  readonly rows: number;
  readonly theme: Theme;
}

function TooSmall({ columns, rows, theme }: TooSmallProps) {
  const said = [`pets-console needs ${MINIMUM.columns}×${MINIMUM.rows};`, `this terminal is ${columns}×${rows}.`, 'q quits'];
  return <Rows lines={said.slice(0, rows).map((text) => fitLine([span(text)], columns))} theme={theme} />;
}
