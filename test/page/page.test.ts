import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openBrowser } from '../support/browser.ts';
import { startEngineLab } from '../support/engine-lab.ts';
import { skipWithoutLab } from '../support/lab-or-skip.ts';
import { waitUntil } from '../support/wait-until.ts';

const lab = startEngineLab('t-page', '192.168.83.0/24');
const origin = () => `http://${lab.host.address}:8000`;
/** Kept for eyes where this names a folder. */
const PICTURES = process.env.PETS_SCREENSHOTS;

/** A page, and everything that a browser would complain of. */
interface Visit {
  readonly page: Page;
  readonly complaints: string[];
  readonly asked: string[];
}

describe.skipIf(skipWithoutLab)('the page of the Pets app in a real browser', () => {
  let browser: Browser | undefined;
  let visit: Visit;

  beforeAll(async () => {
    browser = await openBrowser();
    await bringUp('bridge');
  });
  afterAll(async () => browser?.close());
  beforeEach(async () => {
    visit = await beginVisit();
    return () => visit.page.close();
  });

  async function bringUp(scenario: string): Promise<void> {
    const { status, stderr } = await lab.console('up', scenario);
    expect(status, stderr).toBe(0);
  }

  async function beginVisit(): Promise<Visit> {
    if (browser === undefined) throw new Error('no browser');
    const page = await browser.newPage({ viewport: { width: 1100, height: 720 } });
    const [complaints, asked]: [string[], string[]] = [[], []];
    page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('requestfailed', (request) => complaints.push(`${request.url()} failed`));
    page.on('request', (request) => asked.push(request.url()));
    return { page, complaints, asked };
  }

  const hits = async () => Number((await visit.page.locator('#hits').textContent())?.replaceAll(',', ''));

  it('shows a picture, who served it and the count, which goes up by one per reload', async () => {
    const { page } = visit;
    await page.goto(origin());
    await expectPicture(page, 'cat');
    await photograph(page, 'cat');
    const container = (await lab.docker('inspect', '-f', '{{.Id}}', 'cat-web')).slice(0, 12);
    expect(await page.locator('#served-by').textContent()).toContain(container);
    const first = await hits();
    for (let reload = 1; reload <= 3; reload += 1) {
      await page.reload();
      expect(await hits()).toBe(first + reload);
    }
    expect(await lab.docker('exec', 'cat-db', 'redis-cli', 'get', 'pets:{cat}:total')).toBe(String(first + 3));
  });

  it('asks nobody but its own origin for anything, and gives the browser nothing to complain of', async () => {
    await visit.page.goto(origin(), { waitUntil: 'networkidle' });
    await visit.page.reload({ waitUntil: 'networkidle' });
    const foreign = visit.asked.filter((url) => new URL(url).origin !== origin() && !url.startsWith('data:'));
    expect(visit.asked.length).toBeGreaterThanOrEqual(2);
    expect({ foreign, complaints: visit.complaints }).toEqual({ foreign: [], complaints: [] });
  });

  it('does not always show the same picture', async () => {
    const seen = new Set<string | null>();
    await waitUntil(
      'two different pictures',
      async () => {
        await visit.page.goto(origin());
        return seen.add(await visit.page.locator('img').getAttribute('src')).size;
      },
      (different) => different >= 2,
    );
  });

  it('fits a telephone without scrolling sideways', async () => {
    await visit.page.setViewportSize({ width: 360, height: 740 });
    await visit.page.goto(origin());
    await photograph(visit.page, 'cat-telephone');
    expect(await visit.page.evaluate('document.documentElement.scrollWidth')).toBe(360);
  });

  it('says that the database is away, still shows a picture, and counts on when it is back', async () => {
    const { page } = visit;
    await page.goto(origin());
    const before = await hits();
    await lab.docker('stop', '-t', '0', 'cat-db');
    const answer = await page.reload();
    expect(answer?.status()).toBe(200);
    await expectPicture(page, 'cat');
    await photograph(page, 'cat-without-database');
    expect(await page.getByRole('status').textContent()).toMatch(/database cat-db is away.*not counted/);
    expect(await page.locator('#hits').count()).toBe(0);
    await lab.docker('start', 'cat-db');
    await waitUntil(
      'the page to count again',
      async () => {
        await page.reload();
        return page.locator('main').textContent();
      },
      (text) => /\d+\s+hits?\b/.test(text ?? '') && !text?.includes('away'),
    );
    // The database keeps nothing on disk, so it may begin anew; it never counts a hit that it did not get.
    expect(await hits()).toBeLessThanOrEqual(before + 1);
    await expectPicture(page, 'cat');
  });

  it.each([
    ['dog', 'dog'],
    ['ferret', 'pet'],
    ['a-tenant-with-a-rather-long-key', 'pet'],
  ])('shows tenant %s a picture of the %s kind', async (role, kind) => {
    const folder = mkdtempSync(join(tmpdir(), 'pets-page-'));
    const file = join(folder, 'bridge.yaml');
    copyFileSync('scenarios/bridge.yaml', file);
    writeFileSync(file, readFileSync(file, 'utf8').replace('ROLE: cat', `ROLE: ${role}`));
    await bringUp(file);
    rmSync(folder, { recursive: true });
    await visit.page.goto(origin());
    await expectPicture(visit.page, role);
    await photograph(visit.page, role);
    expect(drawingsOf(kind)).toContain(await drawingOn(visit.page));
    expect(await visit.page.locator('.tenant').textContent()).toBe(role);
    expect(await hits()).toBeGreaterThanOrEqual(1);
  });
});

/** Drawn, and large enough to be seen: a broken image has no natural width. */
async function expectPicture(page: Page, tenant: string): Promise<void> {
  const image = page.getByRole('img', { name: new RegExp(`\\b${tenant}\\b`) });
  // The types of a browser are not those of Node, in which this file is written.
  const width = await image.evaluate(async (element: unknown) => {
    const drawn = element as { decode(): Promise<void>; readonly naturalWidth: number };
    await drawn.decode();
    return drawn.naturalWidth;
  });
  expect(width).toBeGreaterThan(0);
  const box = await image.boundingBox();
  expect(box?.width).toBeGreaterThan(200);
  expect(box?.height).toBeGreaterThan(200);
}

/** The drawings of one kind, whatever the hue: the default pet is tinted for its tenant. */
function drawingsOf(kind: string): readonly string[] {
  const files = readdirSync('app-image/pictures').filter((file) => file.startsWith(`${kind}-`));
  return files.map((file) => withoutHue(readFileSync(join('app-image/pictures', file), 'utf8')));
}

async function drawingOn(page: Page): Promise<string> {
  const source = (await page.locator('img').getAttribute('src')) ?? '';
  return withoutHue(Buffer.from(source.split('base64,')[1] ?? '', 'base64').toString());
}

function withoutHue(drawing: string): string {
  return drawing.replaceAll(/hsl\(\d+/g, 'hsl(0');
}

/** For eyes, where somebody asked for it. */
async function photograph(page: Page, name: string): Promise<void> {
  if (PICTURES !== undefined) await page.screenshot({ path: join(PICTURES, `${name}.png`) });
}
