import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Picture {
  /** `dog-2`. */
  readonly name: string;
  /** SVG text. */
  readonly drawing: string;
  /** The drawing inside the page itself, so that a page is one request and needs nothing else. */
  readonly dataUri: string;
}

/** The picture that is tinted for tenants without pictures of their own. */
const DEFAULT_KIND = 'pet';
/** The hue in which the default pet is drawn; its file marks the colours that follow the tenant with it. */
const DRAWN_HUE = 'hsl(200';

/** The tenant's pictures: its own where the image has some, otherwise the default pet in the tenant's colour. */
export async function loadPictures(folder: string, tenant: string): Promise<readonly [Picture, ...Picture[]]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.svg')).sort();
  const own = files.filter((file) => file.startsWith(`${tenant}-`));
  const chosen = own.length > 0 ? own : files.filter((file) => file.startsWith(`${DEFAULT_KIND}-`));
  const pictures = await Promise.all(chosen.map((file) => loadPicture(folder, file, tenant)));
  const [first, ...others] = pictures;
  if (first === undefined) throw new Error(`no pictures in ${folder}`);
  return [first, ...others];
}

async function loadPicture(folder: string, file: string, tenant: string): Promise<Picture> {
  const drawing = (await readFile(join(folder, file), 'utf8')).replaceAll(DRAWN_HUE, `hsl(${hueOf(tenant)}`);
  const dataUri = `data:image/svg+xml;base64,${Buffer.from(drawing).toString('base64')}`;
  return { name: file.slice(0, -'.svg'.length), drawing, dataUri };
}

export function pickPicture(pictures: readonly [Picture, ...Picture[]]): Picture {
  return pictures[Math.floor(Math.random() * pictures.length)] ?? pictures[0];
}

/** A colour of its own for each tenant, the same in every container; dog and cat keep theirs. */
export function hueOf(tenant: string): number {
  if (tenant === 'dog') return 32;
  if (tenant === 'cat') return 265;
  let hash = 0;
  for (const character of tenant) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 360;
  return hash;
}
