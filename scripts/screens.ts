import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { CHROMIUM, CHROMIUM_FLAGS } from '../test/support/chromium.ts';
import type * as Frames from '../test/tui/frames.tsx';

/**
 * Draws every screen at three sizes from the bridge run's events and photographs it in Chromium: `node scripts/screens.ts OUT [NAME]`.
 * What a component test cannot judge (rhythm, colour, what the eye meets first) is judged on these pictures.
 */
const COLOURS: Readonly<Record<string, string>> = {
  31: '#e06c75',
  32: '#98c379',
  33: '#e5c07b',
  34: '#61afef',
  35: '#c678dd',
  36: '#56b6c2',
  37: '#dcdfe4',
};

const [out = 'screens', only = ''] = process.argv.slice(2);
process.env.FORCE_COLOR = '3';
const work = mkdtempSync(join(tmpdir(), 'pets-screens-'));
// Inside the checkout, so that the bundle finds its packages.
const bundle = join(import.meta.dirname, '..', 'node_modules', '.cache', 'pets-frames.mjs');
try {
  await build({
    entryPoints: ['test/tui/frames.tsx'],
    outfile: bundle,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    jsx: 'automatic',
  });
  const { drawFrames }: typeof Frames = await import(pathToFileURL(bundle).href);
  mkdirSync(out, { recursive: true });
  for await (const frame of drawFrames(only)) photograph(frame);
} finally {
  rmSync(work, { recursive: true, force: true });
  rmSync(bundle, { force: true });
}
process.exit(0);

function photograph(frame: Frames.Frame): void {
  const page = join(work, 'frame.html');
  writeFileSync(page, htmlOf(frame.rows));
  const size = `${Math.ceil(frame.columns * 9.64) + 32},${frame.rows.length * 19 + 32}`;
  const picture = join(out, `${frame.name}-${frame.columns}x${frame.rows.length}.png`);
  execFileSync(
    CHROMIUM,
    [...CHROMIUM_FLAGS, `--user-data-dir=${work}/profile`, '--hide-scrollbars', `--window-size=${size}`, `--screenshot=${picture}`, page],
    { stdio: 'ignore' },
  );
  console.log(picture);
}

/** The few attributes that the theme uses, as spans. */
function htmlOf(rows: readonly string[]): string {
  const body = rows.map((row) => `<div>${htmlOfRow(row)}</div>`).join('');
  const style =
    'body{margin:16px;background:#16181d;color:#c8ccd4;font:16px/19px "DejaVu Sans Mono",monospace} div{white-space:pre;height:19px} i{font-style:normal;opacity:.52} b{color:#fff}';
  return `<!doctype html><meta charset="utf-8"><style>${style}</style>${body}`;
}

function htmlOfRow(row: string): string {
  const state = { bold: false, dim: false, colour: '' };
  return row
    .split(/(\u001b\[[\d;]*m)/)
    .map((piece) => {
      const codes = /^\u001b\[([\d;]*)m$/.exec(piece)?.[1]?.split(';');
      if (codes === undefined) return piece === '' ? '' : dressed(piece.replaceAll('&', '&amp;').replaceAll('<', '&lt;'), state);
      for (const code of codes) apply(code, state);
      return '';
    })
    .join('');
}

function apply(code: string, state: { bold: boolean; dim: boolean; colour: string }): void {
  if (code === '1') state.bold = true;
  else if (code === '2') state.dim = true;
  else if (code === '22') Object.assign(state, { bold: false, dim: false });
  else if (code === '39') state.colour = '';
  else state.colour = COLOURS[code] ?? state.colour;
}

function dressed(text: string, state: { readonly bold: boolean; readonly dim: boolean; readonly colour: string }): string {
  const coloured = state.colour === '' ? text : `<span style="color:${state.colour}">${text}</span>`;
  if (state.bold) return state.colour === '' ? `<b>${text}</b>` : `<strong>${coloured}</strong>`;
  return state.dim ? `<i>${coloured}</i>` : coloured;
}
