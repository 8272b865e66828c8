import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { buildAppImage } from '../app-image/build.ts';
import { sha256Of } from '../src/domain/canonical.ts';
import type { CheckedScenarios } from '../src/scenario/checked.ts';
import { checkScenarioFile, listScenarios } from '../src/scenario/load.ts';
import { leanDockerode, requireHttp } from './lean-dependencies.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Built beside `dist` and then put in its place: a console that starts meanwhile finds the old one whole. */
const FRESH = 'dist.new';

/** Ink loads its developer tools only where DEV is set, yet names them at its start: nothing of them belongs in the bundle. */
const withoutDeveloperTools: Plugin = {
  name: 'without-developer-tools',
  setup(esbuild) {
    esbuild.onResolve({ filter: /^react-devtools-core$/ }, ({ path }) => ({ path, namespace: 'developer-tools' }));
    esbuild.onLoad({ filter: /.*/, namespace: 'developer-tools' }, () => ({ contents: 'module.exports = {}' }));
  },
};

/** Bundles the console into `dist/`, one chunk per verb, so that a verb loads only what it needs. */
async function buildConsole(): Promise<void> {
  await rm(`${root}${FRESH}`, { recursive: true, force: true });
  await build({
    absWorkingDir: root,
    entryPoints: { main: 'src/cli/main.ts' },
    outdir: FRESH,
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node22.19',
    format: 'esm',
    // Names stay: a stack in a bug's report must be readable, and maps would be three times the code.
    minifySyntax: true,
    minifyWhitespace: true,
    define: { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"' },
    plugins: [withoutDeveloperTools, leanDockerode, requireHttp],
    // Dependencies in CommonJS call require, which an ES module has not.
    banner: {
      js: "import{createRequire as __createRequire}from'node:module';import{fileURLToPath as __toPath}from'node:url';import{dirname as __dirnameOf}from'node:path';const require=__createRequire(import.meta.url),__filename=__toPath(import.meta.url),__dirname=__dirnameOf(__filename);",
    },
    legalComments: 'none',
    logLevel: 'warning',
  });
  await writeCheckedScenarios();
  await rm(`${root}dist`, { recursive: true, force: true });
  await rename(`${root}${FRESH}`, `${root}dist`);
}

/** Shipped scenarios are checked here, once: a verb knows their files by digest and need not load YAML or the schema. */
async function writeCheckedScenarios(): Promise<void> {
  const { scenarios, broken } = await listScenarios([`${root}scenarios`]);
  if (broken.length > 0) throw new Error(broken.map(({ failure }) => failure.message).join('\n'));
  const entries = scenarios.map(async ({ path }) => {
    const bytes = await readFile(path);
    return [sha256Of(bytes), checkScenarioFile(path, bytes)] as const;
  });
  const checked: CheckedScenarios = Object.fromEntries(await Promise.all(entries));
  await writeFile(`${root}${FRESH}/scenarios.json`, JSON.stringify(checked));
}

await Promise.all([buildConsole(), buildAppImage()]);
const { size } = await stat(new URL('../dist/main.js', import.meta.url));
process.stderr.write(`built dist/ (main.js ${Math.round(size / 1024)} kB) and app-image/dist/\n`);
