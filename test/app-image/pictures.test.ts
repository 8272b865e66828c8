import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadPictures } from '../../app-image/src/pictures.ts';

const FOLDER = join(import.meta.dirname, '../../app-image/pictures');
const drawingOf = (dataUri: string) => Buffer.from(dataUri.replace(/^data:image\/svg\+xml;base64,/, ''), 'base64').toString('utf8');

describe('pictures', () => {
  it.each(['dog', 'cat'])('%s has at least four of its own', async (tenant) => {
    const names = (await loadPictures(FOLDER, tenant)).map((picture) => picture.name);
    expect(names.length).toBeGreaterThanOrEqual(4);
    for (const name of names) expect(name).toMatch(new RegExp(`^${tenant}-\\d$`));
  });

  it('any other tenant gets the default pet, in a colour of its own that stays the same', async () => {
    const [hamster] = await loadPictures(FOLDER, 'hamster');
    const [again] = await loadPictures(FOLDER, 'hamster');
    const [parrot] = await loadPictures(FOLDER, 'parrot');
    expect(hamster.name).toBe('pet-1');
    expect(again).toEqual(hamster);
    expect(drawingOf(parrot.dataUri)).not.toBe(drawingOf(hamster.dataUri));
    expect(drawingOf(hamster.dataUri)).not.toContain('hsl(200');
  });

  it('a tenant whose name begins like another gets none of its pictures', async () => {
    const [picture] = await loadPictures(FOLDER, 'do');
    expect(picture.name).toBe('pet-1');
  });

  it('need nothing from outside and run nothing', async () => {
    const files = await readdir(FOLDER);
    expect(files.length).toBeGreaterThanOrEqual(10);
    for (const file of files) {
      const drawing = await readFile(join(FOLDER, file), 'utf8');
      expect(drawing).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 480 480" role="img" aria-label="[^"]+">/);
      expect(drawing.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|<script|<image|\bon\w+=|href="(?!#)/);
    }
  });
});
