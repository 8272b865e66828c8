import { downTarget } from './act.ts';
import { bandLines } from './bands.ts';
import { FRAME_ROWS, fits, layoutFor, MINIMUM } from './layout.ts';
import { BLANK, fitLine, joinTones, type Line, sameLine, span } from './line.ts';
import { confirmLines } from './panels/confirm.ts';
import { footerLine, noticeLines } from './panels/footer.ts';
import { headerLines } from './panels/header.ts';
import { helpLines } from './panels/help.ts';
import { foldedTabs, pulseLines } from './panels/pulse.ts';
import { makeScene, type Scene, type SceneSource } from './scene.ts';

/** The rows of a screen, exactly as many and as wide as the terminal has. */
export type Frame = readonly Line[];

/**
 * Draws frames. A frame that looks like the one before is the one before, and so is each of its rows: what did not change is
 * neither laid out nor written again, however often the facts behind it are told.
 */
export function createPainter(): (source: SceneSource) => Frame {
  let last: { readonly source: SceneSource; readonly frame: Frame } | undefined;
  return (source) => {
    if (last !== undefined && isSame(last.source, source)) return last.frame;
    const frame = keepEqual(last?.frame ?? [], drawFrame(makeScene(source)));
    last = { source, frame };
    return frame;
  };
}

function isSame(one: SceneSource, other: SceneSource): boolean {
  return (
    one.state === other.state &&
    one.now === other.now &&
    one.navigation === other.navigation &&
    one.columns === other.columns &&
    one.rows === other.rows
  );
}

function keepEqual(before: Frame, next: Frame): Frame {
  const rows = next.map((row, index) => {
    const known = before[index];
    return known !== undefined && sameLine(known, row) ? known : row;
  });
  return rows.length === before.length && rows.every((row, index) => row === before[index]) ? before : rows;
}

/** One frame: header, the view or what lies over it, footer. */
export function drawFrame(scene: Scene): Frame {
  const { columns, rows } = scene;
  if (!fits(columns, rows)) return tooSmall(columns, rows);
  const rule: Line = [span('─'.repeat(columns), 'dim')];
  const content = contentLines(scene).slice(0, rows - FRAME_ROWS);
  const filler = new Array<Line>(rows - FRAME_ROWS - content.length).fill(BLANK);
  const above = [...headerLines(scene), rule, ...content, ...filler, rule];
  const notice = noticeLines(scene);
  // A notice takes the place of the rule, and a long one covers what is above it: nothing moves.
  return [...above.slice(0, above.length - notice.length), ...notice, footerLine(scene)].map((row) => joinTones(fitLine(row, columns)));
}

function contentLines(scene: Scene): readonly Line[] {
  const over = overlayLines(scene);
  if (over !== undefined) return over;
  const layout = layoutFor(scene);
  const bands = bandLines(layout, scene);
  return layout.folded ? [...foldedTabs(scene), ...bands, ...pulseLines(scene)] : bands;
}

function overlayLines(scene: Scene): readonly Line[] | undefined {
  const { overlay } = scene.navigation;
  if (overlay === 'help') return helpLines(scene.rows - FRAME_ROWS);
  if (overlay !== 'confirm-down') return undefined;
  const target = downTarget(scene);
  return target === undefined
    ? [[span(' Nothing of this project is left on any host.')]]
    : confirmLines(target, { width: scene.columns, height: scene.rows - FRAME_ROWS });
}

function tooSmall(columns: number, rows: number): Frame {
  const said = [`pets-console needs ${MINIMUM.columns}×${MINIMUM.rows};`, `this terminal is ${columns}×${rows}.`, 'q quits'];
  return said.slice(0, rows).map((text) => fitLine([span(text)], columns));
}
