import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pack } from 'tar-stream';
import { PetsError } from '../domain/errors.ts';
import { runCommand } from './command.ts';
import { exists } from './files.ts';

/** A root file system to be: the machine's files, where they go, and what is written for it. */
export interface RootfsRecipe {
  /** Programs of the machine; the libraries that they are linked with come along. */
  readonly programs: readonly { readonly from: string; readonly to: string }[];
  readonly texts: Readonly<Record<string, string>>;
  readonly folders: readonly { readonly path: string; readonly mode: number; readonly uid: number }[];
}

/** A recipe with every file found: `digest` changes with any of them. */
export interface Rootfs {
  readonly digest: string;
  /** A fresh tar each time. */
  readonly open: () => Readable;
}

interface SourceFile {
  readonly from: string;
  readonly to: string;
  readonly size: number;
}

/** glibc opens these by name, so that `ldd` does not list them: names are resolved by files and by DNS. */
const NAME_SERVICE = ['libnss_files.so.2', 'libnss_dns.so.2', 'libresolv.so.2'];

/** Finds all files of a recipe on this machine. @throws LAB_FAILED when one is missing */
export async function prepareRootfs(recipe: RootfsRecipe): Promise<Rootfs> {
  const libraries = await findLibraries(recipe.programs.map(({ from }) => from));
  const wanted = [...recipe.programs, ...libraries.map((path) => ({ from: path, to: path }))];
  const hash = createHash('sha256').update(JSON.stringify([recipe.texts, recipe.folders]));
  const files = await Promise.all(
    wanted.map(async ({ from, to }) => {
      const path = await realpath(from).catch((cause: unknown) => {
        throw new PetsError('LAB_FAILED', { message: `${from}, of which a lab image is made, cannot be read`, cause });
      });
      const { size, mtimeMs } = await stat(path);
      return { from: path, to, size, mtimeMs };
    }),
  );
  for (const { from, to, size, mtimeMs } of files) hash.update(`${from} ${to} ${size} ${mtimeMs}\n`);
  return { digest: hash.digest('hex'), open: () => packRootfs(recipe, files) };
}

function packRootfs(recipe: RootfsRecipe, files: readonly SourceFile[]): Readable {
  const tar = pack();
  const write = async () => {
    for (const { path, mode, uid } of parentFolders(recipe, files)) tar.entry({ name: path, type: 'directory', mode, uid, gid: uid });
    for (const [path, text] of Object.entries(recipe.texts)) tar.entry({ name: path.slice(1), mode: 0o644 }, text);
    for (const file of files) {
      await pipeline(createReadStream(file.from), tar.entry({ name: file.to.slice(1), size: file.size, mode: 0o755 }));
    }
    tar.finalize();
  };
  write().catch((error: Error) => tar.destroy(error));
  return Readable.from(tar);
}

function parentFolders(recipe: RootfsRecipe, files: readonly SourceFile[]): { path: string; mode: number; uid: number }[] {
  const folders = new Map<string, { mode: number; uid: number }>();
  for (const path of [...files.map(({ to }) => to), ...Object.keys(recipe.texts)]) {
    for (let folder = dirname(path); folder !== '/'; folder = dirname(folder)) folders.set(folder, { mode: 0o755, uid: 0 });
  }
  for (const { path, mode, uid } of recipe.folders) folders.set(path, { mode, uid });
  return [...folders].map(([path, owner]) => ({ path: path.slice(1), ...owner })).sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function findLibraries(programs: readonly string[]): Promise<string[]> {
  const lists = await Promise.all(programs.map((program) => runCommand('ldd', [program])));
  const linked = lists.flatMap((list) => [...list.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map((match) => match[1] ?? ''));
  const libc = linked.find((path) => basename(path).startsWith('libc.so'));
  const byName = libc === undefined ? [] : NAME_SERVICE.map((name) => `${dirname(libc)}/${name}`);
  const present = await Promise.all(byName.map(exists));
  return [...new Set([...linked, ...byName.filter((_, index) => present[index])])];
}
