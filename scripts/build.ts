import { rm, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { buildAppImage } from '../app-image/build.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Modules that dependencies load at their own start and that this product never uses. Left in, they cost a bare
 * verb more than everything else it loads; each is replaced by a module that fails when it is called.
 */
const NEVER_USED = ['react-devtools-core', 'ssh2', 'cpu-features', '@grpc/grpc-js', '@grpc/proto-loader', 'protobufjs'];

const leaveOutUnused: Plugin = {
  name: 'leave-out-unused',
  setup(esbuild) {
    const filter = new RegExp(`^(${NEVER_USED.join('|')})(/.*)?$`);
    esbuild.onResolve({ filter }, ({ path }) => ({ path, namespace: 'unused' }));
    esbuild.onLoad({ filter: /.*/, namespace: 'unused' }, ({ path }) => ({
      contents: `module.exports = new Proxy(function () {}, { get: (_, key) => key === '__esModule' ? false : () => { throw new Error(${JSON.stringify(`${path} is not part of this build`)}) } });`,
      loader: 'js',
    }));
  },
};

/** Bundles the console into `dist/`, one chunk per verb, so that a verb loads only what it needs. */
async function buildConsole(): Promise<void> {
  await rm(new URL('../dist', import.meta.url), { recursive: true, force: true });
  await build({
    absWorkingDir: root,
    entryPoints: { main: 'src/cli/main.ts' },
    outdir: 'dist',
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node22.19',
    format: 'esm',
    minify: true,
    // Stacks in a report of a bug need names.
    keepNames: false,
    sourcemap: 'linked',
    define: { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"' },
    plugins: [leaveOutUnused],
    // Dependencies in CommonJS call require, which an ES module has not.
    banner: {
      js: "import{createRequire as __createRequire}from'node:module';import{fileURLToPath as __toPath}from'node:url';import{dirname as __dirnameOf}from'node:path';const require=__createRequire(import.meta.url),__filename=__toPath(import.meta.url),__dirname=__dirnameOf(__filename);",
    },
    legalComments: 'none',
    logLevel: 'warning',
  });
}

await Promise.all([buildConsole(), buildAppImage()]);
const { size } = await stat(new URL('../dist/main.js', import.meta.url));
process.stderr.write(`built dist/ (main.js ${Math.round(size / 1024)} kB) and app-image/dist/\n`);
