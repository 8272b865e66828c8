import { focusedPanel, type Navigation, PANELS_OF_VIEW, type PanelId } from './navigation.ts';
import type { Scene } from './scene.ts';

/** Below this nothing useful fits. */
export const MINIMUM = { columns: 60, rows: 15 } as const;
/** From here up, panels stand side by side; below, one panel fills the screen and tab turns the page. */
const SIDE_BY_SIDE = { columns: 100, rows: 30 } as const;
/** From here up, the dashboard has three columns. */
const THREE_COLUMNS = 160;
/** Header, tabs, rule; rule, footer. */
export const FRAME_ROWS = 5;
/** Between two columns: the rule and a space on its left. */
const GAP = 2;

export interface Placement {
  readonly panel: PanelId;
  readonly height: number;
}

export interface Column {
  readonly width: number;
  readonly placements: readonly Placement[];
}

/** Columns of one height, side by side; bands stand above each other with an empty row between. */
export interface Band {
  readonly height: number;
  readonly columns: readonly Column[];
}

export interface Layout {
  readonly folded: boolean;
  readonly height: number;
  readonly bands: readonly Band[];
}

export function fits(columns: number, rows: number): boolean {
  return columns >= MINIMUM.columns && rows >= MINIMUM.rows;
}

export function layoutFor(scene: Scene): Layout {
  const { columns, navigation } = scene;
  const height = scene.rows - FRAME_ROWS;
  const folded = columns < SIDE_BY_SIDE.columns || scene.rows < SIDE_BY_SIDE.rows;
  if (folded) {
    // The row of panel names, and under the run the row that sums up what it made.
    const taken = foldedRows(navigation);
    return { folded, height, bands: [single(focusedPanel(navigation), columns, height - taken)] };
  }
  return { folded, height, bands: bandsFor(scene, height) };
}

function foldedRows(navigation: Navigation): number {
  return (PANELS_OF_VIEW[navigation.view].length > 1 ? 2 : 0) + (navigation.view === 'run' ? 2 : 0);
}

/** Where a panel stands in the current layout; undefined when it is folded away. */
export function sizeOfPanel(layout: Layout, panel: PanelId): { readonly width: number; readonly height: number } | undefined {
  for (const column of layout.bands.flatMap((band) => band.columns)) {
    const placement = column.placements.find((each) => each.panel === panel);
    if (placement !== undefined) return { width: column.width, height: placement.height };
  }
  return undefined;
}

function bandsFor(scene: Scene, height: number): readonly Band[] {
  const { columns } = scene;
  switch (scene.navigation.view) {
    case 'scenarios':
      return [pair('scenarios', 'plan', clamp(Math.round(columns * 0.3), 34, 48), columns, height)];
    case 'networks':
      return [pair('networks', 'inspect', clamp(Math.round(columns * 0.5), 56, 84), columns, height)];
    case 'ipam':
      return [pair('ledger', 'addresses', columns - clamp(Math.round(columns * 0.5), 60, 92) - GAP, columns, height)];
    case 'tenants':
      return [single('hits', columns, height)];
    case 'swarm':
      return swarmBands(scene, height);
    case 'hosts':
      return [pair('hosts', 'host', clamp(Math.round(columns * 0.5), 56, 84), columns, height)];
    case 'run':
      return dashboard(scene, height);
    default:
      return scene.navigation.view satisfies never;
  }
}

/** Services above, nodes below them: as many rows as there are hosts, whichever of them are nodes. */
function swarmBands({ columns, hosts }: Scene, height: number): readonly Band[] {
  const below = clamp(hosts.length + 3, 5, Math.floor(height * 0.4));
  return [single('services', columns, height - below - 1), single('nodes', columns, below)];
}

/** Steps above; below, what they make: the network, its addresses, the hits. Heights follow from the plan, never from what comes in. */
function dashboard(scene: Scene, height: number): readonly Band[] {
  const { columns } = scene;
  const top = clamp(stepsHeight(scene), QUIET_ROWS, Math.floor(height * 0.45));
  const below = height - top - 1;
  if (columns >= THREE_COLUMNS) {
    const left = Math.floor((columns - 2 * GAP) * 0.34);
    const middle = 62;
    const right = columns - left - middle - 2 * GAP;
    return [
      single('steps', columns, top),
      { height: below, columns: [column('inspect', left, below), column('addresses', middle, below), column('hits', right, below)] },
    ];
  }
  const right = clamp(Math.round(columns * 0.5), 56, 70);
  const hits = clamp(Math.floor(below * 0.42), 7, 12);
  const stack: Column = {
    width: right,
    placements: [
      { panel: 'addresses', height: below - hits - 1 },
      { panel: 'hits', height: hits },
    ],
  };
  return [single('steps', columns, top), { height: below, columns: [column('inspect', columns - right - GAP, below), stack] }];
}

/** A run without steps says one sentence; what of the project does not run has room below it. */
const QUIET_ROWS = 7;
/** A scenario's checks come one by one, and how many is not known before. */
const CHECK_ROWS = 15;

function stepsHeight({ run }: Scene): number {
  if (run === undefined) return QUIET_ROWS;
  if (run.total === 0) return run.verb === 'verify' ? CHECK_ROWS : QUIET_ROWS;
  // Three rows more than title, axis and command take: room for a failing step to open; and some for what a run of few steps failed of.
  return Math.max(13, run.total + 7);
}

function single(panel: PanelId, width: number, height: number): Band {
  return { height, columns: [column(panel, width, height)] };
}

function pair(left: PanelId, right: PanelId, leftWidth: number, columns: number, height: number): Band {
  return { height, columns: [column(left, leftWidth, height), column(right, columns - leftWidth - GAP, height)] };
}

function column(panel: PanelId, width: number, height: number): Column {
  return { width, placements: [{ panel, height }] };
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), Math.max(least, most));
}
