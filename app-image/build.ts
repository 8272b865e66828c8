import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

const FOLDER = import.meta.dirname;
const DIST = join(FOLDER, 'dist');

/** Bundles the Pets web and admin servers, the agent, and who names the holder of a port, into `app-image/dist`: all that the image needs besides Node. */
export async function buildAppImage(): Promise<void> {
  await mkdir(DIST, { recursive: true });
  await build({
    entryPoints: ['web', 'admin', 'agent', 'port-holder'].map((program) => join(FOLDER, `src/${program}.ts`)),
    outdir: DIST,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node22',
    // CommonJS starts faster than a module that has to make `require` for ioredis.
    format: 'cjs',
    define: { 'import.meta.dirname': '__dirname' },
    logLevel: 'warning',
  });
  // Without it Node would look for a package.json up the tree, and find ours, which says "module".
  await writeFile(join(DIST, 'package.json'), '{"type":"commonjs"}\n');
  await cp(join(FOLDER, 'pictures'), join(DIST, 'pictures'), { recursive: true });
}

if (import.meta.main) await buildAppImage();
